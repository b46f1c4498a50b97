import { type DeliveryState, deliveryRank, type NewEvent } from '#contracts';
import {
  type Advance,
  advanceMessages,
  appendEventsLast,
  type Database,
  findReceived,
  findSentMessages,
  holdLease,
  markConversationRead,
  retryTransient,
  type StateStep,
  type Tx,
} from '#database';
import type { ReadElsewhereFact, ReceiptFact } from '#engine';
import { progressBatches } from './batch-progress.js';
import { movedEvents } from './message-events.js';
import { fewTries, type OwnedProfile } from './owned-profile.js';

/** In the order in which they can happen, so that a call with several tells each step. */
const receiptStates = ['delivered', 'read', 'played'] as const;

/**
 * Stores receipts, before WhatsApp is told that they arrived. States only move forward, and only real changes are told;
 * a receipt also proves that a message was sent, whose acknowledgement never came.
 */
export class ReceiptRecorder {
  constructor(private readonly db: Database) {}

  /**
   * Receipts for messages that this account sent. Those of unknown messages are dropped: they belong to a time before
   * this profile. @throws LeaseLost
   */
  async record(owned: OwnedProfile, facts: ReceiptFact[]): Promise<void> {
    await this.write(owned, async (tx) => {
      const wanted = [...new Set(facts.flatMap((fact) => fact.waMessageIds))];
      const known = await findSentMessages(tx, owned.lease.profileId, wanted);
      const events: NewEvent[] = [];
      const tell = async (advance: Advance) => {
        events.push(...movedEvents(advance.moved, { kind: 'whatsapp' }), ...(await progressBatches(tx, advance)));
      };
      // A receipt that overtook the acknowledgement says both, so that nobody who waits for `sent` waits in vain.
      const unacknowledged = [...known].filter(([, { state }]) => deliveryRank[state] < deliveryRank.sent);
      if (unacknowledged.length > 0)
        await tell(await advanceMessages(tx, steps('sent', facts, new Map(unacknowledged))));
      for (const state of receiptStates) {
        const ofState = facts.filter((fact) => fact.state === state);
        if (ofState.length > 0) await tell(await advanceMessages(tx, steps(state, ofState, known)));
      }
      return events;
    });
  }

  /** What the owner of the account read on the phone or another device: everything up to the newest that is named. */
  async recordRead(owned: OwnedProfile, facts: ReadElsewhereFact[]): Promise<void> {
    await this.write(owned, async (tx) => {
      const { organizationId, profileId } = owned.lease;
      const received = await findReceived(tx, profileId, [...new Set(facts.flatMap((fact) => fact.waMessageIds))]);
      const newest = new Map(received.map(({ conversationId, messageId }) => [conversationId, messageId]));
      const at = new Date(Math.max(...facts.map((fact) => fact.at.getTime())));
      const events: NewEvent[] = [];
      for (const [conversationId, upToMessageId] of [...newest].sort()) {
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
