import { setTimeout as delay } from 'node:timers/promises';
import { EngineError } from '../engine.js';

export interface BudgetOptions {
  /** How many a minute in the long run, and how many at once after a pause. */
  perMinute: number;
  burst: number;
  /** Longest wait for a turn; who would wait longer is refused at once. */
  maxWaitMs: number;
}

/**
 * Keeps the questions of one profile under the pace at which WhatsApp answers `rate-overlimit` (429), whatever asks them.
 * Turns are given in the order of asking.
 */
export class QueryBudget {
  /** The moment at which the budget would be full again (generic cell rate algorithm, ITU-T I.371). */
  private fullAt = 0;

  constructor(
    private readonly options: BudgetOptions,
    private readonly now: () => number = () => performance.now(),
    private readonly wait: (ms: number) => Promise<unknown> = (ms) => delay(ms, undefined, { ref: false }),
  ) {}

  /** Waits for a turn. @throws EngineError `rate_limited` when it would take too long */
  async turn(): Promise<void> {
    const { perMinute, burst, maxWaitMs } = this.options;
    const intervalMs = 60_000 / perMinute;
    const now = this.now();
    const fullAt = Math.max(this.fullAt, now) + intervalMs;
    const waitMs = fullAt - burst * intervalMs - now;
    if (waitMs > maxWaitMs) throw tooMany();
    this.fullAt = fullAt;
    if (waitMs > 0) await this.wait(waitMs);
  }

  /** WhatsApp said "too many": nothing more for a minute. */
  exceeded(): void {
    const { perMinute, burst } = this.options;
    this.fullAt = Math.max(this.fullAt, this.now() + 60_000 + (burst - 1) * (60_000 / perMinute));
  }
}

function tooMany(): EngineError {
  return new EngineError('rate_limited', 'Too many questions to WhatsApp in a short time. Wait a minute.', {
    retryable: true,
    outcome: 'not_sent',
  });
}
