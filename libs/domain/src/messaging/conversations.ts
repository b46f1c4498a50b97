import { Injectable } from '@nestjs/common';
import {
  type Actor,
  CatalogueError,
  type ChatShown,
  type ConversationId,
  errors,
  eventActor,
  type MemberShown,
  type MessageParty,
  type ProfileId,
} from '#contracts';
import {
  appendEvents,
  type ConversationFilter,
  type ConversationRow,
  type ConversationWindow,
  countConversations,
  countUnread,
  Database,
  findChats,
  findConversation,
  findLatestMessages,
  findMemberNames,
  findMessages,
  findPersonOf,
  type LabelShown,
  labelsOf,
  listConversations,
  lockConversation,
  markConversationRead,
  markMessagesRead,
  placeKey,
  type ReadMessage,
  readAddresses,
  readParties,
  roomPlace,
  searchMessages,
  type Tx,
  type UnreadCount,
} from '#database';
import { type ChatAddress, type MessageTarget, parseChatJid, userChat } from '#engine';
import { EngineGateway } from '../profiles/engine-gateway.js';
import { parseQuestion } from '../search/search-question.js';
import { chatShown } from './chat-shown.js';
import { assertProfile, recordsOf } from './message-history.js';
import type { MessageRecord } from './message-view.js';

/** A chat with the newest message that is on the account's devices. */
export interface ConversationRecord
  extends Omit<ConversationRow, 'kind' | 'roomId' | 'name' | 'personId' | 'lastMessageId' | 'assignedUserId'> {
  chat: ChatShown;
  /** Who works on it; null: nobody. */
  assignee: MemberShown | null;
  /** On the chat itself. */
  labels: LabelShown[];
  /** The other person of a chat of two; null for all others. */
  party: MessageParty | null;
  lastMessage: MessageRecord | null;
}

/** What a list of conversations is narrowed by; `words` are in their messages. */
export type InboxFilter = Omit<ConversationFilter, 'ids'> & { words?: string };

/** How many of the newest messages with the words are looked at for their conversations. */
const MOST_FOUND = 500;

/** What marking read did. */
export interface ReadOutcome {
  conversation: ConversationRecord;
  /** How many messages were unread before. */
  count: number;
  /** WhatsApp ids that a read receipt was due for. */
  waMessageIds: string[];
  /**
   * Whether WhatsApp was told, so that the other person sees the messages as read. False when nothing was to be told or
   * when the profile could not be reached; then `reason` is an error code, and asking again with these message ids
   * repeats the receipt. Here they are read either way.
   */
  receiptSent: boolean;
  reason: string | null;
}

/** The chats of profiles. */
@Injectable()
export class Conversations {
  constructor(
    private readonly db: Database,
    private readonly gateway: EngineGateway,
  ) {}

  /**
   * A part of a profile's inbox, nearest to the window's edge first, and how many conversations fit in all.
   * @throws errors.notFound (the profile), validation (words)
   */
  list(
    actor: Actor,
    profileId: ProfileId,
    { words, ...filter }: InboxFilter,
    window: ConversationWindow,
  ): Promise<{ conversations: ConversationRecord[]; total: number }> {
    const { organizationId } = actor;
    return this.db.tenant(actor, async (tx) => {
      await assertProfile(tx, actor, profileId);
      const ids = words === undefined ? undefined : await conversationsWith(tx, organizationId, profileId, words);
      const rows = await listConversations(tx, organizationId, profileId, { ...filter, ids }, window);
      const total = await countConversations(tx, organizationId, profileId, { ...filter, ids });
      return { conversations: await complete(tx, organizationId, profileId, rows), total };
    });
  }

  /** What is unread, by profile: of the given one, or of all that the actor sees. @throws errors.notFound */
  unread(actor: Actor, profileId?: ProfileId): Promise<UnreadCount[]> {
    return this.db.tenant(actor, async (tx) => {
      if (profileId) await assertProfile(tx, actor, profileId);
      return countUnread(tx, actor.organizationId, profileId && [profileId]);
    });
  }

  /** @throws errors.notFound */
  get(actor: Actor, id: ConversationId): Promise<ConversationRecord> {
    return this.db.tenant(actor, async (tx) => {
      const row = await findConversation(tx, actor.organizationId, id);
      if (!row) throw notFound(id);
      return completeOne(tx, row);
    });
  }

  /**
   * Marks all unread messages of a conversation read and tells WhatsApp. Safe to repeat.
   * @throws errors.notFound
   */
  async markRead(actor: Actor, id: ConversationId): Promise<ReadOutcome> {
    return this.tellWhatsApp(await this.record(actor, id, (tx) => markConversationRead(tx, id, { at: new Date() })));
  }

  /**
   * Marks messages of the chat with `chat` read: those with the given WhatsApp ids, or all. A receipt goes out for every
   * given message of somebody else, also for those that were read before, so that a lost receipt can be repeated.
   * @throws errors.notFound when the profile has no such chat
   */
  async markChatRead(
    actor: Actor,
    profileId: ProfileId,
    chat: ChatAddress,
    waMessageIds: string[] | undefined,
  ): Promise<ReadOutcome> {
    const id = await this.db.tenant(actor, async (tx) => {
      await assertProfile(tx, actor, profileId);
      const personId = chat.kind === 'user' ? await findPersonOf(tx, actor.organizationId, chat) : null;
      const place = chat.kind !== 'user' ? roomPlace(chat) : personId === null ? null : { personId };
      const found = place && (await findChats(tx, profileId, [place])).get(placeKey(place));
      if (!found) throw errors.notFound({ message: 'The profile has no such chat.' });
      return found as ConversationId;
    });
    if (waMessageIds === undefined) return this.markRead(actor, id);
    const mark = (tx: Tx) => markMessagesRead(tx, { id, profileId }, waMessageIds, new Date());
    return this.tellWhatsApp(await this.record(actor, id, mark));
  }

  /** Rows and event in one transaction. */
  private record(actor: Actor, id: ConversationId, mark: (tx: Tx) => Promise<ReadMessage[]>) {
    return this.db.tenant(actor, async (tx) => {
      const before = await lockConversation(tx, actor.organizationId, id);
      if (!before) throw notFound(id);
      const messages = await withAuthors(tx, await mark(tx));
      const after = (await findConversation(tx, actor.organizationId, id))!;
      const conversation = await completeOne(tx, after);
      const count = before.unreadCount - after.unreadCount;
      if (count > 0) {
        await appendEvents(tx, [
          {
            organizationId: actor.organizationId,
            profileId: before.profileId,
            conversationId: id,
            name: 'conversation.read',
            actor: eventActor(actor),
            payload: { conversationId: id, count },
          },
        ]);
      }
      return { conversation, count, messages };
    });
  }

  private async tellWhatsApp({
    messages,
    ...recorded
  }: Pick<ReadOutcome, 'conversation' | 'count'> & { messages: MarkedMessage[] }): Promise<ReadOutcome> {
    const outcome = { ...recorded, waMessageIds: messages.map((message) => message.waMessageId) };
    if (messages.length === 0) return { ...outcome, receiptSent: false, reason: null };
    const { profileId, chat, party } = recorded.conversation;
    try {
      const address = party ? userChat(party) : parseChatJid(chat.id)!;
      await this.gateway.markRead(profileId as ProfileId, address, messages);
      return { ...outcome, receiptSent: true, reason: null };
    } catch (failure) {
      if (failure instanceof CatalogueError) return { ...outcome, receiptSent: false, reason: failure.code };
      throw failure;
    }
  }
}

type MarkedMessage = Pick<MessageTarget, 'waMessageId' | 'author'>;

/** In a chat of more than two a receipt names the author. */
async function withAuthors(tx: Tx, messages: ReadMessage[]): Promise<MarkedMessage[]> {
  const authorIds = messages.flatMap((message) => message.authorPersonId ?? []);
  const addresses = authorIds.length === 0 ? new Map() : await readAddresses(tx, authorIds);
  return messages.map(({ waMessageId, authorPersonId }) => ({
    waMessageId,
    author: (authorPersonId && addresses.get(authorPersonId)) || null,
  }));
}

async function conversationsWith(tx: Tx, organizationId: string, profileId: string, words: string): Promise<string[]> {
  const question = { ...parseQuestion(words, 'text'), profileIds: [profileId], limit: MOST_FOUND };
  const messages = await findMessages(tx, organizationId, await searchMessages(tx, organizationId, question));
  return [...new Set(messages.map(({ conversationId }) => conversationId))];
}

async function completeOne(tx: Tx, row: ConversationRow): Promise<ConversationRecord> {
  return (await complete(tx, row.organizationId, row.profileId, [row]))[0]!;
}

/** Adds the persons and last messages of conversations of one profile, each in one read. */
async function complete(
  tx: Tx,
  organizationId: string,
  profileId: string,
  rows: ConversationRow[],
): Promise<ConversationRecord[]> {
  const personIds = rows.flatMap((row) => row.personId ?? []);
  const parties = await readParties(tx, profileId, personIds);
  const partyOf = new Map(personIds.map((id, index) => [id, parties[index]!]));
  const latest = await recordsOf(tx, await findLatestMessages(tx, organizationId, rows));
  const latestOf = new Map(latest.map((message) => [message.conversationId, message]));
  const conversationIds = rows.map(({ id }) => id);
  const labels = await labelsOf(tx, conversationIds);
  const names = await findMemberNames(tx, organizationId, [
    ...new Set(rows.flatMap((row) => row.assignedUserId ?? [])),
  ]);
  return rows.map(({ kind, roomId, name, personId, lastMessageId: _, assignedUserId, ...row }) => {
    const assigneeName = assignedUserId && names.get(assignedUserId);
    const assignee = assignedUserId && assigneeName ? { userId: assignedUserId, name: assigneeName } : null;
    const party = (personId && partyOf.get(personId)) || null;
    const chat = chatShown({ kind, roomId, name, phone: party?.phone ?? null, lid: party?.lid ?? null });
    return {
      ...row,
      chat,
      assignee,
      labels: labels.get(row.id) ?? [],
      party,
      lastMessage: latestOf.get(row.id) ?? null,
    };
  });
}

function notFound(conversationId: ConversationId) {
  return errors.notFound({ message: 'There is no such conversation.', details: { conversationId } });
}
