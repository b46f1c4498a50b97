import { type Database, isTransient, retryTransient, type StateStep } from '#database';
import { LeaseLost } from '#engine';
import type { Logger } from '../platform/logger.js';
import { settleSends } from './delivery-settlement.js';
import type { OwnedProfile } from './owned-profile.js';

/** Most outcomes in one transaction. */
const AT_ONCE = 200;

/**
 * Records outcomes of sends in transactions that are as large as the load makes them: while one commits, the next
 * gathers. An outcome waits for nothing when the queue is idle.
 */
export class SettlementQueue {
  private waiting: StateStep[] = [];
  private running: Promise<void> | undefined;

  constructor(
    private readonly parts: { db: Database; log: Logger },
    private readonly owned: OwnedProfile,
    /** Told which messages are recorded. */
    private readonly done: (messageIds: string[]) => void,
  ) {}

  add(step: StateStep): void {
    this.waiting.push(step);
    this.running ??= this.run().finally(() => {
      this.running = undefined;
    });
  }

  /** Resolves when everything that was added is recorded. */
  async drained(): Promise<void> {
    while (this.running) await this.running;
  }

  private async run(): Promise<void> {
    // Outcomes of the same turn of the event loop share a transaction.
    await new Promise(setImmediate);
    while (this.waiting.length > 0) {
      const steps = this.waiting.splice(0, AT_ONCE);
      if (await this.record(steps)) this.done(steps.map((step) => step.messageId));
    }
  }

  private async record(steps: StateStep[]): Promise<boolean> {
    const { db, log } = this.parts;
    const { profileId } = this.owned.lease;
    try {
      await retryTransient(() => settleSends(db, this.owned, steps), { signal: this.owned.signal });
      return true;
    } catch (error) {
      // The rows stay claimed by this epoch; the next owner sends them again under the same ids and records that.
      if (!(error instanceof LeaseLost) && !isTransient(error)) {
        log.error({ err: error, profileId, messages: steps.length }, 'Outcomes of sends could not be recorded.');
      }
      return false;
    }
  }
}
