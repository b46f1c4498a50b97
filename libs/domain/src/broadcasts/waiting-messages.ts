import type { BroadcastId, NewEvent } from '#contracts';
import {
  advanceMessages,
  type BroadcastRow,
  type BroadcastStep,
  lockCancellable,
  restOutbox,
  stepBroadcast,
  type Tx,
} from '#database';
import { progressBatches } from '../messaging/batch-progress.js';
import { movedEvents } from '../messaging/message-events.js';

/** Puts everything of it to rest, in a state in which nothing is sent. The caller appends the event. */
export async function rest(tx: Tx, id: BroadcastId, step: BroadcastStep): Promise<BroadcastRow> {
  const row = await stepBroadcast(tx, id, step);
  for (const profileId of await restOutbox(tx, id)) tx.wake('recalls', profileId);
  return row;
}

/**
 * Ends the messages of a broadcast that nobody has taken on yet: of all its numbers because it was cancelled, or of one that
 * cannot send, whose recipients then wait for another. @returns the events to append
 */
export async function endWaiting(
  tx: Tx,
  id: BroadcastId,
  why: { kind: 'batch'; actor: NewEvent['actor'] } | { kind: 'sender'; profileId: string },
): Promise<NewEvent[]> {
  const isOfSender = why.kind === 'sender';
  const messageIds = await lockCancellable(tx, { batchId: id, ...(isOfSender ? { profileId: why.profileId } : {}) });
  if (messageIds.length === 0) return [];
  const at = new Date();
  const reason = isOfSender ? 'sender_lost' : 'broadcast_cancelled';
  const advance = await advanceMessages(
    tx,
    messageIds.map((messageId) => ({ messageId, state: 'cancelled' as const, reason, at })),
  );
  const events = await progressBatches(tx, advance);
  return [...movedEvents(advance.moved, isOfSender ? { kind: 'system' } : why.actor), ...events];
}
