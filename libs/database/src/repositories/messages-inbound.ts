import type { MessageContent } from '#contracts';
import type { Database } from '../database.js';
import type { Tx } from '../transaction.js';

/** A message of WhatsApp's as a row, with the id that it gets if it is new. */
export interface InboundRow {
  id: string;
  organizationId: string;
  profileId: string;
  conversationId: string;
  waMessageId: string;
  fromMe: boolean;
  /** Who wrote it in a chat of more than two; null otherwise. */
  authorPersonId: string | null;
  content: MessageContent;
  quotedWaMessageId: string | null;
  /** What votes and answers to it are encrypted with, sealed. */
  secretSealed: Buffer | null;
  sentAt: Date;
  /** True for what was never unread here. */
  isRead: boolean;
}

/** A message that is new. */
export interface InsertedMessage {
  id: string;
  /** Whether something that was done to it came before it. */
  isAwaited: boolean;
}

/**
 * Stores messages that were not known yet, by (profile, WhatsApp id, from me, author). The key table decides: a second
 * transaction with the same message waits for the first and then stores nothing.
 * @returns those that are new.
 */
export async function insertInbound(tx: Tx, rows: InboundRow[]): Promise<InsertedMessage[]> {
  return tx.query<InsertedMessage>(
    `with new as (
       select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::boolean[], $7::text[],
                            $8::text[], $9::text[], $10::timestamptz[], $11::uuid[], $12::bytea[], $13::boolean[])
              as new (organization_id, profile_id, id, conversation_id, wa_message_id, from_me, kind, content, quoted,
                      sent_at, author_id, secret, is_read)
     ), keyed as (
       insert into message_keys (profile_id, wa_message_id, from_me, participant, organization_id, message_id)
       select profile_id, wa_message_id, from_me, ${participantOf('new')}, organization_id, id from new
        order by profile_id, wa_message_id, from_me, author_id
       on conflict (profile_id, wa_message_id, from_me, participant) do nothing
       returning message_id
     )
     insert into messages (id, organization_id, profile_id, conversation_id, direction, wa_message_id, kind, content,
                           quoted_wa_message_id, state, sent_at, is_read, author_person_id, secret_sealed)
     select new.id, new.organization_id, new.profile_id, new.conversation_id, case when new.from_me then 'outgoing' else 'incoming' end,
            new.wa_message_id, new.kind, new.content::jsonb, new.quoted,
            case when new.from_me then 'sent' else 'received' end, new.sent_at, new.is_read, new.author_id, new.secret
       from new join keyed on keyed.message_id = new.id
     returning id, exists (select from waiting_actions w
                            where w.profile_id = messages.profile_id
                              and w.target_wa_message_id = messages.wa_message_id) as "isAwaited"`,
    [
      rows.map((row) => row.organizationId),
      rows.map((row) => row.profileId),
      rows.map((row) => row.id),
      rows.map((row) => row.conversationId),
      rows.map((row) => row.waMessageId),
      rows.map((row) => row.fromMe),
      rows.map((row) => row.content.kind),
      rows.map((row) => JSON.stringify(row.content)),
      rows.map((row) => row.quotedWaMessageId),
      rows.map((row) => row.sentAt),
      rows.map((row) => row.authorPersonId),
      rows.map((row) => row.secretSealed),
      rows.map((row) => row.isRead),
    ],
    { name: 'inbound_insert' },
  );
}

/** SQL for `message_keys.participant` of a row with `from_me` and `author_id`. */
function participantOf(row: string): string {
  return `case when ${row}.from_me then '' else coalesce(${row}.author_id::text, '') end`;
}

/** A stored message that was completed, by the id of the row that completed it. */
export interface CompletedMessage {
  rowId: string;
  messageId: string;
  conversationId: string;
}

/** Gives stored messages that could not be decrypted the content that came later. Others are left as they are. */
export async function completeInbound(tx: Tx, rows: InboundRow[]): Promise<CompletedMessage[]> {
  return tx.query<CompletedMessage>(
    `update messages m
        set kind = late.content ->> 'kind', content = late.content, quoted_wa_message_id = late.quoted,
            secret_sealed = late.secret
       from (select u.row_id, k.message_id, u.content::jsonb as content, u.quoted, u.secret
               from unnest($1::uuid[], $2::uuid[], $3::text[], $4::boolean[], $5::uuid[], $6::text[], $7::text[],
                           $8::bytea[])
                    as u (profile_id, row_id, wa_message_id, from_me, author_id, content, quoted, secret)
               join message_keys k on k.profile_id = u.profile_id and k.wa_message_id = u.wa_message_id
                                  and k.from_me = u.from_me and k.participant = ${participantOf('u')}) late
      where m.id = late.message_id and m.kind = 'undecryptable'
     returning late.row_id as "rowId", m.id as "messageId", m.conversation_id as "conversationId"`,
    [
      rows.map((row) => row.profileId),
      rows.map((row) => row.id),
      rows.map((row) => row.waMessageId),
      rows.map((row) => row.fromMe),
      rows.map((row) => row.authorPersonId),
      rows.map((row) => JSON.stringify(row.content)),
      rows.map((row) => row.quotedWaMessageId),
      rows.map((row) => row.secretSealed),
    ],
    { name: 'inbound_complete' },
  );
}

/** How somebody who wrote is called, for the address book of a profile. */
export interface PushName {
  organizationId: string;
  profileId: string;
  /** If the contact is new. */
  contactId: string;
  personId: string;
  pushName: string | null;
}

/** Remembers the names that people show on WhatsApp, each person once for a profile. @returns who is new */
export async function keepPushNames(
  tx: Tx,
  names: PushName[],
): Promise<{ profileId: string; contactId: string; personId: string }[]> {
  const place = ({ profileId, personId }: PushName) => `${profileId} ${personId}`;
  const sorted = [...names].sort((a, b) => (place(a) < place(b) ? -1 : 1));
  // Mostly nothing changes. Those are left out before the insert: it would run its trigger for each of them.
  const kept = await tx.query<{ profileId: string; contactId: string; personId: string; isNew: boolean }>(
    `insert into contacts (id, organization_id, profile_id, person_id, push_name)
     select new.id, new.organization_id, new.profile_id, new.person_id, new.push_name
       from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[]) with ordinality
              as new (id, organization_id, profile_id, person_id, push_name, position)
      where (select new.push_name is null or c.push_name is not distinct from new.push_name from contacts c
              where c.profile_id = new.profile_id and c.person_id = new.person_id) is not true
      order by new.position
     on conflict (profile_id, person_id) do update set push_name = excluded.push_name, updated_at = now()
       where excluded.push_name is not null and contacts.push_name is distinct from excluded.push_name
     returning id as "contactId", profile_id as "profileId", person_id as "personId", xmax = 0 as "isNew"`,
    [
      sorted.map((each) => each.contactId),
      sorted.map((each) => each.organizationId),
      sorted.map((each) => each.profileId),
      sorted.map((each) => each.personId),
      sorted.map((each) => each.pushName),
    ],
    { name: 'inbound_push_names' },
  );
  return kept.filter(({ isNew }) => isNew);
}

/** The newest of the messages with these WhatsApp ids that others sent, in each of their conversations. */
export async function findNewestReceived(
  tx: Tx,
  profileId: string,
  asked: { conversationId: string; waMessageId: string }[],
): Promise<{ conversationId: string; messageId: string }[]> {
  return tx.query(
    `select m.conversation_id as "conversationId", max(m.id::text) as "messageId"
       from unnest($2::uuid[], $3::text[]) as asked (conversation_id, wa_message_id)
       join message_keys k on k.profile_id = $1 and not k.from_me and k.wa_message_id = asked.wa_message_id
       join messages m on m.id = k.message_id and m.conversation_id = asked.conversation_id
      group by m.conversation_id order by m.conversation_id`,
    [profileId, asked.map((each) => each.conversationId), asked.map((each) => each.waMessageId)],
    { name: 'inbound_newest_received' },
  );
}

/**
 * Marks journal entries dealt with, in the transaction that stored what they say. As an insert that always meets a conflict,
 * because then each is looked up in the index: the plan of an update that was made while the journal was short read all of
 * it, for as long as nobody analyzed it, and that grew to a fifth of what a message costs.
 */
export async function settleJournal(tx: Tx, entries: { profileId: string; journalId: string }[]): Promise<void> {
  await tx.query(
    `insert into inbox_journal (profile_id, journal_id, organization_id, wa_message_id, sealed, created_at, recorded_at)
     select entry.profile_id, entry.journal_id, entry.organization_id, entry.wa_message_id, entry.sealed,
            entry.created_at, now()
       from (select distinct * from unnest($1::uuid[], $2::text[]) as done (profile_id, journal_id)) done, lateral (
         select * from inbox_journal j
          where j.profile_id = done.profile_id and j.journal_id = done.journal_id and j.recorded_at is null
         offset 0) entry
     on conflict (profile_id, journal_id) do update set recorded_at = excluded.recorded_at`,
    [entries.map((entry) => entry.profileId), entries.map((entry) => entry.journalId)],
    { name: 'journal_settle' },
  );
}

/** Forgets everything that was decrypted, recorded or not: it was another number's. */
export async function discardJournal(tx: Tx, profileId: string): Promise<void> {
  await tx.query('delete from inbox_journal where profile_id = $1', [profileId]);
}

/**
 * Removes what only answers repeats: journal entries a day after they were recorded, and protobufs of sent messages
 * after a month, when no phone asks for them any more. Bounded, so that no statement runs long.
 */
export async function sweepTraces(db: Database, profileIds: string[]): Promise<void> {
  await db.query(
    `delete from inbox_journal where ctid = any(array(
       select ctid from inbox_journal where profile_id = any($1::uuid[]) and recorded_at < now() - interval '1 day'
        limit 5000))`,
    [profileIds],
  );
  await db.query(
    `delete from sent_protos where ctid = any(array(
       select ctid from sent_protos where created_at < now() - interval '30 days' order by created_at limit 5000))`,
  );
}
