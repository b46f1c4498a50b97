import { lengthOf, type Span } from '../time/span.js';
import type { World } from '../time/world.js';

/** Which of the messages get a receipt, and when. */
export interface ReceiptHabit {
  /** From 0 for none to 1 for all, which is the default. */
  share?: number;
  /** Default at once. */
  afterMs?: Span;
}

/** What a sink tells the authors of messages. */
export interface SinkOptions {
  /** Without it, each message is confirmed at once. What gets no receipt is taken from the queue all the same. */
  delivered?: ReceiptHabit;
  /** Counts from the delivery, and only for what was confirmed. Without it, nothing is read. */
  read?: ReceiptHabit;
}

/** Decides by the clock and the chance of the network which receipts a sink sends, and when. */
export class SinkReceipts {
  private readonly random;

  constructor(
    private readonly world: World,
    number: string,
    private readonly options: SinkOptions,
  ) {
    this.random = world.random.fork(`sink/${number}`);
  }

  /** Calls one of `delivered` and `silent` once, and then perhaps `read`. */
  plan(receipts: { delivered(): void; silent(): void; read(): void }): void {
    const { delivered, read } = this.options;
    const isDelivered = this.happens(delivered);
    const isRead = isDelivered && read !== undefined && this.happens(read);
    const readAfter = isRead ? lengthOf(read.afterMs, this.random) : 0;
    this.later(isDelivered ? lengthOf(delivered?.afterMs, this.random) : 0, () => {
      if (isDelivered) receipts.delivered();
      else receipts.silent();
      if (isRead) this.later(readAfter, receipts.read);
    });
  }

  private happens({ share = 1 }: ReceiptHabit = {}): boolean {
    return share >= 1 || this.random.chance(share);
  }

  /** At once means in a later turn: the sender's own acknowledgement must not come after the receipt of a recipient. */
  private later(delayMs: number, act: () => void): void {
    if (delayMs <= 0) setImmediate(act);
    else this.world.clock.after(delayMs, act);
  }
}
