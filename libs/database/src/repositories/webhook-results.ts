import type { OrganizationId, WebhookId } from '#contracts';
import type { Tx } from '../transaction.js';
import { type LaneClaim, type LaneHead, readLaneHeads } from './webhook-lanes.js';

/** One try of the head of a lane, or the finding that the lane is empty or its event gone. */
export interface LaneResult {
  lane: LaneClaim;
  /** When the lane's next delivery, or this one again, may be tried. */
  nextDueAt: Date;
  /** The claimer goes on with the lane's next delivery, if there is one, instead of giving the lane back. */
  keeps: boolean;
  /** Null when the lane was empty. */
  delivery: {
    id: string;
    /** Its place in the lane. */
    position: number;
    organizationId: OrganizationId;
    state: 'pending' | 'succeeded' | 'exhausted' | 'cancelled';
  } | null;
  /** Null when nothing was sent. */
  attempt: {
    id: string;
    /** Which try of the delivery it was, and which of its present round. */
    number: number;
    inRound: number;
    status: number | null;
    error: string | null;
    durationMs: number;
    responseBody: string | null;
    at: Date;
  } | null;
}

/** What a record of results really changed: nothing for those that had been recorded before. */
export interface RecordedResults {
  /** Ids of tries. */
  attempts: ReadonlySet<string>;
  /** Ids of deliveries that were settled, for good or until the next try. */
  deliveries: ReadonlySet<string>;
  /** The next deliveries of lanes that were kept. */
  heads: LaneHead[];
  /** Webhooks of lanes that were given back with something left in them. */
  givenBack: ReadonlySet<WebhookId>;
}

/** What a batch of results says of an endpoint. */
export interface EndpointFinding {
  webhookId: WebhookId;
  /** Whether any of the tries succeeded. */
  succeeded: boolean;
  at: Date;
  /** Until when the endpoint asked to be left alone. */
  pausedUntil: Date | null;
}

/**
 * Notes when a run of failures begins and ends, and pauses. Endpoints that are as before are not touched. It goes
 * before `recordResults`: the planner locks webhooks before lanes too.
 */
export async function noteEndpoints(tx: Tx, findings: EndpointFinding[]): Promise<void> {
  await tx.query(
    `with found as (
       select * from unnest($1::uuid[], $2::bool[], $3::timestamptz[], $4::timestamptz[])
         as f (id, succeeded, at, paused_until)
     ), changed as (
       select w.id from webhooks w join found f using (id)
        where (f.succeeded = (w.failing_since is not null)) or f.paused_until > coalesce(w.paused_until, '-infinity')
        order by w.id for no key update of w
     )
     update webhooks w
        set failing_since = case when f.succeeded then null else coalesce(w.failing_since, f.at) end,
            paused_until = greatest(w.paused_until, f.paused_until)
       from found f join changed using (id) where w.id = f.id`,
    [
      findings.map((finding) => finding.webhookId),
      findings.map((finding) => finding.succeeded),
      findings.map((finding) => finding.at),
      findings.map((finding) => finding.pausedUntil),
    ],
    { name: 'webhook_note_endpoints' },
  );
}

/**
 * Records tries in as many statements for one as for hundreds, and none of them waits for the answer of another. A try
 * whose claim was taken over is kept in the log of attempts and changes nothing else: the new owner of the lane decides.
 * May run twice with the same results.
 */
export async function recordResults(tx: Tx, results: LaneResult[]): Promise<RecordedResults> {
  const keeping = results.filter((result) => result.keeps).map((result) => result.lane);
  const [, { attempts, deliveries }, given, heads] = await Promise.all([
    holdLanes(tx, results),
    settle(tx, results),
    finishLanes(tx, results),
    keeping.length === 0 ? [] : readLaneHeads(tx, keeping),
  ]);
  return {
    attempts: new Set(attempts),
    deliveries: new Set(deliveries),
    heads,
    givenBack: new Set(given.map(({ webhookId }) => webhookId)),
  };
}

/**
 * Lanes of which this may be the last delivery are held: a planner that is queueing for one keeps it, and what it queued
 * must be seen by the statements after this. The others cannot become empty by it. Those that are given back are held as
 * well: who redelivers locks lanes in the same order, and so neither waits for the other in a circle.
 */
function holdLanes(tx: Tx, results: LaneResult[]): Promise<unknown> {
  return tx.query(
    `select 1 from webhook_lanes lane
       join unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::boolean[])
              as c (webhook_id, ordering_key, claim, delivery_id, keeps)
         on lane.webhook_id = c.webhook_id and lane.ordering_key = c.ordering_key and lane.claim = c.claim
      where not c.keeps
         or not exists (select 1 from webhook_queue q
                         where q.webhook_id = c.webhook_id and q.ordering_key = c.ordering_key
                           and q.delivery_id is distinct from c.delivery_id)
      order by lane.webhook_id, lane.ordering_key for update of lane`,
    [
      results.map(({ lane }) => lane.webhookId),
      results.map(({ lane }) => lane.orderingKey),
      results.map(({ lane }) => lane.claim),
      results.map(({ delivery }) => delivery?.id ?? null),
      results.map(({ keeps }) => keeps),
    ],
    { name: 'webhook_hold_lanes' },
  );
}

async function settle(tx: Tx, results: LaneResult[]): Promise<{ attempts: string[]; deliveries: string[] }> {
  const settled = results.flatMap(({ lane, delivery, attempt }) => (delivery ? [{ lane, delivery, attempt }] : []));
  if (settled.length === 0) return { attempts: [], deliveries: [] };
  const [row] = await tx.query<{ attempts: string[] | null; deliveries: string[] | null }>(
    `with result as materialized (
       select r.*, exists (select 1 from webhook_lanes lane
                            where lane.webhook_id = r.webhook_id and lane.ordering_key = r.ordering_key
                              and lane.claim = r.claim) as stands
         from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::bigint[], $7::text[], $8::uuid[],
                     $9::int[], $10::int[], $11::int[], $12::text[], $13::int[], $14::text[], $15::timestamptz[])
                as r (webhook_id, ordering_key, claim, organization_id, delivery_id, position, state, attempt_id, attempt,
                      in_round, status, error, duration_ms, response_body, at)
     ), tried as (
       insert into webhook_attempts
         (id, organization_id, delivery_id, attempt, status, error, duration_ms, response_body, at)
       select attempt_id, organization_id, delivery_id, attempt, status, error, duration_ms, response_body, at
         from result where attempt_id is not null
       on conflict (delivery_id, id) do nothing returning id
     ), finished as (
       delete from webhook_queue q using result r
        where r.stands and r.state <> 'pending' and q.webhook_id = r.webhook_id and q.ordering_key = r.ordering_key
          and q.seq = r.position and q.delivery_id = r.delivery_id
     ), waiting as (
       update webhook_queue q set attempts = r.in_round from result r
        where r.stands and r.state = 'pending' and q.webhook_id = r.webhook_id and q.ordering_key = r.ordering_key
          and q.seq = r.position and q.delivery_id = r.delivery_id
     ), settled as (
       update webhook_deliveries d
          set state = r.state, attempts = coalesce(r.attempt, d.attempts), last_status = r.status,
              ended_at = case when r.state <> 'pending' then now() end
         from result r where r.stands and d.id = r.delivery_id and d.state = 'pending' returning d.id
     )
     select (select array_agg(id) from tried) as attempts, (select array_agg(id) from settled) as deliveries`,
    [
      settled.map(({ lane }) => lane.webhookId),
      settled.map(({ lane }) => lane.orderingKey),
      settled.map(({ lane }) => lane.claim),
      settled.map(({ delivery }) => delivery.organizationId),
      settled.map(({ delivery }) => delivery.id),
      settled.map(({ delivery }) => delivery.position),
      settled.map(({ delivery }) => delivery.state),
      settled.map(({ attempt }) => attempt?.id ?? null),
      settled.map(({ attempt }) => attempt?.number ?? null),
      settled.map(({ attempt }) => attempt?.inRound ?? null),
      settled.map(({ attempt }) => attempt?.status ?? null),
      settled.map(({ attempt }) => attempt?.error ?? null),
      settled.map(({ attempt }) => attempt?.durationMs ?? null),
      settled.map(({ attempt }) => attempt?.responseBody ?? null),
      settled.map(({ attempt }) => attempt?.at ?? null),
    ],
    { name: 'webhook_settle' },
  );
  return { attempts: row!.attempts ?? [], deliveries: row!.deliveries ?? [] };
}

/** Removes lanes that are empty now and gives back those that are not kept. @returns the webhooks of the latter */
function finishLanes(tx: Tx, results: LaneResult[]): Promise<{ webhookId: WebhookId }[]> {
  return tx.query<{ webhookId: WebhookId }>(
    `with done as materialized (
       select d.*, exists (select 1 from webhook_queue q
                            where q.webhook_id = d.webhook_id and q.ordering_key = d.ordering_key) as is_open
         from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::timestamptz[], $5::boolean[])
                as d (webhook_id, ordering_key, claim, due_at, keeps)
     ), removed as (
       delete from webhook_lanes lane using done
        where lane.webhook_id = done.webhook_id and lane.ordering_key = done.ordering_key and lane.claim = done.claim
          and not done.is_open
     )
     update webhook_lanes lane set claim = null, due_at = done.due_at from done
      where lane.webhook_id = done.webhook_id and lane.ordering_key = done.ordering_key and lane.claim = done.claim
        and done.is_open and not done.keeps
     returning lane.webhook_id as "webhookId"`,
    [
      results.map(({ lane }) => lane.webhookId),
      results.map(({ lane }) => lane.orderingKey),
      results.map(({ lane }) => lane.claim),
      results.map((result) => result.nextDueAt),
      results.map((result) => result.keeps),
    ],
    { name: 'webhook_finish_lanes' },
  );
}
