/** Bytes that a file counts as whose size nobody told. */
const UNKNOWN_BYTES = 8 * 1024 * 1024;

interface Waiting {
  bytes: number;
  enter: () => void;
}

/**
 * How many files a process moves at once, and how many bytes they are together. Owners take turns: one with a thousand
 * files waiting delays the others by one file, not by a thousand.
 */
export class TransferSlots {
  private readonly queues = new Map<string, Waiting[]>();
  private moving = 0;
  private movingBytes = 0;

  constructor(private readonly limits: { atOnce: number; bytes: number }) {}

  /** Files under way, and those that wait. */
  get figures(): { moving: number; waiting: number } {
    let waiting = 0;
    for (const queue of this.queues.values()) waiting += queue.length;
    return { moving: this.moving, waiting };
  }

  /** Does the work when it is its owner's turn. @throws what the signal was aborted with, or what the work throws */
  async run<T>(owner: string, sizeBytes: number | null, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    // A file larger than all together goes alone.
    const bytes = Math.min(sizeBytes ?? UNKNOWN_BYTES, this.limits.bytes);
    await this.enter(owner, bytes, signal);
    try {
      return await work();
    } finally {
      this.moving -= 1;
      this.movingBytes -= bytes;
      this.letIn();
    }
  }

  private enter(owner: string, bytes: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    return new Promise((resolve, reject) => {
      const queue = this.queues.get(owner) ?? [];
      const leave = () => {
        queue.splice(queue.indexOf(waiting), 1);
        if (queue.length === 0) this.queues.delete(owner);
        reject(signal.reason);
        this.letIn();
      };
      const waiting: Waiting = {
        bytes,
        enter: () => {
          signal.removeEventListener('abort', leave);
          resolve();
        },
      };
      queue.push(waiting);
      this.queues.set(owner, queue);
      signal.addEventListener('abort', leave, { once: true });
      this.letIn();
    });
  }

  /** The next owner's first file has to fit: smaller ones of others do not pass it, or it would wait for ever. */
  private letIn(): void {
    for (const [owner, queue] of this.queues) {
      const [first] = queue;
      if (!first || this.moving >= this.limits.atOnce) return;
      if (this.moving > 0 && this.movingBytes + first.bytes > this.limits.bytes) return;
      queue.shift();
      // To the end of the round.
      this.queues.delete(owner);
      if (queue.length > 0) this.queues.set(owner, queue);
      this.moving += 1;
      this.movingBytes += first.bytes;
      first.enter();
    }
  }
}
