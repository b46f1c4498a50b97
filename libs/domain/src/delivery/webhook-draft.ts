import {
  type Actor,
  canHappenIn,
  errors,
  type FieldError,
  holdsEverywhere,
  type ProfileId,
  type WebhookFilters,
  type WebhookPayloadVersion,
  webhookEventNames,
} from '#contracts';
import { holdProfile, type Tx, type WebhookRow } from '#database';

export interface WebhookDraft {
  /** Null or absent: the organization's own events. */
  profileId?: ProfileId | null;
  url: string;
  /** Names of events, or `*` for all, also those to come. */
  events: string[];
  filters?: WebhookFilters;
  /** Default: the latest. */
  payloadVersion?: WebhookPayloadVersion;
  /** Sent with each call. */
  headers?: Record<string, unknown>;
  /** Default: a new one. */
  secret?: string;
}

/** Fields that are absent stay. */
export interface WebhookChanges extends Partial<Omit<WebhookDraft, 'profileId' | 'secret'>> {
  enabled?: boolean;
  /** Only when it is switched on: whether it is told of what it missed while it was off. */
  deliverMissed?: boolean;
}

/** A webhook as its owners see it: the values of its headers and its secrets are never shown again. */
export interface WebhookFacts extends Omit<WebhookRow, 'headersSealed' | 'secretSealed' | 'previousSecretSealed'> {
  headerNames: string[];
}

export function factsOf(webhook: WebhookRow, headerNames: string[]): WebhookFacts {
  const { headersSealed: _headers, secretSealed: _secret, previousSecretSealed: _previous, ...row } = webhook;
  return { ...row, headerNames };
}

/** What the audit trail keeps of it. */
export function auditFacts({ profileId, url, events, filters, payloadVersion, enabled }: WebhookRow) {
  return { profileId, url, events, filters: JSON.stringify(filters), payloadVersion, enabled };
}

export function resourceOf(row: Pick<WebhookRow, 'id' | 'url'>) {
  return { type: 'webhook', id: row.id, name: new URL(row.url).host };
}

/** @throws validation naming each unknown event, and each that cannot happen where the webhook listens */
export function checkedEvents(names: string[], profileId: ProfileId | null): string[] {
  const known = new Set(webhookEventNames);
  const scope = profileId === null ? 'organization' : 'profile';
  const problems = names.flatMap((name, position): FieldError[] => {
    const path = `events.${position}`;
    if (name === '*') return [];
    if (!known.has(name)) {
      return [{ path, message: `is no event; use * or some of: ${webhookEventNames.join(', ')}` }];
    }
    if (canHappenIn(scope, name)) return [];
    const instead = scope === 'profile' ? 'make a webhook without profileId for it' : 'give the profileId for it';
    return [
      { path, message: `is never an event of ${scope === 'profile' ? 'a profile' : 'the organization'}: ${instead}` },
    ];
  });
  if (names.length === 0) problems.push({ path: 'events', message: 'must name at least one event, or *' });
  if (problems.length > 0) throw errors.validation({ fields: problems });
  return [...new Set(names)];
}

/** Names of labels and tags are compared without regard to case. @returns only what was given */
export function checkedFilters(filters: WebhookFilters): WebhookFilters {
  const words = (list: string[] | undefined) => list && [...new Set(list.map((word) => word.trim().toLowerCase()))];
  const { chatKinds, fromMe, kinds, labels, tags } = filters;
  const given = { chatKinds, fromMe, kinds, labels: words(labels), tags: words(tags) };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

/**
 * Who may have a webhook there: everybody with the permission for the profile, and for the organization's own events who
 * may read those.
 * @throws notFound, forbidden
 */
export async function holdPlace(tx: Tx, actor: Actor, profileId: ProfileId | null): Promise<void> {
  if (profileId === null) {
    if (actor.reach === 'everywhere' && holdsEverywhere(actor, 'events.read')) return;
    throw errors.forbidden({
      message: "A webhook without profileId is told of the organization's own events, which you may not read.",
    });
  }
  if (!(await holdProfile(tx, actor.organizationId, profileId))) throw errors.notFound({ details: { profileId } });
}
