import { type MessageParty, type NewEvent, newId } from '#contracts';
import {
  addNews,
  appendEvents,
  completeInbound,
  type Database,
  ensureConversations,
  holdLease,
  type InboundRow,
  insertInbound,
  keepPushNames,
  readParties,
  resolvePersons,
  retryTransient,
  type Sealer,
  settleJournal,
  type Tx,
} from '#database';
import { type InboundFact, type InboundMessage, toJid, type UserChat } from '#engine';
import { queueWaitingFiles } from '../media/waiting-downloads.js';
import { mergeEvents } from './message-events.js';
import { fewTries, type OwnedProfile } from './owned-profile.js';

/** A message on its way into the database, with the fact that it comes from. */
interface Incoming extends InboundRow {
  fact: InboundMessage;
  personId: string;
}

/**
 * Stores what arrives, before WhatsApp is told that it arrived. Message, key, conversation, contact, unread count,
 * journal mark, waiting download and event are one transaction, set-based for all messages of a call.
 *
 * Repeats are part of the protocol: the key table decides what is new, and a repeat only marks its journal entry. If the
 * process dies before the commit, the journal is replayed at the next start; after it, nothing is left to do.
 */
export class MessageRecorder {
  constructor(
    private readonly db: Database,
    private readonly sealer: Sealer,
  ) {}

  /**
   * Resolves after the commit.
   * @param onDownloads told after the commit that files wait to be downloaded
   * @throws LeaseLost
   */
  async record(owned: OwnedProfile, facts: InboundFact[], onDownloads: () => void): Promise<void> {
    if (facts.length === 0) return;
    await retryTransient(async () => {
      const organizationSealer = await this.sealer.forOrganization(owned.lease.organizationId);
      await this.db.system(async (tx) => {
        await holdLease(tx, owned.lease);
        const { incoming, merges } = await placeInChats(tx, owned, distinctMessages(facts.filter(isPersonal)));
        const fresh = await this.store(tx, owned, incoming);
        const withFiles = [...fresh.added, ...fresh.completed];
        if (await queueWaitingFiles(tx, owned.lease, organizationSealer, withFiles)) tx.afterCommit(onDownloads);
        const journalIds = facts.flatMap((fact) => fact.journalId ?? []);
        if (journalIds.length > 0) await settleJournal(tx, owned.lease.profileId, journalIds);
        await appendEvents(tx, [...mergeEvents(merges), ...(await eventsOf(tx, owned, fresh))]);
      });
    }, fewTries);
  }

  private async store(tx: Tx, { lease }: OwnedProfile, incoming: Incoming[]): Promise<Fresh> {
    const newIds = await insertInbound(tx, lease, incoming);
    const added = incoming.filter((message) => newIds.has(message.id));
    const readable = incoming.filter((each) => !newIds.has(each.id) && each.content.kind !== 'undecryptable');
    const late = readable.length > 0 ? await completeInbound(tx, lease.profileId, readable) : new Map();
    const completed = readable.flatMap((message) => {
      const stored = late.get(message.waMessageId);
      return stored ? { ...message, id: stored.messageId, conversationId: stored.conversationId } : [];
    });
    const received = added.filter((message) => !message.fromMe);
    if (received.length > 0) await keepPushNames(tx, lease, pushNamesOf(received));
    if (added.length > 0) await addNews(tx, newsOf(added));
    return { added, completed };
  }
}

interface Fresh {
  added: Incoming[];
  completed: Incoming[];
}

/** A message of a chat of two. */
type PersonalMessage = InboundMessage & { chat: UserChat };
const isPersonal = (fact: InboundFact): fact is PersonalMessage => fact.type === 'message' && fact.chat.kind === 'user';

/** One fact for each message: of repeats in one call the readable one. */
function distinctMessages(facts: PersonalMessage[]): PersonalMessage[] {
  const byKey = new Map<string, PersonalMessage>();
  for (const fact of facts) {
    const key = `${fact.fromMe} ${fact.waMessageId}`;
    const known = byKey.get(key);
    if (!known || known.content.kind === 'undecryptable') byKey.set(key, fact);
  }
  return [...byKey.values()];
}

async function placeInChats(tx: Tx, { lease }: OwnedProfile, facts: PersonalMessage[]) {
  const { personIds, merges } = await resolvePersons(
    tx,
    lease.organizationId,
    facts.map((fact) => fact.chat),
  );
  const conversationIds = await ensureConversations(tx, lease, personIds);
  const incoming = facts.map(
    (fact, index): Incoming => ({
      id: newId(),
      conversationId: conversationIds[index]!,
      personId: personIds[index]!,
      waMessageId: fact.waMessageId,
      fromMe: fact.fromMe,
      content: fact.content,
      quotedWaMessageId: fact.quotedWaMessageId,
      sentAt: fact.sentAt,
      fact,
    }),
  );
  return { incoming, merges };
}

/** The last name of each person that a message told; null makes the contact and keeps the name it has. */
function pushNamesOf(received: Incoming[]) {
  const names = new Map<string, string | null>();
  for (const { personId, fact } of received) names.set(personId, fact.pushName ?? names.get(personId) ?? null);
  return [...names].map(([personId, pushName]) => ({ contactId: newId<string>(), personId, pushName }));
}

function newsOf(added: Incoming[]) {
  const byChat = new Map<string, { unread: number; lastMessageId: string; lastMessageAt: Date }>();
  for (const message of added) {
    const news = byChat.get(message.conversationId);
    const isLast = !news || message.sentAt >= news.lastMessageAt;
    byChat.set(message.conversationId, {
      unread: (news?.unread ?? 0) + (message.fromMe ? 0 : 1),
      lastMessageId: isLast ? message.id : news.lastMessageId,
      lastMessageAt: isLast ? message.sentAt : news.lastMessageAt,
    });
  }
  return [...byChat].map(([conversationId, news]) => ({ conversationId, ...news }));
}

async function eventsOf(tx: Tx, { lease }: OwnedProfile, { added, completed }: Fresh): Promise<NewEvent[]> {
  if (added.length + completed.length === 0) return [];
  const { organizationId, profileId } = lease;
  const parties = await readParties(
    tx,
    profileId,
    added.map((message) => message.personId),
  );
  const base = { organizationId, profileId, actor: { kind: 'whatsapp' } } as const;
  return [
    ...added.map((message, index): NewEvent => {
      const { conversationId } = message;
      const payload = carried(message, parties[index]!);
      return message.fromMe
        ? { ...base, conversationId, name: 'message.sent_from_phone', payload: { ...payload, to: parties[index]! } }
        : { ...base, conversationId, name: 'message.received', payload: { ...payload, from: parties[index]! } };
    }),
    ...completed.map(
      ({ id, conversationId, content }): NewEvent => ({
        ...base,
        conversationId,
        name: 'message.completed',
        payload: { messageId: id, conversationId, content },
      }),
    ),
  ];
}

function carried(message: Incoming, party: MessageParty) {
  return {
    messageId: message.id,
    waMessageId: message.waMessageId,
    conversationId: message.conversationId,
    chatId: toJid(party),
    content: message.content,
    quotedWaMessageId: message.quotedWaMessageId,
    sentAt: message.sentAt.toISOString(),
  };
}
