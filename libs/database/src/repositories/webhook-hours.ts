import type { OrganizationId, WebhookId } from '#contracts';
import type { Tx } from '../transaction.js';

/** What came of the calls of one webhook in one hour. Buckets are counts by length of time; what they mean is the caller's. */
export interface WebhookHour {
  webhookId: WebhookId;
  /** Its beginning. */
  hour: Date;
  organizationId: OrganizationId;
  attempts: number;
  /** Attempts that were answered with 2xx. */
  successes: number;
  /** Deliveries that ended so. */
  succeeded: number;
  exhausted: number;
  cancelled: number;
  callBuckets: number[];
  delayBuckets: number[];
}

const sum = (column: string) =>
  `array(select coalesce(a, 0) + coalesce(b, 0) from unnest(h.${column}, excluded.${column})
           with ordinality as each (a, b, position) order by position)`;

/** Adds to the hours as the last statement (`Tx.finish`): every worker does so, and their rows are locked for the commit. */
export function addToHoursLast(tx: Tx, hours: readonly WebhookHour[]): void {
  if (hours.length === 0) return;
  void tx.finish(
    `insert into webhook_hours as h (webhook_id, hour, organization_id, attempts, successes, succeeded, exhausted,
                                     cancelled, call_buckets, delay_buckets)
     select "webhookId", hour, "organizationId", attempts, successes, succeeded, exhausted, cancelled, "callBuckets",
            "delayBuckets"
       from jsonb_to_recordset($1::jsonb) as each ("webhookId" uuid, hour timestamptz, "organizationId" uuid,
              attempts int, successes int, succeeded int, exhausted int, cancelled int, "callBuckets" int[],
              "delayBuckets" int[])
      order by 1, 2
     on conflict (webhook_id, hour) do update
        set attempts = h.attempts + excluded.attempts, successes = h.successes + excluded.successes,
            succeeded = h.succeeded + excluded.succeeded, exhausted = h.exhausted + excluded.exhausted,
            cancelled = h.cancelled + excluded.cancelled, call_buckets = ${sum('call_buckets')},
            delay_buckets = ${sum('delay_buckets')}`,
    [JSON.stringify(hours)],
    { name: 'webhook_add_hours' },
  );
}

/** So many deliveries of a webhook were cancelled now. Nothing for one that is gone. */
export async function countCancelled(tx: Tx, webhookId: string, count: number): Promise<void> {
  await tx.query(
    `insert into webhook_hours as h (webhook_id, hour, organization_id, cancelled)
     select id, date_trunc('hour', now(), 'UTC'), organization_id, $2 from webhooks where id = $1
     on conflict (webhook_id, hour) do update set cancelled = h.cancelled + excluded.cancelled`,
    [webhookId, count],
  );
}

/** The hours of a webhook in [from, to), first one first; hours without anything are absent. */
export function listWebhookHours(
  tx: Tx,
  scope: { organizationId: OrganizationId; webhookId: WebhookId; from: Date; to: Date },
): Promise<WebhookHour[]> {
  return tx.query<WebhookHour>(
    `select webhook_id as "webhookId", hour, organization_id as "organizationId", attempts, successes, succeeded,
            exhausted, cancelled, coalesce(call_buckets, '{}') as "callBuckets",
            coalesce(delay_buckets, '{}') as "delayBuckets"
       from webhook_hours
      where organization_id = $1 and webhook_id = $2 and hour >= date_trunc('hour', $3::timestamptz, 'UTC') and hour < $4
      order by hour`,
    [scope.organizationId, scope.webhookId, scope.from, scope.to],
  );
}

/** How much is still to be delivered to a webhook. */
export async function countPending(tx: Tx, webhookId: WebhookId): Promise<number> {
  const [row] = await tx.query<{ count: number }>('select count(*) as count from webhook_queue where webhook_id = $1', [
    webhookId,
  ]);
  return row!.count;
}

/** Removes the hours of a webhook before a moment. @returns how many there were */
export async function removeOldHours(tx: Pick<Tx, 'query'>, webhookId: string, before: Date): Promise<number> {
  const rows = await tx.query('delete from webhook_hours where webhook_id = $1 and hour < $2 returning 1', [
    webhookId,
    before,
  ]);
  return rows.length;
}
