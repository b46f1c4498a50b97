import { type BroadcastId, CatalogueError, type NewEvent, newId } from '#contracts';
import { type BroadcastRow, insertBroadcast, listSenders, putSenders, stepBroadcast, type Tx } from '#database';
import { type DueOccurrence, dueOccurrence } from '../scheduling/due-occurrence.js';
import { occurrencesFrom } from '../scheduling/schedule-times.js';
import { startBroadcast } from './broadcast-control.js';
import { broadcastEvent } from './broadcasts.js';

const system: NewEvent['actor'] = { kind: 'system' };

/**
 * Makes the broadcast of the occurrence that is due, and moves the one that repeats on to its next: one transaction, so an
 * occurrence is made once, whatever dies. Its audience is read when it begins. What comes later than the late window is left
 * out; of several that passed meanwhile the newest within it stands for all. The caller has the row locked.
 * @returns the events to append
 */
export async function takeOccurrence(tx: Tx, series: BroadcastRow, now: Date): Promise<NewEvent[]> {
  const { id } = series;
  const { at, isMissed, next } = dueOf(series, now);
  const made = isMissed ? [] : await begin(tx, series, at);
  const after = await stepBroadcast(
    tx,
    id,
    next === null
      ? { state: 'completed', isMissed, scheduledAt: null, endedAt: now }
      : { state: 'scheduled', isMissed, scheduledAt: next },
  );
  const ended = next === null ? [broadcastEvent(after, 'broadcast.updated', system)] : [];
  return [...(isMissed ? [missed(series, at, now, next)] : made), ...ended];
}

/** Of one that is to start once: it could not begin within its late window. */
export function isTooLate(row: BroadcastRow, now: Date): boolean {
  return dueOf(row, now).isMissed;
}

/** It fails instead of starting at a time that nobody wanted; somebody can still start it. @returns the events to append */
export async function leaveOut(tx: Tx, row: BroadcastRow, now: Date): Promise<NewEvent[]> {
  const step = { state: 'failed', stateReason: 'missed', isMissed: true, endedAt: now } as const;
  const failed = await stepBroadcast(tx, row.id, step);
  return [missed(row, row.scheduledAt ?? now, now, null), broadcastEvent(failed, 'broadcast.failed', system)];
}

function dueOf(row: BroadcastRow, now: Date): DueOccurrence {
  const { recurrence: rule, timeZone, scheduledAt: dueAt, lateWindowSeconds } = row;
  return dueOccurrence({ rule, startsAt: row.startsAt ?? dueAt ?? now, timeZone, dueAt, lateWindowSeconds }, now);
}

function missed({ id, organizationId, profileId }: BroadcastRow, at: Date, now: Date, next: Date | null): NewEvent {
  return {
    ...{ organizationId, profileId, name: 'broadcast.missed', actor: system },
    payload: {
      broadcastId: id,
      dueAt: at.toISOString(),
      lateBySeconds: Math.round((now.getTime() - at.getTime()) / 1000),
      nextAt: next?.toISOString() ?? null,
    },
  };
}

/** The next occurrences of one that repeats and is not ended. */
export function comingOccurrences(row: BroadcastRow, count: number): Date[] {
  const { state, scheduledAt, startsAt, recurrence: rule, timeZone } = row;
  if (state !== 'scheduled' || scheduledAt === null || startsAt === null || rule === null) return [];
  return occurrencesFrom({ startsAt, timeZone, rule, dueAt: scheduledAt }, scheduledAt, count);
}

async function begin(tx: Tx, series: BroadcastRow, at: Date): Promise<NewEvent[]> {
  const by = series.startedBy ?? system;
  const { mediaIds, prepared } = series;
  const made = await insertBroadcast(tx, { ...series, id: newId<BroadcastId>(), parentId: series.id });
  const senders = await listSenders(tx, [series.id]);
  await putSenders(
    tx,
    made,
    senders.map((sender) => sender.profileId),
  );
  const created = broadcastEvent(made, 'broadcast.created', by);
  const step = { scheduledAt: at, mediaIds, ...(prepared ? { prepared } : {}) };
  try {
    const { broadcast } = await startBroadcast(tx, made, by, step);
    return [created, broadcastEvent(broadcast, 'broadcast.started', by)];
  } catch (error) {
    // Nobody is left to send this one to; the next may find somebody.
    if (!(error instanceof CatalogueError)) throw error;
    const stateReason = error.code.toLowerCase();
    const failed = await stepBroadcast(tx, made.id, {
      ...step,
      state: 'failed',
      stateReason,
      endedAt: at,
      startedBy: by,
    });
    return [created, broadcastEvent(failed, 'broadcast.failed', system)];
  }
}
