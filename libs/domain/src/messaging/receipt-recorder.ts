import { type DeliveryState, deliveryRank, type MessageParty, type NewEvent } from '#contracts';
import {
  type Advance,
  advanceMessages,
  appendEventsLast,
  type Database,
  findChats,
  findNewestReceived,
  findSentMessages,
  findWholeReceipts,
  holdLease,
  markConversationRead,
  noteRecipients,
  placeKey,
  putReceipts,
  readChats,
  readParties,
  resolvePersons,
  retryTransient,
  roomPlace,
  type SentMessageState,
  type StateStep,
  type Tx,
} from '#database';
import type { ChatAddress, ReadElsewhereFact, ReceiptFact } from '#engine';
import { progressBatches } from './batch-progress.js';
import { chatShown } from './chat-shown.js';
import { mergeEvents, movedEvents } from './message-events.js';
import { applyOwnActions } from './own-actions.js';
import { fewTries, type OwnedProfile } from './owned-profile.js';
import { foldReceipts } from './personal-receipts.js';
import { type OwnedItem, SharedTransaction } from './shared-transaction.js';

/** In the order in which they can happen, so that a call with several tells each step. */
const receiptStates = ['delivered', 'read', 'played'] as const;

/**
 * Stores receipts, before WhatsApp is told that they arrived. States only move forward, and only real changes are told;
 * a receipt also proves that a message was sent, whose acknowledgement never came.
 *
 * In a chat of two a receipt moves the message. In others it is kept for its person, and the message itself moves on when
 * all members have confirmed that it went to: as WhatsApp shows two ticks in a group when everybody got it. A status has
 * no such whole: it stays `sent`, and who saw it is told for each.
 */
export class ReceiptRecorder {
  /** Those of all profiles of the process share transactions. */
  private readonly receipts: SharedTransaction<ReceiptFact[]>;

  constructor(private readonly db: Database) {
    this.receipts = new SharedTransaction(db, (tx, items) => this.recordTogether(tx, items));
  }

  /**
   * Receipts for messages that this account sent. Those of unknown messages are dropped: they belong to a time before
   * this profile. @throws LeaseLost
   */
  record(owned: OwnedProfile, facts: ReceiptFact[]): Promise<void> {
    return retryTransient(() => this.receipts.add(owned, facts), fewTries);
  }

  private async recordTogether(tx: Tx, items: OwnedItem<ReceiptFact[]>[]): Promise<NewEvent[]> {
    const found = await findSentMessages(tx, wantedOf(items));
    const told = items.map(({ owned, item }) => ({
      owned,
      facts: item,
      known: found.get(owned.lease.profileId) ?? new Map<string, SentMessageState>(),
    }));
    const events: NewEvent[] = [];
    const tell = async (advance: Advance) => {
      const [done, batches] = await Promise.all([applyOwnActions(tx, advance.moved), progressBatches(tx, advance)]);
      events.push(...movedEvents(advance.moved, { kind: 'whatsapp' }), ...done, ...batches);
    };
    // A receipt that overtook the acknowledgement says both, so that nobody who waits for `sent` waits in vain.
    const overtaken = told.flatMap(({ facts, known }) => steps('sent', facts, unacknowledged(known)));
    if (overtaken.length > 0) {
      const sent = await advanceMessages(tx, overtaken);
      const ids = sent.moved.filter(({ kind }) => kind === 'group').map(({ messageId }) => messageId);
      if (ids.length > 0) await noteRecipients(tx, ids);
      await tell(sent);
    }
    for (const state of receiptStates) {
      const ofState = told.flatMap(({ facts, known }) =>
        steps(
          state,
          facts.filter((fact) => fact.chat.kind === 'user' && fact.state === state),
          known,
        ),
      );
      if (ofState.length > 0) await tell(await advanceMessages(tx, ofState));
    }
    for (const { owned, facts, known } of told) {
      const ofMany = facts.filter((fact) => fact.chat.kind !== 'user');
      if (ofMany.length > 0) events.push(...(await this.recordPersonal(tx, owned, ofMany, known, tell)));
    }
    return events;
  }

  /** Receipts of members of groups and of viewers of statuses. @returns the events of what each of them did */
  private async recordPersonal(
    tx: Tx,
    { lease }: OwnedProfile,
    facts: ReceiptFact[],
    known: Map<string, SentMessageState>,
    tell: (advance: Advance) => Promise<void>,
  ): Promise<NewEvent[]> {
    const { organizationId, profileId } = lease;
    const { personIds, merges } = await resolvePersons(
      tx,
      organizationId,
      facts.map((fact) => fact.by),
    );
    const rows = foldReceipts(facts, personIds, known);
    const fresh = rows.length === 0 ? [] : await putReceipts(tx, lease, rows);
    const messageIds = [...new Set(fresh.map((receipt) => receipt.messageId))];
    const whole = messageIds.length === 0 ? [] : await findWholeReceipts(tx, messageIds);
    for (const state of receiptStates) {
      const done = whole.filter(
        (each) => ({ delivered: each.isDelivered, read: each.isRead, played: each.isPlayed })[state],
      );
      // The last one to confirm tells the time.
      const at = new Date(Math.max(...facts.map((fact) => fact.at.getTime())));
      if (done.length > 0) {
        await tell(
          await advanceMessages(
            tx,
            done.map(({ messageId }) => ({ messageId, state, reason: null, at })),
          ),
        );
      }
    }
    if (fresh.length === 0) return mergeEvents(merges);
    const messageOf = new Map(
      [...known].map(([waMessageId, message]) => [message.messageId, { waMessageId, ...message }]),
    );
    const conversationIds = [...new Set(messageIds.map((id) => messageOf.get(id)!.conversationId))];
    const people = [...new Set(fresh.map((receipt) => receipt.personId))];
    const [chats, parties] = await Promise.all([
      readChats(tx, profileId, conversationIds),
      readParties(tx, profileId, people),
    ]);
    const partyOf = new Map(people.map((id, index): [string, MessageParty] => [id, parties[index]!]));
    const atOf = new Map(rows.map((row) => [`${row.messageId} ${row.personId}`, row]));
    const told = conversationIds.map((conversationId): NewEvent<'message.receipts'> => {
      const receipts = fresh
        .filter(({ messageId }) => messageOf.get(messageId)!.conversationId === conversationId)
        .map(({ messageId, personId, state }) => {
          const row = atOf.get(`${messageId} ${personId}`)!;
          const at = { delivered: row.deliveredAt, read: row.readAt, played: row.playedAt }[state]!;
          const { waMessageId } = messageOf.get(messageId)!;
          return { messageId, waMessageId, person: partyOf.get(personId)!, state, at: at.toISOString() };
        });
      return {
        organizationId,
        profileId,
        conversationId,
        name: 'message.receipts',
        actor: { kind: 'whatsapp' },
        payload: { conversationId, chatId: chatShown(chats.get(conversationId)!).id, receipts },
      };
    });
    return [...mergeEvents(merges), ...told];
  }

  /** What the owner of the account read on the phone or another device: everything up to the newest that is named. */
  async recordRead(owned: OwnedProfile, facts: ReadElsewhereFact[]): Promise<void> {
    await this.write(owned, async (tx) => {
      const { organizationId, profileId } = owned.lease;
      const chats = await findChatsOf(tx, owned, facts);
      const named = facts.flatMap((fact, index) => {
        const conversationId = chats[index];
        return conversationId ? fact.waMessageIds.map((waMessageId) => ({ conversationId, waMessageId })) : [];
      });
      const newest = named.length === 0 ? [] : await findNewestReceived(tx, profileId, named);
      const at = new Date(Math.max(...facts.map((fact) => fact.at.getTime())));
      const events: NewEvent[] = [];
      for (const { conversationId, messageId: upToMessageId } of newest) {
        const read = await markConversationRead(tx, conversationId, { upToMessageId, at });
        if (read.length === 0) continue;
        events.push({
          organizationId,
          profileId,
          conversationId,
          name: 'conversation.read',
          actor: { kind: 'whatsapp' },
          payload: { conversationId, count: read.length },
        });
      }
      return events;
    });
  }

  private async write(owned: OwnedProfile, work: (tx: Tx) => Promise<NewEvent[]>): Promise<void> {
    await retryTransient(
      () =>
        this.db.system(async (tx) => {
          const [, events] = await Promise.all([holdLease(tx, owned.lease), work(tx)]);
          void appendEventsLast(tx, events);
        }),
      fewTries,
    );
  }
}

/** Each message once, by profile and WhatsApp's id. */
function wantedOf(items: OwnedItem<ReceiptFact[]>[]): { profileId: string; waMessageId: string }[] {
  return items.flatMap(({ owned, item }) => {
    const { profileId } = owned.lease;
    const ids = new Set(item.flatMap((fact) => fact.waMessageIds));
    return [...ids].map((waMessageId) => ({ profileId, waMessageId }));
  });
}

function unacknowledged(known: Map<string, SentMessageState>): Map<string, SentMessageState> {
  return new Map([...known].filter(([, { state }]) => deliveryRank[state] < deliveryRank.sent));
}

/** The conversations of facts, in their order; undefined where there is none. */
async function findChatsOf(tx: Tx, { lease }: OwnedProfile, facts: { chat: ChatAddress }[]) {
  const people = facts.flatMap(({ chat }) => (chat.kind === 'user' ? chat : []));
  const { personIds } =
    people.length === 0 ? { personIds: [] } : await resolvePersons(tx, lease.organizationId, people);
  const personOf = new Map(people.map((address, index) => [address, personIds[index]!]));
  const places = facts.map(({ chat }) => (chat.kind === 'user' ? { personId: personOf.get(chat)! } : roomPlace(chat)));
  const found = await findChats(tx, lease.profileId, places);
  return places.map((place) => found.get(placeKey(place)));
}

/** One step for each known message, at the earliest moment that was told. */
function steps(state: DeliveryState, facts: ReceiptFact[], known: Map<string, { messageId: string }>): StateStep[] {
  const byMessage = new Map<string, StateStep>();
  for (const fact of facts) {
    for (const waMessageId of fact.waMessageIds) {
      const messageId = known.get(waMessageId)?.messageId;
      if (messageId === undefined || (byMessage.get(messageId)?.at ?? fact.at) < fact.at) continue;
      byMessage.set(messageId, { messageId, state, reason: null, at: fact.at });
    }
  }
  return [...byMessage.values()];
}
