/** Milliseconds since 1970. */
export interface GovernorClock {
  now(): number;
  /** The database said that it was `at` while a statement ran, that was asked at `askedAt` of the monotonic clock. */
  seen(at: Date, askedAt: number): void;
}

/**
 * The database's clock, as last seen, carried on by this process's monotonic one: all hosts agree, and a jump of a host's
 * own clock changes nothing.
 */
export class DatabaseClock implements GovernorClock {
  private base = Date.now() - performance.now();

  now(): number {
    return Math.floor(this.base + performance.now());
  }

  seen(at: Date, askedAt: number): void {
    const earliest = at.getTime() - performance.now();
    const latest = at.getTime() - askedAt;
    // The statement took the time between; within that there is nothing to correct.
    if (this.base < earliest || this.base > latest) this.base = earliest;
  }
}
