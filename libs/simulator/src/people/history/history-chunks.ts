import { proto } from '../../baileys.js';
import type { Account } from '../../network/account.js';
import type { ArchivedChat, ArchivedMessage } from './phone-archive.js';

const { HistorySyncType } = proto.HistorySync;
const { EndOfHistoryTransferType } = proto.Conversation;
const DAY_MS = 86_400_000;

/** How many of the newest messages of each chat come in the first chunk. */
const BOOTSTRAP_MESSAGES = 3;
/** How many messages one chunk holds at most. */
const CHUNK_MESSAGES = 2_000;
/** What is older than this is not recent. */
const RECENT_DAYS = 90;

/** A part of the history as a companion gets it. */
export interface HistoryChunk {
  type: proto.HistorySync.HistorySyncType;
  order: number;
  /** How much of all has come with this chunk, from 1 to 100. */
  progress: number;
  history: proto.IHistorySync;
  oldestAt?: number;
}

/** How a chat stands, for its line in the history. */
export interface ChatState {
  name?: string;
  archived: boolean;
  pinnedAt?: number;
  mutedUntil?: number;
  markedUnread: boolean;
}

export interface HistorySource {
  owner: Account;
  chats: ArchivedChat[];
  /** The chats of groups, which come with the first chunk. */
  groups: proto.IConversation[];
  stateOf(chat: ArchivedChat): ChatState;
  /** Older messages than recent ones are sent too when the companion asked for all at its pairing. */
  wantsAll: boolean;
  now: number;
}

/**
 * The whole history of a phone in the order in which phones send it: the newest messages of each chat, then the recent
 * ones in chunks, then the older ones when they are wanted, push names, and what is needed for no chat. Types, order and
 * progress as whatsmeow `handleHistorySyncNotification` and Baileys `history.js`, `chats.js` expect them.
 */
export function historyChunks(source: HistorySource): HistoryChunk[] {
  const { chats, owner, now } = source;
  const recentSince = now - RECENT_DAYS * DAY_MS;
  const first = chats.map((chat) => part(chat, chat.messages.slice(-BOOTSTRAP_MESSAGES)));
  const rest = chats.map((chat) => part(chat, chat.messages.slice(0, -BOOTSTRAP_MESSAGES)));
  const recent = rest.map(({ chat, messages }) => part(chat, since(messages, recentSince)));
  const older = rest.map(({ chat, messages }) => part(chat, before(messages, recentSince)));
  const chunks: HistoryChunk[] = [
    {
      ...{ type: HistorySyncType.INITIAL_BOOTSTRAP, order: 1, progress: 100 },
      history: {
        conversations: [
          ...first.map((one) => conversation(source, one, isComplete(one, source.wantsAll))),
          ...source.groups,
        ],
        phoneNumberToLidMappings: chats.map((chat) => ({
          pnJid: chat.with.address('pn'),
          lidJid: chat.with.address('lid'),
        })),
      },
    },
    ...pages(source, HistorySyncType.RECENT, recent),
  ];
  if (source.wantsAll) chunks.push(...pages(source, HistorySyncType.FULL, older));
  chunks.push({
    ...{ type: HistorySyncType.PUSH_NAME, order: 1, progress: 100 },
    history: {
      pushnames: chats.map((chat) => ({ id: chat.with.address(owner.addressing), pushname: chat.with.name })),
    },
  });
  chunks.push({
    ...{ type: HistorySyncType.NON_BLOCKING_DATA, order: 1, progress: 100 },
    history: { pastParticipants: [], callLogRecords: [] },
  });
  return chunks;
}

/** The answer to a request for older messages of one chat. */
export function onDemandChunk(source: HistorySource, chat: ArchivedChat, messages: ArchivedMessage[]): HistoryChunk {
  const isAll = messages.length === 0 || messages[0] === chat.messages[0];
  return {
    ...{ type: HistorySyncType.ON_DEMAND, order: 1, progress: 100, oldestAt: messages[0]?.at },
    history: { conversations: [conversation(source, part(chat, messages), isAll)] },
  };
}

interface Part {
  chat: ArchivedChat;
  messages: ArchivedMessage[];
}

const part = (chat: ArchivedChat, messages: ArchivedMessage[]): Part => ({ chat, messages });
const since = (messages: ArchivedMessage[], at: number): ArchivedMessage[] =>
  messages.filter((message) => message.at >= at);
const before = (messages: ArchivedMessage[], at: number): ArchivedMessage[] =>
  messages.filter((message) => message.at < at);

const isComplete = ({ chat, messages }: Part, wantsAll: boolean): boolean =>
  wantsAll || messages[0] === chat.messages[0];

function pages(source: HistorySource, type: proto.HistorySync.HistorySyncType, parts: Part[]): HistoryChunk[] {
  const pieces: Part[][] = [];
  let page: Part[] = [];
  let room = CHUNK_MESSAGES;
  // Newest first, so that what a person looks at first is there first.
  for (const { chat, messages } of parts) {
    let left = messages;
    while (left.length > 0) {
      const taken = left.slice(-room);
      left = left.slice(0, left.length - taken.length);
      page.push(part(chat, taken));
      room -= taken.length;
      if (room > 0) continue;
      pieces.push(page);
      page = [];
      room = CHUNK_MESSAGES;
    }
  }
  if (page.length > 0) pieces.push(page);
  return pieces.map((one, index) => ({
    type,
    order: index + 1,
    progress: Math.round(((index + 1) / pieces.length) * 100),
    oldestAt: Math.min(...one.map(({ messages }) => messages[0]?.at ?? source.now)),
    history: { conversations: one.map((piece) => conversation(source, piece, isComplete(piece, source.wantsAll))) },
  }));
}

function conversation(source: HistorySource, { chat, messages }: Part, isAll: boolean): proto.IConversation {
  const { owner } = source;
  const state = source.stateOf(chat);
  const newestAt = chat.messages.at(-1)?.at ?? 0;
  const id = chat.with.address(owner.addressing);
  const token = chat.with.card.tokens.get(owner);
  const issued = owner.card.tokens.get(chat.with);
  return {
    id,
    ...(owner.addressing === 'lid' ? { pnJid: chat.with.address('pn') } : { lidJid: chat.with.address('lid') }),
    // History carries the newest message first.
    messages: [...messages].reverse().map((message, index) => ({
      message: webMessage(id, message),
      msgOrderId: messages.length - index,
    })),
    name: state.name,
    displayName: state.name,
    unreadCount: chat.unread,
    conversationTimestamp: Math.floor(newestAt / 1000),
    lastMsgTimestamp: Math.floor(newestAt / 1000),
    archived: state.archived,
    markedAsUnread: state.markedUnread,
    ...(state.pinnedAt ? { pinned: Math.floor(state.pinnedAt / 1000) } : {}),
    ...(state.mutedUntil === undefined ? {} : { muteEndTime: state.mutedUntil }),
    ...(token ? { tcToken: token.token, tcTokenTimestamp: token.issuedAt } : {}),
    ...(issued ? { tcTokenSenderTimestamp: issued.issuedAt } : {}),
    endOfHistoryTransfer: true,
    endOfHistoryTransferType: isAll
      ? EndOfHistoryTransferType.COMPLETE_AND_NO_MORE_MESSAGE_REMAIN_ON_PRIMARY
      : EndOfHistoryTransferType.COMPLETE_BUT_MORE_MESSAGES_REMAIN_ON_PRIMARY,
  };
}

/** A message as history and resent placeholders carry it. */
export function webMessage(chatJid: string, message: ArchivedMessage): proto.IWebMessageInfo {
  const { Status } = proto.WebMessageInfo;
  const { id, fromMe, at, status } = message;
  return {
    key: { remoteJid: chatJid, fromMe, id },
    message: message.message,
    messageTimestamp: Math.floor(at / 1000),
    ...(fromMe ? { status: status === 'read' ? Status.READ : Status.DELIVERY_ACK } : {}),
  };
}
