import { CatalogueError, type NewEvent } from '#contracts';
import {
  appendEvents,
  cancelPending,
  type Database,
  findLooseEnds,
  findSenderless,
  lockBroadcast,
  lockDueBroadcast,
  stepBroadcast,
} from '#database';
import { startBroadcast } from './broadcast-control.js';
import { isTooLate, leaveOut, takeOccurrence } from './broadcast-series.js';
import { broadcastEvent } from './broadcasts.js';
import { endWaiting, rest } from './waiting-messages.js';

const system: NewEvent['actor'] = { kind: 'system' };
const AT_ONCE = 5_000;

/** Starts broadcasts whose time has come, and ends what cannot go on and what cancelled ones have left. */
export class BroadcastSchedule {
  constructor(private readonly db: Database) {}

  /** Starts one. @returns whether one was due */
  startOnce(): Promise<boolean> {
    return this.db.system(async (tx) => {
      const row = await lockDueBroadcast(tx);
      if (!row) return false;
      if (row.recurrence !== null) {
        await appendEvents(tx, await takeOccurrence(tx, row, row.now));
        return true;
      }
      if (isTooLate(row, row.now)) {
        await appendEvents(tx, await leaveOut(tx, row, row.now));
        return true;
      }
      try {
        const { broadcast } = await startBroadcast(tx, row, row.startedBy ?? system, {});
        await appendEvents(tx, [broadcastEvent(broadcast, 'broadcast.started', row.startedBy ?? system)]);
      } catch (error) {
        // Nobody is left to send it to.
        if (!(error instanceof CatalogueError)) throw error;
        const failed = await stepBroadcast(tx, row.id, {
          state: 'failed',
          stateReason: error.code.toLowerCase(),
          endedAt: new Date(),
        });
        await appendEvents(tx, [broadcastEvent(failed, 'broadcast.failed', system)]);
      }
      return true;
    });
  }

  /** Ends running ones whose numbers are all gone: somebody can give them others and resume them. */
  async failSenderlessOnce(): Promise<boolean> {
    const ids = await findSenderless(this.db, 10);
    for (const id of ids) {
      await this.db.system(async (tx) => {
        if (!(await lockBroadcast(tx, id))) return;
        const failed = await rest(tx, id, { state: 'failed', stateReason: 'sender_deleted' });
        await appendEvents(tx, [broadcastEvent(failed, 'broadcast.failed', system)]);
      });
    }
    return ids.length === 10;
  }

  /** What engines have given back of cancelled broadcasts, and recipients that nobody has ended yet. */
  async tidyOnce(): Promise<boolean> {
    const ids = await findLooseEnds(this.db, 10);
    let isMore = false;
    for (const id of ids) {
      await this.db.system(async (tx) => {
        if (!(await lockBroadcast(tx, id))) return;
        const events = await endWaiting(tx, id, { kind: 'batch', actor: system });
        if ((await cancelPending(tx, id, AT_ONCE)) === AT_ONCE) isMore = true;
        await appendEvents(tx, events);
      });
    }
    return isMore;
  }
}
