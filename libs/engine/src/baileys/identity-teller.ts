import type { Address } from '../address.js';
import type { InboundSink } from '../store.js';
import type { Persistence } from './persistence.js';

/** Tells the sink, one after the other, which phone numbers and LIDs belong together. */
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
    for (let pair = this.queue.shift(); pair && !this.persistence.hasEnded; pair = this.queue.shift()) {
      const address = pair;
      await this.persistence.insist('linking identities', () => this.sink.identity(address));
    }
  }
}
