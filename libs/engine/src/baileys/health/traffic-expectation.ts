import { monotonic } from './monotonic.js';

/** Gaps that say how often something arrives: the younger count more. */
const weight = 0.2;
const fewestGaps = 5;
/** Doublings of patience while nothing comes: a number that sleeps at night is not reconnected all night. */
const mostDoublings = 6;

export interface ExpectationLimits {
  /** Never is a silence shorter than this suspicious. */
  silenceMs: number;
  /** How many times the usual gap. */
  factor: number;
}

/**
 * Knows how often messages, receipts and notices arrive for a number, and says when they have been missing for much
 * longer than that. Answers to our own questions do not count: a zombie answers pings.
 */
export class TrafficExpectation {
  private lastAt: number | null = null;
  private gapMs = 0;
  private gaps = 0;
  private patience = 1;

  constructor(
    private readonly limits: ExpectationLimits,
    private readonly now: () => number = monotonic,
  ) {}

  arrived(): void {
    const at = this.now();
    if (this.lastAt !== null) {
      const gap = at - this.lastAt;
      this.gapMs = this.gaps === 0 ? gap : this.gapMs + weight * (gap - this.gapMs);
      this.gaps += 1;
    }
    this.lastAt = at;
    this.patience = 1;
  }

  /** It has been looked after; unless something comes, the next suspicion waits twice as long. */
  lookedAfter(): void {
    this.patience = Math.min(this.patience * 2, 2 ** mostDoublings);
  }

  get isOverdue(): boolean {
    if (this.lastAt === null || this.gaps < fewestGaps) return false;
    const longest = Math.max(this.limits.silenceMs, this.limits.factor * this.gapMs) * this.patience;
    return this.now() - this.lastAt > longest;
  }
}
