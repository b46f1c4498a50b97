import { idFloor } from '#contracts';
import type { Tx } from '../transaction.js';
import { eraseRecipientsOf } from './broadcast-people.js';
import { doubtMembershipsOf } from './group-members.js';
import { isNamedSql, mediaIdsSql } from './media-names.js';

type Reads = Pick<Tx, 'query'>;

/** Where a person's data are: what an erasure or an export goes through. */
export interface PersonTraces {
  organizationId: string;
  personId: string;
  phones: string[];
  lids: string[];
  /** Names that users gave or that the person shows. */
  names: string[];
  profileIds: string[];
  conversationIds: string[];
}

/** @returns null when there is no such person (any more) */
export async function findPersonTraces(
  db: Reads,
  organizationId: string,
  personId: string,
): Promise<PersonTraces | null> {
  const [row] = await db.query<Omit<PersonTraces, 'organizationId' | 'personId'>>(
    `select array(select value from identities where person_id = p.id and kind = 'phone') as phones,
            array(select value from identities where person_id = p.id and kind = 'lid') as lids,
            array(select distinct n.name from contacts c, unnest(array[c.name, c.push_name, c.saved_name, c.verified_name]) as n (name)
                   where c.person_id = p.id and n.name is not null) as names,
            array(select distinct profile_id from (
                    select profile_id from contacts where person_id = p.id
                    union select profile_id from messages where author_person_id = p.id
                    union select profile_id from conversations where person_id = p.id) x) as "profileIds",
            array(select id from conversations where person_id = p.id) as "conversationIds"
       from persons p where p.organization_id = $1 and p.id = $2`,
    [organizationId, personId],
  );
  return row ? { organizationId, personId, ...row } : null;
}

/** By our id of a contact, a phone number or a LID. */
export async function findPersonBy(
  tx: Reads,
  organizationId: string,
  by: { personId?: string; contactId?: string; phone?: string; lid?: string },
): Promise<string | null> {
  const [row] = await tx.query<{ id: string }>(
    `select p.id from persons p
      where p.organization_id = $1
        and ($2::uuid is null or p.id = $2)
        and ($3::uuid is null or exists (select 1 from contacts c where c.person_id = p.id and c.id = $3))
        and ($4::text is null or p.id = (select person_id from identities
              where organization_id = $1 and kind = 'phone' and value = $4))
        and ($5::text is null or p.id = (select person_id from identities
              where organization_id = $1 and kind = 'lid' and value = $5))
      limit 1`,
    [organizationId, by.personId ?? null, by.contactId ?? null, by.phone ?? null, by.lid ?? null],
  );
  return row?.id ?? null;
}

/** What one step removed. */
export interface ErasedMessages {
  count: number;
  /** Media that these messages named. */
  mediaIds: string[];
}

/**
 * Removes up to `limit` messages of conversations with all that hangs on them: waiting sends, what was put on the wire,
 * downloads, places in batches. Batches shrink by them, so that their figures still add up.
 */
export async function eraseMessages(tx: Tx, conversationIds: string[], limit: number): Promise<ErasedMessages> {
  // Outbox before messages: the order in which every transaction locks them.
  await tx.query('delete from outbox where conversation_id = any($1::uuid[])', [conversationIds]);
  const gone = await tx.query<GoneMessage>(
    `delete from messages where id in (
       select id from messages where conversation_id = any($1::uuid[]) order by id limit $2 for update)
       and conversation_id = any($1::uuid[])
     returning ${goneColumns}`,
    [conversationIds, limit],
  );
  return removeWhatHangsOn(tx, gone);
}

/** The same for what a person wrote in chats of more than two. */
export async function eraseAuthored(tx: Tx, personId: string, limit: number): Promise<ErasedMessages> {
  const gone = await tx.query<GoneMessage>(
    `delete from messages where author_person_id = $1 and id in (
       select id from messages where author_person_id = $1 order by id limit $2 for update)
     returning ${goneColumns}`,
    [personId, limit],
  );
  await showNewestLeft(tx, gone);
  return removeWhatHangsOn(tx, gone);
}

/** In chats that others write in, the newest message that is left becomes the last one. */
async function showNewestLeft(tx: Tx, gone: GoneMessage[]): Promise<void> {
  if (gone.length === 0) return;
  await tx.query(
    `with gone as (
       select conversation_id, count(*) filter (where not is_read) as unread
         from unnest($1::uuid[], $2::boolean[]) as gone (conversation_id, is_read) group by 1
     ), newest as (
       select gone.conversation_id, gone.unread, m.id, m.sent_at
         from gone left join lateral (
           select id, sent_at from messages
            where conversation_id = gone.conversation_id and target_message_id is null order by id desc limit 1
         ) m on true
     )
     update conversations c
        set last_message_id = newest.id, last_message_at = coalesce(newest.sent_at, c.last_message_at),
            unread_count = greatest(0, c.unread_count - newest.unread)
       from newest where c.id = newest.conversation_id`,
    [gone.map((message) => message.conversationId), gone.map((message) => message.isRead)],
  );
}

/** The same for messages of a profile that were stored before a moment and do not wait to be sent any more. */
export async function removeOldMessages(
  tx: Tx,
  profileId: string,
  before: Date,
  limit: number,
): Promise<ErasedMessages> {
  const gone = await tx.query<GoneMessage>(
    `delete from messages where id < $2 and id in (
       select id from messages m where profile_id = $1 and id < $2
          and not exists (select 1 from outbox o where o.message_id = m.id)
        order by id limit $3 for update)
     returning ${goneColumns}`,
    [profileId, idFloor(before), limit],
  );
  return removeWhatHangsOn(tx, gone);
}

interface GoneMessage {
  id: string;
  profileId: string;
  waMessageId: string;
  conversationId: string;
  isRead: boolean;
  batchId: string | null;
  mediaIds: string[];
}

const goneColumns = `id, conversation_id as "conversationId", is_read as "isRead", profile_id as "profileId", wa_message_id as "waMessageId", batch_id as "batchId",
  ${mediaIdsSql('messages')} as "mediaIds"`;

async function removeWhatHangsOn(tx: Tx, gone: GoneMessage[]): Promise<ErasedMessages> {
  if (gone.length === 0) return { count: 0, mediaIds: [] };
  const ids = gone.map((message) => message.id);
  const wires = [gone.map((message) => message.profileId), gone.map((message) => message.waMessageId)];
  for (const table of ['media_downloads', 'message_answers', 'message_edits', 'message_receipts', 'status_audiences']) {
    await tx.query(`delete from ${table} where message_id = any($1::uuid[])`, [ids]);
  }
  await tx.query(
    `delete from message_keys k using unnest($1::uuid[], $2::text[]) as gone (profile_id, wa_message_id)
      where k.profile_id = gone.profile_id and k.wa_message_id = gone.wa_message_id and k.message_id = any($3::uuid[])`,
    [...wires, ids],
  );
  for (const table of ['sent_protos', 'inbox_journal']) {
    await tx.query(
      `delete from ${table} t using unnest($1::uuid[], $2::text[]) as gone (profile_id, wa_message_id)
        where t.profile_id = gone.profile_id and t.wa_message_id = gone.wa_message_id`,
      wires,
    );
  }
  const batchIds = [...new Set(gone.flatMap((message) => message.batchId ?? []))].sort();
  if (batchIds.length > 0) {
    await tx.query(
      `with items as (
         delete from batch_items where batch_id = any($1::uuid[]) and message_id = any($2::uuid[]) returning batch_id
       ), counted as (select batch_id, count(*)::int as n from items group by batch_id)
       update batches b set total = b.total - counted.n from counted where b.id = counted.batch_id`,
      [batchIds, ids],
    );
  }
  return { count: gone.length, mediaIds: [...new Set(gone.flatMap((message) => message.mediaIds))] };
}

/**
 * Removes the rows of media that no message and no upload names any more.
 * @returns their places in storage, of which the files may go when no other row names them
 */
export async function removeUnnamedMedia(tx: Reads, mediaIds: readonly string[]): Promise<string[]> {
  if (mediaIds.length === 0) return [];
  const rows = await tx.query<{ key: string }>(
    `delete from media_objects f where f.id = any($1::uuid[])
        and not ${isNamedSql('f')}
     returning storage_key as key`,
    [mediaIds],
  );
  return [...new Set(rows.map((row) => row.key))];
}

/** Which of the places in storage are still named by a file's row, an export, an import or a part of an upload. */
export async function findNamedFiles(db: Reads, storageKeys: readonly string[]): Promise<Set<string>> {
  if (storageKeys.length === 0) return new Set();
  const rows = await db.query<{ key: string }>(
    `select storage_key as key from media_objects where storage_key = any($1::text[])
     union select storage_key from data_exports where storage_key = any($1::text[])
     union select storage_key from upload_parts where storage_key = any($1::text[])
     union select storage_key from contact_imports where storage_key = any($1::text[])`,
    [storageKeys],
  );
  return new Set(rows.map((row) => row.key));
}

/** Ends webhook calls of these conversations that are still to be made, and forgets what endpoints answered to others. */
export async function eraseDeliveries(tx: Tx, profileId: string, conversationIds: string[]): Promise<number> {
  const [row] = await tx.query<{ count: number }>(
    `with hooks as (select id from webhooks where profile_id = $1),
     gone as (
       delete from webhook_queue q using hooks where q.webhook_id = hooks.id and q.ordering_key = any($2::uuid[])
       returning q.delivery_id, q.webhook_id, q.organization_id
     ), counted as (
       insert into webhook_hours as h (webhook_id, hour, organization_id, cancelled)
       select webhook_id, date_trunc('hour', now(), 'UTC'), organization_id, count(*) from gone
        group by webhook_id, organization_id order by webhook_id
       on conflict (webhook_id, hour) do update set cancelled = h.cancelled + excluded.cancelled
     ), lanes as (
       delete from webhook_lanes l using hooks where l.webhook_id = hooks.id and l.ordering_key = any($2::uuid[])
     ), ended as (
       update webhook_deliveries d set state = 'cancelled', ended_at = now()
         from gone where d.id = gone.delivery_id and d.state = 'pending'
     ), answers as (
       update webhook_attempts a set response_body = null, error = null
         from webhook_deliveries d, hooks
        where d.webhook_id = hooks.id and d.ordering_key = any($2::uuid[]) and a.delivery_id = d.id
          and (a.response_body is not null or a.error is not null)
       returning 1
     ), only_answers as (
       update webhook_deliveries d set only_try_answer = null
         from hooks
        where d.webhook_id = hooks.id and d.ordering_key = any($2::uuid[]) and d.only_try_answer is not null
       returning 1
     )
     select (select count(*) from answers) + (select count(*) from only_answers) as count`,
    [profileId, conversationIds],
  );
  return row!.count;
}

export interface EventNaming {
  id: string;
  conversationId: string | null;
  payload: unknown;
  /** It is of one of the conversations; else it only contains one of the texts. */
  isOfPerson: boolean;
}

/** Events of a stream after a position that are of these conversations or contain one of the texts. */
export async function findEventsNaming(
  db: Reads,
  streamId: string,
  after: number,
  steps: number,
  what: { conversationIds: string[]; texts: string[] },
): Promise<{ events: EventNaming[]; through: number; isEnd: boolean }> {
  const [bounds] = await db.query<{ through: number | null; count: number }>(
    `select max(seq) as through, count(*) as count from
       (select seq from events where stream_id = $1 and seq > $2 order by seq limit $3) x`,
    [streamId, after, steps],
  );
  if (!bounds?.through) return { events: [], through: after, isEnd: true };
  const events = await db.query<EventNaming>(
    `select id, payload, conversation_id as "conversationId",
            coalesce(conversation_id = any($4::uuid[]), false) as "isOfPerson" from events
      where stream_id = $1 and seq > $2 and seq <= $3
        and (conversation_id = any($4::uuid[])
             or exists (select 1 from unnest($5::text[]) as t where strpos(payload::text, trim(both '"' from to_jsonb(t)::text)) > 0))`,
    [streamId, after, bounds.through, what.conversationIds, what.texts],
  );
  return { events, through: bounds.through, isEnd: bounds.count < steps };
}

export async function replacePayloads(tx: Reads, events: { id: string; payload: unknown }[]): Promise<void> {
  if (events.length === 0) return;
  await tx.query(
    `update events e set payload = n.payload from unnest($1::uuid[], $2::jsonb[]) as n (id, payload) where e.id = n.id`,
    [events.map((event) => event.id), events.map((event) => JSON.stringify(event.payload))],
  );
}

/** Streams of an organization: its own and those of its profiles, also of profiles that are gone. */
export async function listStreams(db: Reads, organizationId: string): Promise<string[]> {
  const rows = await db.query<{ id: string }>(
    'select stream_id as id from event_streams where organization_id = $1 order by stream_id',
    [organizationId],
  );
  return rows.map((row) => row.id);
}

/** Signal sessions and the like are filed under the digits of a number or LID, and so is the journal. */
export async function eraseEngineTraces(tx: Tx, profileIds: string[], digits: string[]): Promise<number> {
  if (digits.length === 0 || profileIds.length === 0) return 0;
  const pattern = `(^|[^0-9])(${digits.join('|')})([^0-9]|$)`;
  const keys = await tx.query(
    'delete from engine_keys where profile_id = any($1::uuid[]) and key_id ~ $2 returning 1',
    [profileIds, pattern],
  );
  await tx.query('delete from inbox_journal where profile_id = any($1::uuid[]) and journal_id ~ $2', [
    profileIds,
    pattern,
  ]);
  await tx.query(
    `delete from waiting_actions where profile_id = any($1::uuid[])
        and (fact #>> '{author,phone}' = any($2::text[]) or fact #>> '{author,lid}' = any($2::text[]))`,
    [profileIds, digits],
  );
  return keys.length;
}

/** The person's last rows. Call it when no messages are left; @returns false when some have come meanwhile. */
export async function erasePerson(tx: Tx, personId: string): Promise<false | Record<string, number>> {
  const locked = await tx.query('select 1 from persons where id = $1 for update', [personId]);
  if (locked.length === 0) return {};
  const conversations = await tx.query<{ id: string }>(
    'select id from conversations where person_id = $1 order by id for update',
    [personId],
  );
  const left = await tx.query('select 1 from messages where conversation_id = any($1::uuid[]) limit 1', [
    conversations.map((row) => row.id),
  ]);
  if (left.length > 0) return false;
  const authored = await tx.query('select 1 from messages where author_person_id = $1 limit 1', [personId]);
  if (authored.length > 0) return false;
  const counts: Record<string, number> = {};
  await doubtMembershipsOf(tx, personId);
  const checks = await tx.query(
    `delete from number_checks n using identities i
      where i.person_id = $1 and i.kind = 'phone' and n.organization_id = i.organization_id and n.phone = i.value
     returning 1`,
    [personId],
  );
  counts.number_checks = checks.length;
  counts.broadcast_recipients = await eraseRecipientsOf(tx, personId);
  for (const [table, column] of [
    ['group_members', 'person_id'],
    ['group_join_requests', 'person_id'],
    ['message_answers', 'actor_id'],
    ['message_receipts', 'person_id'],
    ['calls', 'person_id'],
    ['conversations', 'person_id'],
    ['opt_out_changes', 'person_id'],
    ['contacts', 'person_id'],
    ['identities', 'person_id'],
    ['persons', 'id'],
  ]) {
    counts[table!] = (await tx.query(`delete from ${table} where ${column} = $1 returning 1`, [personId])).length;
  }
  return counts;
}
