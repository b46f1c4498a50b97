import { idFloor, newId, type OrganizationId, type RedeliveryState, type WebhookId } from '#contracts';
import type { Tx } from '../transaction.js';
import type { WebhookDeliveryState } from './webhook-log.js';

/** A request to deliver again, as far as it has been carried out. */
export interface WebhookRedeliveryRow {
  id: string;
  organizationId: OrganizationId;
  webhookId: WebhookId;
  state: RedeliveryState;
  /** Deliveries in these states are put in line again. */
  states: WebhookDeliveryState[];
  /** Only of these events; empty: of all. */
  events: string[];
  /** Queued from then on, and before then. */
  fromAt: Date;
  toAt: Date;
  /** Only such as ended from then on. */
  endedFrom: Date | null;
  /** The last delivery that was looked at. */
  lastId: string | null;
  /** Put in line again. */
  queued: number;
  /** Left, because the log has their event no more. */
  skipped: number;
  createdAt: Date;
  endedAt: Date | null;
}

const columns = `id, organization_id as "organizationId", webhook_id as "webhookId", state, states, events,
  from_at as "fromAt", to_at as "toAt", ended_from as "endedFrom", last_id as "lastId", queued, skipped,
  created_at as "createdAt", ended_at as "endedAt"`;

export async function insertRedelivery(
  tx: Tx,
  made: Pick<
    WebhookRedeliveryRow,
    'id' | 'organizationId' | 'webhookId' | 'states' | 'events' | 'fromAt' | 'toAt' | 'endedFrom'
  >,
): Promise<WebhookRedeliveryRow> {
  const [row] = await tx.query<WebhookRedeliveryRow>(
    `insert into webhook_redeliveries (id, organization_id, webhook_id, states, events, from_at, to_at, ended_from)
     values ($1, $2, $3, $4, $5, $6, $7, $8) returning ${columns}`,
    [made.id, made.organizationId, made.webhookId, made.states, made.events, made.fromAt, made.toAt, made.endedFrom],
  );
  return row!;
}

/** Newest first; `limit` rows older than `before`. */
export function listRedeliveries(
  tx: Tx,
  scope: { organizationId: OrganizationId; webhookId: WebhookId; before?: string; limit: number },
): Promise<WebhookRedeliveryRow[]> {
  return tx.query<WebhookRedeliveryRow>(
    `select ${columns} from webhook_redeliveries
      where organization_id = $1 and webhook_id = $2 and ($3::uuid is null or id < $3) order by id desc limit $4`,
    [scope.organizationId, scope.webhookId, scope.before ?? null, scope.limit],
  );
}

export async function findRedelivery(
  tx: Tx,
  scope: { organizationId: OrganizationId; webhookId: WebhookId; id: string },
): Promise<WebhookRedeliveryRow | null> {
  const [row] = await tx.query<WebhookRedeliveryRow>(
    `select ${columns} from webhook_redeliveries where organization_id = $1 and webhook_id = $2 and id = $3`,
    [scope.organizationId, scope.webhookId, scope.id],
  );
  return row ?? null;
}

/** Whether so many redeliveries of the webhook are not done yet. */
export async function hasOpenRedeliveries(tx: Tx, webhookId: WebhookId, count: number): Promise<boolean> {
  const rows = await tx.query(
    'select 1 from webhook_redeliveries where webhook_id = $1 and ended_at is null limit $2',
    [webhookId, count],
  );
  return rows.length >= count;
}

/** The oldest of each webhook that are not done: those that can be carried out now. */
export async function listOpenRedeliveries(
  db: Pick<Tx, 'query'>,
  limit: number,
): Promise<{ id: string; webhookId: WebhookId }[]> {
  return db.query(
    `select id, webhook_id as "webhookId" from webhook_redeliveries r
      where ended_at is null
        and not exists (select 1 from webhook_redeliveries o
                         where o.webhook_id = r.webhook_id and o.ended_at is null and o.id < r.id)
      order by id limit $1`,
    [limit],
    { name: 'webhook_open_redeliveries' },
  );
}

/**
 * The redelivery with its webhook, which can be neither switched off nor deleted until the end of the transaction; null
 * when it is done, or another worker is at it.
 */
export async function claimRedelivery(
  tx: Tx,
  open: { id: string; webhookId: WebhookId },
): Promise<{ redelivery: WebhookRedeliveryRow; isEnabled: boolean } | null> {
  // The webhook first, as everybody does who changes both.
  const [webhook] = await tx.query<{ enabled: boolean }>('select enabled from webhooks where id = $1 for share', [
    open.webhookId,
  ]);
  const [redelivery] = await tx.query<WebhookRedeliveryRow>(
    `select ${columns} from webhook_redeliveries where id = $1 and ended_at is null for update skip locked`,
    [open.id],
  );
  return redelivery ? { redelivery, isEnabled: webhook?.enabled ?? false } : null;
}

/** How far it has come; with a state that is final it is done. */
export async function advanceRedelivery(
  tx: Tx,
  id: string,
  step: { lastId: string | null; queued: number; skipped: number; state: RedeliveryState },
): Promise<void> {
  await tx.query(
    `update webhook_redeliveries
        set last_id = coalesce($2, last_id), queued = queued + $3, skipped = skipped + $4, state = $5,
            ended_at = case when $5 in ('completed', 'cancelled') then now() end
      where id = $1`,
    [id, step.lastId, step.queued, step.skipped, step.state],
  );
}

/** Ends it where it is; what was put in line by then is delivered. @returns whether there was something to end */
export async function cancelRedelivery(tx: Tx, id: string): Promise<boolean> {
  const rows = await tx.query(
    `update webhook_redeliveries set state = 'cancelled', ended_at = now() where id = $1 and ended_at is null returning 1`,
    [id],
  );
  return rows.length > 0;
}

export interface DeliveryToRepeat {
  id: string;
  orderingKey: string;
  /** Whether its event is still in the log. */
  hasEvent: boolean;
}

/** The next deliveries that a redelivery asks for, in their order. */
export function listDeliveriesToRepeat(
  tx: Tx,
  redelivery: Pick<
    WebhookRedeliveryRow,
    'webhookId' | 'states' | 'events' | 'fromAt' | 'toAt' | 'endedFrom' | 'lastId'
  >,
  limit: number,
): Promise<DeliveryToRepeat[]> {
  const { webhookId, states, events, fromAt, toAt, endedFrom, lastId } = redelivery;
  return tx.query<DeliveryToRepeat>(
    `select d.id, d.ordering_key as "orderingKey", exists (select from events e where e.id = d.event_id) as "hasEvent"
       from webhook_deliveries d
      where d.webhook_id = $1 and d.id >= $2 and d.id < $3 and ($4::uuid is null or d.id > $4)
        and d.state = any($5::text[]) and (cardinality($6::text[]) = 0 or d.event_name = any($6::text[]))
        and ($7::timestamptz is null or d.ended_at >= $7)
      order by d.id limit $8`,
    [webhookId, idFloor(fromAt), idFloor(toAt), lastId, states, events, endedFrom, limit],
    { name: 'webhook_deliveries_to_repeat' },
  );
}

/**
 * Puts deliveries that were done with in line again, under their ids, for a new round of tries. Within their lanes they
 * are before everything that happened later; a lane that waited is due now. Those that are pending, or whose event is
 * gone, stay as they are. Hold the webhook against being switched off.
 * @returns ids of those that are in line now
 */
export async function repeatDeliveries(
  tx: Tx,
  webhookId: WebhookId,
  deliveries: DeliveryToRepeat[],
): Promise<string[]> {
  const wanted = deliveries.filter(({ hasEvent }) => hasEvent);
  if (wanted.length === 0) return [];
  // Lanes before deliveries, as the record of results does. One that turns out empty is removed by who claims it.
  await tx.query(
    `insert into webhook_lanes as lane (webhook_id, ordering_key, organization_id, due_at)
     select w.id, key, w.organization_id, now()
       from webhooks w cross join (select distinct key from unnest($2::uuid[]) as key) keys where w.id = $1
      order by key
     on conflict (webhook_id, ordering_key) do update
        set due_at = case when lane.claim is null then least(lane.due_at, excluded.due_at) else lane.due_at end`,
    [webhookId, wanted.map(({ orderingKey }) => orderingKey)],
    { name: 'webhook_open_lanes' },
  );
  // A try that had no row of its own gets one, because it will not be the only one any more.
  const rows = await tx.query<{ id: string }>(
    `with tried as (
       insert into webhook_attempts
         (id, organization_id, delivery_id, attempt, status, duration_ms, response_body, at)
       select again.attempt_id, d.organization_id, d.id, 1, d.last_status, d.only_try_ms, d.only_try_answer, d.created_at
         from unnest($2::uuid[], $3::uuid[]) as again (delivery_id, attempt_id)
         join webhook_deliveries d on d.id = again.delivery_id
         join events e on e.id = d.event_id
        where d.webhook_id = $1 and d.state <> 'pending' and d.only_try_ms is not null
     ), reopened as (
       update webhook_deliveries d
          set state = 'pending', ended_at = null, redeliveries = redeliveries + 1, only_try_ms = null,
              only_try_answer = null
         from events e
        where d.id = any($2::uuid[]) and d.webhook_id = $1 and d.state <> 'pending' and e.id = d.event_id
       returning d.id, d.organization_id, d.webhook_id, d.event_id, d.ordering_key, e.seq
     )
     insert into webhook_queue (delivery_id, organization_id, webhook_id, event_id, ordering_key, seq)
     select id, organization_id, webhook_id, event_id, ordering_key, seq from reopened
     returning delivery_id as id`,
    [webhookId, wanted.map(({ id }) => id), wanted.map(() => newId())],
    { name: 'webhook_repeat_deliveries' },
  );
  return rows.map(({ id }) => id);
}

/** A delivery that waits for its next try is tried now, if it is the first of its lane. */
export async function hurryDelivery(tx: Tx, webhookId: WebhookId, orderingKey: string): Promise<void> {
  await tx.query(
    'update webhook_lanes set due_at = now() where webhook_id = $1 and ordering_key = $2 and claim is null and due_at > now()',
    [webhookId, orderingKey],
  );
}

/** Removes the records of redeliveries that ended before a moment. */
export async function removeOldRedeliveries(db: Pick<Tx, 'query'>, webhookId: string, before: Date): Promise<void> {
  await db.query('delete from webhook_redeliveries where webhook_id = $1 and ended_at < $2', [webhookId, before]);
}
