import type { MessageKind } from './content.js';
import type { ChatKind } from './events.js';

/**
 * What a webhook wants of the events that it asked for. Each filter looks only at events that have what it asks about:
 * `chatKinds`, `labels` and `tags` at what happens in a conversation, `fromMe` and `kinds` at messages. All other events
 * pass, and a filter that is absent lets everything pass.
 */
export interface WebhookFilters {
  /** Kinds of chats. */
  chatKinds?: ChatKind[];
  /** Only what this profile wrote or did, or only what others did. */
  fromMe?: boolean;
  /** Kinds of messages, by what they contain. */
  kinds?: MessageKind[];
  /** The conversation has one of these labels; names, in any case, or ids. */
  labels?: string[];
  /** The contact has one of these tags, in any case. */
  tags?: string[];
}

const everyKind = {
  text: true,
  image: true,
  video: true,
  audio: true,
  document: true,
  sticker: true,
  location: true,
  live_location: true,
  contacts: true,
  poll: true,
  event: true,
  group_invite: true,
  album: true,
  choice: true,
  buttons: true,
  list: true,
  carousel: true,
  unsupported: true,
  undecryptable: true,
} satisfies Record<MessageKind, true>;
/** What filters can ask for. */
export const filteredMessageKinds = Object.keys(everyKind) as MessageKind[];

const everyChatKind = { user: true, group: true, newsletter: true, broadcast: true, status: true } satisfies Record<
  ChatKind,
  true
>;
export const filteredChatKinds = Object.keys(everyChatKind) as ChatKind[];

/** Most entries of a list in a filter. */
export const longestFilterList = 50;

/**
 * Forms of the body of a webhook call. A webhook keeps the one that it was made with, until it is changed; a form is never
 * changed otherwise than by fields that come beside.
 */
export const webhookPayloadVersions = {
  1: 'The body as clients of the older product know it: `event`, `timestamp`, `profileId` and `data`, and for `message.received`, `sent`, `delivered`, `read` and `failed` only its fields (of `delivered` and `read`, `messageId` is the id of WhatsApp).',
  2: 'The same, with `type` as Standard Webhooks asks for it, and in `data` all that is known: both sides of a conversation with phone, LID and contact, the message that is quoted, and a signed link to the file.',
} as const;
export type WebhookPayloadVersion = keyof typeof webhookPayloadVersions;
export const latestPayloadVersion: WebhookPayloadVersion = 2;

/** How long after a rotation calls are signed with the former secret too, hours. */
export const secretOverlapHours = { least: 0, default: 24, most: 7 * 24 } as const;

/** Where a redelivery stands. */
export const redeliveryStates = ['queued', 'running', 'completed', 'cancelled'] as const;
export type RedeliveryState = (typeof redeliveryStates)[number];
