import {
  latestPayloadVersion,
  type OrganizationId,
  type ProfileId,
  type WebhookFilters,
  type WebhookId,
  type WebhookPayloadVersion,
} from '#contracts';
import type { Tx } from '../transaction.js';
import { countCancelled } from './webhook-hours.js';

export interface WebhookRow {
  id: WebhookId;
  organizationId: OrganizationId;
  /** Null: told of the organization's own events. */
  profileId: ProfileId | null;
  url: string;
  events: string[];
  filters: WebhookFilters;
  payloadVersion: WebhookPayloadVersion;
  headersSealed: Buffer | null;
  secretSealed: Buffer;
  previousSecretSealed: Buffer | null;
  /** Until when calls are signed with the former secret too. */
  previousSecretUntil: Date | null;
  enabled: boolean;
  disabledReason: string | null;
  disabledAt: Date | null;
  /** Position of its stream up to which it had been told when it was switched off. */
  missedAfter: number | null;
  failingSince: Date | null;
  pausedUntil: Date | null;
  createdAt: Date;
  updatedAt: Date;
}

const columns = `id, organization_id as "organizationId", profile_id as "profileId", url, events, filters,
  payload_version as "payloadVersion", headers_sealed as "headersSealed", secret_sealed as "secretSealed",
  previous_secret_sealed as "previousSecretSealed", previous_secret_until as "previousSecretUntil", enabled, disabled_reason as "disabledReason",
  disabled_at as "disabledAt", missed_after as "missedAfter", failing_since as "failingSince", paused_until as "pausedUntil", created_at as "createdAt", updated_at as "updatedAt"`;

/** Whether the organization has the profile, which then cannot be deleted until the end of the transaction. */
export async function holdProfile(tx: Tx, organizationId: OrganizationId, profileId: ProfileId): Promise<boolean> {
  const rows = await tx.query('select 1 from profiles where organization_id = $1 and id = $2 for key share', [
    organizationId,
    profileId,
  ]);
  return rows.length > 0;
}

type Made = Pick<
  WebhookRow,
  'id' | 'organizationId' | 'profileId' | 'url' | 'events' | 'headersSealed' | 'secretSealed'
> &
  Partial<Pick<WebhookRow, 'filters' | 'payloadVersion'>>;

/** Nothing is for it until `startWebhook` says from where. */
export async function insertWebhook(tx: Tx, made: Made): Promise<WebhookRow> {
  const [row] = await tx.query<WebhookRow>(
    `insert into webhooks (id, organization_id, profile_id, url, events, headers_sealed, secret_sealed, filters,
                           payload_version, updated_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8::jsonb, $9, now()) returning ${columns}`,
    [
      made.id,
      made.organizationId,
      made.profileId,
      made.url,
      made.events,
      made.headersSealed,
      made.secretSealed,
      JSON.stringify(made.filters ?? {}),
      made.payloadVersion ?? latestPayloadVersion,
    ],
  );
  return row!;
}

/** Events of its stream after this position are for the webhook. */
export async function startWebhook(tx: Tx, id: WebhookId, fromSeq: number): Promise<void> {
  await tx.query('update webhooks set from_seq = $2, missed_after = null where id = $1', [id, fromSeq]);
}

/** It is given what it missed before it gets what happens from now on: the planner begins where it was switched off. */
export async function startBehind(tx: Tx, id: WebhookId): Promise<void> {
  await tx.query(
    'update webhooks set from_seq = missed_after, behind_seq = missed_after, missed_after = null where id = $1',
    [id],
  );
}

/** Oldest first; `limit` rows after `after`, of one profile when it is given. */
export function listWebhooks(
  tx: Tx,
  scope: { organizationId: OrganizationId; profileId?: ProfileId; after?: WebhookId; limit: number },
): Promise<WebhookRow[]> {
  return tx.query<WebhookRow>(
    `select ${columns} from webhooks
      where organization_id = $1 and ($2::uuid is null or profile_id = $2) and ($3::uuid is null or id > $3)
      order by id limit $4`,
    [scope.organizationId, scope.profileId ?? null, scope.after ?? null, scope.limit],
  );
}

/**
 * @param lock `share` keeps it from being switched off, `update` the planner from queueing for it, until the end of the
 * transaction. Take it before lanes.
 */
export async function findWebhook(
  tx: Tx,
  organizationId: OrganizationId,
  id: WebhookId,
  lock?: 'share' | 'update',
): Promise<WebhookRow | null> {
  const rows = await tx.query<WebhookRow>(
    `select ${columns} from webhooks where organization_id = $1 and id = $2 ${lock ? `for ${lock}` : ''}`,
    [organizationId, id],
  );
  return rows[0] ?? null;
}

/** For the worker, which serves all organizations. */
export async function findWebhookAnywhere(tx: Tx, id: WebhookId, lock?: 'update'): Promise<WebhookRow | null> {
  const [row] = await tx.query<WebhookRow>(
    `select ${columns} from webhooks where id = $1 ${lock ? `for ${lock}` : ''}`,
    [id],
  );
  return row ?? null;
}

/** Where and how a webhook is called. */
export interface WebhookEndpoint
  extends Pick<
    WebhookRow,
    | 'organizationId'
    | 'url'
    | 'payloadVersion'
    | 'headersSealed'
    | 'secretSealed'
    | 'previousSecretSealed'
    | 'previousSecretUntil'
    | 'updatedAt'
  > {
  webhookId: WebhookId;
  /** As in the heads of its lanes (`LaneHead.endpointVersion`). */
  version: string;
}

/** Those that are gone are left out. */
export function readEndpoints(db: Pick<Tx, 'query'>, ids: WebhookId[]): Promise<WebhookEndpoint[]> {
  return db.query<WebhookEndpoint>(
    `select id as "webhookId", organization_id as "organizationId", url, payload_version as "payloadVersion",
            headers_sealed as "headersSealed", secret_sealed as "secretSealed",
            previous_secret_sealed as "previousSecretSealed", previous_secret_until as "previousSecretUntil",
            updated_at as "updatedAt", updated_at::text as version
       from webhooks where id = any($1::uuid[])`,
    [ids],
    { name: 'webhook_endpoints' },
  );
}

/** Fields that are undefined stay as they are. Switch on and off with `enableWebhook` and `switchOffWebhook`. */
export async function updateWebhook(
  tx: Tx,
  organizationId: OrganizationId,
  id: WebhookId,
  changes: {
    url?: string;
    events?: string[];
    headersSealed?: Buffer | null;
    filters?: WebhookFilters;
    payloadVersion?: WebhookPayloadVersion;
  },
): Promise<WebhookRow | null> {
  const rows = await tx.query<WebhookRow>(
    `update webhooks
        set url = coalesce($3, url), events = coalesce($4, events),
            headers_sealed = case when $5 then $6 else headers_sealed end,
            filters = coalesce($7::jsonb, filters), payload_version = coalesce($8, payload_version),
            -- Another address owes nothing to the failures before.
            failing_since = case when $3::text is null then failing_since end,
            paused_until = case when $3::text is null then paused_until end,
            updated_at = clock_timestamp()
      where organization_id = $1 and id = $2 returning ${columns}`,
    [
      organizationId,
      id,
      changes.url ?? null,
      changes.events ?? null,
      changes.headersSealed !== undefined,
      changes.headersSealed ?? null,
      changes.filters === undefined ? null : JSON.stringify(changes.filters),
      changes.payloadVersion ?? null,
    ],
  );
  return rows[0] ?? null;
}

/** A fresh start. Say from where with `startWebhook` or `startBehind`. */
export async function enableWebhook(tx: Tx, id: WebhookId): Promise<WebhookRow> {
  const [row] = await tx.query<WebhookRow>(
    `update webhooks
        set enabled = true, disabled_reason = null, disabled_at = null, failing_since = null, paused_until = null,
            updated_at = clock_timestamp()
      where id = $1 returning ${columns}`,
    [id],
  );
  return row!;
}

/**
 * Nothing more is planned for it or sent to it. Lock its row before, in a statement of its own: the position of the
 * planner that is noted here is then that of the last transaction in which it planned for this webhook.
 * @param reason why, when nobody asked for it
 */
export async function switchOffWebhook(tx: Tx, id: WebhookId, reason: string | null): Promise<WebhookRow> {
  const [row] = await tx.query<WebhookRow>(
    `update webhooks w
        set enabled = false, disabled_reason = $2, disabled_at = now(),
            missed_after = coalesce(w.behind_seq, greatest(w.from_seq, coalesce(
              (select seq from event_cursors c
                where c.reader = 'webhooks' and c.stream_id = coalesce(w.profile_id, w.organization_id)), 0))),
            behind_seq = null, failing_since = null, paused_until = null, updated_at = clock_timestamp()
      where id = $1 returning ${columns}`,
    [id, reason],
  );
  return row!;
}

/** The lanes of a webhook whose head waits for its next try are due now. */
export async function retryWaitingLanes(tx: Tx, id: WebhookId): Promise<void> {
  await tx.query('update webhook_lanes set due_at = now() where webhook_id = $1 and claim is null and due_at > now()', [
    id,
  ]);
}

/**
 * Calls are signed with the new secret, and until `previousUntil` with the one so far as well. Without an overlap, and
 * where there was a rotation before, older ones are forgotten.
 */
export async function rotateSecret(
  tx: Tx,
  organizationId: OrganizationId,
  id: WebhookId,
  secretSealed: Buffer,
  previousUntil: Date | null,
): Promise<WebhookRow | null> {
  const [row] = await tx.query<WebhookRow>(
    `update webhooks
        set previous_secret_sealed = case when $4::timestamptz is not null then secret_sealed end,
            previous_secret_until = $4, secret_sealed = $3, updated_at = clock_timestamp()
      where organization_id = $1 and id = $2 returning ${columns}`,
    [organizationId, id, secretSealed, previousUntil],
  );
  return row ?? null;
}

export async function deleteWebhook(tx: Tx, organizationId: OrganizationId, id: WebhookId): Promise<void> {
  // Before the webhook itself, without which a limited actor does not see them.
  await tx.query('delete from webhook_redeliveries where webhook_id = $1', [id]);
  await tx.query('delete from webhook_hours where webhook_id = $1', [id]);
  await tx.query('delete from webhooks where organization_id = $1 and id = $2', [organizationId, id]);
}

/**
 * Ends everything that is still to be delivered to a webhook as cancelled, and what was asked to be delivered again. Lock
 * the webhook's row before.
 * @returns how many deliveries were cancelled
 */
export async function cancelDeliveries(tx: Tx, webhookId: WebhookId): Promise<number> {
  await tx.query(
    `update webhook_redeliveries set state = 'cancelled', ended_at = now() where webhook_id = $1 and ended_at is null`,
    [webhookId],
  );
  await tx.query(`select 1 from webhook_lanes where webhook_id = $1 order by ordering_key for update`, [webhookId]);
  const [cancelled] = await tx.query<{ count: number }>(
    `with gone as (
       delete from webhook_queue where webhook_id = $1 returning delivery_id
     ), lanes as (
       delete from webhook_lanes where webhook_id = $1
     ), ended as (
       update webhook_deliveries d set state = 'cancelled', ended_at = now()
         from gone where d.id = gone.delivery_id and d.state = 'pending' returning 1
     )
     select count(*) as count from ended`,
    [webhookId],
  );
  if (cancelled!.count > 0) await countCancelled(tx, webhookId, cancelled!.count);
  return cancelled!.count;
}
