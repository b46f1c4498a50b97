import type { BroadcastId } from '#contracts';
import type { Tx } from '../transaction.js';
import type { MovedMessage } from './message-states.js';

/** Failures after which another try may succeed, because they are not about the recipient. Nothing was sent. */
const worthAnotherTry = [
  'not_sent_in_time',
  'media_upload_failed',
  'server_error',
  'rate_limited',
  'recipient_lookup_failed',
  'preparation_failed',
  'session_unreadable',
  'rejected_429',
  'rejected_463',
  'rejected_500',
  'rejected_503',
];
/** Between two tries for one recipient, doubled each time. */
const RETRY_AFTER_SECONDS = 60;

/**
 * What moved messages mean for the recipients of broadcasts, in the transaction that moved them. A failure that is worth
 * another try makes the recipient wait again, as long as its broadcast has tries left; nothing whose outcome is unknown
 * is ever sent again. Locks recipients after messages, by their messages.
 * @returns the broadcasts that had something to do with it
 */
export async function moveRecipients(tx: Tx, moved: readonly MovedMessage[]): Promise<BroadcastId[]> {
  const news = moved.filter(({ batchId, action }) => batchId !== null && action === null);
  if (news.length === 0) return [];
  const rows = await tx.query<{ id: BroadcastId }>(
    `with news as (
       select * from unnest($1::uuid[], $2::text[], $3::text[]) as news (message_id, state, reason)
     ), locked as (
       select r.broadcast_id, r.position, news.state, news.reason, r.attempts
         from broadcast_recipients r join news on news.message_id = r.message_id
        where r.message_id = any($1::uuid[]) order by r.message_id for update of r
     ), judged as (
       select locked.*, coalesce(
                b.state in ('running', 'paused') and locked.attempts <= b.retry_attempts
                and locked.state in ('failed', 'expired') and locked.reason = any($4::text[])
                or locked.state = 'cancelled' and locked.reason = 'sender_lost', false) as again
         from locked join broadcasts b on b.id = locked.broadcast_id
     ), changed as (
       update broadcast_recipients r
          set state = case when judged.again then 'pending' else judged.state end, is_waiting = judged.again,
              reason = judged.reason,
              attempts = r.attempts - case when judged.reason = 'sender_lost' and judged.again then 1 else 0 end,
              sender_id = case when judged.again and (
                                 judged.reason = 'sender_lost' and r.address not like 'group:%'
                                 or not exists (select from broadcast_senders s
                                                 where s.broadcast_id = r.broadcast_id and s.profile_id = r.sender_id))
                               then null else r.sender_id end,
              retry_at = case when judged.again and judged.reason <> 'sender_lost'
                then now() + make_interval(secs => ${RETRY_AFTER_SECONDS} * 2 ^ least(r.attempts - 1, 10)) end,
              sent_at = case when judged.state = 'sent' then m.sent_at else r.sent_at end,
              delivered_at = m.delivered_at, read_at = m.read_at,
              ended_at = case when judged.again then null
                              when judged.state in ('failed', 'cancelled', 'expired', 'unknown') then now() end
         from judged, messages m
        where r.broadcast_id = judged.broadcast_id and r.position = judged.position and m.id = r.message_id
          and m.id = any($1::uuid[])
       returning r.broadcast_id
     )
     select distinct broadcast_id as id from changed`,
    [
      news.map((message) => message.messageId),
      news.map((message) => message.state),
      news.map((message) => message.reason),
      worthAnotherTry,
    ],
    { name: 'broadcasts_outcomes' },
  );
  return rows.map((row) => row.id);
}

/**
 * Puts everything that waits at its numbers to rest, until `releaseOutbox`. What an engine has taken on goes back to rest
 * too, unless it is on the wire: wake `recalls` for the profiles.
 * @returns the profiles that had something
 */
export async function restOutbox(tx: Tx, broadcastId: BroadcastId): Promise<string[]> {
  const rows = await tx.query<{ id: string }>(
    `with waiting as (
       select message_id from outbox where batch_id = $1 and lane = 1 order by message_id for update
     ), rested as (
       update outbox o set lane = 2, expires_at = 'infinity' from waiting where o.message_id = waiting.message_id
       returning o.profile_id
     )
     select distinct profile_id as id from rested`,
    [broadcastId],
    { name: 'broadcasts_rest' },
  );
  return rows.map((row) => row.id);
}

/**
 * Lets what rests go out again, in its order, each at least `pauseMs` after the one before at its number.
 * @returns the profiles that have something
 */
export async function releaseOutbox(
  tx: Tx,
  broadcastId: BroadcastId,
  { pauseMs, expiryMs }: { pauseMs: number; expiryMs: number },
): Promise<string[]> {
  const rows = await tx.query<{ id: string }>(
    `with resting as (
       select message_id from outbox where batch_id = $1 and lane = 2 order by message_id for update
     ), spaced as (
       select o.message_id, greatest(o.not_before, now() + make_interval(secs => $2::float8 / 1000 * (row_number()
                over (partition by o.profile_id order by o.not_before, o.message_id) - 1))) as not_before
         from outbox o join resting on resting.message_id = o.message_id
     ), released as (
       update outbox o
          set lane = 1, not_before = spaced.not_before,
              expires_at = spaced.not_before + make_interval(secs => $3::float8 / 1000)
         from spaced where o.message_id = spaced.message_id
       returning o.profile_id
     )
     select distinct profile_id as id from released`,
    [broadcastId, pauseMs, expiryMs],
    { name: 'broadcasts_release' },
  );
  return rows.map((row) => row.id);
}

/** The profiles at which messages of a broadcast wait. */
export async function findWaitingProfiles(tx: Tx, broadcastId: BroadcastId): Promise<string[]> {
  const rows = await tx.query<{ id: string }>(
    'select distinct profile_id as id from outbox where batch_id = $1',
    [broadcastId],
    { name: 'broadcasts_waiting_profiles' },
  );
  return rows.map((row) => row.id);
}

/**
 * Ends up to `limit` recipients of a cancelled broadcast that were never queued. An array, not a list to join with: of a
 * broadcast that has just begun the planner expects one row, and compared each with each. @returns how many
 */
export async function cancelPending(tx: Tx, broadcastId: BroadcastId, limit: number): Promise<number> {
  const rows = await tx.query(
    `update broadcast_recipients r
        set state = 'cancelled', is_waiting = false, reason = 'broadcast_cancelled', ended_at = now()
      where r.broadcast_id = $1 and r.position = any(array(
        select position from broadcast_recipients where broadcast_id = $1 and is_waiting order by position limit $2))
     returning 1`,
    [broadcastId, limit],
    { name: 'broadcasts_cancel_pending' },
  );
  return rows.length;
}

/** Cancelled broadcasts with recipients or messages that still wait. */
export async function findLooseEnds(db: Pick<Tx, 'query'>, limit: number): Promise<BroadcastId[]> {
  const rows = await db.query<{ id: BroadcastId }>(
    `select b.id from broadcasts b
      where b.state = 'cancelled' and b.ended_at > now() - interval '7 days'
        and (exists (select from broadcast_recipients r where r.broadcast_id = b.id and r.is_waiting)
             or exists (select from outbox o where o.batch_id = b.id and o.claimed_epoch is null and not o.wired))
      limit $1`,
    [limit],
    { name: 'broadcasts_loose_ends' },
  );
  return rows.map((row) => row.id);
}
