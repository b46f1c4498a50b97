import { cancelOrphanedDeliveries, type Database, sweepExpired } from '#database';
import type { JobProcessor } from '#queues';

/** Most time that one turn takes; the next goes on with the rest. */
const longestMs = 5000;

/** What has had its time does not fill the database. */
export class SweepExpiredProcessor implements JobProcessor {
  readonly name = 'sweep-expired';

  constructor(private readonly db: Database) {}

  async run() {
    const until = Date.now() + longestMs;
    const removed = await sweepExpired(this.db, () => Date.now() < until);
    const orphanedDeliveries = await this.db.system(cancelOrphanedDeliveries);
    const figures = { ...removed, orphanedDeliveries };
    return Object.values(figures).some((count) => count > 0) ? figures : undefined;
  }
}
