import type { LoggedEvent, MessageContent, WebhookPayloadVersion } from '#contracts';
import { latestPayloadVersion, webhookNameOf } from '#contracts';
import type { EventSurroundings, KnownParty, QuotedMessage, SurroundingsAsked } from '#database';
import { bodyOf, type MessageRecord, messageOfEvent, messageView } from '../messaging/message-view.js';
import { olderData } from './older-payload.js';

/**
 * The body of a webhook call. Readers of Standard Webhooks take `type`, `timestamp` and `data`; clients of the older
 * product `event`, `timestamp`, `profileId` and `data`.
 */
export interface WebhookBody {
  /** Absent in version 1. */
  type?: string;
  /** When it happened, ISO 8601. */
  timestamp: string;
  data: Record<string, unknown>;
  event: string;
  profileId: string | null;
}

/** A link under which anybody can fetch a file until it expires. */
export interface SignedLink {
  url: string;
  expiresAt: Date;
}

export interface BodyOptions {
  /** The name under which the webhook asked for it. Default: its main name. */
  name?: string;
  /** Default: the latest. */
  version?: WebhookPayloadVersion;
  /** What is known around it; without it those fields are null. */
  around?: EventSurroundings;
  linkTo?(mediaId: string, event: LoggedEvent): SignedLink;
}

/** What a webhook is told of an event. Repeats carry the same, save for what became known of the people in between. */
export function webhookBody(event: LoggedEvent, options: BodyOptions = {}): WebhookBody {
  const { name = webhookNameOf(event.name), version = latestPayloadVersion } = options;
  const timestamp = event.occurredAt.toISOString();
  const { profileId } = event;
  if (version === 1) {
    return { event: name, timestamp, profileId, data: olderData(event) ?? dataOf(event, options) };
  }
  return { type: name, timestamp, data: dataOf(event, options), event: name, profileId };
}

/** What has to be looked up for the body of an event; null when that is nothing. */
export function surroundingsOf(event: LoggedEvent): SurroundingsAsked | null {
  const { id: eventId, profileId, conversationId } = event;
  if (profileId === null || conversationId === null) return null;
  const payload = event.payload as {
    quotedWaMessageId?: string | null;
    from?: unknown;
    by?: unknown;
    person?: unknown;
  };
  const author = (payload.from ?? payload.by ?? payload.person) as { personId?: string | null } | null | undefined;
  return {
    ...{ eventId, profileId, conversationId },
    authorPersonId: author?.personId ?? null,
    quotedWaMessageId: payload.quotedWaMessageId ?? null,
  };
}

function dataOf(event: LoggedEvent, options: BodyOptions): Record<string, unknown> {
  const message = messageOfEvent(event);
  if (message !== null) return messageData(message, event, options);
  const around = event.conversationId === null ? {} : aroundData(options.around ?? null);
  const { profileId } = event;
  switch (event.name) {
    case 'message.sent':
    case 'message.delivered':
    case 'message.read':
    case 'message.played':
    case 'message.failed':
    case 'message.cancelled':
    case 'message.expired':
    case 'message.unknown': {
      const { messageId, waMessageId, conversationId, chatId, state, previousState, reason, batchId } = event.payload;
      return {
        ...around,
        profileId,
        id: messageId,
        messageId,
        waMessageId,
        conversationId,
        chatId,
        to: chatId,
        status: state,
        previousStatus: previousState,
        error: reason,
        batchId,
      };
    }
    case 'connection.changed': {
      const { state, code, sentence, userAction, phoneNumber } = event.payload;
      return { profileId, status: state, code, message: sentence, action: userAction, phoneNumber, phone: phoneNumber };
    }
    case 'profile.linked':
      return { profileId, ...event.payload, phone: event.payload.phoneNumber };
    default: {
      const { content } = event.payload as { content?: MessageContent };
      return {
        ...around,
        profileId,
        ...event.payload,
        ...(content ? { media: mediaOf(content, event, options) } : {}),
      };
    }
  }
}

/** The other side of the conversation, for every event of one. */
function aroundData(around: EventSurroundings | null): Record<string, unknown> {
  const { party = null, chatKind = null } = around ?? {};
  return {
    chatType: chatKind,
    contactId: party?.contactId ?? null,
    personId: party?.personId ?? null,
    phone: party?.phone ?? null,
    lid: party?.lid ?? null,
  };
}

/**
 * A message as sockets and answers show it, under the names of the older product's webhooks as well: there `from` and
 * `to` are addresses (`from` of who wrote it, also in a group) and `messageId` is our id. The chat is in `chat`, the other
 * person of a chat of two in `contact`, who wrote it in `author`.
 */
function messageData(record: MessageRecord, event: LoggedEvent, options: BodyOptions): Record<string, unknown> {
  const view = messageView(record);
  const { chat, party, author } = record;
  const { around } = options;
  const contact = party && known(party, around?.party?.contactId);
  const isOfTwo = party !== null && author !== null;
  const writer = author && known(author, isOfTwo ? around?.party?.contactId : around?.authorContactId);
  const quoted = around?.quoted;
  const shown = contact ?? writer;
  const own: Record<string, unknown> = {
    messageId: view.id,
    from: view.fromMe ? null : view.senderJid,
    to: view.fromMe ? view.chatId : null,
    chat: { id: chat.id, kind: chat.kind, name: chat.name, conversationId: record.conversationId },
    author: writer,
    contact: shown,
    contactId: shown?.contactId ?? null,
    personId: shown?.personId ?? null,
    phone: shown?.phone ?? null,
    lid: shown?.lid ?? null,
    groupName: chat.kind === 'group' ? chat.name : null,
    senderName: author?.name ?? null,
    text: view.body,
    media: mediaOf(record.content, event, options),
    quotedMessage: quoted ? quotedData(quoted) : null,
  };
  // Not by a spread of the view: fields behind one are slow, and there are many (V8).
  return Object.assign(view, own);
}

function quotedData({ id, waMessageId, fromMe, content }: QuotedMessage): Record<string, unknown> {
  return { id, waMessageId, fromMe, type: content.kind, body: bodyOf(content) };
}

function known(party: Omit<KnownParty, 'contactId'>, contactId: string | null | undefined): KnownParty {
  const { personId, phone, lid, name } = party;
  return { personId, phone, lid, name, contactId: contactId ?? null };
}

/** The file of a message; null when it has none, or the file is not here. */
function mediaOf(content: MessageContent, event: LoggedEvent, { linkTo }: BodyOptions): Record<string, unknown> | null {
  if (!('media' in content) || content.media.mediaId === null || !linkTo) return null;
  const { mediaId, mimeType, fileName, sizeBytes, sha256 } = content.media;
  const { url, expiresAt } = linkTo(mediaId, event);
  return {
    ...{
      url,
      urlExpiresAt: expiresAt.toISOString(),
      mimetype: mimeType,
      filename: fileName ?? null,
      sizeBytes,
      sha256,
    },
  };
}
