import type { Database } from '#database';
import { expireSends } from '#domain';
import type { JobProcessor } from '#queues';

/** Accepted sends end in time, also when no engine holds their profile. */
export class ExpireSendsProcessor implements JobProcessor {
  readonly name = 'expire-sends';

  constructor(private readonly db: Database) {}

  async run() {
    const ended = await expireSends(this.db);
    return ended === 0 ? undefined : { ended };
  }
}
