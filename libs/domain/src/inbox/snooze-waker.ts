import { appendEvents, type Database, wakeSnoozed } from '#database';
import { statusEvents } from './status-events.js';

const AT_ONCE = 200;

/** Opens conversations whose snooze is over. @returns how many */
export async function openSnoozed(db: Database): Promise<number> {
  return db.system(async (tx) => {
    const woken = await wakeSnoozed(tx, AT_ONCE);
    const changes = woken.map((each) => ({
      ...each,
      status: 'open' as const,
      previousStatus: 'snoozed' as const,
      snoozedUntil: null,
    }));
    await appendEvents(tx, await statusEvents(tx, changes, 'time', { kind: 'system' }));
    return woken.length;
  });
}
