import { appendEvents, type Database, findUntold, lockUntold, noteTold } from '#database';
import { progressEvent } from './broadcast-ends.js';
import { figuresOf } from './broadcast-figures.js';

/** How often the figures of one broadcast are told at most. */
const TOLD_EVERY_SECONDS = 3;
const AT_ONCE = 20;

/** Tells how broadcasts get on: whenever their figures have changed, and every few seconds at most. */
export class BroadcastProgress {
  constructor(private readonly db: Database) {}

  /** @returns whether there were as many as it takes on at once */
  async tellOnce(): Promise<boolean> {
    const ids = await findUntold(this.db, TOLD_EVERY_SECONDS, AT_ONCE);
    for (const id of ids) {
      await this.db.system(async (tx) => {
        const row = await lockUntold(tx, id, TOLD_EVERY_SECONDS);
        if (!row) return;
        const { counts } = (await figuresOf(tx, [id])).get(id)!;
        const isNews = JSON.stringify(row.told, Object.keys(counts)) !== JSON.stringify(counts, Object.keys(counts));
        await noteTold(tx, id, counts);
        if (isNews) await appendEvents(tx, [progressEvent(row, 'broadcast.progressed', counts)]);
      });
    }
    return ids.length === AT_ONCE;
  }
}
