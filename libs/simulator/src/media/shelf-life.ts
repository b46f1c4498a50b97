import type { Clock } from '../time/clock.js';

const DAY_MS = 86_400_000;
/** For how long files can be fetched; what is older must be uploaded anew. WhatsApp names 30 days for undelivered files. */
const LIFE_MS = 30 * DAY_MS;

/** Which files of the media host can still be fetched. */
export class ShelfLife {
  private readonly since = new Map<string, number>();

  constructor(private readonly clock: Clock) {}

  put(path: string): void {
    this.since.set(path, this.clock.now());
  }

  /** From now on the file is gone as if its time had come. */
  expire(path: string): void {
    this.since.set(path, Number.NEGATIVE_INFINITY);
  }

  hasExpired(path: string): boolean {
    const at = this.since.get(path);
    return at !== undefined && this.clock.now() - at > LIFE_MS;
  }

  snapshot(): [string, number][] {
    // JSON knows no infinity: 0 is as good as one.
    return [...this.since].map(([path, at]) => [path, Math.max(0, at)]);
  }

  restore(saved: [string, number][]): void {
    for (const [path, at] of saved) this.since.set(path, at);
  }
}
