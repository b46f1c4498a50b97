import type { BroadcastId, RecipientState } from '#contracts';
import type { Tx } from '../transaction.js';

type Reads = Pick<Tx, 'query'>;

/** How many recipients of a broadcast have this in common. */
export interface RecipientCount {
  broadcastId: BroadcastId;
  state: RecipientState;
  reason: string | null;
  variant: number;
  senderId: string | null;
  count: number;
  replied: number;
  optedOut: number;
}

/** Counts the recipients of broadcasts at this moment, from their rows: there are no counters that could be wrong. */
export function countRecipients(tx: Reads, broadcastIds: readonly string[]): Promise<RecipientCount[]> {
  return tx.query<RecipientCount>(
    `select r.broadcast_id as "broadcastId",
            case when r.is_waiting and b.state = 'cancelled' then 'cancelled' else r.state end as state,
            r.reason, r.variant, r.sender_id as "senderId", count(*)::int as count,
            count(r.replied_at)::int as replied, count(r.opted_out_at)::int as "optedOut"
       from broadcast_recipients r join broadcasts b on b.id = r.broadcast_id
      where r.broadcast_id = any($1::uuid[])
      group by 1, 2, 3, 4, 5`,
    [broadcastIds],
    { name: 'broadcasts_counts' },
  );
}

/** A recipient as lists show it. */
export interface RecipientRow {
  position: number;
  address: string;
  personId: string | null;
  name: string | null;
  variables: Record<string, unknown> | null;
  /** Of one from a file: where it stands there. */
  line: number | null;
  state: RecipientState;
  reason: string | null;
  variant: number;
  senderId: string | null;
  conversationId: string | null;
  messageId: string | null;
  attempts: number;
  retryAt: Date | null;
  queuedAt: Date | null;
  sentAt: Date | null;
  deliveredAt: Date | null;
  readAt: Date | null;
  endedAt: Date | null;
  repliedAt: Date | null;
  optedOutAt: Date | null;
}

export interface RecipientFilter {
  state?: RecipientState;
  reason?: string;
  variant?: number;
  senderId?: string;
  replied?: boolean;
}

const matches = `r.broadcast_id = $1 and ($2::text is null or r.state = $2) and ($3::text is null or r.reason = $3)
  and ($4::int is null or r.variant = $4) and ($5::uuid is null or r.sender_id = $5)
  and ($6::boolean is null or (r.replied_at is not null) = $6)`;

function valuesOf(broadcastId: BroadcastId, { state, reason, variant, senderId, replied }: RecipientFilter): unknown[] {
  return [broadcastId, state ?? null, reason ?? null, variant ?? null, senderId ?? null, replied ?? null];
}

/** Recipients in their order. */
export function listRecipients(
  tx: Reads,
  broadcastId: BroadcastId,
  filter: RecipientFilter,
  page: { after?: number; offset?: number; limit: number },
): Promise<RecipientRow[]> {
  return tx.query<RecipientRow>(
    `select r.position, r.address, r.person_id as "personId", r.variables, r.line, r.state, r.reason, r.variant,
            r.sender_id as "senderId", r.conversation_id as "conversationId", r.message_id as "messageId", r.attempts,
            r.retry_at as "retryAt", r.queued_at as "queuedAt", r.sent_at as "sentAt", r.delivered_at as "deliveredAt",
            r.read_at as "readAt", r.ended_at as "endedAt", r.replied_at as "repliedAt", r.opted_out_at as "optedOutAt",
            (select coalesce(c.name, c.saved_name, c.verified_name, c.push_name) from contacts c
              where c.person_id = r.person_id
                and c.profile_id = coalesce(r.sender_id, (select profile_id from broadcasts where id = $1))) as name
       from broadcast_recipients r
      where ${matches} and r.position > $7 order by r.position limit $8 offset $9`,
    [...valuesOf(broadcastId, filter), page.after ?? -1, page.limit, page.offset ?? 0],
  );
}

/** How many recipients fit. */
export async function countMatching(tx: Reads, broadcastId: BroadcastId, filter: RecipientFilter): Promise<number> {
  const [row] = await tx.query<{ count: number }>(
    `select count(*)::int as count from broadcast_recipients r where ${matches}`,
    valuesOf(broadcastId, filter),
  );
  return row!.count;
}

/** What happened within one step of time. */
export interface RecipientMoment {
  at: Date;
  queued: number;
  sent: number;
  delivered: number;
  read: number;
  replied: number;
  optedOut: number;
  failed: number;
  /** Why, and why the outcome of others is unknown: most frequent first, at most `MOST_REASONS`. */
  failures: { reason: string; count: number }[];
}

/** Steps of the course that are told, from its beginning. */
export const MOST_MOMENTS = 5_000;
/** Reasons that are told of one step. WhatsApp has about so many, but nobody promised that it will not have more. */
export const MOST_REASONS = 20;

/** What happened to the recipients over time, in steps of so many seconds; steps without anything are absent. */
export function recipientMoments(tx: Reads, broadcastId: BroadcastId, stepSeconds: number): Promise<RecipientMoment[]> {
  return tx.query<RecipientMoment>(
    // One pass over the recipients; what it leaves is as long as the course has steps and reasons.
    `with happened as materialized (
       select date_bin(make_interval(secs => $2), moment.at, 'epoch') as at, moment.what, moment.reason,
              count(*)::int as count
         from broadcast_recipients r, lateral (values
                ('queued', r.queued_at, null), ('sent', r.sent_at, null), ('delivered', r.delivered_at, null),
                ('read', r.read_at, null), ('replied', r.replied_at, null), ('opted_out', r.opted_out_at, null),
                (case r.state when 'unknown' then 'unknown' else 'failed' end,
                 case when r.state in ('failed', 'expired', 'unknown') then r.ended_at end,
                 coalesce(r.reason, 'unknown'))) as moment (what, at, reason)
        where r.broadcast_id = $1 and moment.at is not null
        group by 1, 2, 3
     ), ranked as (
       select at, reason, sum(count)::int as count,
              row_number() over (partition by at order by sum(count) desc, reason) as rank
         from happened where what in ('failed', 'unknown') group by at, reason
     ), failures as (
       select at, json_agg(json_build_object('reason', reason, 'count', count) order by rank) as list
         from ranked where rank <= ${MOST_REASONS} group by at
     ), moments as (
       select at,
              coalesce(sum(count) filter (where what = 'queued'), 0)::int as queued,
              coalesce(sum(count) filter (where what = 'sent'), 0)::int as sent,
              coalesce(sum(count) filter (where what = 'delivered'), 0)::int as delivered,
              coalesce(sum(count) filter (where what = 'read'), 0)::int as read,
              coalesce(sum(count) filter (where what = 'replied'), 0)::int as replied,
              coalesce(sum(count) filter (where what = 'opted_out'), 0)::int as "optedOut",
              coalesce(sum(count) filter (where what = 'failed'), 0)::int as failed
         from happened group by at order by at limit ${MOST_MOMENTS}
     )
     select moments.*, coalesce(failures.list, '[]') as failures
       from moments left join failures on failures.at = moments.at order by moments.at`,
    [broadcastId, stepSeconds],
  );
}
