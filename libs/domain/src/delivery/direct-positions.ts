import type { LoggedEvent, WebhookId } from '#contracts';
import type { StandingSubscription, StreamPosition } from '#database';
import type { DirectDelivery, DirectLane } from './direct-lanes.js';
import type { OurStream, TurnResult, TurnWork } from './direct-turn.js';
import type { StreamWindow } from './direct-window.js';

/** Up to where a stream was read. */
export interface End {
  reached: number;
  hasMore: boolean;
}

export function endsOf(
  ours: OurStream[],
  subscriptions: StandingSubscription[],
  eventsOf: ReadonlyMap<string, LoggedEvent[]>,
): ReadonlyMap<StreamWindow, End> {
  const heard = new Set(subscriptions.map(({ streamId }) => streamId));
  return new Map(
    ours.map(({ window, most, locked }) => {
      const events = eventsOf.get(window.streamId) ?? [];
      const hasMore = most > 0 && events.length >= most && heard.has(window.streamId);
      // Where nobody listens any more the rest need not be read. What happened since the head was read may be there too.
      const lastRead = events.at(-1)?.seq ?? 0;
      const reached = most === 0 ? 0 : hasMore ? lastRead : Math.max(locked.head, lastRead);
      return [window, { reached, hasMore }];
    }),
  );
}

/** Which deliveries nobody is to be told of any more: of webhooks that are gone or off, or began anew behind the event. */
export function droppingOf(
  ours: OurStream[],
  subscriptions: ReadonlyMap<WebhookId, StandingSubscription>,
): (delivery: DirectDelivery) => boolean {
  const windows = new Set(ours.map(({ window }) => window));
  return ({ window, head, outcome, tried }) => {
    if (!windows.has(window)) return false;
    // Its call is under way or succeeded: that is written down like any other.
    if (outcome && (!tried || tried.result.delivery?.state === 'succeeded')) return false;
    const subscription = subscriptions.get(head.webhookId);
    return !subscription || head.position <= subscription.fromSeq;
  };
}

/** How far each stream is done with, once what this turn does is committed. */
export function positionsOf(
  work: TurnWork,
  ours: OurStream[],
  {
    ends,
    direct,
    leaving,
    isDropped,
    lanes,
  }: Pick<TurnResult, 'direct' | 'leaving' | 'isDropped'> & {
    ends: ReadonlyMap<StreamWindow, End>;
    lanes: Iterable<DirectLane>;
  },
): StreamPosition[] {
  const settled = new Map<StreamWindow, Map<number, number>>();
  const settle = ({ window, head: { position } }: DirectDelivery) => {
    const of = settled.get(window) ?? new Map<number, number>();
    of.set(position, (of.get(position) ?? 0) + 1);
    settled.set(window, of);
  };
  work.finished.forEach(settle);
  for (const lane of leaving) lane.deliveries.forEach(settle);
  for (const lane of lanes) {
    if (lane.state !== 'leaving') lane.deliveries.filter(isDropped).forEach(settle);
  }
  const firstDirect = new Map<string, number>();
  for (const { event } of direct) {
    if (!firstDirect.has(event.streamId)) firstDirect.set(event.streamId, event.seq);
  }
  return ours.map(({ window, locked }) => {
    const { streamId } = window;
    const { reached, hasMore } = ends.get(window)!;
    const readSeq = Math.max(window.readTo, locked.seq, reached);
    const open = window.firstOpenAfter(settled.get(window) ?? new Map()) ?? firstDirect.get(streamId);
    const isKept = !work.isLast && (open !== undefined || hasMore);
    return { streamId, seq: Math.max(locked.seq, (open ?? readSeq + 1) - 1), readSeq, isKept };
  });
}
