import { type NewEvent, newId } from '#contracts';
import {
  addNews,
  appendEventsLast,
  type ConversationNews,
  completeInbound,
  type Database,
  findActionTargets,
  holdLease,
  insertInbound,
  keepPushNames,
  keepWaitingActions,
  retryTransient,
  type Sealer,
  settleJournal,
  type Tx,
  takeWaitingActions,
} from '#database';
import type { InboundFact } from '#engine';
import { queueWaitingFiles } from '../media/waiting-downloads.js';
import { applyActions } from './apply-actions.js';
import { type Fresh, freshEvents } from './inbound-events.js';
import { mergeEvents } from './message-events.js';
import { fewTries, type OwnedProfile } from './owned-profile.js';
import { type Incoming, type PlacedAction, placeFacts } from './place-facts.js';

/**
 * Stores what arrives, before WhatsApp is told that it arrived: messages, and what was done to messages. Message, key,
 * conversation, contact, unread count, journal mark, waiting download and event are one transaction, set-based for all
 * facts of a call.
 *
 * Repeats are part of the protocol: the key table decides which message is new, and what was done to one counts when it
 * is newer than what is there. If the process dies before the commit, the journal is replayed at the next start; after
 * it, nothing is left to do.
 */
export class MessageRecorder {
  constructor(
    private readonly db: Database,
    private readonly sealer: Sealer,
  ) {}

  /**
   * Resolves after the commit. Messages come before what is done to messages, each in the order of the facts. What is
   * done to a message that is not here waits for it, some days.
   * @param onDownloads told after the commit that files wait to be downloaded
   * @throws LeaseLost
   */
  async record(owned: OwnedProfile, facts: InboundFact[], onDownloads: () => void): Promise<void> {
    if (facts.length === 0) return;
    await retryTransient(async () => {
      const sealer = await this.sealer.forOrganization(owned.lease.organizationId);
      await this.db.system(async (tx) => {
        const [, { messages, actions, merges }] = await Promise.all([
          holdLease(tx, owned.lease),
          placeFacts(tx, owned, facts, sealer),
        ]);
        const fresh = await store(tx, owned, messages);
        const withFiles = [...fresh.added, ...fresh.completed];
        if (await queueWaitingFiles(tx, owned.lease, sealer, withFiles)) tx.afterCommit(onDownloads);
        const journalIds = facts.flatMap((fact) => fact.journalId ?? []);
        // In this order on the way: the events tell the names that are kept before.
        const [, , told] = await Promise.all([
          tellChats(tx, owned, fresh),
          journalIds.length > 0 && settleJournal(tx, owned.lease.profileId, journalIds),
          freshEvents(tx, owned, fresh),
        ]);
        const events = [...mergeEvents(merges), ...told];

        const awaited = await takeAwaited(tx, owned, fresh);
        const late = awaited.length > 0 ? await placeFacts(tx, owned, awaited, sealer) : { actions: [], merges: [] };
        events.push(...mergeEvents(late.merges), ...(await perform(tx, owned, [...late.actions, ...actions])));
        void appendEventsLast(tx, events);
      });
    }, fewTries);
  }
}

async function store(tx: Tx, { lease }: OwnedProfile, messages: Incoming[]): Promise<Fresh> {
  if (messages.length === 0) return { added: [], completed: [] };
  const inserted = new Map((await insertInbound(tx, lease, messages)).map((row) => [row.id, row]));
  const added = messages.flatMap((message) => {
    const row = inserted.get(message.id);
    return row ? { ...message, isAwaited: row.isAwaited } : [];
  });
  const readable = messages.filter((each) => !inserted.has(each.id) && each.content.kind !== 'undecryptable');
  const late = readable.length > 0 ? await completeInbound(tx, lease.profileId, readable) : [];
  const completed = late.map(({ rowId, messageId, conversationId }) => {
    const message = readable.find((each) => each.id === rowId)!;
    return { ...message, id: messageId, conversationId };
  });
  return { added, completed };
}

/** What new messages mean for the address book and for their chats. */
async function tellChats(tx: Tx, { lease }: OwnedProfile, { added }: Fresh): Promise<void> {
  const names = pushNamesOf(added);
  await Promise.all([
    names.length > 0 && keepPushNames(tx, lease, names),
    added.length > 0 && addNews(tx, newsOf(added)),
  ]);
}

/** What was done to the new messages before they came. */
function takeAwaited(tx: Tx, { lease }: OwnedProfile, { added }: Fresh) {
  const ids = added.filter((message) => message.isAwaited).map((message) => message.waMessageId);
  return ids.length === 0 ? [] : takeWaitingActions(tx, lease.profileId, ids);
}

async function perform(tx: Tx, { lease }: OwnedProfile, actions: PlacedAction[]): Promise<NewEvent[]> {
  if (actions.length === 0) return [];
  const names = actions.flatMap(({ target }) => target ?? []);
  const found = names.length === 0 ? new Map() : await findActionTargets(tx, lease.profileId, names);
  const targets = new Map(names.map((name, index) => [name, found.get(index)]));
  const targetOf = (action: PlacedAction) => action.target && targets.get(action.target);
  const missing = actions.filter((action) => !targetOf(action));
  if (missing.length > 0) {
    await keepWaitingActions(
      tx,
      lease,
      missing.map((action) => action.fact),
    );
  }
  return applyActions(
    tx,
    lease,
    actions.flatMap((placed) => {
      const target = targetOf(placed);
      if (!target) return [];
      const { fromMe: byUs, action, waMessageId, sentAt: at } = placed.fact;
      return { target, byUs, actorPersonId: placed.actorPersonId, action, waMessageId, at };
    }),
  );
}

/**
 * The last name of each person that a message told. In a chat of two null makes the contact and keeps the name it has;
 * members of groups come into the address book by a name only.
 */
function pushNamesOf(added: Incoming[]) {
  const names = new Map<string, string | null>();
  for (const { writtenBy, authorPersonId, fact } of added) {
    if (writtenBy === null || (authorPersonId !== null && fact.pushName === null)) continue;
    names.set(writtenBy, fact.pushName ?? names.get(writtenBy) ?? null);
  }
  return [...names].map(([personId, pushName]) => ({ contactId: newId<string>(), personId, pushName }));
}

function newsOf(added: Incoming[]) {
  const byChat = new Map<string, Omit<ConversationNews, 'conversationId'>>();
  for (const message of added) {
    const news = byChat.get(message.conversationId);
    const isLast = !news || message.sentAt >= news.lastMessageAt;
    const inboundAt = news?.lastInboundAt ?? null;
    const isNewer = !message.fromMe && (inboundAt === null || message.sentAt > inboundAt);
    byChat.set(message.conversationId, {
      lastInboundAt: isNewer ? message.sentAt : inboundAt,
      unread: (news?.unread ?? 0) + (message.isRead ? 0 : 1),
      lastMessageId: isLast ? message.id : news.lastMessageId,
      lastMessageAt: isLast ? message.sentAt : news.lastMessageAt,
    });
  }
  return [...byChat].map(([conversationId, news]) => ({ conversationId, ...news }));
}
