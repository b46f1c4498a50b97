import { setTimeout as delay } from 'node:timers/promises';
import type { WebhookId } from '#contracts';
import {
  advanceBehind,
  advanceCursorsLast,
  type ClaimedCursor,
  claimBehind,
  claimCursors,
  type Database,
  type EventHead,
  ensureCursors,
  findBehindStreams,
  findLaggingStreams,
  insertDeliveries,
  type LaggingStream,
  listSubscriptions,
  readEventHeads,
  type Subscription,
  type Tx,
} from '#database';
import type { Logger } from '../platform/logger.js';
import { type Turn, WorkLoop } from '../platform/work-loop.js';
import { planDeliveries } from './delivery-plan.js';
import type { DirectDeliverer } from './direct-deliverer.js';

/** Events that are planned in one transaction, shared by its streams: so long the others wait at most. */
const batchSize = 200;
/** Streams that are planned in one transaction, and the events of each that are, however many streams there are. */
const streamsAtOnce = 32;
const leastOfStream = 10;
/** Webhooks that are given what they missed in one turn, and how many events of each. */
const behindAtOnce = 2;
const behindBatch = 200;
/** Streams that one look over all of them finds at most. */
const mostFound = 2000;
/** Wake-ups can be lost, so now and then all streams are looked at. */
const pollMs = 1000;
const retryMs = 1000;
/** Between two looks: what is written in close succession is planned together. After a pause there is no wait. */
const gapMs = 20;

/**
 * Finds the streams of the event log in which something happened, and hands them to who tells straight from the log.
 * Without such a one it queues a delivery for each webhook that an event is for. The position in each stream moves in the
 * transaction that queues, so each event is planned for each webhook exactly once, whatever dies and however many planners
 * run. A webhook that is to be given what it missed has a position of its own until it has caught up.
 *
 * What is new goes first, a small batch of each stream; backlogs take turns after it, a batch at a time. So nobody stands
 * in line behind the backlog of another.
 */
export class DeliveryPlanner {
  private readonly loop: WorkLoop;
  /** Streams that may have something new, longest waiting first. */
  private readonly woken = new Set<string>();
  /** Streams of which one batch was not enough, longest waiting first. */
  private readonly backlog = new Set<string>();
  /** When all streams are looked at again. */
  private lookAt = 0;
  /** A webhook may be waiting for what it missed. */
  private isSomeoneBehind = false;
  private begunAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly db: Database,
    log: Logger,
    private readonly options: {
      clock?: () => Date;
      /** Told in this process, before the wake-up reaches the others. */
      onPlanned?: (webhookIds: WebhookId[]) => void;
      /** Takes the streams that are found. */
      direct?: DirectDeliverer;
    } = {},
  ) {
    this.loop = new WorkLoop({
      ...{
        db,
        log,
        pollMs,
        retryMs,
        channel: 'events',
        failed: 'planning webhook deliveries failed; it is tried again',
      },
      woken: (streamId) => {
        if (streamId === null) this.lookAt = 0;
        // Whoever holds a stream reads on without being told of every step.
        else if (!this.options.direct?.expect(streamId)) this.woken.add(streamId);
      },
      turn: () => this.turn(),
    });
  }

  start(): void {
    this.loop.start();
  }

  /** Ends after the transaction under way. */
  stop(): Promise<void> {
    return this.loop.stop();
  }

  /**
   * Plans what has happened in these streams, or in any, up to one batch.
   * @returns whether there was something to plan, so that there may be more
   */
  async planOnce(streamIds: string[] | null): Promise<boolean> {
    const lagging = await findLaggingStreams(this.db, streamIds, streamsAtOnce);
    if (lagging.length === 0) return false;
    await this.planStreams(lagging);
    return true;
  }

  /** One batch of streams that are behind. @returns those that have more */
  private async planStreams(lagging: LaggingStream[]): Promise<string[]> {
    const unread = lagging.filter(({ isRead }) => !isRead).map(({ streamId }) => streamId);
    if (unread.length > 0) await ensureCursors(this.db, unread);
    const streamIds = lagging.map(({ streamId }) => streamId);
    const limit = Math.max(leastOfStream, Math.floor(batchSize / streamIds.length));
    return this.db.system(async (tx) => {
      const [cursors, subscriptions] = await Promise.all([
        claimCursors(tx, streamIds),
        listSubscriptions(tx, streamIds),
      ]);
      if (cursors.length === 0) return [];
      const ranges = cursors.map((cursor) => rangeOf(cursor, subscriptions));
      const events = await readEventHeads(tx, ranges, limit);
      const organizationOf = new Map(cursors.map((cursor) => [cursor.streamId, cursor.organizationId]));
      const positions = ranges.map((range) => ({ ...range, seq: reached(range, events, limit) }));
      await this.plan(tx, organizationOf, subscriptions, events);
      advanceCursorsLast(tx, positions);
      return positions.filter(({ seq, head }) => seq < head).map(({ streamId }) => streamId);
    });
  }

  /**
   * Plans up to one batch for each of some webhooks that are to be given what they missed.
   * @returns whether there was such a webhook
   */
  async catchUpOnce(): Promise<boolean> {
    const streams = await findBehindStreams(this.db, behindAtOnce);
    if (streams.length === 0) return false;
    await ensureCursors(this.db, streams);
    let found = false;
    for (const streamId of streams) {
      found = (await this.db.system((tx) => this.bringForward(tx, streamId))) || found;
    }
    return found;
  }

  private async turn(): Promise<Turn> {
    const restMs = this.begunAt + gapMs - performance.now();
    if (restMs > 0 && !this.hasMore) await delay(restMs);
    this.begunAt = performance.now();
    try {
      if (this.begunAt >= this.lookAt) await this.lookAtAll();
      await this.planSome(this.woken);
      await this.planSome(this.backlog);
      if (this.isSomeoneBehind) this.isSomeoneBehind = await this.catchUpOnce();
    } catch (error) {
      this.lookAt = 0;
      throw error;
    }
    return this.hasMore || this.woken.size > 0 ? 'more' : 'nothing';
  }

  private get hasMore(): boolean {
    return this.backlog.size > 0 || this.isSomeoneBehind;
  }

  /** One batch of the first of these streams. */
  private async planSome(waiting: Set<string>): Promise<void> {
    const first = [...waiting].slice(0, streamsAtOnce);
    for (const streamId of first) waiting.delete(streamId);
    if (first.length === 0) return;
    const { direct } = this.options;
    const lagging = await findLaggingStreams(this.db, first, streamsAtOnce, direct?.holder);
    if (direct) return this.handOver(lagging, 'new');
    const more = lagging.length === 0 ? [] : await this.planStreams(lagging);
    for (const streamId of more) this.backlog.add(streamId);
  }

  private async lookAtAll(): Promise<void> {
    const { direct } = this.options;
    const lagging = await findLaggingStreams(this.db, null, mostFound, direct?.holder);
    if (direct) await this.handOver(lagging, 'old');
    else for (const { streamId } of lagging) this.backlog.add(streamId);
    this.isSomeoneBehind = true;
    this.lookAt = this.begunAt + pollMs;
  }

  private async handOver(lagging: LaggingStream[], age: 'new' | 'old'): Promise<void> {
    const unread = lagging.filter(({ isRead }) => !isRead).map(({ streamId }) => streamId);
    if (unread.length > 0) await ensureCursors(this.db, unread);
    this.options.direct!.follow(lagging, age);
  }

  private async bringForward(tx: Tx, streamId: string): Promise<boolean> {
    const webhook = await claimBehind(tx, streamId);
    if (!webhook) return false;
    const range = { streamId, after: webhook.fromSeq, head: Math.max(webhook.fromSeq, webhook.head) };
    const events = await readEventHeads(tx, [range], behindBatch);
    await this.plan(tx, new Map([[streamId, webhook.organizationId]]), [webhook], events);
    const seq = reached(range, events, behindBatch);
    await advanceBehind(tx, webhook, seq < range.head ? seq : null);
    return true;
  }

  private async plan(
    tx: Tx,
    organizationOf: ReadonlyMap<string, string>,
    subscriptions: Subscription[],
    events: EventHead[],
  ): Promise<void> {
    const now = this.options.clock?.() ?? new Date();
    const all = await planDeliveries(tx, organizationOf, subscriptions, events, now);
    const planned = all.map(({ delivery }) => delivery);
    if (planned.length === 0) return;
    await insertDeliveries(tx, planned, now);
    const webhookIds = [...new Set(planned.map((delivery) => delivery.webhookId))];
    for (const webhookId of webhookIds) tx.wake('deliveries', webhookId);
    tx.afterCommit(() => this.options.onPlanned?.(webhookIds));
  }
}

interface Range {
  streamId: string;
  after: number;
  head: number;
}

/** What happened before the first webhook of the stream existed need not be read. */
function rangeOf(cursor: ClaimedCursor, subscriptions: Subscription[]): Range {
  const starts = subscriptions.filter((one) => one.streamId === cursor.streamId).map((one) => one.fromSeq);
  const after = starts.length === 0 ? cursor.head : Math.max(cursor.seq, Math.min(...starts));
  return { streamId: cursor.streamId, after, head: Math.max(after, cursor.head) };
}

/** The position that is done with after these events of the range were planned. */
function reached(range: Range, events: EventHead[], limit: number): number {
  const read = events.filter((event) => event.streamId === range.streamId);
  return read.length < limit ? range.head : read.at(-1)!.seq;
}
