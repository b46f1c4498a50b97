import { monotonic } from './monotonic.js';

const bucketMs = 15_000;

/** How often something happened within the last while. Counts by quarters of a minute, so a storm costs no memory. */
export class RecentCount {
  private readonly buckets: { at: number; count: number }[] = [];
  total = 0;

  constructor(
    private readonly windowMs = 5 * 60_000,
    private readonly now: () => number = monotonic,
  ) {}

  add(): void {
    this.total += 1;
    const at = Math.floor(this.now() / bucketMs) * bucketMs;
    const last = this.buckets.at(-1);
    if (last?.at === at) last.count += 1;
    else this.buckets.push({ at, count: 1 });
  }

  get recent(): number {
    const since = this.now() - this.windowMs;
    while (this.buckets.length > 0 && this.buckets[0]!.at + bucketMs <= since) this.buckets.shift();
    return this.buckets.reduce((sum, { count }) => sum + count, 0);
  }
}
