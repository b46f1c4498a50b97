/**
 * Wake-up signals between processes, sent with NOTIFY after the commit (never inside: NOTIFY serialises commits).
 * They may be lost; every listener also polls. The payload is the id named here.
 */
export const wakeChannels = {
  /** New rows in the event log. Payload: stream id (profile id, or organization id for events without a profile). */
  events: 'waypost_events',
  /** New rows in the outbox. Payload: profile id. */
  outbox: 'waypost_outbox',
  /** Somebody asks for the file of a received message that was not fetched yet. Payload: profile id. */
  downloads: 'waypost_downloads',
  /** Files wait to be scanned, or for their thumbnail, or to be put together of their parts. Payload: organization id. */
  media: 'waypost_media',
  /** Something is to be done for a broadcast. Payload: broadcast id. */
  broadcasts: 'waypost_broadcasts',
  /** A broadcast was paused or cancelled: what of it is taken on and not on the wire goes back. Payload: profile id. */
  recalls: 'waypost_recalls',
  /** A profile's desired state changed. Payload: profile id. */
  profiles: 'waypost_profiles',
  /** Webhook deliveries became due. Payload: webhook id. */
  deliveries: 'waypost_deliveries',
  /** Requests to incoming hooks wait to be worked on. Payload: hook id. */
  hooks: 'waypost_hooks',
  /** Somebody asked for webhook deliveries to be made again. Payload: webhook id. */
  redeliveries: 'waypost_redeliveries',
  /** Somebody asked for mail to an address that is still to be looked up. Payload: request id. */
  mailRequests: 'waypost_mail_requests',
  /** Mails wait to be sent. Payload: mail id, or the scope whose mail server changed. */
  mails: 'waypost_mails',
  /** Settings that are kept in the database changed. Payload: organization id, or nothing but zeros for the installation. */
  settings: 'waypost_settings',
  /** Files of contacts wait to be imported. Payload: import id. */
  imports: 'waypost_imports',
  /** New entries of the audit trail, not yet in its chain. Payload: organization id. */
  audit: 'waypost_audit',
} as const;
export type WakeChannel = keyof typeof wakeChannels;
