/** Nobody more is let in to wait. */
export class TooManyWaiting extends Error {
  constructor() {
    super('Too much work of this kind is waiting.');
    this.name = 'TooManyWaiting';
  }
}

/** So many pieces of work at a time in this process, and so many that wait for their turn; more are refused at once. */
export class WorkSlots {
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(private readonly limits: { atOnce: number; mostWaiting: number }) {}

  /** @throws TooManyWaiting, or what the work throws */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.running < this.limits.atOnce) this.running += 1;
    else if (this.waiting.length >= this.limits.mostWaiting) throw new TooManyWaiting();
    else await new Promise<void>((resolve) => this.waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      // The slot goes to the next one without becoming free in between.
      if (next) next();
      else this.running -= 1;
    }
  }
}
