/**
 * What a worker holds in memory of one stream: how far it has read, and the positions whose events are not done with. The
 * stream is done with up to before the first of them.
 */
export class StreamWindow {
  /** Events up to here were read; who is told of them is decided. */
  readTo: number;
  /** Until then it is certainly ours, by `performance.now()`. */
  heldUntil = 0;
  /** When that was last prolonged. */
  heldSince = 0;
  /** Deliveries not done with, by position, in rising order. */
  private readonly open = new Map<number, number>();
  /** Deliveries not done with. */
  size = 0;
  /** How many of them there may be, from what its endpoints did so far; 0: there is no endpoint that works. */
  appetite = 16;

  constructor(
    readonly streamId: string,
    after: number,
  ) {
    this.readTo = after;
  }

  /** One more delivery of the event at this position, which is the last or after it. */
  add(position: number): void {
    this.open.set(position, (this.open.get(position) ?? 0) + 1);
    this.size++;
  }

  /** One of them is done with. */
  settle(position: number): void {
    const left = this.open.get(position)! - 1;
    if (left === 0) this.open.delete(position);
    else this.open.set(position, left);
    this.size--;
  }

  /** The first position that will not be done with when these are. */
  firstOpenAfter(settled: ReadonlyMap<number, number>): number | undefined {
    for (const [position, count] of this.open) {
      if (count > (settled.get(position) ?? 0)) return position;
    }
    return undefined;
  }
}
