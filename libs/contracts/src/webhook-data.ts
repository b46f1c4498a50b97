import type { MessageKind } from './content.js';
import type { ChatKind, MessageParty } from './events.js';
import type { MessageView } from './message-view.js';

/**
 * `data` of webhook calls where it is not the payload of the event with `profileId`. Later versions may add fields. For
 * the AsyncAPI document; what makes them is in the domain (delivery/webhook-payload.ts).
 */

/** The other side of the conversation in which something happened, as it is known when the call is made. */
export interface WebhookAround {
  chatType?: ChatKind | null;
  /** Of a chat of two. */
  contactId?: string | null;
  personId?: string | null;
  phone?: string | null;
  lid?: string | null;
}

/** A person, with the contact that it is at this profile. */
export interface WebhookParty extends MessageParty {
  contactId: string | null;
}

/** A file, under a link that works without further credentials until it expires. */
export interface WebhookMedia {
  url: string;
  /** ISO 8601. */
  urlExpiresAt: string;
  mimetype: string;
  filename: string | null;
  sizeBytes: number | null;
  /** Lower-case hex. */
  sha256: string | null;
}

/** A message: as sockets and answers show it, with addresses as `from` and `to`. */
export interface WebhookMessage extends Omit<MessageView, 'from' | 'to'> {
  /** Our id. */
  messageId: string;
  /** The address of who wrote it; null when it was this profile, or a newsletter. */
  from: string | null;
  /** The address of the chat, of outgoing messages. */
  to: string | null;
  chat: { id: string; kind: ChatKind; name: string | null; conversationId: string };
  /** Who wrote it; null when it was this profile, or a newsletter. */
  author: WebhookParty | null;
  /** The other person of a chat of two, otherwise who wrote it. The next four are of the same person. */
  contact: WebhookParty | null;
  contactId: string | null;
  personId: string | null;
  phone: string | null;
  lid: string | null;
  groupName: string | null;
  senderName: string | null;
  /** The text or caption. */
  text: string | null;
  /** Null when it has no file, or the file is not here (yet). */
  media: WebhookMedia | null;
  /** The message that it answers, where that is known here and not deleted. */
  quotedMessage: {
    id: string;
    waMessageId: string;
    fromMe: boolean;
    type: MessageKind;
    body: string | null;
  } | null;
}

/** An outgoing message that moved to another state. */
export interface WebhookMessageState extends WebhookAround {
  profileId: string;
  id: string;
  messageId: string;
  waMessageId: string;
  conversationId: string;
  chatId: string;
  to: string;
  status: string;
  previousStatus: string;
  error: string | null;
  batchId: string | null;
}

export interface WebhookConnection {
  profileId: string;
  status: string;
  code: string;
  message: string;
  action: string;
  phoneNumber: string | null;
  /** The same. */
  phone: string | null;
}
