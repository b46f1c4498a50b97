import type { ConnectionState } from './connection.js';
import { type EventName, eventCatalogue } from './events.js';

/**
 * The names under which webhooks ask for events. Each event has one name of ours; some have further ones that tell of a
 * part of them only, as the older product has them.
 */

/** A further name of an event, for those of its occurrences that fit. */
export interface NarrowName {
  name: string;
  of: EventName;
  /** Which occurrences: those in groups, changes into one of these states, or all. */
  where: { inGroup: true } | { states: readonly ConnectionState[] } | { all: true };
  /** For the reference. */
  means: string;
}

const isConnected = { states: ['connected'] } as const;
const isNotConnected = { states: ['disconnected', 'reconnecting', 'logged_out', 'error'] } as const;

/** Those under `session.` are of the oldest documents of that product, for which a session was a connection. */
export const narrowNames: readonly NarrowName[] = [
  { name: 'group.message', of: 'message.received', where: { inGroup: true }, means: 'in groups alone' },
  { name: 'connection.ready', of: 'connection.changed', where: isConnected, means: 'when it is connected' },
  {
    ...{ name: 'connection.disconnected', of: 'connection.changed', where: isNotConnected },
    means: 'when it is not connected any more',
  },
  { name: 'session.connected', of: 'connection.changed', where: isConnected, means: 'the same, its oldest name' },
  { name: 'session.disconnected', of: 'connection.changed', where: isNotConnected, means: 'the same, its oldest name' },
  { name: 'session.status', of: 'connection.changed', where: { all: true }, means: 'the same, its oldest name' },
  { name: 'session.qr', of: 'connection.qr_changed', where: { all: true }, means: 'the same, its oldest name' },
];

/** The one name of an event for webhooks that ask for everything. */
export function webhookNameOf(name: EventName): string {
  return eventCatalogue[name]?.webhook ?? name;
}

const eventNames = Object.keys(eventCatalogue) as EventName[];

/** Further names of an event, its own name in our log among them where webhooks know it by another. */
export const otherNamesOf = (name: EventName): readonly string[] =>
  webhookNameOf(name) === name || byWebhookName.has(name) ? [] : [name];

const byWebhookName = new Map(eventNames.map((name) => [webhookNameOf(name), name]));

/** Every name that a webhook may ask for, besides `*`. */
export const webhookEventNames: readonly string[] = [
  ...new Set([
    ...eventNames.flatMap((name) => [webhookNameOf(name), ...otherNamesOf(name)]),
    ...narrowNames.map(({ name }) => name),
  ]),
];

/**
 * Events that are of an organization, never of a profile, and the other way round, by what stands before the dot. Those of
 * webhooks may be either.
 */
const ofOrganizations = new Set(
  `account api_key data_export erasure invitation member organization passkey retention retention_policy role session
   storage upload user workspace`.split(/\s+/),
);
const ofProfiles = new Set(
  `action batch broadcast call connection contact contact_field conversation event group history hook import label message
   newsletter poll presence profile scheduled_message segment send_policy sending tag template typing`.split(/\s+/),
);

/** Whether an event of this name can happen in the stream of a profile, or of an organization itself. */
export function canHappenIn(scope: 'profile' | 'organization', name: string): boolean {
  const [area = ''] = (narrowNames.find((narrow) => narrow.name === name)?.of ?? name).split('.');
  return !(scope === 'profile' ? ofOrganizations : ofProfiles).has(area);
}
