import type { OrganizationId } from '#contracts';
import {
  type EventHead,
  type EventTraits,
  type PlannedDelivery,
  readEventTraits,
  type Subscription,
  type Tx,
} from '#database';
import { deliveryIdFor } from './delivery-id.js';
import { asksForTraits, mayBeToldOf, toldAs } from './webhook-filters.js';

/** A delivery with what it came from. */
export interface Planned<E extends EventHead, S extends Subscription> {
  delivery: PlannedDelivery;
  event: E;
  subscription: S;
}

/** Who is told of events, in the order of the events. */
export async function planDeliveries<E extends EventHead, S extends Subscription>(
  tx: Tx,
  organizationOf: ReadonlyMap<string, string>,
  subscriptions: S[],
  events: E[],
  now: Date,
): Promise<Planned<E, S>[]> {
  const subscriptionsOf = new Map<string, S[]>();
  for (const one of subscriptions) {
    subscriptionsOf.set(one.streamId, [...(subscriptionsOf.get(one.streamId) ?? []), one]);
  }
  const pairs = events.flatMap((event) =>
    (subscriptionsOf.get(event.streamId) ?? []).flatMap((subscription) =>
      event.seq > subscription.fromSeq && mayBeToldOf(event, subscription) ? [{ event, subscription }] : [],
    ),
  );
  const traitsOf = await readTraits(tx, pairs);
  return pairs.flatMap(({ event, subscription }) => {
    const eventName = toldAs(event, subscription, traitsOf.get(event.id));
    if (eventName === undefined) return [];
    const delivery = {
      id: deliveryIdFor(event.id, subscription.webhookId, now),
      organizationId: organizationOf.get(event.streamId)! as OrganizationId,
      webhookId: subscription.webhookId,
      eventId: event.id,
      eventName,
      orderingKey: event.conversationId ?? event.streamId,
      seq: event.seq,
    };
    return { delivery, event, subscription };
  });
}

/** Of those events for which it makes a difference, in one query. */
async function readTraits(
  tx: Tx,
  pairs: { event: EventHead; subscription: Subscription }[],
): Promise<ReadonlyMap<string, EventTraits>> {
  const asking = pairs.filter(({ event, subscription }) => asksForTraits(event, subscription));
  if (asking.length === 0) return new Map();
  const asked = {
    kind: asking.some(({ subscription }) => subscription.filters.kinds !== undefined),
    labels: asking.some(({ subscription }) => subscription.filters.labels !== undefined),
    tags: asking.some(({ subscription }) => subscription.filters.tags !== undefined),
  };
  const traits = await readEventTraits(tx, [...new Set(asking.map(({ event }) => event.id))], asked);
  return new Map(traits.map((one) => [one.id, one]));
}
