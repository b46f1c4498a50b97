import type { ContactFilter } from './contact-filter.js';

/** The life of a broadcast. A failed one can be resumed when what made it fail is over. */
export const broadcastStates = ['draft', 'scheduled', 'running', 'paused', 'completed', 'cancelled', 'failed'] as const;
export type BroadcastState = (typeof broadcastStates)[number];

/**
 * Where a recipient stands. `pending` waits for its turn, `excluded` was left out for a reason; the others are what became
 * of its message (delivery-state.ts), `queued` as long as that is on its way.
 */
export const recipientStates = [
  'pending',
  'queued',
  'sent',
  'delivered',
  'read',
  'played',
  'failed',
  'cancelled',
  'expired',
  'unknown',
  'excluded',
] as const;
export type RecipientState = (typeof recipientStates)[number];

/** Why somebody is left out of a broadcast, with a sentence for people. */
export const exclusionReasons = {
  invalid_address: 'It is neither a phone number with country code nor a WhatsApp address.',
  repeated: 'The same person is among the recipients before.',
  opted_out: 'The person does not want such messages.',
  blocked: 'The person is blocked.',
  not_on_whatsapp: 'The number is known not to be on WhatsApp.',
  own_number: 'It is a number that sends this broadcast.',
  no_sender: 'None of the sending numbers is in this group.',
  wrote_meanwhile: 'The person wrote after the broadcast had begun, and it stops then.',
  variables_missing: 'A variable that the text needs has no value.',
  content_refused: 'The text became too long, empty, or not sendable with these values.',
  phone_missing: 'The line of the file has no phone number.',
  phone_rounded: 'A spreadsheet rounded the number; format the column as text and save the file again.',
  phone_without_country: 'The number has no country code, and no default country was given.',
  members_unknown: 'Not all members of this group are known; those who are stand in the list by themselves.',
  unreadable_line: 'The line of the file cannot be read: its quotation marks, length or encoding, or a NUL in it.',
} as const;
export type ExclusionReason = keyof typeof exclusionReasons;

/** One way to name recipients; a broadcast adds several up. */
export type AudiencePart =
  /** Every contact of the profile. */
  | { type: 'all' }
  /** Contacts with at least one of these tags. */
  | { type: 'tags'; value: string[] }
  /** Contacts that a filter fits. */
  | { type: 'filter'; value: ContactFilter }
  /** Contacts that at least one of these segments fits, when the broadcast starts. */
  | { type: 'segments'; value: string[] }
  /** Contacts by their ids. */
  | { type: 'contacts'; value: string[] }
  /** Groups of the profile by our ids: the message goes into the group. */
  | { type: 'groups'; value: string[] }
  /** Members of groups that a sending number is in, by our ids: each of them gets the message. */
  | { type: 'members'; value: string[] }
  /** Phone numbers and WhatsApp addresses. */
  | { type: 'numbers'; value: string[] }
  /** The same with values for the places of the text. */
  | { type: 'people'; value: { to: string; variables?: Record<string, unknown> }[] }
  /** The lines of an uploaded file. */
  | { type: 'file'; value: AudienceFile };
export type AudienceType = AudiencePart['type'];

/** A file of recipients, and how it is read. Its content never changes. */
export interface AudienceFile {
  uploadId: string;
  /** The broadcast's own row of the file: it stays when the upload goes. */
  mediaId: string;
  fileName: string | null;
  format: 'csv' | 'xlsx' | 'vcard';
  columns: AudienceColumn[];
  /** Of numbers that are written as they are dialled at home. */
  defaultCountry: string | null;
  encoding: string | null;
  delimiter: string | null;
}

/** A column of such a file: its title, and what it is taken for: `phone`, `opted_out`, `ignore`, or a variable by its name. */
export interface AudienceColumn {
  title: string | null;
  takenAs: string;
}

/** What one variant of a broadcast says, as its author wrote it: the body of a single send, without its address. */
export interface BroadcastMessage {
  type: string;
  [field: string]: unknown;
}

export interface BroadcastVariant {
  name: string;
  /** Of `share` of all variants together so many recipients get this one. */
  share: number;
  message: BroadcastMessage;
}

/** What a broadcast does when a number of its can no longer send. */
export const senderLossPolicies = ['wait', 'reassign', 'fail'] as const;
export type SenderLossPolicy = (typeof senderLossPolicies)[number];

/** How a broadcast sends. Names that the older product has mean the same here. Milliseconds. */
export interface BroadcastSettings {
  /** Pause between two messages of one number, drawn anew each time. */
  delayMin: number;
  delayMax: number;
  /** After so many messages of a number it pauses for longer. */
  batchSize: number;
  batchPause: number;
  retryFailed: boolean;
  retryAttempts: number;
  /** Whoever writes after the broadcast began gets nothing more of it. */
  stopOnReply: boolean;
  /** Hours after a message in which an answer counts as one to the broadcast. */
  replyWindowHours: number;
  /** Local times `HH:mm` between which it sends; may span midnight; null: all day. */
  dailyWindow: { from: string; to: string } | null;
  onSenderLost: SenderLossPolicy;
  /** Values for places of the texts, the same for all recipients; what is known of a recipient goes before them. */
  variables?: Record<string, unknown>;
}

export const defaultBroadcastSettings: BroadcastSettings = {
  delayMin: 3000,
  delayMax: 10_000,
  batchSize: 50,
  batchPause: 30_000,
  retryFailed: true,
  retryAttempts: 3,
  stopOnReply: false,
  replyWindowHours: 72,
  dailyWindow: null,
  onSenderLost: 'wait',
};

/** How many of a broadcast stand where. The states from `pending` on add up to `total`; who was left out is not in it. */
export interface BroadcastCounts {
  total: number;
  pending: number;
  queued: number;
  /** WhatsApp has them, delivered and read ones included. */
  sent: number;
  delivered: number;
  read: number;
  failed: number;
  cancelled: number;
  expired: number;
  /** Went out without an acknowledgement; they may have arrived. */
  unknown: number;
  excluded: number;
  replied: number;
  optedOut: number;
}

/** How late an occurrence of a broadcast that repeats may begin, when nothing is said. Seconds. */
export const DEFAULT_BROADCAST_LATE_SECONDS = 3600;

export interface BroadcastChanged {
  broadcastId: string;
  /** The broadcast that it is an occurrence of. */
  parentId: string | null;
  name: string;
  state: BroadcastState;
  /** Stable code, when nobody asked for it. */
  reason: string | null;
}

export interface BroadcastProgressed {
  broadcastId: string;
  state: BroadcastState;
  counts: BroadcastCounts;
}

export interface BroadcastReplied {
  broadcastId: string;
  position: number;
  conversationId: string;
  /** The message of the broadcast, and the answer. */
  messageId: string;
  replyMessageId: string;
}

export interface BroadcastMissed {
  broadcastId: string;
  /** The occurrence that is left out; of several the first. */
  dueAt: string;
  lateBySeconds: number;
  /** Null: this was the last. */
  nextAt: string | null;
}

export interface BroadcastSenderChanged {
  broadcastId: string;
  profileId: string;
  /** Why it does not send now; null: it does. */
  heldFor: string | null;
}
