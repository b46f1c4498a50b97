import { idFloor, type LoggedEvent, type OrganizationId, type WebhookId } from '#contracts';
import type { Tx } from '../transaction.js';

export type WebhookDeliveryState = 'pending' | 'succeeded' | 'exhausted' | 'cancelled';

export interface WebhookDeliveryRow {
  id: string;
  webhookId: WebhookId;
  eventId: string;
  eventName: string;
  /** Deliveries with one key go out one after another. */
  orderingKey: string;
  state: WebhookDeliveryState;
  attempts: number;
  /** How often it was put in line again on request. */
  redeliveries: number;
  lastStatus: number | null;
  createdAt: Date;
  endedAt: Date | null;
}

export interface WebhookAttemptRow {
  id: string;
  attempt: number;
  status: number | null;
  error: string | null;
  durationMs: number;
  responseBody: string | null;
  at: Date;
}

const columns = `id, webhook_id as "webhookId", event_id as "eventId", event_name as "eventName",
  ordering_key as "orderingKey", state, attempts, redeliveries,
  last_status as "lastStatus", created_at as "createdAt", ended_at as "endedAt"`;

export interface DeliveryFilters {
  state?: WebhookDeliveryState;
  /** The name under which the webhook was told. */
  event?: string;
  eventId?: string;
  /** Queued from then on, and before then. */
  from?: Date;
  to?: Date;
}

/** The deliveries of a webhook that fit, newest first; `limit` rows older than `before`. */
export function listWebhookDeliveries(
  tx: Tx,
  scope: DeliveryFilters & { organizationId: OrganizationId; webhookId: WebhookId; before?: string; limit: number },
): Promise<WebhookDeliveryRow[]> {
  const { state } = scope;
  // What is pending is in the queue as well, which is short where the log is long.
  const isQueued = 'id in (select delivery_id from webhook_queue where webhook_id = $2)';
  return tx.query<WebhookDeliveryRow>(
    `select ${columns} from webhook_deliveries
      where organization_id = $1 and webhook_id = $2 and ($3::text is null or state = $3)
        and ($4::uuid is null or id < $4) and ($6::text is null or event_name = $6)
        and ($7::uuid is null or event_id = $7) and ($8::uuid is null or id >= $8) and ($9::uuid is null or id < $9)
        ${state === 'pending' ? `and ${isQueued}` : ''}
      order by id desc limit $5`,
    [
      scope.organizationId,
      scope.webhookId,
      state ?? null,
      scope.before ?? null,
      scope.limit,
      scope.event ?? null,
      scope.eventId ?? null,
      scope.from ? idFloor(scope.from) : null,
      scope.to ? idFloor(scope.to) : null,
    ],
  );
}

export async function findWebhookDelivery(
  tx: Tx,
  scope: { organizationId: OrganizationId; webhookId: WebhookId; id: string },
): Promise<WebhookDeliveryRow | null> {
  const rows = await tx.query<WebhookDeliveryRow>(
    `select ${columns} from webhook_deliveries where organization_id = $1 and webhook_id = $2 and id = $3`,
    [scope.organizationId, scope.webhookId, scope.id],
  );
  return rows[0] ?? null;
}

/** The tries of a delivery, first one first. */
export function listWebhookAttempts(
  tx: Tx,
  scope: { organizationId: OrganizationId; deliveryId: string },
): Promise<WebhookAttemptRow[]> {
  return tx.query<WebhookAttemptRow>(
    `select id, attempt, status, error, duration_ms as "durationMs", response_body as "responseBody", at
       from webhook_attempts where organization_id = $1 and delivery_id = $2
      union all
     select id, 1, last_status, null, only_try_ms, only_try_answer, created_at
       from webhook_deliveries where organization_id = $1 and id = $2 and only_try_ms is not null
      order by attempt, id`,
    [scope.organizationId, scope.deliveryId],
  );
}

/** The event of a delivery; null when retention has removed it. */
export async function findDeliveredEvent(
  tx: Tx,
  organizationId: OrganizationId,
  eventId: string,
): Promise<LoggedEvent | null> {
  const [row] = await tx.query<LoggedEvent>(
    `select id, organization_id as "organizationId", profile_id as "profileId", conversation_id as "conversationId",
            stream_id as "streamId", seq, name, version, actor, occurred_at as "occurredAt", payload
       from events where organization_id = $1 and id = $2`,
    [organizationId, eventId],
  );
  return row ?? null;
}
