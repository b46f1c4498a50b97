import { narrowNames, otherNamesOf, type WebhookFilters, webhookNameOf } from '#contracts';
import type { EventHead, EventTraits, Subscription } from '#database';

type Asked = Pick<Subscription, 'events' | 'filters'>;

/** Whether a subscription may be told of an event, by its name alone; the rest is for `toldAs` to say. */
export function mayBeToldOf(event: Pick<EventHead, 'name'>, { events }: Asked): boolean {
  return plainName(event, events) !== undefined || narrowNamesOf(event, events).length > 0;
}

/** Whether that depends on more than the event's name. */
export function asksForTraits(event: Pick<EventHead, 'name'>, { events, filters }: Asked): boolean {
  if (Object.keys(filters).length > 0) return true;
  return plainName(event, events) === undefined && narrowNamesOf(event, events).some(({ where }) => !('all' in where));
}

/**
 * The name under which a webhook is told of an event, once whatever it asked for; undefined when it is not told.
 * @param traits needed where `asksForTraits`
 */
export function toldAs(event: Pick<EventHead, 'name'>, asked: Asked, traits?: EventTraits): string | undefined {
  if (traits && !passes(asked.filters, traits)) return undefined;
  const plain = plainName(event, asked.events);
  if (plain !== undefined) return plain;
  return narrowNamesOf(event, asked.events).find(({ where }) => {
    if ('all' in where) return true;
    if ('inGroup' in where) return traits?.chatKind === 'group';
    return traits?.state != null && where.states.includes(traits.state);
  })?.name;
}

function plainName({ name }: Pick<EventHead, 'name'>, asked: string[]): string | undefined {
  const main = webhookNameOf(name);
  if (asked.includes('*') || asked.includes(main)) return main;
  return otherNamesOf(name).find((other) => asked.includes(other));
}

function narrowNamesOf({ name }: Pick<EventHead, 'name'>, asked: string[]) {
  return narrowNames.filter((narrow) => narrow.of === name && asked.includes(narrow.name));
}

/** An event passes a filter that asks about something it has not. */
function passes(filters: WebhookFilters, traits: EventTraits): boolean {
  const { chatKind, fromMe, kind, labels, tags } = traits;
  if (filters.chatKinds && chatKind !== null && !filters.chatKinds.includes(chatKind)) return false;
  if (filters.fromMe !== undefined && fromMe !== null && filters.fromMe !== fromMe) return false;
  if (filters.kinds && kind !== null && !filters.kinds.includes(kind)) return false;
  if (filters.labels && labels !== null && !hasAny(labels, filters.labels)) return false;
  if (filters.tags && tags !== null && !hasAny(tags, filters.tags)) return false;
  return true;
}

function hasAny(has: readonly string[], asked: readonly string[]): boolean {
  return asked.some((one) => has.includes(one.toLowerCase()));
}
