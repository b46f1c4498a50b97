import type { EventName, LoggedEvent, OrganizationId, ProfileId, WebhookId } from '#contracts';
import type { Tx } from '../transaction.js';

type Reads = Pick<Tx, 'query'>;

/** Webhooks with a lane that is due. One index probe for each enabled webhook, however long the backlogs are. */
export async function findDueWebhooks(db: Reads, now: Date): Promise<WebhookId[]> {
  const rows = await db.query<{ id: WebhookId }>(
    `select id from webhooks w
      where enabled and (paused_until is null or paused_until <= $1)
        and exists (select 1 from webhook_lanes l where l.webhook_id = w.id and l.due_at <= $1)`,
    [now],
    { name: 'webhook_due' },
  );
  return rows.map((row) => row.id);
}

export interface LaneClaim {
  webhookId: WebhookId;
  orderingKey: string;
  /** Names this claim; results under another one do not move the lane. */
  claim: string;
}

/**
 * Takes due lanes, longest waiting first, up to the room of each webhook. They become due again at `until`, which is
 * when another worker may take them over.
 */
export async function claimLanes(
  db: Reads,
  wants: { webhookId: WebhookId; room: number }[],
  claim: { id: string; now: Date; until: Date },
): Promise<LaneClaim[]> {
  return db.query<LaneClaim>(
    `with picked as materialized (
       select l.webhook_id, l.ordering_key
         from unnest($1::uuid[], $2::int[]) as want (webhook_id, room)
         join webhooks w on w.id = want.webhook_id and w.enabled and (w.paused_until is null or w.paused_until <= $3)
        cross join lateral (
          select webhook_id, ordering_key from webhook_lanes
           where webhook_id = want.webhook_id and due_at <= $3
           order by due_at limit want.room for update skip locked) l
     )
     update webhook_lanes lane set due_at = $4, claim = $5 from picked
      where lane.webhook_id = picked.webhook_id and lane.ordering_key = picked.ordering_key
     returning lane.webhook_id as "webhookId", lane.ordering_key as "orderingKey", lane.claim`,
    [wants.map((want) => want.webhookId), wants.map((want) => want.room), claim.now, claim.until, claim.id],
    { name: 'webhook_claim_lanes' },
  );
}

/** The delivery at the head of a claimed lane, with all that is needed to try it. */
export interface LaneHead extends LaneClaim {
  organizationId: OrganizationId;
  profileId: ProfileId;
  deliveryId: string;
  /** Tries so far. */
  attempts: number;
  url: string;
  headersSealed: Buffer | null;
  secretSealed: Buffer;
  webhookUpdatedAt: Date;
  failingSince: Date | null;
  /** The name under which the webhook is told of it; null when retention has dropped the delivery. */
  toldAs: string | null;
  /** Null when retention has dropped the event. */
  event: LoggedEvent | null;
}

interface HeadRow extends Omit<LaneHead, 'event'> {
  eventId: string | null;
  eventName: EventName;
  version: number;
  streamId: string;
  seq: number;
  conversationId: string | null;
  actor: LoggedEvent['actor'];
  occurredAt: Date;
  payload: LoggedEvent['payload'];
}

/**
 * Heads of claimed lanes. A statement of its own, because it must see what was recorded for the lane before the claim.
 * A lane without deliveries is left out.
 */
export async function readLaneHeads(db: Reads, lanes: LaneClaim[]): Promise<LaneHead[]> {
  const rows = await db.query<HeadRow>(
    `select c.webhook_id as "webhookId", c.ordering_key as "orderingKey", c.claim, w.organization_id as "organizationId",
            w.profile_id as "profileId", q.delivery_id as "deliveryId", q.attempts, w.url,
            w.headers_sealed as "headersSealed", w.secret_sealed as "secretSealed", w.updated_at as "webhookUpdatedAt",
            w.failing_since as "failingSince", d.event_name as "toldAs", e.id as "eventId", e.name as "eventName", e.version,
            e.stream_id as "streamId", e.seq, e.conversation_id as "conversationId", e.actor,
            e.occurred_at as "occurredAt", e.payload
       from unnest($1::uuid[], $2::uuid[], $3::uuid[]) as c (webhook_id, ordering_key, claim)
       join webhooks w on w.id = c.webhook_id
      cross join lateral (
        select delivery_id, event_id, attempts from webhook_queue
         where webhook_id = c.webhook_id and ordering_key = c.ordering_key order by seq limit 1) q
       left join webhook_deliveries d on d.id = q.delivery_id
       left join events e on e.id = q.event_id`,
    [lanes.map((lane) => lane.webhookId), lanes.map((lane) => lane.orderingKey), lanes.map((lane) => lane.claim)],
    { name: 'webhook_lane_heads' },
  );
  return rows.map(
    ({ eventId, eventName, version, streamId, seq, conversationId, actor, occurredAt, payload, ...head }) => ({
      ...head,
      event:
        eventId === null
          ? null
          : ({
              id: eventId,
              organizationId: head.organizationId,
              profileId: head.profileId,
              conversationId,
              streamId,
              seq,
              name: eventName,
              version,
              actor,
              occurredAt,
              payload,
            } as LoggedEvent),
    }),
  );
}

/** Gives claimed lanes back untried. */
export async function releaseLanes(db: Reads, lanes: LaneClaim[], dueAt: Date): Promise<void> {
  await db.query(
    `update webhook_lanes lane set claim = null, due_at = $4
       from unnest($1::uuid[], $2::uuid[], $3::uuid[]) as c (webhook_id, ordering_key, claim)
      where lane.webhook_id = c.webhook_id and lane.ordering_key = c.ordering_key and lane.claim = c.claim`,
    [
      lanes.map((lane) => lane.webhookId),
      lanes.map((lane) => lane.orderingKey),
      lanes.map((lane) => lane.claim),
      dueAt,
    ],
    { name: 'webhook_release_lanes' },
  );
}

/** One try of the head of a lane, or the finding that the lane is empty or its event gone. */
export interface LaneResult {
  lane: LaneClaim;
  /** When the lane's next delivery, or this one again, may be tried. */
  nextDueAt: Date;
  /** Null when the lane was empty. */
  delivery: {
    id: string;
    organizationId: OrganizationId;
    state: 'pending' | 'succeeded' | 'exhausted' | 'cancelled';
  } | null;
  /** Null when nothing was sent. */
  attempt: {
    id: string;
    number: number;
    status: number | null;
    error: string | null;
    durationMs: number;
    responseBody: string | null;
    at: Date;
  } | null;
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
 * Notes when a run of failures begins and ends, and pauses. Endpoints that are as before are not touched. Call it before
 * `recordResults`: the planner locks webhooks before lanes too.
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
 * Records tries in a few statements for any number of them. A try whose claim was taken over is kept in the log of
 * attempts and changes nothing else: the new owner of the lane decides. May run twice with the same results.
 */
export async function recordResults(tx: Tx, results: LaneResult[]): Promise<void> {
  const lanes = results.map((result) => result.lane);
  const keys = [
    lanes.map((lane) => lane.webhookId),
    lanes.map((lane) => lane.orderingKey),
    lanes.map((lane) => lane.claim),
  ];
  await insertAttempts(tx, results);
  // A planner that is queueing for one of these lanes holds it; what it queued must be seen below.
  const held = await tx.query<{ claim: string; orderingKey: string; webhookId: string }>(
    `select lane.webhook_id as "webhookId", lane.ordering_key as "orderingKey"
       from webhook_lanes lane join unnest($1::uuid[], $2::uuid[], $3::uuid[]) as c (webhook_id, ordering_key, claim)
         on lane.webhook_id = c.webhook_id and lane.ordering_key = c.ordering_key and lane.claim = c.claim
      order by lane.webhook_id, lane.ordering_key for update of lane`,
    keys,
    { name: 'webhook_hold_lanes' },
  );
  const ours = new Set(held.map((lane) => `${lane.webhookId} ${lane.orderingKey}`));
  const standing = results.filter(({ lane }) => ours.has(`${lane.webhookId} ${lane.orderingKey}`));
  if (standing.length === 0) return;
  await settleDeliveries(tx, standing);
  await tx.query(
    `with done as (
       select * from unnest($1::uuid[], $2::uuid[], $3::timestamptz[]) as d (webhook_id, ordering_key, due_at)
     ), kept as (
       update webhook_lanes lane set claim = null, due_at = done.due_at from done
        where lane.webhook_id = done.webhook_id and lane.ordering_key = done.ordering_key
          and exists (select 1 from webhook_queue q
                       where q.webhook_id = lane.webhook_id and q.ordering_key = lane.ordering_key)
     )
     delete from webhook_lanes lane using done
      where lane.webhook_id = done.webhook_id and lane.ordering_key = done.ordering_key
        and not exists (select 1 from webhook_queue q
                         where q.webhook_id = lane.webhook_id and q.ordering_key = lane.ordering_key)`,
    [
      standing.map(({ lane }) => lane.webhookId),
      standing.map(({ lane }) => lane.orderingKey),
      standing.map((result) => result.nextDueAt),
    ],
    { name: 'webhook_finish_lanes' },
  );
}

async function insertAttempts(tx: Tx, results: LaneResult[]): Promise<void> {
  const tried = results.flatMap(({ delivery, attempt }) => (delivery && attempt ? [{ delivery, attempt }] : []));
  if (tried.length === 0) return;
  await tx.query(
    `insert into webhook_attempts
       (id, organization_id, delivery_id, attempt, status, error, duration_ms, response_body, at)
     select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::int[], $5::int[], $6::text[], $7::int[], $8::text[],
                          $9::timestamptz[])
     on conflict (id) do nothing`,
    [
      tried.map(({ attempt }) => attempt.id),
      tried.map(({ delivery }) => delivery.organizationId),
      tried.map(({ delivery }) => delivery.id),
      tried.map(({ attempt }) => attempt.number),
      tried.map(({ attempt }) => attempt.status),
      tried.map(({ attempt }) => attempt.error),
      tried.map(({ attempt }) => attempt.durationMs),
      tried.map(({ attempt }) => attempt.responseBody),
      tried.map(({ attempt }) => attempt.at),
    ],
    { name: 'webhook_insert_attempts' },
  );
}

async function settleDeliveries(tx: Tx, results: LaneResult[]): Promise<void> {
  const settled = results.flatMap(({ delivery, attempt }) => (delivery ? [{ delivery, attempt }] : []));
  if (settled.length === 0) return;
  await tx.query(
    `with result as (
       select * from unnest($1::uuid[], $2::text[], $3::int[], $4::int[]) as r (id, state, attempts, status)
     ), finished as (
       delete from webhook_queue q using result r where q.delivery_id = r.id and r.state <> 'pending'
     ), tried as (
       update webhook_queue q set attempts = r.attempts from result r where q.delivery_id = r.id and r.state = 'pending'
     )
     update webhook_deliveries d
        set state = r.state, attempts = coalesce(r.attempts, d.attempts), last_status = r.status,
            ended_at = case when r.state <> 'pending' then now() end
       from result r where d.id = r.id and d.state = 'pending'`,
    [
      settled.map(({ delivery }) => delivery.id),
      settled.map(({ delivery }) => delivery.state),
      settled.map(({ attempt }) => attempt?.number ?? null),
      settled.map(({ attempt }) => attempt?.status ?? null),
    ],
    { name: 'webhook_settle_deliveries' },
  );
}

/**
 * Switches a webhook off for a reason that its endpoint gave.
 * @returns its address and name space, or null when it is off already or gone
 */
export async function disableWebhook(
  tx: Tx,
  id: WebhookId,
  reason: string,
): Promise<{ url: string; organizationId: OrganizationId; profileId: ProfileId } | null> {
  const [row] = await tx.query<{ url: string; organizationId: OrganizationId; profileId: ProfileId }>(
    `update webhooks set enabled = false, disabled_reason = $2 where id = $1 and enabled
     returning url, organization_id as "organizationId", profile_id as "profileId"`,
    [id, reason],
  );
  return row ?? null;
}
