import type { EventName, WebhookFilters, WebhookId } from '#contracts';
import type { Tx } from '../transaction.js';

type Reads = Pick<Tx, 'query'>;

/** The planner's name among the durable readers of the log. */
export const reader = 'webhooks';
/** The stream whose events a webhook is told of. */
export const stream = 'coalesce(profile_id, organization_id)';

/** A stream with events that no webhook of its own has been given yet. */
export interface LaggingStream {
  streamId: string;
  /** Whether it has been read before. */
  isRead: boolean;
  /** What happened up to here has been planned, or is for nobody. */
  after: number;
}

/**
 * Streams that are behind and that nobody else holds. Those without webhooks are never read at all.
 * @param among only these, or null for any
 * @param holder whose own streams are wanted as well
 */
export function findLaggingStreams(
  db: Reads,
  among: string[] | null,
  limit: number,
  holder: string | null = null,
): Promise<LaggingStream[]> {
  return db.query<LaggingStream>(
    `select s.stream_id as "streamId", c.seq is not null as "isRead", greatest(coalesce(c.seq, 0), w.from_seq) as after
       from (select ${stream} as stream_id, min(from_seq) as from_seq from webhooks
              where enabled and ($1::uuid[] is null or ${stream} = any($1)) group by 1) w
       join event_streams s using (stream_id)
       left join event_cursors c on c.reader = '${reader}' and c.stream_id = s.stream_id
      where s.last_seq > greatest(coalesce(c.seq, 0), w.from_seq)
        and (c.claim is null or c.claim = $3 or c.claimed_until < clock_timestamp())
      limit $2`,
    [among, limit, holder],
    { name: 'webhook_lagging' },
  );
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

/** Cursors that are behind and that nobody else holds, locked until the end of the transaction. */
export function claimCursors(tx: Tx, streamIds: string[]): Promise<ClaimedCursor[]> {
  return tx.query<ClaimedCursor>(
    `select c.stream_id as "streamId", c.organization_id as "organizationId", c.seq, s.last_seq as head
       from event_cursors c join event_streams s using (stream_id)
      where c.reader = '${reader}' and c.stream_id = any($1::uuid[]) and s.last_seq > c.seq
        and (c.claim is null or c.claimed_until < clock_timestamp())
      order by c.stream_id for update of c skip locked`,
    [streamIds],
    { name: 'webhook_claim_cursors' },
  );
}

export interface Subscription {
  webhookId: WebhookId;
  streamId: string;
  events: string[];
  filters: WebhookFilters;
  fromSeq: number;
}

/**
 * The webhooks of streams, without those that are still being given what they missed; they can be neither deleted nor
 * switched off until the end of the transaction.
 */
export function listSubscriptions(tx: Tx, streamIds: string[]): Promise<Subscription[]> {
  return tx.query<Subscription>(
    `select id as "webhookId", ${stream} as "streamId", events, filters, from_seq as "fromSeq"
       from webhooks where ${stream} = any($1::uuid[]) and enabled and behind_seq is null order by id for share`,
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
}

/** What there is to plan: the events of each stream in (after, head], at most `limit` of each, without payloads. */
export function readEventHeads(
  tx: Tx,
  ranges: { streamId: string; after: number; head: number }[],
  limit: number,
): Promise<EventHead[]> {
  return tx.query<EventHead>(
    `select e.id, r.stream_id as "streamId", e.seq, e.name, e.conversation_id as "conversationId"
       from unnest($1::uuid[], $2::bigint[], $3::bigint[]) as r (stream_id, after, head)
      cross join lateral (
        select id, seq, name, conversation_id from events
         where stream_id = r.stream_id and seq > r.after and seq <= r.head order by seq limit $4) e
      order by r.stream_id, e.seq`,
    [ranges.map((r) => r.streamId), ranges.map((r) => r.after), ranges.map((r) => r.head), limit],
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

/** A lane whose first delivery is being tried at this moment, by this claim. */
export interface LaneUnderWay {
  webhookId: WebhookId;
  orderingKey: string;
  claim: string;
  /** When somebody else may take it over. */
  until: Date;
}

/**
 * Writes deliveries, queues them and makes sure that each has its lane. Those that are written already stay as they are.
 * @param underWay lanes that are opened as claimed; one that is open already stays with whom it is
 */
export async function insertDeliveries(
  tx: Tx,
  planned: PlannedDelivery[],
  dueAt: Date,
  underWay: LaneUnderWay[] = [],
): Promise<void> {
  await Promise.all([openLanes(tx, planned, dueAt, underWay), queueDeliveries(tx, planned)]);
}

/**
 * Lanes that are there are kept from being removed until the end of the transaction, so that a worker that is just
 * finishing one sees what is queued here before it removes it; whatever else is done with them waits for nobody.
 */
async function openLanes(tx: Tx, planned: PlannedDelivery[], dueAt: Date, underWay: LaneUnderWay[]): Promise<void> {
  const claims = new Map(underWay.map((lane) => [`${lane.webhookId} ${lane.orderingKey}`, lane]));
  const claimOf = (one: PlannedDelivery) => claims.get(`${one.webhookId} ${one.orderingKey}`);
  const lanes = new Map(planned.map((one) => [`${one.webhookId} ${one.orderingKey}`, one]));
  let missing = [...lanes.keys()].sort().map((key) => lanes.get(key)!);
  // One that another transaction opened in between is there then, but not kept: it is looked at again.
  while (missing.length > 0) {
    const rows = await tx.query<{ key: string }>(
      `with wanted as (
         select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::timestamptz[], $5::uuid[]) with ordinality
           as w (webhook_id, ordering_key, organization_id, due_at, claim, position)
       ), kept as materialized (
         select lane.webhook_id, lane.ordering_key from wanted w join webhook_lanes lane using (webhook_id, ordering_key)
          order by w.position for key share of lane
       ), opened as (
         insert into webhook_lanes (webhook_id, ordering_key, organization_id, due_at, claim)
         select w.webhook_id, w.ordering_key, w.organization_id, w.due_at, w.claim from wanted w
          where not exists (select 1 from kept where (kept.webhook_id, kept.ordering_key) = (w.webhook_id, w.ordering_key))
          order by w.position
         on conflict (webhook_id, ordering_key) do nothing
         returning webhook_id, ordering_key
       )
       select webhook_id || ' ' || ordering_key as key from (select * from kept union all select * from opened) lanes`,
      [
        missing.map((one) => one.webhookId),
        missing.map((one) => one.orderingKey),
        missing.map((one) => one.organizationId),
        missing.map((one) => claimOf(one)?.until ?? dueAt),
        missing.map((one) => claimOf(one)?.claim ?? null),
      ],
      { name: 'webhook_open_lanes_for_plan' },
    );
    const there = new Set(rows.map(({ key }) => key));
    missing = missing.filter((one) => !there.has(`${one.webhookId} ${one.orderingKey}`));
  }
}

async function queueDeliveries(tx: Tx, planned: PlannedDelivery[]): Promise<void> {
  await tx.query(
    `with planned as (
       select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::uuid[], $7::bigint[])
         as p (id, organization_id, webhook_id, event_id, event_name, ordering_key, seq)
     ), logged as (
       insert into webhook_deliveries (id, organization_id, webhook_id, event_id, event_name, ordering_key)
       select id, organization_id, webhook_id, event_id, event_name, ordering_key from planned
       on conflict (id) do nothing returning id
     )
     insert into webhook_queue (delivery_id, organization_id, webhook_id, event_id, ordering_key, seq)
     select id, organization_id, webhook_id, event_id, ordering_key, seq from planned where id in (select id from logged)`,
    [
      planned.map((p) => p.id),
      planned.map((p) => p.organizationId),
      planned.map((p) => p.webhookId),
      planned.map((p) => p.eventId),
      planned.map((p) => p.eventName),
      planned.map((p) => p.orderingKey),
      planned.map((p) => p.seq),
    ],
    { name: 'webhook_queue_deliveries' },
  );
}

/** As the last statement of the transaction (`Tx.finish`). */
export function advanceCursorsLast(tx: Tx, positions: { streamId: string; seq: number }[]): void {
  void tx.finish(
    // Whoever held it before and is not dead after all learns that it lost the stream.
    `update event_cursors c set seq = p.seq, claim = null, claimed_until = null, read_seq = null from unnest($1::uuid[], $2::bigint[]) as p (stream_id, seq)
      where c.reader = '${reader}' and c.stream_id = p.stream_id`,
    [positions.map((p) => p.streamId), positions.map((p) => p.seq)],
    { name: 'webhook_advance_cursors' },
  );
}

/** A webhook that is to be given what it missed while it was off. */
export interface BehindWebhook extends Subscription {
  organizationId: string;
  /** The planner's position in its stream: up to there it has to be brought. */
  head: number;
}

/** Streams of webhooks that missed something, once what was asked to be delivered again is in line: that is older. */
export async function findBehindStreams(db: Reads, limit: number): Promise<string[]> {
  const rows = await db.query<{ streamId: string }>(
    `select distinct ${stream} as "streamId" from webhooks w
      where behind_seq is not null and enabled
        and not exists (select 1 from webhook_redeliveries r where r.webhook_id = w.id and r.ended_at is null)
      limit $1`,
    [limit],
    { name: 'webhook_behind_streams' },
  );
  return rows.map((row) => row.streamId);
}

/**
 * One webhook of the stream that is behind, or null when there is none or another planner is at work on the stream, which
 * stands still until the end of the transaction.
 */
export async function claimBehind(tx: Tx, streamId: string): Promise<BehindWebhook | null> {
  // Up to where it has been decided who is told: whoever holds the stream counts the webhook in from there on.
  const [cursor] = await tx.query<{ head: number }>(
    `select greatest(seq, read_seq) as head from event_cursors where reader = '${reader}' and stream_id = $1 for update skip locked`,
    [streamId],
    { name: 'webhook_hold_cursor' },
  );
  if (!cursor) return null;
  const [webhook] = await tx.query<BehindWebhook>(
    `select id as "webhookId", organization_id as "organizationId", ${stream} as "streamId", events, filters,
            behind_seq as "fromSeq"
       from webhooks where ${stream} = $1 and enabled and behind_seq is not null order by id limit 1
        for no key update`,
    [streamId],
    { name: 'webhook_claim_behind' },
  );
  return webhook ? { ...webhook, head: cursor.head } : null;
}

/** How far it has been brought; null: it has everything, and from the planner's position on is told like the others. */
export async function advanceBehind(tx: Tx, of: BehindWebhook, behindSeq: number | null): Promise<void> {
  await tx.query('update webhooks set behind_seq = $2, from_seq = greatest(from_seq, $3) where id = $1', [
    of.webhookId,
    behindSeq,
    behindSeq ?? of.head,
  ]);
}
