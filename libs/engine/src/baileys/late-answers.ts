/** What cannot be read yet, because the message that it answers is not here. */
interface Waiting<Item> {
  item: Item;
  triesLeft: number;
}

const againMs = 2_000;
const tries = 30;
const limit = 500;

/**
 * Answers that came before the message that they answer: it may have to be sent again first. They are tried for a
 * minute, beside all others, and then given up: what they answer is older than this link.
 */
export class LateAnswers<Item extends object> {
  private readonly waiting = new Map<string, Waiting<Item>>();
  private timer: NodeJS.Timeout | null = null;

  constructor(private readonly again: (items: Item[]) => void) {}

  /** True when it will be tried again; false when it is to be given up. */
  keep(id: string, item: Item): boolean {
    const known = this.waiting.get(id);
    if (known ? known.triesLeft <= 0 : this.waiting.size >= limit) {
      this.waiting.delete(id);
      return false;
    }
    this.waiting.set(id, { item, triesLeft: (known?.triesLeft ?? tries) - 1 });
    this.timer ??= setTimeout(() => this.tryAll(), againMs).unref();
    return true;
  }

  /** It could be read. */
  done(id: string): void {
    this.waiting.delete(id);
  }

  stop(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    this.waiting.clear();
  }

  private tryAll(): void {
    this.timer = null;
    if (this.waiting.size > 0) this.again([...this.waiting.values()].map(({ item }) => item));
  }
}
