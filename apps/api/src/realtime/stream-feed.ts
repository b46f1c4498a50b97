import type { LoggedEvent } from '#contracts';

/**
 * Receives the events of a stream in order. While a follower catches up, a returned promise holds the reading back;
 * live events do not wait for it.
 */
export type EventHandler = (event: LoggedEvent) => void | Promise<void>;

/** One reader of a stream with its own position. */
export class Follower {
  stopped = false;

  constructor(
    /** The last position that was handed over. */
    public seq: number,
    private readonly handler: EventHandler,
    private readonly onFailure: (error: unknown) => void,
  ) {}

  /** A handler that fails does not keep the others from their events. */
  async hand(event: LoggedEvent): Promise<void> {
    if (this.stopped || event.seq <= this.seq) return;
    this.seq = event.seq;
    try {
      await this.handler(event);
    } catch (error) {
      this.onFailure(error);
    }
  }
}

/** So many of the last events are kept, so that most late followers need no read of their own. */
const keepEvents = 200;

/** One stream as it is read for all who follow it. */
export class StreamFeed {
  /** Followers that have received everything up to `head`. */
  readonly live = new Set<Follower>();
  /** All followers, those that are still catching up included. */
  followers = 0;
  private recent: LoggedEvent[] = [];
  private reading = false;
  private again = false;

  constructor(
    /** The position up to which the live followers have been served. */
    public head: number,
    private readonly pageSize: number,
    private readonly readAfter: (seq: number) => Promise<LoggedEvent[]>,
  ) {}

  /** Hands what is new to the live followers. Calls during a read lead to one more read. */
  async advance(): Promise<void> {
    if (this.reading) {
      this.again = true;
      return;
    }
    this.reading = true;
    try {
      do {
        this.again = false;
        const events = await this.readAfter(this.head);
        for (const event of events) this.deliver(event);
        if (events.length === this.pageSize) this.again = true;
      } while (this.again && this.followers > 0);
    } catch {
      // The database is away; the poll of the tail calls again.
    } finally {
      this.reading = false;
    }
  }

  /**
   * Serves a follower from its own position up to the head, then makes it live.
   * @throws what the reading throws; the follower keeps its position and may be brought up again.
   */
  async bringUp(follower: Follower): Promise<void> {
    while (!follower.stopped && follower.seq < this.head) {
      const missed = this.kept(follower.seq) ?? (await this.readAfter(follower.seq));
      // Retention has dropped what lay between.
      if (missed.length === 0) follower.seq = this.head;
      for (const event of missed) {
        if (follower.stopped) return;
        await follower.hand(event);
      }
    }
    if (!follower.stopped) this.live.add(follower);
  }

  private deliver(event: LoggedEvent): void {
    this.head = event.seq;
    this.recent.push(event);
    if (this.recent.length > 2 * keepEvents) this.recent = this.recent.slice(-keepEvents);
    for (const follower of [...this.live]) void follower.hand(event);
  }

  /** The events after a position from memory, when all of them are there. */
  private kept(seq: number): LoggedEvent[] | undefined {
    const first = this.recent[0]?.seq;
    return first !== undefined && first <= seq + 1 ? this.recent.slice(seq + 1 - first) : undefined;
  }
}
