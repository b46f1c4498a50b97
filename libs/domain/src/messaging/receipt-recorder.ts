import type { NewEvent } from '#contracts';
import {
  advanceMessages,
  appendEvents,
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
      const ids = await findSentMessages(tx, owned.lease.profileId, [...new Set(facts.flatMap((f) => f.waMessageIds))]);
      const events: NewEvent[] = [];
      if (ids.size === 0) return events;
      for (const state of receiptStates) {
        const advance = await advanceMessages(tx, stepsTo(state, facts, ids));
        events.push(...movedEvents(advance.moved, { kind: 'whatsapp' }), ...(await progressBatches(tx, advance)));
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
          await holdLease(tx, owned.lease);
          await appendEvents(tx, await work(tx));
        }),
      fewTries,
    );
  }
}

/** One step for each message, at the earliest moment that was told. */
function stepsTo(state: ReceiptFact['state'], facts: ReceiptFact[], ids: Map<string, string>): StateStep[] {
  const steps = new Map<string, StateStep>();
  for (const fact of facts) {
    if (fact.state !== state) continue;
    for (const waMessageId of fact.waMessageIds) {
      const messageId = ids.get(waMessageId);
      if (messageId === undefined || (steps.get(messageId)?.at ?? fact.at) < fact.at) continue;
      steps.set(messageId, { messageId, state, reason: null, at: fact.at });
    }
  }
  return [...steps.values()];
}
