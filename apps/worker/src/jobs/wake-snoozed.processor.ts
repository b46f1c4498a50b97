import type { Database } from '#database';
import { openSnoozed } from '#domain';
import type { JobProcessor } from '#queues';

/** Conversations open when their snooze is over. */
export class WakeSnoozedProcessor implements JobProcessor {
  readonly name = 'wake-snoozed';

  constructor(private readonly db: Database) {}

  async run() {
    const opened = await openSnoozed(this.db);
    return opened === 0 ? undefined : { opened };
  }
}
