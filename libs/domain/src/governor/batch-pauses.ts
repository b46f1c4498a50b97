/** A message of a batch that was taken on. */
export interface PausedAfter {
  batchId: string | null;
  /** Its batch pauses so long after it; null: not at all. */
  pauseMs: number | null;
  /** How much later than planned it was taken on, in milliseconds. */
  lateMs: number;
}

/** Of a pause so much may be missing, at most so long: the moments that were planned have the pauses in them already. */
const TOLERATED_SHARE = 0.1;
const TOLERATED_MS = 1_000;

/**
 * The pauses that bulk requests and broadcasts make between two messages of a number. They are planned as moments; here
 * they are kept when the moments are over: after an outage, behind a limit or quiet hours, what waited goes one after
 * another with its pauses, and not all at once.
 *
 * Known to the owner only. The next owner begins with the first that is due, and knows the pauses from there on.
 */
export class BatchPauses {
  private readonly endsAt = new Map<string, number>();

  /** The batches that pause at `now`. */
  at(now: number): string[] {
    for (const [batchId, end] of this.endsAt) if (end <= now) this.endsAt.delete(batchId);
    return [...this.endsAt.keys()];
  }

  /** Messages were taken on at `now`, in this order. Those of a batch that go together have their pauses after them. */
  took(sends: readonly PausedAfter[], now: number): void {
    const begun = new Map<string, number>();
    for (const { batchId, pauseMs, lateMs } of sends) {
      if (batchId === null || pauseMs === null) continue;
      const isLate = lateMs > Math.min(TOLERATED_MS, pauseMs * TOLERATED_SHARE);
      const end = (begun.get(batchId) ?? now - (isLate ? 0 : lateMs)) + pauseMs;
      begun.set(batchId, end);
    }
    for (const [batchId, end] of begun) this.endsAt.set(batchId, Math.max(end, this.endsAt.get(batchId) ?? 0));
  }

  /** When the first of them is over; null when none is under way. */
  get nextEnd(): number | null {
    return this.endsAt.size === 0 ? null : Math.min(...this.endsAt.values());
  }
}
