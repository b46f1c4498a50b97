import type { ChatKind, ChatShown, LoggedEvent, MessageContent, MessageParty, SendHoldCode } from '#contracts';
import type { AnswerCount } from '#database';
import { parseChatJid, toJid } from '#engine';
import type { WaitingFor } from '../governor/waiting-for.js';
import { type ContentView, contentView } from './content-view.js';

/** A message as the product knows it, from a row or from an event: what the views are made of. */
export interface MessageRecord {
  id: string;
  waMessageId: string;
  profileId: string;
  conversationId: string;
  direction: 'incoming' | 'outgoing';
  chat: ChatShown;
  /** The other person of a chat of two; null for all others. */
  party: MessageParty | null;
  /** Who wrote it; null when it was this profile, or a newsletter. */
  author: MessageParty | null;
  content: MessageContent;
  quotedWaMessageId: string | null;
  state: string;
  stateReason: string | null;
  batchId: string | null;
  /** Of incoming messages. */
  isRead: boolean;
  sentAt: Date;
  deliveredAt: Date | null;
  readAt: Date | null;
  editedAt: Date | null;
  /** When it was deleted for everyone: what it said is not shown any more. */
  revokedAt: Date | null;
  isStarred: boolean;
  pinnedUntil: Date | null;
  /** Why it waits; null or absent when it does not. */
  waitingFor?: WaitingFor | null;
  /** Reactions, votes and answers in force. */
  answers: Omit<AnswerCount, 'messageId'>[];
}

/**
 * The one v1 form of a message: answers, sockets and webhooks all show this. `messageId`, `senderJid`, `type`,
 * `content`, `status`, `quotedMessageId` and `timestamp` are the names that clients of the older product know.
 */
export interface MessageView {
  id: string;
  /** WhatsApp's id. */
  messageId: string;
  waMessageId: string;
  profileId: string;
  conversationId: string;
  chatId: string;
  chatType: ChatKind;
  /** What a group, newsletter or list is called, where it is known. */
  chatName: string | null;
  direction: 'incoming' | 'outgoing';
  fromMe: boolean;
  /** Who wrote it; null when it was this profile, or a newsletter. */
  from: MessageParty | null;
  /** To whom; null when it was this profile, and in all but chats of two. */
  to: MessageParty | null;
  /** The author's address, of a newsletter its own; null when it was this profile. */
  senderJid: string | null;
  type: MessageContent['kind'];
  content: ContentView;
  /** The text or caption, for clients that want nothing else. */
  body: string | null;
  hasMedia: boolean;
  /** Of outgoing messages the delivery state; of incoming ones `received`. */
  status: string;
  /** Stable code that explains failed, cancelled, expired and unknown. */
  statusReason: string | null;
  /** WhatsApp's id of the message that this one answers. */
  quotedMessageId: string | null;
  batchId: string | null;
  /** Whether it was read: an incoming one here or on the phone, an outgoing one by the other person, or all of them. */
  isRead: boolean;
  isStarred: boolean;
  /** When WhatsApp says that it was sent; while it is queued, when it was accepted. ISO 8601, as are the others. */
  timestamp: string;
  deliveredAt: string | null;
  readAt: string | null;
  editedAt: string | null;
  /** When it was deleted for everyone. Then `content` is empty. */
  deletedAt: string | null;
  pinnedUntil: string | null;
  /** Of a queued message: why it waits, and until when at least (ISO 8601), as far as that is known. */
  waitingFor: { code: SendHoldCode; sentence: string; until: string | null } | null;
  /** The most frequent first. */
  reactions: ReactionView[];
  /** How many chose what in a poll, or answered what to an invitation; options that nobody chose are absent. */
  answers: AnswerView[];
}

export interface ReactionView {
  emoji: string;
  count: number;
  /** Whether this profile is among them. */
  fromMe: boolean;
}

export interface AnswerView {
  /** The option of a poll; of an invitation `going`, `not_going` or `maybe`. */
  value: string;
  count: number;
  fromMe: boolean;
}

/** Presents a message in the v1 form. */
export function messageView(record: MessageRecord): MessageView {
  const fromMe = record.direction === 'outgoing';
  const { content, chat, author } = record;
  const isDeleted = record.revokedAt !== null;
  return {
    id: record.id,
    messageId: record.waMessageId,
    waMessageId: record.waMessageId,
    profileId: record.profileId,
    conversationId: record.conversationId,
    chatId: chat.id,
    chatType: chat.kind,
    chatName: chat.name,
    direction: record.direction,
    fromMe,
    from: author,
    to: fromMe ? record.party : null,
    senderJid: senderOf(record),
    type: content.kind,
    content: isDeleted ? {} : contentView(record.id, content),
    body: isDeleted ? null : bodyOf(content),
    hasMedia: !isDeleted && 'media' in content,
    status: record.state,
    statusReason: record.stateReason,
    quotedMessageId: record.quotedWaMessageId,
    batchId: record.batchId,
    isRead: fromMe ? record.state === 'read' || record.state === 'played' : record.isRead,
    isStarred: record.isStarred,
    timestamp: record.sentAt.toISOString(),
    deliveredAt: record.deliveredAt?.toISOString() ?? null,
    readAt: record.readAt?.toISOString() ?? null,
    editedAt: record.editedAt?.toISOString() ?? null,
    deletedAt: record.revokedAt?.toISOString() ?? null,
    pinnedUntil: record.pinnedUntil?.toISOString() ?? null,
    waitingFor: waitingView(record.waitingFor),
    reactions: record.answers
      .filter(({ kind }) => kind === 'reaction')
      .map(({ value, count, isOurs }) => ({ emoji: value, count, fromMe: isOurs })),
    answers: record.answers
      .filter(({ kind }) => kind !== 'reaction')
      .map(({ value, count, isOurs }) => ({ value, count, fromMe: isOurs })),
  };
}

function senderOf({ direction, author, chat }: MessageRecord): string | null {
  if (direction === 'outgoing') return null;
  return author === null || (author.phone === null && author.lid === null) ? chat.id : toJid(author);
}

/** Text or caption of a message; null when it has none. */
export function bodyOf(content: MessageContent): string | null {
  if ('text' in content) return content.text;
  return 'caption' in content ? (content.caption ?? null) : null;
}

/** The message that an event tells of as it was then, without a read; null for events that do not carry a message. */
export function messageOfEvent(event: LoggedEvent): MessageRecord | null {
  switch (event.name) {
    case 'message.queued':
      return {
        ...carried(event, event.payload),
        direction: 'outgoing',
        party: event.payload.to,
        author: null,
        state: 'queued',
        batchId: event.payload.batchId,
        isRead: false,
        sentAt: event.occurredAt,
      };
    case 'message.sent_from_phone':
      return {
        ...carried(event, event.payload),
        direction: 'outgoing',
        party: event.payload.to,
        author: null,
        state: 'sent',
        batchId: null,
        isRead: false,
        sentAt: new Date(event.payload.sentAt),
      };
    case 'message.received': {
      const message = carried(event, event.payload);
      return {
        ...message,
        direction: 'incoming',
        party: message.chat.kind === 'user' ? event.payload.from : null,
        author: event.payload.from,
        state: 'received',
        batchId: null,
        isRead: false,
        sentAt: new Date(event.payload.sentAt),
      };
    }
    default:
      return null;
  }
}

function carried(
  event: LoggedEvent,
  payload: {
    messageId: string;
    waMessageId: string;
    conversationId: string;
    chatId: string;
    /** Absent in events of before there were other chats than those of two. */
    chat?: ChatShown;
    content: MessageContent;
    quotedWaMessageId: string | null;
  },
) {
  return {
    id: payload.messageId,
    waMessageId: payload.waMessageId,
    profileId: event.profileId!,
    conversationId: payload.conversationId,
    chat: payload.chat ?? { kind: parseChatJid(payload.chatId)?.kind ?? 'user', id: payload.chatId, name: null },
    content: payload.content,
    quotedWaMessageId: payload.quotedWaMessageId,
    stateReason: null,
    deliveredAt: null,
    readAt: null,
    editedAt: null,
    revokedAt: null,
    isStarred: false,
    pinnedUntil: null,
    answers: [],
  };
}

function waitingView(waiting: WaitingFor | null | undefined): MessageView['waitingFor'] {
  return waiting ? { ...waiting, until: waiting.until?.toISOString() ?? null } : null;
}
