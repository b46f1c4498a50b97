import type { OrganizationId, WebhookId } from '#contracts';
import type { Tx } from '../transaction.js';

export type WebhookDeliveryState = 'pending' | 'succeeded' | 'exhausted' | 'cancelled';

export interface WebhookDeliveryRow {
  id: string;
  webhookId: WebhookId;
  eventId: string;
  eventName: string;
  state: WebhookDeliveryState;
  attempts: number;
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

const columns = `id, webhook_id as "webhookId", event_id as "eventId", event_name as "eventName", state, attempts,
  last_status as "lastStatus", created_at as "createdAt", ended_at as "endedAt"`;

/** The deliveries of a webhook, newest first; `limit` rows older than `before`, in one state when it is given. */
export function listWebhookDeliveries(
  tx: Tx,
  scope: {
    organizationId: OrganizationId;
    webhookId: WebhookId;
    state?: WebhookDeliveryState;
    before?: string;
    limit: number;
  },
): Promise<WebhookDeliveryRow[]> {
  return tx.query<WebhookDeliveryRow>(
    `select ${columns} from webhook_deliveries
      where organization_id = $1 and webhook_id = $2 and ($3::text is null or state = $3)
        and ($4::uuid is null or id < $4)
      order by id desc limit $5`,
    [scope.organizationId, scope.webhookId, scope.state ?? null, scope.before ?? null, scope.limit],
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
       from webhook_attempts where organization_id = $1 and delivery_id = $2 order by attempt, id`,
    [scope.organizationId, scope.deliveryId],
  );
}
