import type { BroadcastId, ConnectionCode, ConnectionState, ExclusionReason, ProfileId } from '#contracts';
import type { Tx } from '../transaction.js';
import { type BroadcastRow, broadcastColumnsButAudience } from './broadcasts.js';

/** A number of a running broadcast, whose turn it is to be given messages. */
export interface FeedTurn extends Omit<BroadcastRow, 'audience'> {
  senderId: ProfileId;
  heldFor: string | null;
  heldSince: Date | null;
  nextAt: Date | null;
  inBatch: number;
  /** Its connection, as measured. */
  connection: ConnectionState;
  connectionCode: ConnectionCode;
  connectionSince: Date;
  isLinked: boolean;
  /** WhatsApp lets it open no chats until then; null: it may. */
  timeLockedUntil: Date | null;
  /** How many of its numbers can send now, this one included. */
  ableSenders: number;
  /** Messages of the broadcast that wait at this number. */
  waiting: number;
  now: Date;
}

/**
 * The next number that is due to be given messages of a running broadcast. The broadcast is kept to this transaction: one
 * feeds it at a time, and nobody pauses it meanwhile. Null when nothing is due, or others are at work.
 */
export async function lockFeedTurn(tx: Tx): Promise<FeedTurn | null> {
  const [row] = await tx.query<FeedTurn>(
    `select ${broadcastColumnsButAudience}, s.profile_id as "senderId", s.held_for as "heldFor", s.held_since as "heldSince",
            s.next_at as "nextAt", s.in_batch as "inBatch", c.state as connection, c.code as "connectionCode",
            c.since as "connectionSince",
            p.phone_number is not null and c.state not in ('logged_out', 'pairing') and c.code <> 'pairing_expired'
              as "isLinked",
            (select to_timestamp((g.state #>> '{timeLock,until}')::float8 / 1000) from send_governors g
              where g.profile_id = s.profile_id) as "timeLockedUntil",
            (select count(*)::int from outbox o where o.batch_id = b.id and o.profile_id = s.profile_id) as waiting,
            (select count(*)::int from broadcast_senders a
              where a.broadcast_id = b.id and (a.held_for is null or a.profile_id = s.profile_id)) as "ableSenders",
            now() as now
       from broadcast_senders s
       join broadcasts b on b.id = s.broadcast_id
       join profiles p on p.id = s.profile_id
       join profile_connections c on c.profile_id = s.profile_id
      where b.state = 'running' and s.feed_at <= now()
      order by s.feed_at limit 1
        for no key update of b skip locked`,
    [],
    { name: 'broadcasts_feed_turn' },
  );
  return row ?? null;
}

/** When the next number is due to be looked at; null when none is. */
export async function nextFeedAt(db: Pick<Tx, 'query'>): Promise<Date | null> {
  const [row] = await db.query<{ at: Date | null }>(
    `select min(s.feed_at) as at from broadcast_senders s join broadcasts b on b.id = s.broadcast_id
      where b.state = 'running'`,
    [],
    { name: 'broadcasts_next_feed' },
  );
  return row?.at ?? null;
}

/** A recipient whose turn it is, with what is known of the person at this moment. */
export interface PendingRecipient {
  position: number;
  address: string;
  variables: Record<string, unknown> | null;
  variant: number;
  /** Why not after all: what changed since the audience was written down. */
  reason: ExclusionReason | null;
  /** As the address book of the sending number has the person. */
  name: string | null;
  phone: string | null;
  customFields: Record<string, unknown> | null;
}

/**
 * The next recipients for a number: those that only it can send to first, then its share of those that any of so many
 * numbers can.
 */
export function takePending(
  tx: Tx,
  of: { broadcastId: BroadcastId; organizationId: string; senderId: string; startedAt: Date; stopOnReply: boolean },
  limit: number,
  ableSenders: number,
): Promise<PendingRecipient[]> {
  return tx.query<PendingRecipient>(
    `with next as (
       (select * from broadcast_recipients
         where broadcast_id = $1 and is_waiting and sender_id = $3 and (retry_at is null or retry_at <= now())
         order by position limit $6)
       union all
       (select * from broadcast_recipients
         where broadcast_id = $1 and is_waiting and sender_id is null and (retry_at is null or retry_at <= now())
         order by position limit (select ceil(count(*)::float8 / $7)::int from (
           select from broadcast_recipients where broadcast_id = $1 and is_waiting and sender_id is null
             and (retry_at is null or retry_at <= now()) limit $6 * $7::int) free))
       limit $6
     ), named as materialized (
       -- Row-level security lets an expression over several columns decide after the policies only, and so use no index:
       -- what is looked up is a plain column of a finished step.
       select next.*, split_part(address, ':', 1) as kind, substr(address, strpos(address, ':') + 1) as value from next
     ), found as materialized (
       select named.*, coalesce(named.person_id, i.person_id) as person
         from named left join identities i on named.person_id is null and i.organization_id = $2
              and i.kind = named.kind and i.value = named.value
     )
     select r.position, r.address, r.variables, r.variant, coalesce(
              (select case when bool_or(c.opted_out_at is not null) then 'opted_out'
                           when bool_or(c.is_blocked) then 'blocked' end
                 from contacts c join broadcast_senders s on s.broadcast_id = $1 and s.profile_id = c.profile_id
                where c.person_id = r.person),
              case when (select bool_or(latest.is_opted_out) from (
                 select distinct on (h.profile_id) h.is_opted_out from opt_out_changes h
                  where h.person_id = r.person and h.profile_id = any(array(
                    select s.profile_id from broadcast_senders s where s.broadcast_id = $1))
                  order by h.profile_id, h.at desc, h.id desc) latest) then 'opted_out' end,
              case when exists (
                select from broadcast_recipients o
                 where o.person_id = r.person and o.broadcast_id is not distinct from $1 and o.position <> r.position and not o.is_excluded
                   and (not o.is_waiting or o.position < r.position)) then 'repeated' end,
              case when $5 and exists (
                select from conversations v join broadcast_senders s on s.broadcast_id = $1 and s.profile_id = v.profile_id
                 where v.person_id = r.person and v.last_inbound_at >= $4) then 'wrote_meanwhile' end) as reason,
            coalesce(c.name, c.saved_name, c.verified_name, c.push_name) as name, c.custom_fields as "customFields",
            coalesce(case when r.address like 'phone:%' then substr(r.address, 7) end,
                     (select value from identities where person_id = r.person and kind = 'phone'
                       order by id desc limit 1)) as phone
       from found r left join contacts c on c.profile_id = $3 and c.person_id = r.person
      order by r.position`,
    [of.broadcastId, of.organizationId, of.senderId, of.startedAt, of.stopOnReply, limit, ableSenders],
    { name: 'broadcasts_pending' },
  );
}

/** Recipients that were left out when it was their turn. */
export async function excludePending(
  tx: Tx,
  broadcastId: BroadcastId,
  rows: { position: number; reason: ExclusionReason }[],
): Promise<void> {
  if (rows.length === 0) return;
  await tx.query(
    `update broadcast_recipients r
        set state = 'excluded', is_waiting = false, is_excluded = true, reason = x.reason, ended_at = now()
       from unnest($2::int[], $3::text[]) as x (position, reason)
      where r.broadcast_id = $1 and r.position = x.position and r.is_waiting`,
    [broadcastId, rows.map((row) => row.position), rows.map((row) => row.reason)],
    { name: 'broadcasts_exclude' },
  );
}

export interface FedRecipient {
  position: number;
  messageId: string;
  conversationId: string;
  personId: string | null;
}

/** Notes which message each recipient gets, in the transaction that queues the messages. */
export async function noteFed(
  tx: Tx,
  of: { broadcastId: BroadcastId; senderId: string },
  rows: FedRecipient[],
): Promise<void> {
  if (rows.length === 0) return;
  await tx.query(
    `update broadcast_recipients r
        set state = 'queued', is_waiting = false, reason = null, sender_id = $2, message_id = x.message_id,
            conversation_id = x.conversation_id, person_id = coalesce(x.person_id, r.person_id),
            attempts = r.attempts + 1, queued_at = now(), retry_at = null, ended_at = null
       from unnest($3::int[], $4::uuid[], $5::uuid[], $6::uuid[]) as x (position, message_id, conversation_id, person_id)
      where r.broadcast_id = $1 and r.position = x.position`,
    [
      of.broadcastId,
      of.senderId,
      rows.map((row) => row.position),
      rows.map((row) => row.messageId),
      rows.map((row) => row.conversationId),
      rows.map((row) => row.personId),
    ],
    { name: 'broadcasts_fed' },
  );
}

/** What a turn leaves behind for the next one of this number. */
export interface SenderPace {
  nextAt: Date | null;
  inBatch: number;
  /** The next look. */
  feedAt: Date;
  heldFor: string | null;
}

export async function noteTurn(
  tx: Tx,
  of: { broadcastId: BroadcastId; senderId: string },
  pace: SenderPace,
): Promise<void> {
  await tx.query(
    `update broadcast_senders
        set next_at = $3, in_batch = $4, feed_at = $5, held_for = $6::text,
            held_since = case when $6::text is null then null when held_for is distinct from $6::text then now() else held_since end
      where broadcast_id = $1 and profile_id = $2`,
    [of.broadcastId, of.senderId, pace.nextAt, pace.inBatch, pace.feedAt, pace.heldFor],
    { name: 'broadcasts_turn_done' },
  );
}

/** Puts off what was given to a number and is due before then. What it has taken on goes. */
export async function postponeWaiting(
  tx: Tx,
  of: { broadcastId: BroadcastId; senderId: string },
  until: Date,
): Promise<void> {
  await tx.query(
    `with late as (
       select message_id from outbox
        where batch_id = $1 and profile_id = $2 and not_before < $3 and claimed_epoch is null and not wired
        order by message_id for update skip locked
     ), moved as (
       update outbox o set not_before = $3 from late where o.message_id = late.message_id
     )
     update messages m set not_before = $3 from late where m.id = late.message_id`,
    [of.broadcastId, of.senderId, until],
    { name: 'broadcasts_postpone' },
  );
}

/** Whether nothing of a broadcast waits any more, neither to be queued nor to be sent. */
export async function isDrained(tx: Tx, broadcastId: BroadcastId): Promise<boolean> {
  const [row] = await tx.query<{ isDrained: boolean }>(
    `select not exists (select from broadcast_recipients where broadcast_id = $1 and is_waiting)
        and not exists (select from outbox where batch_id = $1) as "isDrained"`,
    [broadcastId],
    { name: 'broadcasts_drained' },
  );
  return row!.isDrained;
}

/**
 * What waits for a number that is held is free for the others; what goes into a group is for another one that is in it, and
 * waits as long as there is none. The messages that it was given are cancelled by the caller (`lockCancellable`).
 */
export async function unassign(tx: Tx, of: { broadcastId: BroadcastId; senderId: string }): Promise<void> {
  await tx.query(
    `update broadcast_recipients r
        set sender_id = case when r.address like 'group:%' then other.id end
       from broadcast_recipients w left join lateral (
         select s.profile_id as id from broadcast_senders s
           join groups g on g.profile_id = s.profile_id and g.wa_id = substr(w.address, 7) and g.own_role is not null
          where w.address like 'group:%' and s.broadcast_id = $1 and s.profile_id <> $2 and s.held_for is null
          order by s.position limit 1) other on true
      where w.broadcast_id = $1 and w.is_waiting and w.sender_id = $2
        and (w.address not like 'group:%' or other.id is not null)
        and r.broadcast_id = w.broadcast_id and r.position = w.position`,
    [of.broadcastId, of.senderId],
    { name: 'broadcasts_unassign' },
  );
}
