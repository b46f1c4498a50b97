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
           order by due_at limit want.room for no key update skip locked) l
     )
     update webhook_lanes lane set due_at = $4, claim = $5 from picked
      where lane.webhook_id = picked.webhook_id and lane.ordering_key = picked.ordering_key
     returning lane.webhook_id as "webhookId", lane.ordering_key as "orderingKey", lane.claim`,
    [wants.map((want) => want.webhookId), wants.map((want) => want.room), claim.now, claim.until, claim.id],
    { name: 'webhook_claim_lanes' },
  );
}

/** The delivery at the head of a claimed lane. */
export interface LaneHead extends LaneClaim {
  organizationId: OrganizationId;
  /** Null for a webhook of the organization's own events. */
  profileId: ProfileId | null;
  /** Changes with everything that says where and how the webhook is called. */
  endpointVersion: string;
  failingSince: Date | null;
  /** The endpoint asked to be left alone until then. */
  pausedUntil: Date | null;
  deliveryId: string;
  /** Its place in the lane. */
  position: number;
  /** Tries so far in this round: redelivery begins a new one. */
  attempts: number;
  /** Tries so far in all rounds. */
  attemptsInAll: number;
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
  conversationId: string | null;
  actor: LoggedEvent['actor'];
  occurredAt: Date;
  payload: LoggedEvent['payload'];
}

/**
 * Heads of claimed lanes. A statement of its own, because it must see what was recorded for the lane before. A lane
 * without deliveries is left out, and so is one whose claim was taken over.
 */
export async function readLaneHeads(db: Reads, lanes: LaneClaim[]): Promise<LaneHead[]> {
  const rows = await db.query<HeadRow>(
    `select c.webhook_id as "webhookId", c.ordering_key as "orderingKey", c.claim, w.organization_id as "organizationId",
            w.profile_id as "profileId", w.updated_at::text as "endpointVersion", w.failing_since as "failingSince",
            w.paused_until as "pausedUntil", q.delivery_id as "deliveryId", q.seq as position, q.attempts,
            coalesce(d.attempts, q.attempts) as "attemptsInAll", d.event_name as "toldAs", e.id as "eventId",
            e.name as "eventName", e.version, e.stream_id as "streamId", e.conversation_id as "conversationId", e.actor,
            e.occurred_at as "occurredAt", e.payload
       from unnest($1::uuid[], $2::uuid[], $3::uuid[]) as c (webhook_id, ordering_key, claim)
       join webhook_lanes lane using (webhook_id, ordering_key, claim)
       join webhooks w on w.id = c.webhook_id
      cross join lateral (
        select delivery_id, event_id, seq, attempts from webhook_queue
         where webhook_id = c.webhook_id and ordering_key = c.ordering_key order by seq limit 1) q
       left join webhook_deliveries d on d.id = q.delivery_id
       left join events e on e.id = q.event_id`,
    [lanes.map((lane) => lane.webhookId), lanes.map((lane) => lane.orderingKey), lanes.map((lane) => lane.claim)],
    { name: 'webhook_lane_heads' },
  );
  return rows.map(({ eventId, eventName, version, streamId, conversationId, actor, occurredAt, payload, ...head }) => {
    if (eventId === null) return { ...head, event: null };
    const { organizationId, profileId, position: seq } = head;
    const place = { id: eventId, organizationId, profileId, conversationId, streamId, seq };
    return { ...head, event: { ...place, name: eventName, version, actor, occurredAt, payload } as LoggedEvent };
  });
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
