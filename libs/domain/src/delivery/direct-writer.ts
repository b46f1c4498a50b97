import { type LoggedEvent, newId, type WebhookId } from '#contracts';
import {
  addToHoursLast,
  advanceStreams,
  filterKnownDeliveries,
  filterOpenLanes,
  insertDeliveries,
  insertTold,
  type LaneUnderWay,
  type LockedStream,
  listStandingSubscriptions,
  lockStreams,
  type PlannedDelivery,
  readNewEvents,
  type StandingSubscription,
  type ToldDelivery,
  type Tx,
} from '#database';
import { hasDerivedId } from './delivery-id.js';
import { planDeliveries } from './delivery-plan.js';
import type { DirectDelivery, DirectLane, DirectLanes } from './direct-lanes.js';
import { droppingOf, endsOf, positionsOf } from './direct-positions.js';
import type { NewDelivery, OurStream, TurnResult, TurnStream, TurnWork } from './direct-turn.js';
import type { StreamWindow } from './direct-window.js';
import { hoursOf } from './hour-tally.js';
import { laneKey } from './lane-reader.js';

/**
 * The transaction of a turn: writes down what was told, reads what is new and decides how it is told, and says how far
 * each stream is done with. Nothing in memory changes but that leaving lanes are held; the caller does the rest when the
 * transaction is committed.
 */
export class DirectWriter {
  constructor(
    private readonly parts: { lanes: DirectLanes; clock: () => Date; isTrusted(webhookId: WebhookId): boolean },
    private readonly options: { holder: string; holdMs: number; claimMs: number },
  ) {}

  async write(tx: Tx, work: TurnWork): Promise<TurnResult> {
    const now = this.parts.clock();
    const streamIds = work.streams.map(({ window }) => window.streamId);
    const reading = work.streams.filter(({ most }) => most > 0);
    // In this order: what is seen of the webhooks is not older than the events, so that each sees the events it is for.
    const [locked, events, listed] = await Promise.all([
      lockStreams(tx, streamIds),
      reading.length === 0
        ? []
        : readNewEvents(
            tx,
            reading.map(({ window, most }) => ({ streamId: window.streamId, after: window.readTo, most })),
          ),
      listStandingSubscriptions(tx, streamIds),
    ]);
    const { ours, lost } = this.judged(work.streams, locked);
    const subscriptions = new Map(listed.map((one) => [one.webhookId, one]));
    const eventsOf = byStream(events);
    const fresh = await this.planned(tx, ours, listed, eventsOf, now);
    const leaving = this.leaving(work, ours, subscriptions, now);
    const isDropped = droppingOf(ours, subscriptions);
    const { direct, queue } = await this.divided(tx, fresh, new Set(leaving), now);
    const queued = [...leavers(leaving, isDropped), ...queue.map(({ delivery }) => delivery)];
    const ends = endsOf(ours, listed, eventsOf);
    const positions = positionsOf(work, ours, { ends, direct, leaving, isDropped, lanes: this.parts.lanes.all });
    const [told] = await Promise.all([
      work.finished.length === 0 ? new Set<string>() : insertTold(tx, work.finished.map(toldOf)),
      queued.length > 0 && insertDeliveries(tx, queued, now, this.underWay(leaving, now)),
      positions.length > 0 && advanceStreams(tx, positions, { id: this.options.holder, forMs: this.options.holdMs }),
    ]);
    this.count(tx, work.finished, told);
    const queuedFor = [...new Set(queued.map(({ webhookId }) => webhookId))];
    for (const webhookId of queuedFor) tx.wake('deliveries', webhookId);
    const positionOf = new Map(positions.map((position) => [position.streamId, position]));
    return {
      ours: ours.map((stream) => {
        const { readSeq: readTo, isKept } = positionOf.get(stream.window.streamId)!;
        return { ...stream, readTo, isKept, hasMore: ends.get(stream.window)!.hasMore };
      }),
      ...{ lost, subscriptions, direct, leaving, isDropped, queued: queuedFor },
    };
  }

  private judged(streams: TurnStream[], locked: LockedStream[]): { ours: OurStream[]; lost: StreamWindow[] } {
    const byId = new Map(locked.map((one) => [one.streamId, one]));
    const ours: OurStream[] = [];
    const lost: StreamWindow[] = [];
    for (const stream of streams) {
      const found = byId.get(stream.window.streamId);
      if (!found) {
        // Somebody has it locked for a moment, and the next turn sees; or its profile was deleted.
        if (stream.isHeld && performance.now() > stream.window.heldUntil) lost.push(stream.window);
        continue;
      }
      const isFree = found.claim === null || found.isLapsed;
      if (found.claim === this.options.holder || (!stream.isHeld && isFree)) ours.push({ ...stream, locked: found });
      else if (stream.isHeld) lost.push(stream.window);
    }
    return { ours, lost };
  }

  /** Who is told of what is new, without what whoever held the stream before told or queued already. */
  private async planned(
    tx: Tx,
    ours: OurStream[],
    subscriptions: StandingSubscription[],
    eventsOf: ReadonlyMap<string, LoggedEvent[]>,
    now: Date,
  ): Promise<NewDelivery[]> {
    const organizationOf = new Map(ours.map(({ locked }) => [locked.streamId, locked.organizationId as string]));
    const events = ours.flatMap(({ window }) => eventsOf.get(window.streamId) ?? []);
    if (events.length === 0) return [];
    const all = await planDeliveries(tx, organizationOf, subscriptions, events, now);
    const takenOver = new Set(
      ours.filter(({ isHeld, locked }) => !isHeld && locked.claim !== null).map(({ locked }) => locked.streamId),
    );
    const doubtful = all.filter(({ event }) => takenOver.has(event.streamId));
    if (doubtful.length === 0) return all;
    const known = await filterKnownDeliveries(
      tx,
      doubtful.map(({ delivery }) => delivery.id),
    );
    return all.filter(({ delivery }) => !known.has(delivery.id));
  }

  private leaving(
    work: TurnWork,
    ours: OurStream[],
    subscriptions: ReadonlyMap<WebhookId, StandingSubscription>,
    now: Date,
  ): DirectLane[] {
    const windows = new Set(ours.map(({ window }) => window));
    const leaving = [...this.parts.lanes.all].filter((lane) => {
      const subscription = subscriptions.get(lane.webhookId);
      if (!subscription || !windows.has(lane.deliveries[0]!.window)) return false;
      return lane.state === 'failed' || !this.isWell(subscription, now) || work.leaves(lane);
    });
    for (const lane of leaving) {
      this.parts.lanes.hold(lane);
      // The same when the transaction has to be repeated, whose outcome may be unknown.
      lane.deliveries[0]!.head.claim ||= newId<string>();
    }
    return leaving;
  }

  private isWell({ webhookId, failingSince, pausedUntil }: StandingSubscription, now: Date): boolean {
    return failingSince === null && (pausedUntil === null || pausedUntil <= now) && this.parts.isTrusted(webhookId);
  }

  /** What is queued for a lane goes before what is new. */
  private async divided(
    tx: Tx,
    fresh: NewDelivery[],
    leaving: ReadonlySet<DirectLane>,
    now: Date,
  ): Promise<{ direct: NewDelivery[]; queue: NewDelivery[] }> {
    const unsure = fresh.filter(
      ({ delivery, subscription }) => subscription.hasLanes && !this.parts.lanes.get(laneKey(delivery)),
    );
    const open =
      unsure.length === 0
        ? []
        : await filterOpenLanes(
            tx,
            unsure.map(({ delivery }) => delivery),
          );
    const openKeys = new Set(open.map(laneKey));
    const direct: NewDelivery[] = [];
    const queue: NewDelivery[] = [];
    for (const one of fresh) {
      const key = laneKey(one.delivery);
      const lane = this.parts.lanes.get(key);
      // What is queued first of a lane is followed by the rest.
      const isDirect = lane
        ? !leaving.has(lane)
        : !openKeys.has(key) && this.isWell(one.subscription, now) && hasDerivedId(one.event.id, now);
      if (isDirect) direct.push(one);
      else {
        openKeys.add(key);
        queue.push(one);
      }
    }
    return { direct, queue };
  }

  /** Lanes with a call under way, or one whose failure is still to be recorded, stay with us. */
  private underWay(leaving: DirectLane[], now: Date): LaneUnderWay[] {
    const until = new Date(now.getTime() + this.options.claimMs);
    return leaving.flatMap(({ webhookId, orderingKey, deliveries }) =>
      deliveries[0]!.outcome ? [{ webhookId, orderingKey, claim: deliveries[0]!.head.claim, until }] : [],
    );
  }

  private count(tx: Tx, finished: DirectDelivery[], told: ReadonlySet<string>): void {
    const tried = finished.filter(({ head }) => told.has(head.deliveryId)).map((delivery) => delivery.tried!);
    const attempts = new Set(tried.map(({ result }) => result.attempt!.id));
    addToHoursLast(tx, hoursOf(tried, { attempts, deliveries: told, heads: [], givenBack: new Set() }));
  }
}

function leavers(leaving: DirectLane[], isDropped: (delivery: DirectDelivery) => boolean): PlannedDelivery[] {
  return leaving.flatMap(({ deliveries }) =>
    deliveries
      .filter((delivery) => !isDropped(delivery))
      .map(({ head }) => ({
        id: head.deliveryId,
        organizationId: head.organizationId,
        webhookId: head.webhookId,
        eventId: head.event.id,
        eventName: head.toldAs,
        orderingKey: head.orderingKey,
        seq: head.position,
      })),
  );
}

function toldOf({ head, tried }: DirectDelivery): ToldDelivery {
  const { status, at, durationMs, responseBody } = tried!.result.attempt!;
  return {
    id: head.deliveryId,
    organizationId: head.organizationId,
    webhookId: head.webhookId,
    eventId: head.event.id,
    eventName: head.toldAs,
    orderingKey: head.orderingKey,
    status: status!,
    ...{ at, durationMs, responseBody },
  };
}

function byStream(events: LoggedEvent[]): Map<string, LoggedEvent[]> {
  const found = new Map<string, LoggedEvent[]>();
  for (const event of events) {
    const known = found.get(event.streamId);
    if (known) known.push(event);
    else found.set(event.streamId, [event]);
  }
  return found;
}
