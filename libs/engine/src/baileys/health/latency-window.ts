import type { Latency } from '../../health.js';
import { monotonic } from './monotonic.js';

const windowMs = 5 * 60_000;
/** More round trips than this in five minutes push the oldest out. */
const mostSamples = 256;

/** Round trips of the last five minutes. */
export class LatencyWindow {
  private readonly samples: { at: number; ms: number }[] = [];

  constructor(private readonly now: () => number = monotonic) {}

  add(ms: number): void {
    this.samples.push({ at: this.now(), ms });
    if (this.samples.length > mostSamples) this.samples.shift();
  }

  /** Null when nothing was measured lately. */
  read(): Latency | null {
    const since = this.now() - windowMs;
    while (this.samples.length > 0 && this.samples[0]!.at < since) this.samples.shift();
    if (this.samples.length === 0) return null;
    const sorted = this.samples.map(({ ms }) => ms).sort((a, b) => a - b);
    const at = (share: number) => Math.round(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!);
    return { samples: sorted.length, p50Ms: at(0.5), p95Ms: at(0.95) };
  }
}
