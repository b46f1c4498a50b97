import type { RetentionEnforcer } from '#domain';
import type { JobProcessor } from '#queues';

/** Most time that one turn takes; the next goes on with the rest. */
const longestMs = 30 * 60_000;

/** Nothing is kept for longer than its organization wants. */
export class EnforceRetentionProcessor implements JobProcessor {
  readonly name = 'enforce-retention';

  constructor(
    private readonly enforcer: RetentionEnforcer,
    private readonly isStopping: () => boolean,
  ) {}

  async run() {
    const until = Date.now() + longestMs;
    return this.enforcer.run(new Date(), () => Date.now() < until && !this.isStopping());
  }
}
