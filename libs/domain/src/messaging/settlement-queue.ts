import { setTimeout as sleep } from 'node:timers/promises';
import { type Database, isTransient, retryTransient, type StateStep } from '#database';
import { LeaseLost } from '#engine';
import type { Logger } from '../platform/logger.js';
import { settleSends } from './delivery-settlement.js';
import type { OwnedProfile } from './owned-profile.js';

/** Most outcomes in one transaction. */
const AT_ONCE = 200;
/** At least so much time between the beginnings of two transactions: a transaction costs more than an outcome in it. */
const GATHER_MS = 20;

/**
 * Records outcomes of sends in transactions that are as large as the load makes them: while one commits, and for a moment
 * after it, the next gathers. An outcome waits for nothing when the queue was idle.
 */
export class SettlementQueue {
  private waiting: StateStep[] = [];
  private begunAt = 0;
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
    while (this.waiting.length > 0) {
      await this.gather();
      const steps = this.waiting.splice(0, AT_ONCE);
      if (await this.record(steps)) this.done(steps.map((step) => step.messageId));
    }
  }

  /** After an idle time only for the rest of this turn of the event loop. */
  private async gather(): Promise<void> {
    const restMs = this.begunAt + GATHER_MS - performance.now();
    await (restMs > 0 ? sleep(restMs) : new Promise(setImmediate));
    this.begunAt = performance.now();
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
