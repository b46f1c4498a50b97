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
}

/** What happened to the recipients over time, in steps of so many seconds; steps without anything are absent. */
export function recipientMoments(tx: Reads, broadcastId: BroadcastId, stepSeconds: number): Promise<RecipientMoment[]> {
  return tx.query<RecipientMoment>(
    `select date_bin(make_interval(secs => $2), moment.at, 'epoch') as at,
            count(*) filter (where moment.what = 'queued')::int as queued,
            count(*) filter (where moment.what = 'sent')::int as sent,
            count(*) filter (where moment.what = 'delivered')::int as delivered,
            count(*) filter (where moment.what = 'read')::int as read,
            count(*) filter (where moment.what = 'replied')::int as replied,
            count(*) filter (where moment.what = 'opted_out')::int as "optedOut",
            count(*) filter (where moment.what = 'failed')::int as failed
       from broadcast_recipients r, lateral (values
              ('queued', r.queued_at), ('sent', r.sent_at), ('delivered', r.delivered_at), ('read', r.read_at),
              ('replied', r.replied_at), ('opted_out', r.opted_out_at),
              ('failed', case when r.state in ('failed', 'expired') then r.ended_at end)) as moment (what, at)
      where r.broadcast_id = $1 and moment.at is not null
      group by 1 order by 1`,
    [broadcastId, stepSeconds],
  );
}
