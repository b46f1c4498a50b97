import { setTimeout as delay } from 'node:timers/promises';
import { newId, type WebhookId } from '#contracts';
import {
  claimLanes,
  type Database,
  findDueWebhooks,
  type LaneClaim,
  type LaneHead,
  readLaneHeads,
  releaseLanes,
} from '#database';
import { Bell } from '../platform/bell.js';
import type { Logger } from '../platform/logger.js';
import { delayAfter, disableAfterMs, judge } from './delivery-schedule.js';
import { DeliverySlots } from './delivery-slots.js';
import { ResultRecorder, type Tried } from './result-recorder.js';
import type { CallOutcome, WebhookCaller } from './webhook-call.js';

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
const claimGraceMs = 30_000;
const pollMs = 1000;
const retryMs = 1000;

/**
 * Carries queued deliveries to their endpoints. The unit of work is a lane, a webhook and an ordering key: only the head
 * of a lane is ever tried, so events of a conversation arrive in order, and a head that waits for its next try holds up
 * nothing but its own lane. Several deliverers may run; a lane is with one at a time.
 *
 * A crash after a call and before its record leads to a repeat under the same `webhook-id`, never to a loss.
 */
export class WebhookDeliverer {
  private readonly slots: DeliverySlots;
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
    private readonly db: Database,
    private readonly caller: WebhookCaller,
    private readonly log: Logger,
    private readonly options: DelivererOptions,
  ) {
    this.slots = new DeliverySlots(options.concurrency);
    this.recorder = new ResultRecorder(db, log);
    this.clock = options.clock ?? (() => new Date());
    this.random = options.random ?? Math.random;
  }

  start(): void {
    this.unlisten = this.db.listen('deliveries', (webhookId) => {
      if (webhookId === null) this.lookAt = 0;
      else this.ready.add(webhookId as WebhookId);
      this.bell.ring();
    });
    this.running = this.run();
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
    await Promise.race([Promise.all(this.underWay.values()), delay(drainMs, undefined, { ref: false })]);
    this.recorder.giveUp();
    const left = [...this.underWay.keys()];
    if (left.length > 0) await releaseLanes(this.db, left, this.clock()).catch(() => undefined);
  }

  private async run(): Promise<void> {
    while (!this.stopping) {
      try {
        await this.lookForDue();
        const began = await this.beginDue();
        if (!began) await this.bell.wait(pollMs);
      } catch (error) {
        this.log.warn({ err: error }, 'claiming webhook deliveries failed; it is tried again');
        this.lookAt = 0;
        await delay(retryMs);
      }
    }
  }

  /** Retries become due without a wake-up, and wake-ups can be lost. */
  private async lookForDue(): Promise<void> {
    if (performance.now() < this.lookAt) return;
    this.lookAt = performance.now() + pollMs;
    for (const webhookId of await findDueWebhooks(this.db, this.clock())) this.ready.add(webhookId);
  }

  /** Claims as much as there are slots for. @returns whether anything began */
  private async beginDue(): Promise<boolean> {
    const wants = this.slots.share(this.ready);
    if (wants.length === 0) return false;
    // Taken out before the claim, so that a wake-up during the claim puts it in again.
    for (const { webhookId } of wants) this.ready.delete(webhookId);
    const now = this.clock();
    const until = new Date(now.getTime() + this.options.timeoutMs + claimGraceMs);
    const lanes = await claimLanes(this.db, wants, { id: newId(), now, until });
    const heads = await this.headsOf(lanes);
    const claimed = new Map<WebhookId, number>();
    for (const { webhookId } of lanes) claimed.set(webhookId, (claimed.get(webhookId) ?? 0) + 1);
    for (const { webhookId, room } of wants) {
      if ((claimed.get(webhookId) ?? 0) >= room) this.ready.add(webhookId);
    }
    const headOf = new Map(heads.map((head) => [`${head.webhookId} ${head.orderingKey}`, head]));
    for (const lane of lanes) this.begin(lane, headOf.get(`${lane.webhookId} ${lane.orderingKey}`));
    return lanes.length > 0;
  }

  private async headsOf(lanes: LaneClaim[]): Promise<LaneHead[]> {
    if (lanes.length === 0) return [];
    try {
      return await readLaneHeads(this.db, lanes);
    } catch (error) {
      await releaseLanes(this.db, lanes, this.clock()).catch(() => undefined);
      throw error;
    }
  }

  private begin(lane: LaneClaim, head: LaneHead | undefined): void {
    this.slots.begin(lane.webhookId);
    const work = this.work(lane, head).finally(() => {
      this.underWay.delete(lane);
      // The lane may have a next delivery.
      this.ready.add(lane.webhookId);
      this.bell.ring();
    });
    this.underWay.set(lane, work);
  }

  private async work(lane: LaneClaim, head: LaneHead | undefined): Promise<void> {
    let succeeded = false;
    let durationMs: number | null = null;
    try {
      const outcome = head?.event ? await this.try(head) : null;
      const tried = this.assess(lane, head, outcome);
      succeeded = tried.finding?.succeeded ?? false;
      durationMs = outcome?.durationMs ?? null;
      await this.recorder.record(tried);
    } catch (error) {
      // The claim runs out and the delivery is tried again.
      this.log.error({ err: error, webhookId: lane.webhookId }, 'a webhook delivery broke');
    } finally {
      this.slots.end(lane.webhookId, succeeded, durationMs);
    }
  }

  private try(head: LaneHead): Promise<CallOutcome> {
    const { webhookId, organizationId, url, secretSealed, headersSealed, webhookUpdatedAt } = head;
    const endpoint = { webhookId, organizationId, url, secretSealed, headersSealed, updatedAt: webhookUpdatedAt };
    return this.caller.deliver(endpoint, head.deliveryId, head.event!, head.toldAs);
  }

  /** What follows from an outcome. Without one, the lane was empty or its event is gone. */
  private assess(lane: LaneClaim, head: LaneHead | undefined, outcome: CallOutcome | null): Tried {
    const now = this.clock();
    if (head === undefined || outcome === null) {
      const delivery = head
        ? ({ id: head.deliveryId, organizationId: head.organizationId, state: 'cancelled' } as const)
        : null;
      return { result: { lane, nextDueAt: now, delivery, attempt: null }, finding: null, disable: null };
    }
    const { answer, failure, at, durationMs } = outcome;
    const number = head.attempts + 1;
    const verdict = answer
      ? judge(answer.status, answer.headers['retry-after'], now)
      : ({ kind: 'failed', pauseMs: null } as const);
    const retryMs = verdict.kind === 'failed' ? delayAfter(number, this.random()) : null;
    const pauseMs = verdict.kind === 'failed' ? verdict.pauseMs : null;
    const state = verdict.kind === 'succeeded' ? 'succeeded' : retryMs === null ? 'exhausted' : 'pending';
    const waitMs = retryMs === null ? 0 : Math.max(retryMs, pauseMs ?? 0);
    const failingForMs = head.failingSince === null ? 0 : now.getTime() - head.failingSince.getTime();
    return {
      result: {
        lane,
        nextDueAt: new Date(now.getTime() + waitMs),
        delivery: { id: head.deliveryId, organizationId: head.organizationId, state },
        attempt: {
          id: newId(),
          number,
          status: answer?.status ?? null,
          error: failure === null ? null : `${failure.reason}: ${failure.sentence}`,
          durationMs,
          responseBody: answer?.body ?? null,
          at,
        },
      },
      finding: {
        webhookId: lane.webhookId,
        succeeded: verdict.kind === 'succeeded',
        at: now,
        pausedUntil: pauseMs === null ? null : new Date(now.getTime() + pauseMs),
      },
      disable:
        verdict.kind === 'gone'
          ? 'endpoint_gone'
          : verdict.kind === 'failed' && failingForMs >= disableAfterMs
            ? 'endpoint_failing'
            : null,
    };
  }
}
