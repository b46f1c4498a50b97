import { setTimeout as delay } from 'node:timers/promises';
import { type EventName, eventCatalogue, newId, type WebhookId } from '#contracts';
import {
  advanceCursors,
  type ClaimedCursor,
  claimCursors,
  type Database,
  type EventHead,
  ensureCursors,
  findLaggingStreams,
  insertDeliveries,
  listSubscriptions,
  type PlannedDelivery,
  readEventHeads,
  type Subscription,
} from '#database';
import { Bell } from '../platform/bell.js';
import type { Logger } from '../platform/logger.js';

/** Events of one stream that are planned in one transaction. */
const batchSize = 500;
/** Streams that are planned in one transaction. */
const streamsAtOnce = 32;
const pollMs = 1000;
const retryMs = 1000;
/** Between two looks: what is written in close succession is planned together. After a pause there is no wait. */
const gapMs = 20;

/**
 * Reads the event log and queues a delivery for each webhook that an event is for. The position in each stream moves in
 * the transaction that queues, so each event is planned for each webhook exactly once, whatever dies and however many
 * planners run.
 */
export class DeliveryPlanner {
  private readonly bell = new Bell();
  /** Streams that were woken; null stands for all. */
  private woken: Set<string> | null = null;
  private unlisten: (() => void) | undefined;
  private running: Promise<void> | undefined;
  private stopping = false;

  constructor(
    private readonly db: Database,
    private readonly log: Logger,
    private readonly options: {
      clock?: () => Date;
      /** Told in this process, before the wake-up reaches the others. */
      onPlanned?: (webhookIds: WebhookId[]) => void;
    } = {},
  ) {}

  start(): void {
    this.unlisten = this.db.listen('events', (streamId) => {
      if (streamId === null) this.woken = null;
      else this.woken?.add(streamId);
      this.bell.ring();
    });
    this.running = this.run();
  }

  /** Ends after the transaction under way. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.unlisten?.();
    this.bell.ring();
    await this.running;
  }

  /**
   * Plans what has happened in these streams, or in all, up to one batch for each.
   * @returns whether there was something to plan, so that there may be more
   */
  async planOnce(streamIds: string[] | null): Promise<boolean> {
    const lagging = await findLaggingStreams(this.db, streamIds, streamsAtOnce);
    if (lagging.length === 0) return false;
    await ensureCursors(this.db, lagging);
    return this.db.system(async (tx) => {
      const cursors = await claimCursors(tx, lagging);
      if (cursors.length === 0) return false;
      const subscriptions = await listSubscriptions(
        tx,
        cursors.map((cursor) => cursor.streamId),
      );
      const ranges = cursors.map((cursor) => rangeOf(cursor, subscriptions));
      const events = await readEventHeads(tx, ranges, batchSize, toldOfGroups);
      const planned = plan(cursors, subscriptions, events);
      if (planned.length > 0) await insertDeliveries(tx, planned, this.options.clock?.() ?? new Date());
      await advanceCursors(
        tx,
        ranges.map((range) => ({ streamId: range.streamId, seq: reached(range, events) })),
      );
      const webhookIds = [...new Set(planned.map((delivery) => delivery.webhookId))];
      for (const webhookId of webhookIds) tx.wake('deliveries', webhookId);
      tx.afterCommit(() => this.options.onPlanned?.(webhookIds));
      return true;
    });
  }

  private async run(): Promise<void> {
    let lastLook = 0;
    let begunAt = Number.NEGATIVE_INFINITY;
    while (!this.stopping) {
      const restMs = begunAt + gapMs - performance.now();
      if (restMs > 0) await delay(restMs);
      begunAt = performance.now();
      // Wake-ups can be lost, so now and then all streams are looked at.
      const all = this.woken === null || Date.now() - lastLook >= pollMs;
      const streamIds = all ? null : [...this.woken!];
      if (all) lastLook = Date.now();
      this.woken = new Set();
      try {
        if (streamIds?.length !== 0) while (!this.stopping && (await this.planOnce(streamIds)));
      } catch (error) {
        this.log.warn({ err: error }, 'planning webhook deliveries failed; it is tried again');
        this.woken = null;
        await delay(retryMs);
      }
      if (this.woken?.size === 0 && !this.stopping) await this.bell.wait(pollMs);
    }
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
function reached(range: Range, events: EventHead[]): number {
  const read = events.filter((event) => event.streamId === range.streamId);
  return read.length < batchSize ? range.head : read.at(-1)!.seq;
}

function plan(cursors: ClaimedCursor[], subscriptions: Subscription[], events: EventHead[]): PlannedDelivery[] {
  const organizationOf = new Map(cursors.map((cursor) => [cursor.streamId, cursor.organizationId]));
  const subscriptionsOf = new Map<string, Subscription[]>();
  for (const one of subscriptions) {
    subscriptionsOf.set(one.streamId, [...(subscriptionsOf.get(one.streamId) ?? []), one]);
  }
  return events.flatMap((event) => {
    return (subscriptionsOf.get(event.streamId) ?? []).flatMap(({ webhookId, events: asked, fromSeq }) => {
      const eventName = event.seq > fromSeq ? toldAs(event, asked) : undefined;
      if (eventName === undefined) return [];
      return {
        id: newId<string>(),
        organizationId: organizationOf.get(event.streamId)!,
        webhookId,
        eventId: event.id,
        eventName,
        orderingKey: event.conversationId ?? event.streamId,
        seq: event.seq,
      };
    });
  });
}

/** The name under which a webhook is told of an event, once whatever it asked for; undefined when it is not told. */
function toldAs(event: EventHead, asked: string[]): string | undefined {
  const { webhook, webhookInGroups } = eventCatalogue[event.name] ?? {};
  if (webhook === undefined) return undefined;
  if (asked.includes('*') || asked.includes(webhook)) return webhook;
  return event.isOfGroup && webhookInGroups && asked.includes(webhookInGroups) ? webhookInGroups : undefined;
}

/** Events that webhooks may ask for in groups alone. */
const toldOfGroups = (Object.keys(eventCatalogue) as EventName[]).filter(
  (name) => eventCatalogue[name].webhookInGroups !== undefined,
);
