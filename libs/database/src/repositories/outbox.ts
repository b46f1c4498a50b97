import type { MessageAction, MessageContent } from '#contracts';
import type { Address, OutgoingAction, QuotedMessage } from '#engine';
import type { Database } from '../database.js';
import type { Tx } from '../transaction.js';
import type { ChatColumns } from './chats.js';
import type { Lease } from './leases.js';
import { filesSql } from './media-names.js';
import { newestIdentitySql, quotedMessageSql, targetMessageSql } from './quoted-message.js';

/** A send that the owner has taken on, with all that it needs. Of its chat's person the newest addresses. */
export interface ClaimedSend extends ChatColumns {
  messageId: string;
  conversationId: string;
  batchId: string | null;
  /** Its batch was cancelled meanwhile. */
  isBatchCancelled: boolean;
  /** When it fails, nothing more of its batch is sent. */
  stopsBatch: boolean;
  lane: number;
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

/**
 * Takes on up to `limit` due sends of the profile: interactive before campaign, then by time, then in the order in which
 * they were accepted. Everything counts that the caller does not know to hold already (`exceptMessages`), also rows that
 * are marked as taken: by an owner that is gone, or by a claim of ours whose answer was lost. Nobody knows how far those
 * came, so they go out again under the same WhatsApp id. From here on a row counts as wired, because a crash after this
 * statement leaves no trace of whether the wire was reached. Rows that are being cancelled are skipped.
 *
 * One statement; it takes nothing when the lease is lost.
 */
export async function claimSends(
  db: Database,
  lease: Lease,
  options: { limit: number; exceptMessages: string[]; exceptConversations: string[] },
): Promise<ClaimedSend[]> {
  return db.query<ClaimedSend>(
    claimSql,
    [lease.profileId, lease.hostId, lease.epoch, options.limit, options.exceptConversations, options.exceptMessages],
    { name: 'outbox_claim' },
  );
}

const quoted = quotedMessageSql({ profile: '$1', waMessageId: 'm.quoted_wa_message_id', person: 'v.person_id' });
const target = targetMessageSql({ id: 'm.target_message_id', person: 'v.person_id' });

const claimSql = `
  with lease as (
    select 1 from profile_leases where profile_id = $1 and host_id = $2 and epoch = $3 for key share
  ), due as (
    select o.message_id, o.wired
      from lease, outbox o
     where o.profile_id = $1 and o.not_before <= now()
       and o.conversation_id <> all($5::uuid[]) and o.message_id <> all($6::uuid[])
     order by o.lane, o.not_before, o.message_id
     limit $4
       for update of o skip locked
  ), claimed as (
    update outbox o set claimed_epoch = $3, attempts = o.attempts + 1, wired = true
      from due where o.message_id = due.message_id
    returning o.message_id, o.conversation_id, o.batch_id, o.lane, o.not_before, o.expires_at, o.attempts,
              o.trace_parent, o.audience, due.wired as was_wired
  ), marked as (
    update messages m
       set state = case when m.state = 'queued' then 'sending' else m.state end, attempts = claimed.attempts
      from claimed where m.id = claimed.message_id
  )
  select c.message_id as "messageId", c.conversation_id as "conversationId", c.batch_id as "batchId",
         coalesce(b.state = 'cancelled', false) as "isBatchCancelled",
         coalesce(b.stop_on_error, false) as "stopsBatch", c.lane, c.expires_at as "expiresAt", c.attempts,
         c.was_wired as "wasWired", c.trace_parent as "traceParent", m.wa_message_id as "waMessageId", m.content,
         v.kind, v.room_id as "roomId", c.audience,
         ${newestIdentitySql('v.person_id', 'phone')} as phone, ${newestIdentitySql('v.person_id', 'lid')} as lid,
         case when m.content ? 'media' or m.kind = 'carousel' then ${filesSql('m')} end as files,
         case when m.quoted_wa_message_id is not null then ${quoted} end as quoted,
         m.target_message_id is not null as "isAction",
         case when m.target_message_id is not null then ${target} end as target
    from claimed c
    join messages m on m.id = c.message_id
    join conversations v on v.id = c.conversation_id
    left join batches b on b.id = c.batch_id
   order by c.lane, c.not_before, c.message_id`;

/** Sends that the owner gives back. */
export interface ReleasedSend {
  messageId: string;
  /** Whether it may have been on the wire, now or before. */
  wired: boolean;
  /** False when it was only taken on and never tried, so that the attempt does not count. */
  tried: boolean;
}

/** Gives sends back to the queue, in their old place, where they can be cancelled, expire or be taken on again. */
export async function releaseSends(db: Database, lease: Lease, sends: ReleasedSend[]): Promise<void> {
  if (sends.length === 0) return;
  await db.query(
    `with lease as (
       select 1 from profile_leases where profile_id = $1 and host_id = $2 and epoch = $3 for key share
     ), given as (
       select g.message_id, g.wired, g.tried
         from lease, unnest($4::uuid[], $5::boolean[], $6::boolean[]) as g (message_id, wired, tried)
     ), locked as (
       select o.message_id from outbox o join given on given.message_id = o.message_id
        where o.claimed_epoch = $3 order by o.message_id for update of o
     )
     update outbox o
        set claimed_epoch = null, wired = given.wired, attempts = o.attempts - case when given.tried then 0 else 1 end
       from given, locked
      where o.message_id = given.message_id and locked.message_id = o.message_id`,
    [
      lease.profileId,
      lease.hostId,
      lease.epoch,
      sends.map((send) => send.messageId),
      sends.map((send) => send.wired),
      sends.map((send) => send.tried),
    ],
    { name: 'outbox_release' },
  );
}

/** Which of these profiles have sends that are due and that their present owner has not taken on. */
export async function findProfilesWithDueSends(db: Database, leases: Lease[]): Promise<string[]> {
  const rows = await db.query<{ profileId: string }>(
    `select held.profile_id as "profileId"
       from unnest($1::uuid[], $2::int8[]) as held (profile_id, epoch)
      where exists (select 1 from outbox o
                     where o.profile_id = held.profile_id and o.not_before <= now()
                       and o.claimed_epoch is distinct from held.epoch)`,
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
  which: { batchId: string } | { messageIds: string[] },
): Promise<string[]> {
  const rows = await tx.query<{ messageId: string }>(
    `select message_id as "messageId" from outbox
      where ${'batchId' in which ? 'batch_id = $1' : 'message_id = any($1::uuid[])'}
        and claimed_epoch is null and not wired
      order by message_id for update skip locked`,
    ['batchId' in which ? which.batchId : which.messageIds],
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
