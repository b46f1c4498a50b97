import { type Database, ensurePartitions } from '#database';
import type { JobProcessor } from '#queues';

/** The monthly partitions of the big tables exist before their month begins. */
export class EnsurePartitionsProcessor implements JobProcessor {
  readonly name = 'ensure-partitions';

  constructor(private readonly db: Database) {}

  async run() {
    const made = await ensurePartitions(this.db, new Date());
    return made.length === 0 ? undefined : { made };
  }
}
