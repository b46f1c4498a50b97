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
  /** A profile's desired state changed. Payload: profile id. */
  profiles: 'waypost_profiles',
  /** Webhook deliveries became due. Payload: webhook id. */
  deliveries: 'waypost_deliveries',
  /** Somebody asked for mail to an address that is still to be looked up. Payload: request id. */
  mailRequests: 'waypost_mail_requests',
  /** Mails wait to be sent. Payload: mail id, or the scope whose mail server changed. */
  mails: 'waypost_mails',
  /** Settings that are kept in the database changed. Payload: organization id, or nothing but zeros for the installation. */
  settings: 'waypost_settings',
  /** New entries of the audit trail, not yet in its chain. Payload: organization id. */
  audit: 'waypost_audit',
} as const;
export type WakeChannel = keyof typeof wakeChannels;
