import { setTimeout as delay } from 'node:timers/promises';
import { newId, type WebhookId } from '#contracts';
import { claimLanes, type Database, findDueWebhooks, type LaneClaim, releaseLanes } from '#database';
import { Bell } from '../platform/bell.js';
import type { Logger } from '../platform/logger.js';
import { DeliverySlots } from './delivery-slots.js';
import { DirectDeliverer } from './direct-deliverer.js';
import type { DisableNotices } from './disable-notices.js';
import { LaneReader, laneKey, type ReadyHead } from './lane-reader.js';
import { assess, untried } from './lane-verdict.js';
import { ResultRecorder, type Tried } from './result-recorder.js';
import type { WebhookBodies } from './webhook-bodies.js';
import type { WebhookCaller } from './webhook-call.js';

export interface DelivererParts {
  db: Database;
  caller: WebhookCaller;
  bodies: WebhookBodies;
  notices: DisableNotices;
  log: Logger;
}

export interface DelivererOptions {
  /** Calls under way at once. */
  concurrency: number;
  /** How long one call may take. */
  timeoutMs: number;
  /** How long `stop` waits for calls under way. Default: 6 s. */
  drainMs?: number;
  clock?: () => Date;
  /** 0 to 1, for the jitter of retries. */
  random?: () => number;
}

/** How long after the longest possible call a claim is given up for dead. */
const claimGraceMs = 10_000;
const pollMs = 1000;
const retryMs = 1000;
/** Between two claims: what becomes due in close succession is claimed together. After a pause there is no wait. */
const gapMs = 8;
/**
 * How long a lane may be kept for one delivery after another before it goes to the end of the line. A claim costs as much
 * as two deliveries, and the other lanes of its webhook wait meanwhile. Much shorter than `claimGraceMs`.
 */
const turnMs = 400;

/**
 * Carries queued deliveries to their endpoints. The unit of work is a lane, a webhook and an ordering key: only the head
 * of a lane is ever tried, and the next when its outcome is committed. So events of a conversation arrive in order, and a
 * head that waits for its next try holds up nothing but its own lane. Several deliverers may run; a lane is with one at a
 * time.
 *
 * A crash after a call and before its record leads to a repeat under the same `webhook-id`, never to a loss.
 */
export class WebhookDeliverer {
  /** Tells straight from the log what nothing stands against; a planner hands it its streams. */
  readonly direct: DirectDeliverer;
  private readonly slots: DeliverySlots;
  private readonly reader: LaneReader;
  private readonly recorder: ResultRecorder;
  private readonly clock: () => Date;
  private readonly random: () => number;
  private readonly bell = new Bell();
  /** Webhooks that may have due lanes, longest waiting first. */
  private readonly ready = new Set<WebhookId>();
  private readonly underWay = new Map<LaneClaim, Promise<void>>();
  private unlisten: (() => void) | undefined;
  private running: Promise<void> | undefined;
  private lookAt = 0;
  private stopping = false;

  constructor(
    private readonly parts: DelivererParts,
    private readonly options: DelivererOptions,
  ) {
    this.slots = new DeliverySlots(options.concurrency);
    this.reader = new LaneReader(parts);
    this.clock = options.clock ?? (() => new Date());
    this.recorder = new ResultRecorder({ ...parts, reader: this.reader, clock: this.clock });
    this.random = options.random ?? Math.random;
    this.slots.onFree(() => {
      if (this.ready.size > 0) this.bell.ring();
    });
    this.direct = new DirectDeliverer(
      { ...parts, slots: this.slots, reader: this.reader, recorder: this.recorder },
      {
        ...{ timeoutMs: options.timeoutMs, clock: this.clock, random: this.random },
        onQueued: (webhookIds) => this.expect(webhookIds),
      },
    );
  }

  start(): void {
    this.unlisten = this.parts.db.listen('deliveries', (webhookId) => {
      if (webhookId === null) this.lookAt = 0;
      else this.ready.add(webhookId as WebhookId);
      this.bell.ring();
    });
    this.running = this.run();
    this.direct.start();
  }

  /** Something became due for these webhooks. Without it they are found by wake-up or poll. */
  expect(webhookIds: WebhookId[]): void {
    for (const webhookId of webhookIds) this.ready.add(webhookId);
    this.bell.ring();
  }

  /** Claims nothing more, lets calls under way finish for some seconds, and gives the rest back to other workers. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.unlisten?.();
    this.bell.ring();
    await this.running;
    const { drainMs = 6000 } = this.options;
    const drained = Promise.all(this.underWay.values());
    await Promise.all([this.direct.stop(drainMs), Promise.race([drained, delay(drainMs, undefined, { ref: false })])]);
    this.recorder.giveUp();
    const left = [...this.underWay.keys()];
    if (left.length > 0) await releaseLanes(this.parts.db, left, this.clock()).catch(() => undefined);
  }

  private async run(): Promise<void> {
    let begunAt = Number.NEGATIVE_INFINITY;
    while (!this.stopping) {
      const restMs = begunAt + gapMs - performance.now();
      if (restMs > 0) await delay(restMs);
      begunAt = performance.now();
      try {
        await this.lookForDue();
        const began = await this.beginDue();
        if (!began) await this.bell.wait(pollMs);
      } catch (error) {
        this.parts.log.warn({ err: error }, 'claiming webhook deliveries failed; it is tried again');
        this.lookAt = 0;
        await delay(retryMs);
      }
    }
  }

  /** Retries become due without a wake-up, and wake-ups can be lost. */
  private async lookForDue(): Promise<void> {
    if (performance.now() < this.lookAt) return;
    this.lookAt = performance.now() + pollMs;
    for (const webhookId of await findDueWebhooks(this.parts.db, this.clock())) this.ready.add(webhookId);
  }

  /** Claims as much as there are slots for. @returns whether anything began */
  private async beginDue(): Promise<boolean> {
    const wants = this.slots.share(this.ready, this.clock().getTime());
    this.slots.isSharing = this.ready.size > 0;
    if (wants.length === 0) return false;
    // Taken out before the claim, so that a wake-up during the claim puts it in again.
    for (const { webhookId } of wants) this.ready.delete(webhookId);
    const now = this.clock();
    const until = new Date(now.getTime() + this.options.timeoutMs + claimGraceMs);
    const lanes = await claimLanes(this.parts.db, wants, { id: newId(), now, until });
    const ready = await this.read(lanes);
    const claimed = new Map<WebhookId, number>();
    for (const { webhookId } of lanes) claimed.set(webhookId, (claimed.get(webhookId) ?? 0) + 1);
    for (const { webhookId, room } of wants) {
      if ((claimed.get(webhookId) ?? 0) >= room) this.ready.add(webhookId);
    }
    for (const lane of lanes) this.begin(lane, ready.get(laneKey(lane)));
    return lanes.length > 0;
  }

  private async read(lanes: LaneClaim[]): Promise<ReadonlyMap<string, ReadyHead>> {
    try {
      return await this.reader.readyOf(lanes);
    } catch (error) {
      await releaseLanes(this.parts.db, lanes, this.clock()).catch(() => undefined);
      throw error;
    }
  }

  private begin(lane: LaneClaim, ready?: ReadyHead): void {
    this.slots.begin(lane.webhookId, this.clock().getTime());
    const work = this.work(lane, ready).finally(() => {
      this.underWay.delete(lane);
      this.slots.end(lane.webhookId);
      this.bell.ring();
    });
    this.underWay.set(lane, work);
  }

  /** Delivery after delivery of the lane, as long as its turn lasts; each is recorded before the next is tried. */
  private async work(lane: LaneClaim, first?: ReadyHead): Promise<void> {
    const turnEndsAt = performance.now() + turnMs;
    try {
      for (let ready = first; ; ) {
        const tried = await this.try(lane, ready, turnEndsAt);
        const { next, isGivenBack } = await this.recorder.record(tried);
        if (isGivenBack) this.ready.add(lane.webhookId);
        if (!next) return;
        // The record took so long that the claim could run out during the next call.
        if (performance.now() > turnEndsAt + claimGraceMs / 2) {
          await releaseLanes(this.parts.db, [lane], this.clock());
          this.ready.add(lane.webhookId);
          return;
        }
        ready = next;
      }
    } catch (error) {
      // The claim runs out and the delivery is tried again.
      this.parts.log.error({ err: error, webhookId: lane.webhookId }, 'a webhook delivery broke');
      this.ready.add(lane.webhookId);
    }
  }

  private async try(lane: LaneClaim, ready: ReadyHead | undefined, turnEndsAt: number): Promise<Tried> {
    const event = ready?.head.event;
    if (!ready || !event) return untried(lane, ready?.head, this.clock());
    const { head, endpoint, around } = ready;
    const told = { event, name: head.toldAs ?? undefined, version: endpoint.payloadVersion };
    const outcome = await this.parts.caller.call(endpoint, head.deliveryId, () => this.parts.bodies.body(told, around));
    const now = this.clock();
    const tried = assess(lane, head, outcome, now, this.random());
    const succeeded = tried.result.delivery?.state === 'succeeded';
    this.slots.note(lane.webhookId, succeeded, outcome.durationMs, now.getTime());
    const hasTime = !this.stopping && performance.now() < turnEndsAt;
    tried.result.keeps = succeeded && hasTime && this.slots.mayKeep(lane.webhookId);
    return tried;
  }
}
