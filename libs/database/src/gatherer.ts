interface Waiting<Item, Result> {
  item: Item;
  resolve(result: Result): void;
  reject(failure: unknown): void;
}

/**
 * Joins work that comes while earlier work of the same key is under way: the first item starts at once, and all that
 * arrive meanwhile go together next. Under load many items share one transaction; without load nothing waits.
 */
export class Gatherer<Item, Result> {
  /** By key, what waits for the work under way; an entry exists while there is any. */
  private readonly waiting = new Map<string, Waiting<Item, Result>[]>();

  constructor(
    private readonly options: {
      /** Does the work for all items or none, and gives a result for each. */
      run: (items: Item[]) => Promise<Result[]>;
      /** Most items of one run. */
      atOnce: number;
      /** Whether the items of a failed run may be tried one by one, so that one wrong item does not fail the others. */
      mayRepeat: (failure: unknown) => boolean;
    },
  ) {}

  /** Items of one key are worked on in the order in which they come. */
  add(key: string, item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      const entry = { item, resolve, reject };
      const queue = this.waiting.get(key);
      if (queue) {
        queue.push(entry);
        return;
      }
      this.waiting.set(key, [entry]);
      void this.work(key);
    });
  }

  private async work(key: string): Promise<void> {
    const queue = this.waiting.get(key)!;
    while (queue.length > 0) await this.runTogether(queue.splice(0, this.options.atOnce));
    this.waiting.delete(key);
  }

  private async runTogether(entries: Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await this.options.run(entries.map((entry) => entry.item));
      for (const [index, entry] of entries.entries()) entry.resolve(results[index]!);
    } catch (failure) {
      if (entries.length > 1 && this.options.mayRepeat(failure)) {
        for (const entry of entries) await this.runTogether([entry]);
      } else {
        for (const entry of entries) entry.reject(failure);
      }
    }
  }
}
