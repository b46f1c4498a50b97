import { setTimeout as delay } from 'node:timers/promises';
import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { Database, readEvents, streamHead } from '#database';
import { Logger } from '#domain';
import { type EventHandler, Follower, StreamFeed } from './stream-feed.js';

export interface Following {
  /** The position after which the handler receives events. */
  seq: number;
  /** After this the handler is not called any more. */
  stop(): void;
}

const pollMs = 1000;
const retryMs = 500;
const pageSize = 500;

/**
 * The one reader of the event log in an API process. Whatever waits for something to happen follows a stream here:
 * sockets, and requests that wait for an acknowledgement. Each stream is read once, however many follow it.
 */
@Injectable()
export class EventTail implements OnModuleDestroy {
  private readonly feeds = new Map<string, StreamFeed>();
  private readonly unlisten: () => void;
  private readonly poll: NodeJS.Timeout;
  private closed = false;

  constructor(
    private readonly db: Database,
    private readonly log: Logger,
  ) {
    this.unlisten = db.listen('events', (streamId) => {
      if (streamId === null) void this.lookAtAll();
      else void this.feeds.get(streamId)?.advance();
    });
    this.poll = setInterval(() => void this.lookAtAll(), pollMs);
  }

  /**
   * Hands every event after the position to the handler: none is left out, none comes twice, in the order of the stream.
   * The handler is first called after this has resolved.
   * @param after A position, or `now` for what is written from here on.
   * @throws what the database throws, only with `now`
   */
  async follow(streamId: string, after: number | 'now', handler: EventHandler): Promise<Following> {
    const head = await this.headFor(streamId, after);
    let feed = this.feeds.get(streamId);
    const isNew = feed === undefined;
    if (feed === undefined) {
      feed = new StreamFeed(head, pageSize, (from) => readEvents(this.db, streamId, from, pageSize));
      this.feeds.set(streamId, feed);
    }
    const seq = after === 'now' ? head : after;
    const follower = new Follower(seq, handler, (error) => {
      this.log.error({ err: error, streamId }, 'a follower of the event log failed');
    });
    feed.followers++;
    setImmediate(() => void this.bringUp(feed, follower, isNew));
    return {
      seq,
      stop: () => {
        if (follower.stopped) return;
        follower.stopped = true;
        feed.live.delete(follower);
        if (--feed.followers === 0 && this.feeds.get(streamId) === feed) this.feeds.delete(streamId);
      },
    };
  }

  /** Ends all following. */
  onModuleDestroy(): void {
    this.closed = true;
    this.unlisten();
    clearInterval(this.poll);
    this.feeds.clear();
  }

  /** Where a new feed begins to read. With a position given it can begin there, should the database be away just now. */
  private async headFor(streamId: string, after: number | 'now'): Promise<number> {
    if (after === 'now') return streamHead(this.db, streamId);
    if (this.feeds.has(streamId)) return after;
    return streamHead(this.db, streamId).catch(() => after);
  }

  /** Reads what a new follower missed, beside the live readers, and then makes it one of them. */
  private async bringUp(feed: StreamFeed, follower: Follower, isFirst: boolean): Promise<void> {
    while (!this.closed) {
      try {
        await feed.bringUp(follower);
        // What was written between the look at the head and the first wake-up that found the feed there.
        if (isFirst) await feed.advance();
        return;
      } catch {
        // The database is away; the position is kept.
        await delay(retryMs, undefined, { ref: false });
      }
    }
  }

  /** Wake-ups can be lost, so the heads of the followed streams are compared as well. */
  private async lookAtAll(): Promise<void> {
    if (this.feeds.size === 0) return;
    try {
      const heads = await this.db.query<{ id: string; seq: number }>(
        'select stream_id as id, last_seq as seq from event_streams where stream_id = any($1::uuid[])',
        [[...this.feeds.keys()]],
        { name: 'stream_heads' },
      );
      for (const { id, seq } of heads) {
        const feed = this.feeds.get(id);
        if (feed !== undefined && seq > feed.head) void feed.advance();
      }
    } catch {
      // The next poll looks again.
    }
  }
}
