import type { BroadcastId, NewEvent } from '#contracts';
import { type BroadcastRow, noteTold, stepBroadcast, type Tx } from '#database';
import { figuresOf } from './broadcast-figures.js';

/** Ends a broadcast of which nothing waits any more; the caller has it locked. @returns the events to append */
export async function completeBroadcast(tx: Tx, id: BroadcastId): Promise<NewEvent[]> {
  const row = await stepBroadcast(tx, id, { state: 'completed', endedAt: new Date() });
  const { counts } = (await figuresOf(tx, [id])).get(id)!;
  await noteTold(tx, id, counts);
  return [progressEvent(row, 'broadcast.completed', counts)];
}

export function progressEvent(
  { id, organizationId, profileId, state }: BroadcastRow,
  name: 'broadcast.progressed' | 'broadcast.completed',
  counts: NewEvent<'broadcast.progressed'>['payload']['counts'],
): NewEvent {
  const payload = { broadcastId: id, state, counts };
  return { organizationId, profileId, name, actor: { kind: 'system' }, payload };
}
