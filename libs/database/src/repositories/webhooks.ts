import type { OrganizationId, ProfileId, WebhookId } from '#contracts';
import type { Tx } from '../transaction.js';

export interface WebhookRow {
  id: WebhookId;
  organizationId: OrganizationId;
  profileId: ProfileId;
  url: string;
  events: string[];
  headersSealed: Buffer | null;
  secretSealed: Buffer;
  enabled: boolean;
  disabledReason: string | null;
  failingSince: Date | null;
  pausedUntil: Date | null;
  createdAt: Date;
  updatedAt: Date;
}

const columns = `id, organization_id as "organizationId", profile_id as "profileId", url, events,
  headers_sealed as "headersSealed", secret_sealed as "secretSealed", enabled, disabled_reason as "disabledReason",
  failing_since as "failingSince", paused_until as "pausedUntil", created_at as "createdAt", updated_at as "updatedAt"`;

/** Whether the organization has the profile, which then cannot be deleted until the end of the transaction. */
export async function holdProfile(tx: Tx, organizationId: OrganizationId, profileId: ProfileId): Promise<boolean> {
  const rows = await tx.query('select 1 from profiles where organization_id = $1 and id = $2 for key share', [
    organizationId,
    profileId,
  ]);
  return rows.length > 0;
}

/** Nothing is for it until `startWebhook` says from where. */
export async function insertWebhook(
  tx: Tx,
  made: Pick<WebhookRow, 'id' | 'organizationId' | 'profileId' | 'url' | 'events' | 'headersSealed' | 'secretSealed'>,
): Promise<WebhookRow> {
  const [row] = await tx.query<WebhookRow>(
    `insert into webhooks (id, organization_id, profile_id, url, events, headers_sealed, secret_sealed, updated_at)
     values ($1, $2, $3, $4, $5, $6, $7, now()) returning ${columns}`,
    [made.id, made.organizationId, made.profileId, made.url, made.events, made.headersSealed, made.secretSealed],
  );
  return row!;
}

/** Events of the profile's stream after this position are for the webhook. */
export async function startWebhook(tx: Tx, id: WebhookId, fromSeq: number): Promise<void> {
  await tx.query('update webhooks set from_seq = $2 where id = $1', [id, fromSeq]);
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
 * @param lock `update` keeps the planner from queueing for it until the end of the transaction. Take it before lanes.
 */
export async function findWebhook(
  tx: Tx,
  organizationId: OrganizationId,
  id: WebhookId,
  lock?: 'update',
): Promise<WebhookRow | null> {
  const rows = await tx.query<WebhookRow>(
    `select ${columns} from webhooks where organization_id = $1 and id = $2 ${lock ? `for ${lock}` : ''}`,
    [organizationId, id],
  );
  return rows[0] ?? null;
}

/** Fields that are undefined stay as they are. */
export async function updateWebhook(
  tx: Tx,
  organizationId: OrganizationId,
  id: WebhookId,
  changes: {
    url?: string;
    events?: string[];
    headersSealed?: Buffer | null;
    enabled?: boolean;
  },
): Promise<WebhookRow | null> {
  const rows = await tx.query<WebhookRow>(
    `update webhooks
        set url = coalesce($3, url), events = coalesce($4, events),
            headers_sealed = case when $5 then $6 else headers_sealed end,
            enabled = coalesce($7, enabled), disabled_reason = case when $7 is null then disabled_reason end,
            -- Another address or a fresh start owes nothing to the failures before.
            failing_since = case when $3 is null and $7 is null then failing_since end,
            paused_until = case when $3 is null and $7 is null then paused_until end,
            updated_at = clock_timestamp()
      where organization_id = $1 and id = $2 returning ${columns}`,
    [
      organizationId,
      id,
      changes.url ?? null,
      changes.events ?? null,
      changes.headersSealed !== undefined,
      changes.headersSealed ?? null,
      changes.enabled ?? null,
    ],
  );
  return rows[0] ?? null;
}

export async function deleteWebhook(tx: Tx, organizationId: OrganizationId, id: WebhookId): Promise<void> {
  await tx.query('delete from webhooks where organization_id = $1 and id = $2', [organizationId, id]);
}

/**
 * Ends everything that is still to be delivered to a webhook as cancelled. Lock the webhook's row before.
 * @returns how many deliveries were cancelled
 */
export async function cancelDeliveries(tx: Tx, webhookId: WebhookId): Promise<number> {
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
  return cancelled!.count;
}
