import { wallClock } from '../time/clock.js';

interface Waiter<T> {
  matches(entry: T): boolean;
  resolve(entry: T): void;
}

/** Thrown by a wait whose time ran out. */
export class WaitTimeout extends Error {}

/**
 * A list that only grows at its end and can be waited on. Each entry gets an index, beginning at 1 and never reused;
 * beyond `limit` the oldest entries are dropped and counted.
 */
export class Feed<T extends { index: number }> {
  private entries: T[] = [];
  private next = 1;
  private readonly waiters = new Set<Waiter<T>>();
  /** Called with each new entry. */
  onAppend?: (entry: T) => void;

  constructor(private readonly limit: number) {}

  /** How many entries were dropped to stay within the limit. */
  get dropped(): number {
    return this.next - 1 - this.entries.length;
  }

  get lastIndex(): number {
    return this.next - 1;
  }

  append(make: (index: number) => T): T {
    const entry = make(this.next);
    this.next += 1;
    this.entries.push(entry);
    // Dropped in blocks: removing one from the front each time would move the whole list each time.
    if (this.entries.length > this.limit * 1.1) this.entries = this.entries.slice(-this.limit);
    for (const waiter of this.waiters) {
      if (!waiter.matches(entry)) continue;
      this.waiters.delete(waiter);
      waiter.resolve(entry);
    }
    this.onAppend?.(entry);
    return entry;
  }

  /** The entries with an index above `after`, oldest first. */
  list(after = 0, limit = Number.POSITIVE_INFINITY): T[] {
    const start = Math.max(0, after - this.dropped);
    return this.entries.slice(start, Math.min(this.entries.length, start + limit));
  }

  /** The first entry above `after` that matches, now or within the time. */
  wait(matches: (entry: T) => boolean, options: { after?: number; timeoutMs: number; what: string }): Promise<T> {
    const present = this.list(options.after).find(matches);
    if (present) return Promise.resolve(present);
    return new Promise((resolve, reject) => {
      const waiter: Waiter<T> = {
        matches,
        resolve: (entry) => {
          timer.cancel();
          resolve(entry);
        },
      };
      const timer = wallClock.after(options.timeoutMs, () => {
        this.waiters.delete(waiter);
        reject(new WaitTimeout(`no ${options.what} within ${options.timeoutMs} ms`));
      });
      this.waiters.add(waiter);
    });
  }
}
