import { Readable } from 'node:stream';

/**
 * Cuts a stream into pieces of a size. A source that breaks off, as requests do, ends its last piece early instead of
 * failing it: what came is worth keeping.
 */
export class Pieces {
  /** The source failed; what came before is in the pieces. */
  isBroken = false;
  private readonly source: AsyncIterator<Buffer>;
  private left: Buffer | null = null;
  private isOver = false;

  constructor(private readonly stream: Readable) {
    // A request that is destroyed takes its socket along, and with it the answer.
    this.source = stream.iterator({ destroyOnReturn: false }) as AsyncIterator<Buffer>;
  }

  /** The next piece, or null when nothing more comes. Read it to its end before asking again. */
  async next(mostBytes: number): Promise<Readable | null> {
    if (this.left === null) await this.pull();
    return this.left === null ? null : Readable.from(this.take(mostBytes), { objectMode: false });
  }

  /** Whether more comes. Waits until that is known. */
  async hasMore(): Promise<boolean> {
    if (this.left === null) await this.pull();
    return this.left !== null;
  }

  /** Takes nothing more. What still comes is passed over. */
  async end(): Promise<void> {
    await this.source.return?.();
    this.stream.resume();
  }

  private async *take(mostBytes: number): AsyncGenerator<Buffer> {
    let room = mostBytes;
    while (room > 0) {
      if (this.left === null) await this.pull();
      if (this.left === null) return;
      const chunk: Buffer = this.left.subarray(0, room);
      this.left = chunk.length < this.left.length ? this.left.subarray(chunk.length) : null;
      room -= chunk.length;
      yield chunk;
    }
  }

  private async pull(): Promise<void> {
    while (!this.isOver && this.left === null) {
      try {
        const next = await this.source.next();
        if (next.done) this.isOver = true;
        else if (next.value.length > 0) this.left = next.value;
      } catch {
        this.isOver = true;
        this.isBroken = true;
      }
    }
  }
}
