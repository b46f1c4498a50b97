import { type NewEvent, newId } from '#contracts';
import {
  addNews,
  type ConversationNews,
  completeInbound,
  type Database,
  findActionTargets,
  insertInbound,
  keepPushNames,
  keepWaitingActions,
  type PushName,
  type Reopened,
  retryTransient,
  type Sealer,
  settleJournal,
  type Tx,
  takeWaitingActions,
} from '#database';
import type { InboundFact } from '#engine';
import { contactEvents, type OfContact } from '../contacts/contact-events.js';
import { statusEvents } from '../inbox/status-events.js';
import { queueWaitingFiles } from '../media/waiting-downloads.js';
import { applyActions } from './apply-actions.js';
import { type Fresh, freshEvents } from './inbound-events.js';
import { mergeEvents } from './message-events.js';
import { fewTries, type OwnedProfile } from './owned-profile.js';
import {
  type Arrival,
  findPlaces,
  type Incoming,
  type KnownPlaces,
  type PlacedAction,
  type PlacedFacts,
  placeFacts,
} from './place-facts.js';
import { type OwnedItem, SharedTransaction } from './shared-transaction.js';

/** More facts of a profile at once, and any of its history, are not joined with those of others. */
const MOST_TOGETHER = 50;

/** What arrived for a profile, with all that is needed to store it. */
interface Received extends Omit<Arrival, 'owned'> {
  onDownloads(): void;
}

/** What was stored of an arrival. */
interface Stored extends Arrival, PlacedFacts {
  fresh: Fresh;
}

/**
 * Stores what arrives, before WhatsApp is told that it arrived: messages, and what was done to messages. Message, key,
 * conversation, contact, unread count, journal mark, waiting download and event are one transaction, set-based for all
 * facts of a call, and of the calls of other profiles that come while an earlier transaction commits.
 *
 * Repeats are part of the protocol: the key table decides which message is new, and what was done to one counts when it
 * is newer than what is there. If the process dies before the commit, the journal is replayed at the next start; after
 * it, nothing is left to do.
 */
export class MessageRecorder {
  private readonly shared: SharedTransaction<Received, KnownPlaces>;

  constructor(
    db: Database,
    private readonly sealer: Sealer,
  ) {
    this.shared = new SharedTransaction(db, storeTogether, (tx, items) => findPlaces(tx, arrivalsOf(items)));
  }

  /**
   * Resolves after the commit. Messages come before what is done to messages, each in the order of the facts. What is
   * done to a message that is not here waits for it, some days.
   * @param onDownloads told after the commit that files wait to be downloaded
   * @throws LeaseLost
   */
  async record(owned: OwnedProfile, facts: InboundFact[], onDownloads: () => void): Promise<void> {
    if (facts.length === 0) return;
    const isMuch = facts.length > MOST_TOGETHER || facts.some((fact) => fact.type === 'message' && fact.isHistory);
    await retryTransient(async () => {
      const sealer = await this.sealer.forOrganization(owned.lease.organizationId);
      const received = { facts, sealer, onDownloads };
      await (isMuch ? this.shared.addAlone(owned, received) : this.shared.add(owned, received));
    }, fewTries);
  }
}

async function storeTogether(tx: Tx, items: OwnedItem<Received>[], known: KnownPlaces): Promise<NewEvent[]> {
  const arrivals = arrivalsOf(items);
  const { placed, merges } = await placeFacts(tx, arrivals, known);
  const entries = arrivals.flatMap(({ owned: { lease }, facts }) =>
    facts.flatMap(({ journalId }) => (journalId ? { profileId: lease.profileId, journalId } : [])),
  );
  const [stored] = await Promise.all([
    store(
      tx,
      arrivals.map((arrival, index) => ({ ...arrival, ...placed[index]! })),
    ),
    entries.length > 0 && settleJournal(tx, entries),
  ]);
  await queueFiles(tx, stored, items);
  // In this order on the way: the events tell the names that are kept before.
  const [{ known: contacts, reopened }, told] = await Promise.all([tellChats(tx, stored), freshEvents(tx, stored)]);
  const events = mergeEvents(merges);
  for (const [index, one] of stored.entries()) {
    events.push(
      ...(await newContacts(tx, one, contacts)),
      ...told[index]!,
      ...(await reopenedEvents(tx, one, reopened)),
      ...(await performed(tx, one)),
    );
  }
  return events;
}

/** One for each profile: several calls of one are as one. */
function arrivalsOf(items: OwnedItem<Received>[]): Arrival[] {
  const byProfile = new Map<string, Arrival>();
  for (const { owned, item } of items) {
    const { profileId } = owned.lease;
    const facts = [...(byProfile.get(profileId)?.facts ?? []), ...item.facts];
    byProfile.set(profileId, { owned, facts, sealer: item.sealer });
  }
  return [...byProfile.values()];
}

async function store(tx: Tx, arrivals: (Arrival & PlacedFacts)[]): Promise<Stored[]> {
  const messages = arrivals.flatMap((one) => one.messages);
  if (messages.length === 0) return arrivals.map((one) => ({ ...one, fresh: { added: [], completed: [] } }));
  const inserted = new Map((await insertInbound(tx, messages)).map((row) => [row.id, row]));
  const readable = messages.filter((each) => !inserted.has(each.id) && each.content.kind !== 'undecryptable');
  const late = readable.length > 0 ? await completeInbound(tx, readable) : [];
  const completion = new Map(late.map((one) => [one.rowId, one]));
  return arrivals.map((one) => {
    const added = one.messages.flatMap((message) => {
      const row = inserted.get(message.id);
      return row ? { ...message, isAwaited: row.isAwaited } : [];
    });
    const completed = one.messages.flatMap((message) => {
      const row = completion.get(message.id);
      return row ? { ...message, id: row.messageId, conversationId: row.conversationId } : [];
    });
    return { ...one, fresh: { added, completed } };
  });
}

async function queueFiles(tx: Tx, stored: Stored[], items: OwnedItem<Received>[]): Promise<void> {
  for (const { owned, sealer, fresh } of stored) {
    if (!(await queueWaitingFiles(tx, owned.lease, sealer, [...fresh.added, ...fresh.completed]))) continue;
    const of = items.filter((each) => each.owned.lease.profileId === owned.lease.profileId);
    tx.afterCommit(() => {
      for (const { item } of of) item.onDownloads();
    });
  }
}

/** What new messages mean for address books and for their chats. @returns who is new in an address book */
async function tellChats(tx: Tx, stored: Stored[]): Promise<{ known: NewContact[]; reopened: Reopened[] }> {
  const names = stored.flatMap(({ owned, fresh }) => pushNamesOf(owned, fresh.added));
  const added = stored.flatMap(({ fresh }) => fresh.added);
  const [known, reopened] = await Promise.all([
    names.length > 0 ? keepPushNames(tx, names) : [],
    added.length > 0 ? addNews(tx, newsOf(added)) : [],
  ]);
  return { known, reopened };
}

type NewContact = OfContact & { profileId: string };

/** People of the history are told of with it, in one event. */
async function newContacts(tx: Tx, { owned: { lease }, fresh }: Stored, known: NewContact[]): Promise<NewEvent[]> {
  const live = new Map(
    fresh.added.flatMap(({ fact, writtenBy }) => (fact.isHistory || !writtenBy ? [] : [[writtenBy, fact]])),
  );
  const created = known.filter(({ profileId, personId }) => profileId === lease.profileId && live.has(personId));
  return contactEvents(tx, lease, { kind: 'whatsapp' }, 'contact.created', created, ({ personId }) => ({
    at: live.get(personId)!.sentAt.toISOString(),
    source: 'message' as const,
    tags: [],
  }));
}

async function reopenedEvents(tx: Tx, { owned, fresh }: Stored, reopened: Reopened[]): Promise<NewEvent[]> {
  if (reopened.length === 0) return [];
  const { organizationId, profileId } = owned.lease;
  const chats = new Set(fresh.added.map(({ conversationId }) => conversationId));
  const changes = reopened
    .filter(({ conversationId }) => chats.has(conversationId))
    .map((each) => ({ ...each, organizationId, profileId, status: 'open' as const, snoozedUntil: null }));
  return statusEvents(tx, changes, 'message', { kind: 'whatsapp' });
}

/** What was done to messages: to the new ones before they came, and what came now. */
async function performed(tx: Tx, { owned, sealer, fresh, actions }: Stored): Promise<NewEvent[]> {
  const ids = fresh.added.filter((message) => message.isAwaited).map((message) => message.waMessageId);
  const awaited = ids.length === 0 ? [] : await takeWaitingActions(tx, owned.lease.profileId, ids);
  if (awaited.length === 0) return perform(tx, owned, actions);
  const { placed, merges } = await placeFacts(tx, [{ owned, facts: awaited, sealer }]);
  return [...mergeEvents(merges), ...(await perform(tx, owned, [...placed[0]!.actions, ...actions]))];
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
function pushNamesOf({ lease: { organizationId, profileId } }: OwnedProfile, added: Incoming[]): PushName[] {
  const names = new Map<string, string | null>();
  for (const { writtenBy, authorPersonId, fact } of added) {
    if (writtenBy === null || (authorPersonId !== null && fact.pushName === null)) continue;
    names.set(writtenBy, fact.pushName ?? names.get(writtenBy) ?? null);
  }
  return [...names].map(([personId, pushName]) => ({
    organizationId,
    profileId,
    contactId: newId<string>(),
    personId,
    pushName,
  }));
}

function newsOf(added: Incoming[]) {
  const byChat = new Map<string, Omit<ConversationNews, 'conversationId'>>();
  for (const message of added) {
    const news = byChat.get(message.conversationId);
    const isLast = !news || message.sentAt >= news.lastMessageAt;
    const side = message.fromMe ? 'lastOutboundAt' : 'lastInboundAt';
    const wroteAt = news?.[side] ?? null;
    byChat.set(message.conversationId, {
      ...news,
      [side]: wroteAt === null || message.sentAt > wroteAt ? message.sentAt : wroteAt,
      unread: (news?.unread ?? 0) + (message.isRead ? 0 : 1),
      lastMessageId: isLast ? message.id : news.lastMessageId,
      lastMessageAt: isLast ? message.sentAt : news.lastMessageAt,
    });
  }
  return [...byChat].map(([conversationId, news]) => ({ conversationId, ...news }));
}
