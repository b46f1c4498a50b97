import type { MessageAction, MessageContent } from '#contracts';
import type { Address, OutgoingAction, QuotedMessage } from '#engine';
import type { Database } from '../database.js';
import type { Tx } from '../transaction.js';
import type { ChatColumns } from './chats.js';
import type { Lease } from './leases.js';
import { filesSql } from './media-names.js';
import { newestIdentitySql, quotedMessageSql, targetMessageSql } from './quoted-message.js';
import type { GovernorRow } from './send-governors.js';

/** A send that the owner has taken on, with all that it needs. Of its chat's person the newest addresses. */
export interface ClaimedSend extends ChatColumns {
  messageId: string;
  conversationId: string;
  batchId: string | null;
  /** So long after it the next of its batch may go; null: at once. */
  pauseMs: number | null;
  /** How late it was taken on, in milliseconds. */
  lateMs: number;
  /** Why it must not be sent any more, because what it belongs to was cancelled meanwhile; null: nothing was. */
  cancelledBecause: 'batch_cancelled' | 'broadcast_cancelled' | null;
  /** When it fails, nothing more of its batch is sent. */
  stopsBatch: boolean;
  lane: number;
  /** How its conversation stands with us at this moment: 0 service, 1 known, 2 new (domain/governor/send-class.ts). */
  standing: number;
  expiresAt: Date;
  /** How often it was taken on, this time included. */
  attempts: number;
  /** An earlier attempt may have reached the wire: then only an acknowledgement or `unknown` can end it. */
  wasWired: boolean;
  waMessageId: string;
  /** What it says; of an action what it does. */
  content: MessageContent | MessageAction;
  /** It does something to a message. */
  isAction: boolean;
  /** The message that an action is done to; null when that is gone. */
  target: (OutgoingAction['target'] & { content: MessageContent }) | null;
  /** Of a status: who may see it. */
  audience: Address[] | null;
  /** Where storage keeps the media that the content names, by `mediaId`; null for content without media. */
  files: Record<string, string> | null;
  quoted: QuotedMessage | null;
  /** W3C trace context of the request that queued it. */
  traceParent: string | null;
}

/** Lanes and standings side by side: `lanes[n]` with `standings[n]` is one class of sends. */
export interface SendClasses {
  lanes: number[];
  standings: number[];
}

/** What the owner's send governor allows, and what it has counted before. */
export interface GovernedClaim {
  /** Of the policy that all this was worked out from. */
  revision: number;
  open: SendClasses;
  closed: SendClasses;
  /** Most of each kind; null without a limit. */
  mostOfCampaigns: number | null;
  mostUnsolicited: number | null;
  mostNewContacts: number | null;
  /** One send of a campaign goes before the interactive ones. */
  campaignFirst: boolean;
  /** Who wrote since then is in the service window. */
  serviceSince: Date;
  /** Those whose window is over are not taken on, but put with the known ones. */
  tellsServiceApart: boolean;
  /**
   * Only what an owner that is gone had taken on, of so many that are first in each class; null: everything. It was
   * counted then, so no limit holds it back.
   */
  leftovers: number | null;
  /** The counts before this claim, which adds what it takes on. */
  counted: GovernorRow;
}

export interface SendClaim {
  limit: number;
  exceptMessages: string[];
  exceptConversations: string[];
  /** Batches that pause between two of their messages at this moment. */
  exceptBatches: string[];
  governed: GovernedClaim;
}

export interface ClaimAnswer {
  sends: ClaimedSend[];
  /** Of the policy now: when it is another, nothing was taken on. */
  revision: number;
  /** The database's clock. */
  at: Date;
  /** The closed classes of which something is due, as positions in `closed`. */
  heldBack: number[];
  /** How many were found whose service window is over, and put with the known ones. */
  lapsed: number;
}

/**
 * Takes on up to `limit` due sends of the profile, of the classes that are open: interactive before campaign, then by
 * time, then in the order in which they were accepted. Everything counts that the caller does not know to hold already
 * (`exceptMessages`), also rows that are marked as taken: by an owner that is gone, or by a claim of ours whose answer
 * was lost. Nobody knows how far those came, so they go out again under the same WhatsApp id. From here on a row counts
 * as wired, because a crash after this statement leaves no trace of whether the wire was reached. Rows that are being
 * cancelled are skipped. Of a batch nothing is taken on behind a pause that is not over, however late it is.
 *
 * One statement, which also counts what it takes on for the first time. It costs the same however much is held back: each
 * class is a range of the index. Null when the lease is lost.
 */
export async function claimSends(db: Database, lease: Lease, options: SendClaim): Promise<ClaimAnswer | null> {
  const { governed } = options;
  const { counted } = governed;
  const rows = await db.query<ClaimedSend & Omit<ClaimAnswer, 'sends'>>(
    claimSql,
    [
      lease.profileId,
      lease.hostId,
      lease.epoch,
      options.limit,
      options.exceptConversations,
      options.exceptMessages,
      governed.open.lanes,
      governed.open.standings,
      governed.closed.lanes,
      governed.closed.standings,
      governed.revision,
      governed.serviceSince,
      governed.tellsServiceApart,
      governed.mostNewContacts,
      governed.mostUnsolicited,
      governed.mostOfCampaigns,
      governed.campaignFirst,
      counted.day,
      counted.sent,
      counted.unsolicited,
      counted.newContacts,
      counted.minuteAt,
      counted.minuteCounts,
      counted.hourAt,
      counted.hourCounts,
      counted.lastSentAt,
      counted.nextSlotAt,
      JSON.stringify(counted.state),
      lease.organizationId,
      governed.leftovers,
      options.exceptBatches,
    ],
    { name: 'outbox_claim' },
  );
  const [first] = rows;
  if (!first) return null;
  const { revision, at, heldBack, lapsed } = first;
  return { sends: rows.filter((row) => row.messageId !== null), revision, at, heldBack, lapsed };
}

const quoted = quotedMessageSql({ profile: '$1', waMessageId: 'm.quoted_wa_message_id', person: 'v.person_id' });
const target = targetMessageSql({ id: 'm.target_message_id', person: 'v.person_id' });

/**
 * Messages of a batch with pauses so short that they make no more than this together are taken on at once, and the batch
 * pauses after them for as long as they would have: a claim for each would cost more than the pause.
 */
const PAUSES_AT_ONCE_MS = 200;

// `coalesce` around the batches: of one batch in the whole outbox the planner would expect that nothing is left of it, and
// read the table.
const claimSql = `
  with lease as (
    select 1 from profile_leases where profile_id = $1 and host_id = $2 and epoch = $3 for key share
  ), policy as (
    select coalesce((select p.revision from send_policies p where p.profile_id = $1), 0) as revision,
           clock_timestamp() as at,
           array(select closed.position::int - 1
                   from unnest($9::smallint[], $10::smallint[]) with ordinality as closed (lane, standing, position)
                  where exists (select 1 from outbox o
                                 where o.profile_id = $1 and o.lane = closed.lane and o.standing = closed.standing
                                   and o.not_before <= now())) as held_back
      from lease
  ), near as (
    select due.* from policy, unnest($7::smallint[], $8::smallint[]) as open (lane, standing), lateral (
      select o.message_id, o.conversation_id, o.lane, o.standing, o.not_before, o.wired, o.batch_id,
             o.pause_ms
        from outbox o
       where o.profile_id = $1 and o.lane = open.lane and o.standing = open.standing and o.not_before <= now()
         and o.conversation_id <> all($5::uuid[]) and o.message_id <> all($6::uuid[])
         and coalesce(o.batch_id <> all($31::uuid[]), true)
       order by o.not_before, o.message_id
       limit coalesce($30::int, $4)
    ) due
    where policy.revision = $11 and ($30 is null or due.wired)
  ), spaced as (
    select near.*, sum(pause_ms) over (partition by batch_id order by not_before, message_id
                                       rows between unbounded preceding and 1 preceding) as pauses_before
      from near
  ), placed as (
    select spaced.*, case when spaced.standing = 0 and v.last_inbound_at < $12 then 1 else spaced.standing end as stands
      from spaced join conversations v on v.id = spaced.conversation_id
     where $30 is not null or coalesce(pauses_before, 0) <= ${PAUSES_AT_ONCE_MS}
  ), lapsed as (
    update outbox o set standing = 1
      from (select o.message_id from outbox o join placed on placed.message_id = o.message_id
             where $13 and placed.standing = 0 and placed.stands = 1 for update of o skip locked) over
     where o.message_id = over.message_id
    returning 1
  ), in_turn as (
    select placed.*, case when $17 and lane = 1
                           and row_number() over (partition by lane order by not_before, message_id) = 1
                          then -1 else lane end as turn
      from placed where not ($13 and standing = 0 and stands = 1)
  ), fit_new as (
    select *, row_number() over (partition by stands = 2 order by turn, not_before, message_id) as nth from in_turn
  ), fit_unsolicited as (
    select message_id, lane, stands, turn, not_before,
           row_number() over (partition by stands > 0 order by turn, not_before, message_id) as nth
      from fit_new where stands < 2 or $14::int is null or nth <= $14
  ), fit_campaigns as (
    select message_id, lane, stands, turn, not_before,
           row_number() over (partition by lane order by turn, not_before, message_id) as nth
      from fit_unsolicited where stands = 0 or $15::int is null or nth <= $15
  ), chosen as (
    select message_id, stands from fit_campaigns where lane = 0 or $16::int is null or nth <= $16
     order by turn, not_before, message_id limit $4
  ), due as (
    select o.message_id, o.wired, chosen.stands
      from chosen join outbox o on o.message_id = chosen.message_id
     where o.not_before <= now() and o.lane < 2
       for update of o skip locked
  ), claimed as (
    update outbox o set claimed_epoch = $3, attempts = o.attempts + 1, wired = true
      from due where o.message_id = due.message_id
    returning o.message_id, o.conversation_id, o.batch_id, o.lane, o.not_before, o.expires_at, o.pause_ms,
              o.attempts, o.trace_parent, o.audience, due.wired as was_wired, due.stands
  ), fresh as (
    select count(*) as all, count(*) filter (where not was_wired)::int as sent,
           count(*) filter (where not was_wired and stands > 0)::int as unsolicited,
           count(*) filter (where not was_wired and stands = 2)::int as new_contacts
      from claimed
  ), counted as (
    insert into send_governors as g (profile_id, organization_id, day, sent, unsolicited, new_contacts, minute_at,
                                     minute_counts, hour_at, hour_counts, last_sent_at, next_slot_at, state)
    select $1, $29::uuid, $18, $19::int + fresh.sent, $20::int + fresh.unsolicited, $21::int + fresh.new_contacts,
           $22::timestamptz, array_prepend(($23::int[])[1] + fresh.sent, ($23::int[])[2:]),
           $24::timestamptz, array_prepend(($25::int[])[1] + fresh.sent, ($25::int[])[2:]),
           $26::timestamptz, $27::timestamptz, $28::jsonb
      from fresh where fresh.all > 0
    on conflict (profile_id) do update
       set day = excluded.day, sent = excluded.sent, unsolicited = excluded.unsolicited,
           new_contacts = excluded.new_contacts, minute_at = excluded.minute_at, minute_counts = excluded.minute_counts,
           hour_at = excluded.hour_at, hour_counts = excluded.hour_counts, last_sent_at = excluded.last_sent_at,
           next_slot_at = excluded.next_slot_at, state = excluded.state
  ), marked as (
    update messages m
       set state = case when m.state = 'queued' then 'sending' else m.state end, attempts = claimed.attempts
      from claimed where m.id = claimed.message_id
  )
  select policy.revision, policy.at, policy.held_back as "heldBack",
         (select count(*)::int from lapsed) as lapsed, c.message_id as "messageId", c.conversation_id as "conversationId", c.batch_id as "batchId",
         c.pause_ms as "pauseMs", extract(epoch from policy.at - c.not_before)::float8 * 1000 as "lateMs",
         case when b.state = 'cancelled' then 'batch_cancelled'
              when x.state = 'cancelled' then 'broadcast_cancelled' end as "cancelledBecause",
         coalesce(b.stop_on_error, false) as "stopsBatch", c.lane, c.stands as standing, c.expires_at as "expiresAt",
         c.attempts, c.was_wired as "wasWired", c.trace_parent as "traceParent", m.wa_message_id as "waMessageId", m.content,
         v.kind, v.room_id as "roomId", c.audience,
         ${newestIdentitySql('v.person_id', 'phone')} as phone, ${newestIdentitySql('v.person_id', 'lid')} as lid,
         case when m.content ? 'media' or m.kind = 'carousel' then ${filesSql('m')} end as files,
         case when m.quoted_wa_message_id is not null then ${quoted} end as quoted,
         m.target_message_id is not null as "isAction",
         case when m.target_message_id is not null then ${target} end as target
    from policy left join (
           claimed c
           join messages m on m.id = c.message_id
           join conversations v on v.id = c.conversation_id
           left join batches b on b.id = c.batch_id
           left join broadcasts x on x.id = c.batch_id
         ) on true
   order by c.lane, c.not_before, c.message_id`;

/** Sends that the owner gives back. */
export interface ReleasedSend {
  messageId: string;
  /** Whether it may have been on the wire, now or before. */
  wired: boolean;
  /** A stable code; null when it was only taken on and never tried, so that the attempt does not count. */
  failedBecause: string | null;
  /** The local day that it was counted for when it was taken on. What was not wired is free again on that day. */
  day: string;
  standing: number;
}

/** Of tries that did not end a send so many are kept, the first ones. */
const KEPT_TRIES = 50;

/** Gives sends back to the queue, in their old place, where they can be cancelled, expire or be taken on again. */
export async function releaseSends(db: Database, lease: Lease, sends: ReleasedSend[]): Promise<void> {
  if (sends.length === 0) return;
  await db.query(
    `with lease as (
       select 1 from profile_leases where profile_id = $1 and host_id = $2 and epoch = $3 for key share
     ), given as (
       select g.* from lease, unnest($4::uuid[], $5::boolean[], $6::text[], $7::text[], $8::smallint[])
                                as g (message_id, wired, failed_because, day, standing)
     ), locked as (
       select o.message_id from outbox o join given on given.message_id = o.message_id
        where o.claimed_epoch = $3 order by o.message_id for update of o
     ), free as (
       select given.day, count(*)::int as sent, count(*) filter (where standing > 0)::int as unsolicited,
              count(*) filter (where standing = 2)::int as new_contacts
         from given join locked on locked.message_id = given.message_id
        where not given.wired group by given.day
     ), counted as (
       update send_governors g
          set sent = greatest(0, g.sent - free.sent), unsolicited = greatest(0, g.unsolicited - free.unsolicited),
              new_contacts = greatest(0, g.new_contacts - free.new_contacts)
         from free where g.profile_id = $1 and g.day = free.day
     ), back as (
       update outbox o
          set claimed_epoch = null, wired = given.wired,
              attempts = o.attempts - case when given.failed_because is null then 1 else 0 end
         from given, locked
        where o.message_id = given.message_id and locked.message_id = o.message_id
       returning o.message_id, o.attempts, given.failed_because
     )
     update messages m
        set tries = coalesce(m.tries, '[]')
                    || jsonb_build_object('attempt', back.attempts, 'at', now(), 'reason', back.failed_because)
       from back
      where m.id = back.message_id and back.failed_because is not null
        and coalesce(jsonb_array_length(m.tries), 0) < ${KEPT_TRIES}`,
    [
      lease.profileId,
      lease.hostId,
      lease.epoch,
      sends.map((send) => send.messageId),
      sends.map((send) => send.wired),
      sends.map((send) => send.failedBecause),
      sends.map((send) => send.day),
      sends.map((send) => send.standing),
    ],
    { name: 'outbox_release' },
  );
}

/** Which of these profiles have sends that are due and that their present owner has not taken on. */
export async function findProfilesWithDueSends(db: Database, leases: Lease[]): Promise<string[]> {
  const rows = await db.query<{ profileId: string }>(
    `select held.profile_id as "profileId"
       from unnest($1::uuid[], $2::int8[]) as held (profile_id, epoch)
      where exists (select 1 from (values (0), (1)) as l (lane), (values (0), (1), (2)) as s (standing), outbox o
                     where o.profile_id = held.profile_id and o.lane = l.lane and o.standing = s.standing
                       and o.not_before <= now() and o.claimed_epoch is distinct from held.epoch)`,
    [leases.map((lease) => lease.profileId), leases.map((lease) => lease.epoch)],
    { name: 'outbox_due' },
  );
  return rows.map((row) => row.profileId);
}

/**
 * Locks the sends that can still be cancelled, because nobody has taken them on and none was ever on the wire. Whoever
 * is about to be claimed at this moment is skipped: it will be sent. Pass the answer to `advanceMessages`.
 */
export async function lockCancellable(
  tx: Tx,
  which: { batchId: string; profileId?: string } | { messageIds: string[] },
): Promise<string[]> {
  const rows = await tx.query<{ messageId: string }>(
    `select message_id as "messageId" from outbox
      where ${'batchId' in which ? 'batch_id = $1' : 'message_id = any($1::uuid[])'}
        and ($2::uuid is null or profile_id = $2) and claimed_epoch is null and not wired
      order by message_id for update skip locked`,
    'batchId' in which ? [which.batchId, which.profileId ?? null] : [which.messageIds, null],
  );
  return rows.map((row) => row.messageId);
}

/**
 * Locks up to `limit` sends whose time is over and that no living owner is working on. A wired one may have arrived.
 */
export async function lockExpired(tx: Tx, limit: number): Promise<{ messageId: string; wired: boolean }[]> {
  return tx.query<{ messageId: string; wired: boolean }>(
    `select o.message_id as "messageId", o.wired from outbox o
      where o.expires_at < now()
        and (o.claimed_epoch is null
             or not exists (select 1 from profile_leases l
                             where l.profile_id = o.profile_id and l.epoch = o.claimed_epoch
                               and l.host_id is not null and l.expires_at >= now()))
      order by o.message_id limit $1 for update of o skip locked`,
    [limit],
    { name: 'outbox_expired' },
  );
}
