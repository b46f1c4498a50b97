import type { Address } from '../address.js';
import type { InboundSink } from '../store.js';
import type { Persistence } from './persistence.js';

/** Most pairs that go to the sink at once: a newly linked account learns thousands. */
const batchSize = 500;

/** Tells the sink, in order, which phone numbers and LIDs belong together. */
export class IdentityTeller {
  private readonly queue: Address[] = [];
  private running: Promise<void> | null = null;

  constructor(
    private readonly sink: InboundSink,
    private readonly persistence: Persistence,
  ) {}

  tell(pairs: Address[]): void {
    this.queue.push(...pairs);
    this.run();
  }

  private run(): void {
    if (this.queue.length === 0 || this.persistence.hasEnded) return;
    this.running ??= this.drain().finally(() => {
      this.running = null;
      this.run();
    });
  }

  private async drain(): Promise<void> {
    // Gathers what is learnt in the same turn of the event loop.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.queue.length > 0 && !this.persistence.hasEnded) {
      const pairs = this.queue.splice(0, batchSize);
      await this.persistence.insist('linking identities', () => this.sink.identity(pairs));
    }
  }
}
