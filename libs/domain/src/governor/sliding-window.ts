/** Sends of the recent past, counted in slices of time. */
export interface Slices {
  /** When the newest slice began, milliseconds since 1970; a multiple of the slice's length. */
  at: number;
  /** Sends by slice, the newest first. */
  counts: number[];
}

/**
 * Counts sends in a window that slides. Within any `windowMs` there are never more than the limit: the slice in which the
 * window begins counts whole, and one more before it, because a send that was counted may take a moment to go out.
 */
export class SlidingWindow {
  readonly kept: number;

  constructor(
    readonly windowMs: number,
    readonly sliceMs: number,
  ) {
    this.kept = windowMs / sliceMs + 2;
  }

  empty(now: number): Slices {
    return { at: this.sliceOf(now), counts: [0] };
  }

  /**
   * The same with the slice of `now` as the newest. A clock that was put back makes everything count as just sent: that
   * holds back for one window at most, and never lets more through.
   */
  moved(slices: Slices, now: number): Slices {
    const at = this.sliceOf(now);
    if (at <= slices.at) return slices.at - at > this.sliceMs ? { at, counts: slices.counts } : slices;
    const passed = (at - slices.at) / this.sliceMs;
    if (passed >= this.kept) return { at, counts: [0] };
    return { at, counts: [...Array<number>(passed).fill(0), ...slices.counts].slice(0, this.kept) };
  }

  /** With `count` more in the newest slice. */
  added({ at, counts: [newest, ...rest] }: Slices, count: number): Slices {
    return { at, counts: [newest! + count, ...rest] };
  }

  /** Without one send that was counted at `countedAt`. */
  removed({ at, counts }: Slices, countedAt: number): Slices {
    const index = (at - this.sliceOf(countedAt)) / this.sliceMs;
    return { at, counts: counts.map((count, each) => (each === index ? Math.max(0, count - 1) : count)) };
  }

  used({ counts }: Slices): number {
    return counts.reduce((sum, count) => sum + count, 0);
  }

  /** The first moment at which fewer than `limit` are counted, if nothing is sent until then. */
  freeAt(slices: Slices, limit: number): number {
    let used = this.used(slices);
    for (let index = slices.counts.length - 1; index >= 0; index--) {
      used -= slices.counts[index]!;
      if (used < limit) return slices.at - index * this.sliceMs + this.kept * this.sliceMs;
    }
    return slices.at + this.kept * this.sliceMs;
  }

  private sliceOf(now: number): number {
    return Math.floor(now / this.sliceMs) * this.sliceMs;
  }
}

export const minuteWindow = new SlidingWindow(60_000, 5_000);
export const hourWindow = new SlidingWindow(3_600_000, 300_000);

/** What was counted goes out within this time, or is given back and counted anew. */
export const COUNTED_FOR_MS = minuteWindow.sliceMs;
