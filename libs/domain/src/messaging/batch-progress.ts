import type { NewEvent } from '#contracts';
import {
  type Advance,
  advanceMessages,
  endBatches,
  findDrainedBatches,
  lockCancellable,
  lockRunningBatches,
  moveRecipients,
  type RunningBatch,
  type Tx,
} from '#database';
import { movedEvents } from './message-events.js';

/**
 * What moved messages mean for the recipients of their broadcasts and, when they are settled, for their batches, in the transaction that settled them: a batch whose last message is
 * settled is completed; one that stops on errors and had a failure is cancelled, with whatever nobody has taken on yet.
 * @returns the events to append, after those of the messages themselves.
 */
export async function progressBatches(tx: Tx, { moved, batchIds }: Advance): Promise<NewEvent[]> {
  for (const broadcastId of await moveRecipients(tx, moved)) tx.wake('broadcasts', broadcastId);
  if (batchIds.length === 0) return [];
  const running = await lockRunningBatches(tx, batchIds);
  if (running.length === 0) return [];
  const failed = new Set(moved.filter((message) => message.state === 'failed').map((message) => message.batchId));
  const events: NewEvent[] = [];
  const stopped = running.filter((batch) => batch.stopOnError && failed.has(batch.id));
  for (const batch of stopped) {
    const messageIds = await lockCancellable(tx, { batchId: batch.id });
    const at = new Date();
    const cancelled = await advanceMessages(
      tx,
      messageIds.map((messageId) => ({ messageId, state: 'cancelled', reason: 'batch_stopped_on_error', at })),
    );
    events.push(...movedEvents(cancelled.moved, { kind: 'system' }), batchEvent(batch, 'cancelled'));
  }
  if (stopped.length > 0) {
    await endBatches(
      tx,
      stopped.map((batch) => batch.id),
      'cancelled',
    );
  }
  const others = running.filter((batch) => !stopped.includes(batch));
  const drained = await findDrainedBatches(
    tx,
    others.map((batch) => batch.id),
  );
  if (drained.size > 0) {
    await endBatches(tx, [...drained], 'completed');
    events.push(...others.filter((batch) => drained.has(batch.id)).map((batch) => batchEvent(batch, 'completed')));
  }
  return events;
}

function batchEvent(batch: RunningBatch, state: 'completed' | 'cancelled'): NewEvent {
  return {
    organizationId: batch.organizationId,
    profileId: batch.profileId,
    name: `batch.${state}`,
    actor: { kind: 'system' },
    payload: { batchId: batch.id, total: batch.total, state },
  };
}
