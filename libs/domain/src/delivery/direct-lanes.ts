import type { WebhookId } from '#contracts';
import type { EventSurroundings, LaneHead, WebhookEndpoint } from '#database';
import type { StreamWindow } from './direct-window.js';
import { laneKey } from './lane-reader.js';
import type { Tried } from './result-recorder.js';

/** A delivery that is told straight from the log: nothing of it is written down before its outcome. */
export interface DirectDelivery {
  /** Its claim is empty until it goes into the queue. */
  head: LaneHead & { event: NonNullable<LaneHead['event']>; toldAs: string };
  /** Of its stream. */
  window: StreamWindow;
  /** Where it is called, unless that was changed since. */
  endpoint: WebhookEndpoint;
  around: EventSurroundings | undefined;
  /** By `performance.now()`. */
  readAt: number;
  begunAt: number;
  /** What came of its call. */
  outcome: Promise<Tried> | undefined;
  tried: Tried | undefined;
}

/** The deliveries of one webhook and ordering key that are in memory, first one first; there is always one. */
export interface DirectLane {
  key: string;
  webhookId: WebhookId;
  orderingKey: string;
  /**
   * `calling`: its first delivery is being tried. `failed`: that did not succeed. `leaving`: it is being written into the
   * queue, where everything goes that does not succeed at once.
   */
  state: 'waiting' | 'calling' | 'failed' | 'leaving';
  deliveries: DirectDelivery[];
}

/** Lanes in memory, and whose turn it is: webhooks take turns, and so do the lanes of each. */
export class DirectLanes {
  private readonly lanes = new Map<string, DirectLane>();
  /** Lanes whose first delivery may be tried, longest waiting first; webhooks likewise. */
  private readonly waiting = new Map<WebhookId, Set<DirectLane>>();

  get all(): Iterable<DirectLane> {
    return this.lanes.values();
  }

  get isEmpty(): boolean {
    return this.lanes.size === 0;
  }

  get(key: string): DirectLane | undefined {
    return this.lanes.get(key);
  }

  add(delivery: DirectDelivery): void {
    const key = laneKey(delivery.head);
    const lane = this.lanes.get(key);
    if (lane) {
      lane.deliveries.push(delivery);
      return;
    }
    const { webhookId, orderingKey } = delivery.head;
    const made: DirectLane = { key, webhookId, orderingKey, state: 'waiting', deliveries: [delivery] };
    this.lanes.set(key, made);
    this.wait(made);
  }

  /** The next lane of the first webhook that may begin a call; its state is `calling` then. */
  next(mayBegin: (webhookId: WebhookId) => boolean): DirectLane | undefined {
    for (const [webhookId, lanes] of this.waiting) {
      if (!mayBegin(webhookId)) continue;
      const [lane] = lanes;
      this.unwait(lane!);
      const rest = this.waiting.get(webhookId);
      // To the end of the line.
      if (rest && this.waiting.delete(webhookId)) this.waiting.set(webhookId, rest);
      lane!.state = 'calling';
      return lane;
    }
    return undefined;
  }

  /** The first delivery is done with: the next waits for its turn, and a lane without one is gone. */
  shift(lane: DirectLane): DirectDelivery {
    const first = lane.deliveries.shift()!;
    if (lane.deliveries.length === 0) this.remove(lane);
    else this.wait(lane);
    return first;
  }

  /** A lane that could not leave after all waits again. */
  wait(lane: DirectLane): void {
    lane.state = 'waiting';
    const lanes = this.waiting.get(lane.webhookId);
    if (lanes) lanes.add(lane);
    else this.waiting.set(lane.webhookId, new Set([lane]));
  }

  /** From now on nothing of it is begun. */
  hold(lane: DirectLane): void {
    this.unwait(lane);
    lane.state = 'leaving';
  }

  remove(lane: DirectLane): void {
    this.unwait(lane);
    this.lanes.delete(lane.key);
  }

  /** Drops deliveries that nobody is being told of yet. @returns them */
  drop(which: (delivery: DirectDelivery) => boolean): DirectDelivery[] {
    const dropped: DirectDelivery[] = [];
    for (const lane of [...this.lanes.values()]) {
      const isUnderWay = lane.state === 'calling';
      const kept = lane.deliveries.filter((one, position) => (isUnderWay && position === 0) || !which(one));
      if (kept.length === lane.deliveries.length) continue;
      dropped.push(...lane.deliveries.filter((one) => !kept.includes(one)));
      lane.deliveries = kept;
      if (kept.length === 0) this.remove(lane);
    }
    return dropped;
  }

  private unwait(lane: DirectLane): void {
    const lanes = this.waiting.get(lane.webhookId);
    if (lanes?.delete(lane) && lanes.size === 0) this.waiting.delete(lane.webhookId);
  }
}
