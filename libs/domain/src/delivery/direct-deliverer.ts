import { setTimeout as delay } from 'node:timers/promises';
import { newId, type WebhookId } from '#contracts';
import type { Database, LaggingStream, LaneHead } from '#database';
import { Bell } from '../platform/bell.js';
import type { Logger } from '../platform/logger.js';
import type { DeliverySlots } from './delivery-slots.js';
import { type DirectDelivery, type DirectLane, DirectLanes } from './direct-lanes.js';
import { DirectStreams } from './direct-streams.js';
import type { TurnResult, TurnWork } from './direct-turn.js';
import { DirectWriter } from './direct-writer.js';
import type { LaneReader } from './lane-reader.js';
import { assess } from './lane-verdict.js';
import type { ResultRecorder, Tried } from './result-recorder.js';
import type { WebhookBodies } from './webhook-bodies.js';
import type { WebhookCaller } from './webhook-call.js';

export interface DirectParts {
  db: Database;
  log: Logger;
  slots: DeliverySlots;
  reader: LaneReader;
  recorder: ResultRecorder;
  caller: WebhookCaller;
  bodies: WebhookBodies;
}

export interface DirectOptions {
  /** How long one call may take. */
  timeoutMs: number;
  clock: () => Date;
  /** 0 to 1, for the jitter of retries. */
  random: () => number;
  /** Something was queued for these webhooks. */
  onQueued(webhookIds: WebhookId[]): void;
}

/** So long a stream stays ours when nothing is heard of us, and so often that is prolonged. */
const holdMs = 5000;
const prolongMs = 1500;
/** No call begins so shortly before a stream may be somebody else's. */
const marginMs = 1000;
/** How long after the longest possible call a claim is given up for dead, as in the deliverer of the queue. */
const claimGraceMs = 10_000;
/** A call that takes longer goes on, but what is behind it does not wait in memory. */
const hungMs = 1000;
/** So long a delivery may wait for an endpoint that has all the calls that it may have. */
const patienceMs = 3000;
/** Between two turns: what happened by then is read and written together. With little to do there is hardly a wait. */
const gapMs = 20;
const shortGapMs = 4;
const little = 16;
/** So often calls under way are looked at. */
const lookMs = 250;
const idleMs = 5000;
const retryMs = 500;
const lastMs = 500;

/**
 * Tells webhooks of events straight from the log. A worker holds a stream for as long as there is something to tell from
 * it, reads it in small portions and keeps what is not told yet in memory; a delivery is written down once, when it
 * succeeded. The position of the stream moves up to the first delivery that is not done with, so whoever takes the stream
 * over from a worker that died reads the rest again and repeats some of it, in the same order and under the same ids.
 *
 * Only the usual case is dealt with here. What fails, hangs, or is for an endpoint with something against it goes into the
 * queue together with everything of its lane that comes after it (`WebhookDeliverer`), and the stream goes on.
 */
export class DirectDeliverer {
  /** Names this process as the holder of streams. */
  readonly holder: string = newId();
  private readonly lanes = new DirectLanes();
  private readonly streams = new DirectStreams();
  private readonly writer: DirectWriter;
  private readonly bell = new Bell();
  private finished: DirectDelivery[] = [];
  /** Read, but what their calls need is not known yet. */
  private unready: Pick<DirectDelivery, 'head' | 'window' | 'readAt'>[] = [];
  private readonly underWay = new Set<Promise<unknown>>();
  private running: Promise<void> | undefined;
  private stopping = false;

  constructor(
    private readonly parts: DirectParts,
    private readonly options: DirectOptions,
  ) {
    const { slots } = parts;
    this.writer = new DirectWriter(
      { lanes: this.lanes, clock: options.clock, isTrusted: (webhookId) => slots.isTrusted(webhookId) },
      { holder: this.holder, holdMs, claimMs: options.timeoutMs + claimGraceMs },
    );
    slots.onFree(() => this.beginCalls());
  }

  start(): void {
    this.running = this.run();
  }

  /** Something happened in a stream. @returns whether it is held, so that nobody need look after it */
  expect(streamId: string): boolean {
    const isHeld = this.streams.expect(streamId);
    if (isHeld) this.bell.ring();
    return isHeld;
  }

  /** These streams are behind: those that are new go before backlogs. */
  follow(lagging: LaggingStream[], age: 'new' | 'old'): void {
    if (lagging.length === 0) return;
    this.streams.follow(lagging, age);
    this.bell.ring();
  }

  /** Begins nothing more, lets calls under way finish for a while and gives the streams back. */
  async stop(drainMs: number): Promise<void> {
    this.stopping = true;
    this.bell.ring();
    await this.running;
    await this.ended(drainMs);
    await this.turn().catch((error: unknown) =>
      this.parts.log.warn({ err: error }, 'webhook streams were not given back'),
    );
    // What that turn put into the queue is recorded before the recorder gives up; nobody waits for calls any more.
    await this.ended(Math.min(drainMs, lastMs));
  }

  private async ended(withinMs: number): Promise<void> {
    await Promise.race([Promise.allSettled(this.underWay), delay(withinMs, undefined, { ref: false })]);
  }

  private async run(): Promise<void> {
    let begunAt = Number.NEGATIVE_INFINITY;
    while (!this.stopping) {
      const restMs = begunAt + (this.streams.inMemory > little ? gapMs : shortGapMs) - performance.now();
      if (restMs > 0) await delay(restMs);
      begunAt = performance.now();
      try {
        const hasMore = await this.turn();
        if (!hasMore) await this.bell.wait(this.streams.isIdle ? idleMs : lookMs);
      } catch (error) {
        this.parts.log.warn({ err: error }, 'telling webhooks from the log failed; it is tried again');
        await delay(retryMs);
      }
    }
  }

  /** One transaction for everything that is to be done now. @returns whether there is more at once */
  private async turn(): Promise<boolean> {
    await this.makeReady();
    const begunAt = performance.now();
    const work = this.collect(begunAt);
    if (!work) return false;
    let result: TurnResult;
    try {
      result = await this.parts.db.system((tx) => this.writer.write(tx, work));
    } catch (error) {
      this.takeBack(work);
      throw error;
    }
    this.apply(work, result, begunAt);
    await this.makeReady();
    return this.streams.hasNews && this.streams.hasRoom;
  }

  private collect(now: number): TurnWork | null {
    const leaves = this.leaving(now);
    const finished = this.finished.splice(0);
    const asked = new Set(finished.map(({ window }) => window));
    for (const lane of this.lanes.all) {
      if (lane.state === 'failed' || leaves(lane)) asked.add(lane.deliveries[0]!.window);
    }
    const streams = this.streams.forTurn(
      asked,
      this.stopping ? Number.POSITIVE_INFINITY : now - prolongMs,
      this.stopping,
    );
    if (streams.length === 0 && finished.length === 0) return null;
    return { streams, finished, leaves, isLast: this.stopping };
  }

  /** Nothing of a webhook waits in memory whose calls hang or fail, or which cannot keep pace. */
  private leaving(now: number): (lane: DirectLane) => boolean {
    const { slots } = this.parts;
    const slow = new Set<WebhookId>();
    for (const { webhookId, state, deliveries } of this.lanes.all) {
      const [first] = deliveries;
      if (state === 'calling' && now - first!.begunAt > hungMs) slow.add(webhookId);
      if (state === 'waiting' && now - first!.readAt > patienceMs && slots.limitOf(webhookId).isReached)
        slow.add(webhookId);
    }
    return (lane) => slow.has(lane.webhookId) || !slots.isTrusted(lane.webhookId);
  }

  /** The transaction failed: everything is as before. */
  private takeBack({ streams, finished }: TurnWork): void {
    this.finished.unshift(...finished);
    this.streams.takeBack(streams);
    for (const lane of [...this.lanes.all]) {
      if (lane.state !== 'leaving') continue;
      const [{ outcome, tried }] = lane.deliveries as [DirectDelivery];
      if (!outcome) this.lanes.wait(lane);
      else if (!tried) lane.state = 'calling';
      else this.settle(lane);
    }
    this.beginCalls();
  }

  private apply(work: TurnWork, result: TurnResult, begunAt: number): void {
    for (const { window, head } of work.finished) window.settle(head.position);
    for (const lane of result.leaving) {
      this.lanes.remove(lane);
      for (const { window, head } of lane.deliveries) window.settle(head.position);
      if (lane.deliveries[0]!.outcome) this.handOver(lane.deliveries[0]!);
    }
    for (const { window, head } of this.lanes.drop(result.isDropped)) window.settle(head.position);
    const lost = new Set(result.lost);
    this.lanes.drop(({ window }) => lost.has(window));
    for (const { window } of result.ours) {
      window.appetite = this.appetite(window, result);
    }
    this.streams.applied(work.streams, result, begunAt + holdMs, begunAt);
    const windows = new Map(result.ours.map(({ window }) => [window.streamId, window]));
    for (const { delivery, event, subscription } of result.direct) {
      const window = windows.get(event.streamId)!;
      window.add(event.seq);
      // Field by field: objects made of spreads are slow (V8), and there is one for each delivery.
      const head = {
        webhookId: delivery.webhookId,
        orderingKey: delivery.orderingKey,
        claim: '',
        organizationId: subscription.organizationId,
        profileId: subscription.profileId,
        endpointVersion: subscription.endpointVersion,
        failingSince: null,
        pausedUntil: null,
        deliveryId: delivery.id,
        position: event.seq,
        attempts: 0,
        attemptsInAll: 0,
        toldAs: delivery.eventName,
        event,
      };
      this.unready.push({ head, window, readAt: begunAt });
    }
    this.changed = [...result.subscriptions.values()];
    if (result.queued.length > 0) this.options.onQueued(result.queued);
  }

  /** Endpoints as the last turn saw them. */
  private changed: Pick<LaneHead, 'webhookId' | 'endpointVersion'>[] = [];

  /** A stream is read only as far ahead as the slowest of its endpoints is trusted. */
  private appetite({ streamId }: { streamId: string }, { subscriptions }: TurnResult): number {
    const { slots } = this.parts;
    const limits = [...subscriptions.values()]
      .filter((one) => one.streamId === streamId && one.failingSince === null && slots.isTrusted(one.webhookId))
      .map(({ webhookId }) => slots.limitOf(webhookId).limit);
    return limits.length === 0 ? 0 : 4 * Math.min(...limits);
  }

  /** Reads what the calls of new deliveries need, and begins them. */
  private async makeReady(): Promise<void> {
    const { reader } = this.parts;
    const heads = this.unready.map(({ head }) => head);
    const endpoints = await reader.endpointsOf([...this.changed, ...heads]);
    const surroundings = heads.length === 0 ? undefined : await reader.around(heads, endpoints);
    for (const { head, window, readAt } of this.unready.splice(0)) {
      // Whoever took the stream over tells of it.
      if (!this.streams.isHeld(window)) continue;
      const endpoint = endpoints.get(head.webhookId);
      // It was deleted since.
      if (!endpoint) window.settle(head.position);
      else {
        const around = surroundings?.get(head.event.id);
        this.lanes.add({ head, window, endpoint, around, readAt, begunAt: 0, outcome: undefined, tried: undefined });
      }
    }
    this.beginCalls();
  }

  private beginCalls(): void {
    if (this.stopping) return;
    const now = this.options.clock().getTime();
    const doubtful: DirectLane[] = [];
    for (;;) {
      const lane = this.lanes.next((webhookId) => this.parts.slots.mayBegin(webhookId, now));
      if (!lane) break;
      const [first] = lane.deliveries;
      // The next turn prolongs it, or finds it lost.
      if (performance.now() > first!.window.heldUntil - marginMs) doubtful.push(lane);
      else this.begin(lane, first!);
    }
    for (const lane of doubtful) this.lanes.wait(lane);
  }

  private begin(lane: DirectLane, delivery: DirectDelivery): void {
    this.parts.slots.begin(lane.webhookId, this.options.clock().getTime());
    delivery.begunAt = performance.now();
    const outcome = this.call(delivery).then((tried) => {
      delivery.tried = tried;
      // A lane on its way into the queue takes the outcome along.
      if (lane.state === 'calling') this.settle(lane);
      this.underWay.delete(outcome);
      this.parts.slots.end(lane.webhookId);
      return tried;
    });
    delivery.outcome = outcome;
    this.underWay.add(outcome);
  }

  private async call(delivery: DirectDelivery): Promise<Tried> {
    const { head } = delivery;
    const { caller, bodies, slots, reader } = this.parts;
    const endpoint = reader.endpointOf(head.webhookId) ?? delivery.endpoint;
    const { event, toldAs: name, deliveryId } = head;
    const told = { event, name, version: endpoint.payloadVersion };
    const outcome = await caller.call(endpoint, deliveryId, () => bodies.body(told, delivery.around));
    const now = this.options.clock();
    // It is the first try, so its id may be that of the delivery.
    const tried = assess(head, head, outcome, now, this.options.random(), deliveryId);
    slots.note(head.webhookId, tried.result.delivery?.state === 'succeeded', outcome.durationMs, now.getTime());
    return tried;
  }

  /** The call of its first delivery is over. */
  private settle(lane: DirectLane): void {
    const [first] = lane.deliveries as [DirectDelivery];
    const { delivery, attempt } = first.tried!.result;
    const isTold = delivery?.state === 'succeeded' && attempt?.status != null;
    if (isTold) this.finished.push(this.lanes.shift(lane));
    else if (this.streams.isHeld(first.window)) lane.state = 'failed';
    // Whoever took the stream over tells of it again; what is behind it may be of a later time that the stream was ours.
    else this.lanes.shift(lane);
    this.bell.ring();
  }

  /** What came of its call is recorded as of any delivery from the queue. */
  private handOver({ head, outcome }: DirectDelivery): void {
    const handing = outcome!
      .then((tried) => this.parts.recorder.record(tried))
      .then(({ isGivenBack }) => isGivenBack && this.options.onQueued([head.webhookId]))
      .finally(() => this.underWay.delete(handing));
    this.underWay.add(handing);
  }
}
