import type { EventName, WebhookId } from '#contracts';
import type { Tx } from '../transaction.js';

type Reads = Pick<Tx, 'query'>;

/** The planner's name among the durable readers of the log. */
const reader = 'webhooks';

/**
 * Streams with events that no webhook of theirs has been given yet. Streams without webhooks are never read at all.
 * @param among only these, or null for any
 */
export async function findLaggingStreams(db: Reads, among: string[] | null, limit: number): Promise<string[]> {
  const rows = await db.query<{ id: string }>(
    `select s.stream_id as id
       from (select profile_id, min(from_seq) as from_seq from webhooks
              where enabled and ($1::uuid[] is null or profile_id = any($1)) group by profile_id) w
       join event_streams s on s.stream_id = w.profile_id
       left join event_cursors c on c.reader = '${reader}' and c.stream_id = s.stream_id
      where s.last_seq > greatest(coalesce(c.seq, 0), w.from_seq)
      limit $2`,
    [among, limit],
    { name: 'webhook_lagging' },
  );
  return rows.map((row) => row.id);
}

/** Makes the cursors of streams that are read for the first time. On its own, so that nobody waits behind it. */
export async function ensureCursors(db: Reads, streamIds: string[]): Promise<void> {
  await db.query(
    `insert into event_cursors (reader, stream_id, organization_id, seq)
     select '${reader}', stream_id, organization_id, 0 from event_streams where stream_id = any($1::uuid[])
      order by stream_id
     on conflict (reader, stream_id) do nothing`,
    [streamIds],
    { name: 'webhook_cursors' },
  );
}

export interface ClaimedCursor {
  streamId: string;
  organizationId: string;
  /** The position up to which deliveries have been planned. */
  seq: number;
  /** The stream's last position. Read before the webhooks are, so that every webhook an event is for is seen. */
  head: number;
}

/** Cursors that are behind and that no other planner holds, locked until the end of the transaction. */
export function claimCursors(tx: Tx, streamIds: string[]): Promise<ClaimedCursor[]> {
  return tx.query<ClaimedCursor>(
    `select c.stream_id as "streamId", c.organization_id as "organizationId", c.seq, s.last_seq as head
       from event_cursors c join event_streams s using (stream_id)
      where c.reader = '${reader}' and c.stream_id = any($1::uuid[]) and s.last_seq > c.seq
      order by c.stream_id for update of c skip locked`,
    [streamIds],
    { name: 'webhook_claim_cursors' },
  );
}

export interface Subscription {
  webhookId: WebhookId;
  streamId: string;
  events: string[];
  fromSeq: number;
}

/** The webhooks of streams; they can be neither deleted nor switched off until the end of the transaction. */
export function listSubscriptions(tx: Tx, streamIds: string[]): Promise<Subscription[]> {
  return tx.query<Subscription>(
    `select id as "webhookId", profile_id as "streamId", events, from_seq as "fromSeq"
       from webhooks where profile_id = any($1::uuid[]) and enabled order by id for share`,
    [streamIds],
    { name: 'webhook_subscriptions' },
  );
}

export interface EventHead {
  id: string;
  streamId: string;
  seq: number;
  name: EventName;
  conversationId: string | null;
  /** Of a group, where that makes a difference. */
  isOfGroup: boolean;
}

/**
 * What there is to plan: the events of each stream in (after, head], at most `limit` of each, without payloads.
 * @param toldOfGroups events of which it matters whether they are of a group
 */
export function readEventHeads(
  tx: Tx,
  ranges: { streamId: string; after: number; head: number }[],
  limit: number,
  toldOfGroups: EventName[],
): Promise<EventHead[]> {
  return tx.query<EventHead>(
    `select e.id, r.stream_id as "streamId", e.seq, e.name, e.conversation_id as "conversationId",
            case when e.name = any($5::text[])
                 then exists (select from conversations c where c.id = e.conversation_id and c.kind = 'group')
                 else false end as "isOfGroup"
       from unnest($1::uuid[], $2::bigint[], $3::bigint[]) as r (stream_id, after, head)
      cross join lateral (
        select id, seq, name, conversation_id from events
         where stream_id = r.stream_id and seq > r.after and seq <= r.head order by seq limit $4) e
      order by r.stream_id, e.seq`,
    [ranges.map((r) => r.streamId), ranges.map((r) => r.after), ranges.map((r) => r.head), limit, toldOfGroups],
    { name: 'webhook_event_heads' },
  );
}

export interface PlannedDelivery {
  id: string;
  organizationId: string;
  webhookId: WebhookId;
  eventId: string;
  eventName: string;
  orderingKey: string;
  seq: number;
}

/**
 * Writes deliveries, queues them and makes sure that each has its lane. Updating an existing lane changes nothing but
 * locks it, so that a worker that is just finishing the lane sees what was queued here before it removes the lane.
 */
export async function insertDeliveries(tx: Tx, planned: PlannedDelivery[], dueAt: Date): Promise<void> {
  await tx.query(
    `with planned as (
       select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::uuid[], $7::bigint[])
         as p (id, organization_id, webhook_id, event_id, event_name, ordering_key, seq)
     ), logged as (
       insert into webhook_deliveries (id, organization_id, webhook_id, event_id, event_name, ordering_key)
       select id, organization_id, webhook_id, event_id, event_name, ordering_key from planned
     ), queued as (
       insert into webhook_queue (delivery_id, organization_id, webhook_id, event_id, ordering_key, seq)
       select id, organization_id, webhook_id, event_id, ordering_key, seq from planned
     )
     insert into webhook_lanes as lane (webhook_id, ordering_key, organization_id, due_at)
     select distinct webhook_id, ordering_key, organization_id, $8::timestamptz from planned
      order by webhook_id, ordering_key
     on conflict (webhook_id, ordering_key) do update set due_at = lane.due_at`,
    [
      planned.map((p) => p.id),
      planned.map((p) => p.organizationId),
      planned.map((p) => p.webhookId),
      planned.map((p) => p.eventId),
      planned.map((p) => p.eventName),
      planned.map((p) => p.orderingKey),
      planned.map((p) => p.seq),
      dueAt,
    ],
    { name: 'webhook_insert_deliveries' },
  );
}

export async function advanceCursors(tx: Tx, positions: { streamId: string; seq: number }[]): Promise<void> {
  await tx.query(
    `update event_cursors c set seq = p.seq from unnest($1::uuid[], $2::bigint[]) as p (stream_id, seq)
      where c.reader = '${reader}' and c.stream_id = p.stream_id`,
    [positions.map((p) => p.streamId), positions.map((p) => p.seq)],
    { name: 'webhook_advance_cursors' },
  );
}
