import type { LoggedEvent, OrganizationId, ProfileId, WebhookId } from '#contracts';
import type { Tx } from '../transaction.js';
import { reader, type Subscription, stream } from './webhook-plan.js';

/** A stream that is locked until the end of the transaction. */
export interface LockedStream {
  streamId: string;
  organizationId: OrganizationId;
  /** Everything up to here is done with. */
  seq: number;
  /** Its last position. Read before events and webhooks are, so that every webhook an event is for is seen. */
  head: number;
  /** Who holds it. */
  claim: string | null;
  /** The holder has not been heard of for too long. */
  isLapsed: boolean;
}

/** Those of the streams that nobody else has locked at this moment, whoever holds them. */
export function lockStreams(tx: Tx, streamIds: string[]): Promise<LockedStream[]> {
  return tx.query<LockedStream>(
    `select c.stream_id as "streamId", c.organization_id as "organizationId", c.seq, s.last_seq as head, c.claim,
            coalesce(c.claimed_until < clock_timestamp(), false) as "isLapsed"
       from event_cursors c join event_streams s using (stream_id)
      where c.reader = '${reader}' and c.stream_id = any($1::uuid[])
      order by c.stream_id for no key update of c skip locked`,
    [streamIds],
    { name: 'webhook_lock_streams' },
  );
}

/** What happened after a position, or after what is done with of the stream, at most so many events of each. */
export function readNewEvents(
  tx: Tx,
  ranges: { streamId: string; after: number; most: number }[],
): Promise<LoggedEvent[]> {
  return tx.query<LoggedEvent>(
    `select e.id, e.organization_id as "organizationId", e.profile_id as "profileId", e.conversation_id as "conversationId",
            e.stream_id as "streamId", e.seq, e.name, e.version, e.actor, e.occurred_at as "occurredAt", e.payload
       from unnest($1::uuid[], $2::bigint[], $3::int[]) as r (stream_id, after, most)
       join event_cursors c on c.reader = '${reader}' and c.stream_id = r.stream_id
      cross join lateral (
        select * from events where stream_id = r.stream_id and seq > greatest(r.after, c.seq) order by seq limit r.most) e
      order by r.stream_id, e.seq`,
    [ranges.map((r) => r.streamId), ranges.map((r) => r.after), ranges.map((r) => r.most)],
    { name: 'webhook_new_events' },
  );
}

/** A subscription with what decides whether it is told straight from the log. */
export interface StandingSubscription extends Subscription {
  organizationId: OrganizationId;
  profileId: ProfileId | null;
  /** As in the heads of lanes. */
  endpointVersion: string;
  failingSince: Date | null;
  pausedUntil: Date | null;
  /** Something is queued for it. */
  hasLanes: boolean;
}

/** Like `listSubscriptions`. */
export function listStandingSubscriptions(tx: Tx, streamIds: string[]): Promise<StandingSubscription[]> {
  return tx.query<StandingSubscription>(
    `select id as "webhookId", ${stream} as "streamId", organization_id as "organizationId", profile_id as "profileId",
            events, filters, from_seq as "fromSeq", updated_at::text as "endpointVersion",
            failing_since as "failingSince", paused_until as "pausedUntil",
            exists (select 1 from webhook_lanes l where l.webhook_id = w.id) as "hasLanes"
       from webhooks w where ${stream} = any($1::uuid[]) and enabled and behind_seq is null order by id for share of w`,
    [streamIds],
    { name: 'webhook_standing_subscriptions' },
  );
}

/** Those of the lanes in which something is queued. */
export async function filterOpenLanes(
  tx: Tx,
  lanes: { webhookId: WebhookId; orderingKey: string }[],
): Promise<{ webhookId: WebhookId; orderingKey: string }[]> {
  return tx.query(
    `select distinct webhook_id as "webhookId", ordering_key as "orderingKey"
       from unnest($1::uuid[], $2::uuid[]) as l (webhook_id, ordering_key)
       join webhook_lanes using (webhook_id, ordering_key)`,
    [lanes.map((lane) => lane.webhookId), lanes.map((lane) => lane.orderingKey)],
    { name: 'webhook_filter_open_lanes' },
  );
}

/** Those of the ids under which there is a delivery, whatever its state. */
export async function filterKnownDeliveries(tx: Tx, ids: string[]): Promise<ReadonlySet<string>> {
  const rows = await tx.query<{ id: string }>('select id from webhook_deliveries where id = any($1::uuid[])', [ids], {
    name: 'webhook_known_deliveries',
  });
  return new Set(rows.map((row) => row.id));
}

/** A delivery that succeeded at the first try and had not been written down before. */
export interface ToldDelivery {
  id: string;
  organizationId: OrganizationId;
  webhookId: WebhookId;
  eventId: string;
  eventName: string;
  orderingKey: string;
  status: number;
  at: Date;
  durationMs: number;
  responseBody: string | null;
}

/** One row for each. @returns ids of those that nobody had written down, and whose webhook is still there */
export async function insertTold(tx: Tx, told: ToldDelivery[]): Promise<ReadonlySet<string>> {
  const rows = await tx.query<{ id: string }>(
    `insert into webhook_deliveries
       (id, organization_id, webhook_id, event_id, event_name, ordering_key, state, attempts, last_status, created_at,
        ended_at, only_try_ms, only_try_answer)
     select t.id, t.organization_id, t.webhook_id, t.event_id, t.event_name, t.ordering_key, 'succeeded', 1, t.status, t.at,
            t.at + t.ms * interval '1 millisecond', t.ms, t.answer
       from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::uuid[], $7::int[], $8::timestamptz[],
                   $9::int[], $10::text[])
              as t (id, organization_id, webhook_id, event_id, event_name, ordering_key, status, at, ms, answer)
       join webhooks w on w.id = t.webhook_id
      order by t.id
     on conflict (id) do nothing returning id`,
    [
      plainArray(told.map((t) => t.id)),
      plainArray(told.map((t) => t.organizationId)),
      plainArray(told.map((t) => t.webhookId)),
      plainArray(told.map((t) => t.eventId)),
      plainArray(told.map((t) => t.eventName)),
      plainArray(told.map((t) => t.orderingKey)),
      plainArray(told.map((t) => t.status)),
      plainArray(told.map((t) => t.at.toISOString())),
      plainArray(told.map((t) => t.durationMs)),
      told.map((t) => t.responseBody),
    ],
    { name: 'webhook_insert_told' },
  );
  return new Set(rows.map((row) => row.id));
}

/** An array of what needs no quotes, such as ids, numbers and names of events: the driver would look at each character. */
const plainArray = (values: (string | number)[]) => `{${values.join(',')}}`;

/** How far a stream is done with, and how far it was read. */
export interface StreamPosition {
  streamId: string;
  seq: number;
  readSeq: number;
  /** It is held on; otherwise everybody may take it. */
  isKept: boolean;
}

/** Writes down positions and holds the streams for so long. Lock them before. */
export async function advanceStreams(
  tx: Pick<Tx, 'query'>,
  positions: StreamPosition[],
  claim: { id: string; forMs: number },
): Promise<void> {
  await tx.query(
    `update event_cursors c
        set seq = p.seq, read_seq = case when p.kept then p.read_seq end, claim = case when p.kept then $5::uuid end,
            claimed_until = case when p.kept then clock_timestamp() + $6 * interval '1 millisecond' end
       from unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::boolean[]) as p (stream_id, seq, read_seq, kept)
      where c.reader = '${reader}' and c.stream_id = p.stream_id`,
    [
      positions.map((p) => p.streamId),
      positions.map((p) => p.seq),
      positions.map((p) => p.readSeq),
      positions.map((p) => p.isKept),
      claim.id,
      claim.forMs,
    ],
    { name: 'webhook_advance_streams' },
  );
}
