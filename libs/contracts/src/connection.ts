/**
 * The states of a profile's connection. Each state has stable codes with a sentence for people and the action that
 * ends it; screens and answers need nothing else.
 */
export const connectionStates = [
  'disconnected',
  'connecting',
  'pairing',
  'connected',
  'reconnecting',
  'logged_out',
  'error',
] as const;
export type ConnectionState = (typeof connectionStates)[number];

/** What the person in front of the screen can do about a state. */
export type UserAction = 'none' | 'connect' | 'scan_qr' | 'enter_pairing_code' | 'wait' | 'contact_operator';

export const connectionCodes = {
  never_connected: { state: 'disconnected', sentence: 'The profile has not been connected yet.', action: 'connect' },
  disconnected_by_user: { state: 'disconnected', sentence: 'Disconnected on request.', action: 'connect' },
  waiting_for_engine: { state: 'connecting', sentence: 'Waiting for an engine to take this profile.', action: 'wait' },
  connecting: { state: 'connecting', sentence: 'Connecting to WhatsApp.', action: 'wait' },
  waiting_for_scan: {
    state: 'pairing',
    sentence: 'Waiting for the phone to scan the QR code.',
    action: 'scan_qr',
  },
  waiting_for_code: {
    state: 'pairing',
    sentence: 'Waiting for the pairing code to be entered on the phone.',
    action: 'enter_pairing_code',
  },
  pairing_accepted: { state: 'connecting', sentence: 'The phone accepted; logging in.', action: 'wait' },
  pairing_expired: {
    state: 'disconnected',
    sentence: 'Nobody scanned the QR code in time.',
    action: 'connect',
  },
  connected: { state: 'connected', sentence: 'Connected to WhatsApp.', action: 'none' },
  connection_lost: {
    state: 'reconnecting',
    sentence: 'The connection to WhatsApp was lost; reconnecting.',
    action: 'wait',
  },
  server_restarted: {
    state: 'reconnecting',
    sentence: 'WhatsApp asked for a new connection; reconnecting.',
    action: 'wait',
  },
  proxy_unreachable: {
    state: 'reconnecting',
    sentence: 'The proxy of this profile cannot be reached; trying again. Nothing goes around it.',
    action: 'contact_operator',
  },
  proxy_refused: {
    state: 'reconnecting',
    sentence: 'The proxy of this profile refuses the connection; check its user name and password. Trying again.',
    action: 'contact_operator',
  },
  handed_over: { state: 'reconnecting', sentence: 'Another engine is taking over this profile.', action: 'wait' },
  conflict: {
    state: 'reconnecting',
    sentence: 'The same linked device connected from elsewhere; trying again more slowly.',
    action: 'contact_operator',
  },
  rate_limited: {
    state: 'reconnecting',
    sentence: 'WhatsApp asks this number to connect less often; trying again later.',
    action: 'wait',
  },
  session_exported: {
    state: 'disconnected',
    sentence: 'The session was exported. Connect here again only when nobody uses the exported copy.',
    action: 'connect',
  },
  session_imported: {
    state: 'disconnected',
    sentence: 'A session was imported. Connect to use it.',
    action: 'connect',
  },
  logged_out_by_user: { state: 'logged_out', sentence: 'Logged out on request.', action: 'connect' },
  logged_out_from_phone: {
    state: 'logged_out',
    sentence: 'The phone removed this linked device. Link it again.',
    action: 'connect',
  },
  wrong_number: {
    state: 'logged_out',
    sentence:
      'Another number scanned the code, and its link was refused. Link the number of this profile, or create a profile for the other one.',
    action: 'connect',
  },
  logging_out: { state: 'connecting', sentence: 'Removing this linked device from WhatsApp.', action: 'wait' },
  account_restricted: {
    state: 'error',
    sentence: 'WhatsApp refuses this number. Open WhatsApp on the phone to see why.',
    action: 'contact_operator',
  },
  client_outdated: {
    state: 'error',
    sentence: 'WhatsApp no longer accepts this version of Waypost. Update it.',
    action: 'contact_operator',
  },
  credentials_unreadable: {
    state: 'error',
    sentence: 'The stored credentials cannot be decrypted. Check ENCRYPTION_KEY.',
    action: 'contact_operator',
  },
} as const satisfies Record<string, { state: ConnectionState; sentence: string; action: UserAction }>;

export type ConnectionCode = keyof typeof connectionCodes;
