import type { ChatShown, LoggedEvent, MessageContent, MessageParty, MessageView } from '#contracts';
import type { AnswerCount } from '#database';
import { parseChatJid, toJid } from '#engine';
import type { WaitingFor } from '../governor/waiting-for.js';
import { contentView } from './content-view.js';

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
      return carried(event, event.payload, {
        direction: 'outgoing',
        party: event.payload.to,
        author: null,
        state: 'queued',
        batchId: event.payload.batchId,
        sentAt: event.occurredAt,
      });
    case 'message.sent_from_phone':
      return carried(event, event.payload, {
        direction: 'outgoing',
        party: event.payload.to,
        author: null,
        state: 'sent',
        batchId: null,
        sentAt: new Date(event.payload.sentAt),
      });
    case 'message.received': {
      const { chat, from, sentAt } = event.payload;
      return carried(event, event.payload, {
        direction: 'incoming',
        party: (chat?.kind ?? 'user') === 'user' ? from : null,
        author: from,
        state: 'received',
        batchId: null,
        sentAt: new Date(sentAt),
      });
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
  own: Pick<MessageRecord, 'direction' | 'party' | 'author' | 'state' | 'batchId' | 'sentAt'>,
): MessageRecord {
  return {
    id: payload.messageId,
    waMessageId: payload.waMessageId,
    profileId: event.profileId!,
    conversationId: payload.conversationId,
    chat: payload.chat ?? { kind: parseChatJid(payload.chatId)?.kind ?? 'user', id: payload.chatId, name: null },
    content: payload.content,
    quotedWaMessageId: payload.quotedWaMessageId,
    direction: own.direction,
    party: own.party,
    author: own.author,
    state: own.state,
    batchId: own.batchId,
    isRead: false,
    sentAt: own.sentAt,
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
