import type { MessageContent } from '#contracts';
import type { Database } from '../database.js';
import type { Tx } from '../transaction.js';

/** A message of WhatsApp's as a row, with the id that it gets if it is new. */
export interface InboundRow {
  id: string;
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
export async function insertInbound(
  tx: Tx,
  owner: { organizationId: string; profileId: string },
  rows: InboundRow[],
): Promise<InsertedMessage[]> {
  return tx.query<InsertedMessage>(
    `with new as (
       select * from unnest($3::uuid[], $4::uuid[], $5::text[], $6::boolean[], $7::text[], $8::text[], $9::text[],
                            $10::timestamptz[], $11::uuid[], $12::bytea[], $13::boolean[])
              as new (id, conversation_id, wa_message_id, from_me, kind, content, quoted, sent_at, author_id, secret,
                      is_read)
     ), keyed as (
       insert into message_keys (profile_id, wa_message_id, from_me, participant, organization_id, message_id)
       select $2, wa_message_id, from_me, ${participantOf('new')}, $1, id from new
        order by wa_message_id, from_me, author_id
       on conflict (profile_id, wa_message_id, from_me, participant) do nothing
       returning message_id
     )
     insert into messages (id, organization_id, profile_id, conversation_id, direction, wa_message_id, kind, content,
                           quoted_wa_message_id, state, sent_at, is_read, author_person_id, secret_sealed)
     select new.id, $1, $2, new.conversation_id, case when new.from_me then 'outgoing' else 'incoming' end,
            new.wa_message_id, new.kind, new.content::jsonb, new.quoted,
            case when new.from_me then 'sent' else 'received' end, new.sent_at, new.is_read, new.author_id, new.secret
       from new join keyed on keyed.message_id = new.id
     returning id, exists (select from waiting_actions w
                            where w.profile_id = $2 and w.target_wa_message_id = messages.wa_message_id) as "isAwaited"`,
    [
      owner.organizationId,
      owner.profileId,
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
export async function completeInbound(tx: Tx, profileId: string, rows: InboundRow[]): Promise<CompletedMessage[]> {
  return tx.query<CompletedMessage>(
    `update messages m
        set kind = late.content ->> 'kind', content = late.content, quoted_wa_message_id = late.quoted,
            secret_sealed = late.secret
       from (select u.row_id, k.message_id, u.content::jsonb as content, u.quoted, u.secret
               from unnest($2::uuid[], $3::text[], $4::boolean[], $5::uuid[], $6::text[], $7::text[], $8::bytea[])
                    as u (row_id, wa_message_id, from_me, author_id, content, quoted, secret)
               join message_keys k on k.profile_id = $1 and k.wa_message_id = u.wa_message_id
                                  and k.from_me = u.from_me and k.participant = ${participantOf('u')}) late
      where m.id = late.message_id and m.kind = 'undecryptable'
     returning late.row_id as "rowId", m.id as "messageId", m.conversation_id as "conversationId"`,
    [
      profileId,
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

/** Remembers the name that people show on WhatsApp, in the profile's address book. */
export async function keepPushNames(
  tx: Tx,
  owner: { organizationId: string; profileId: string },
  names: { contactId: string; personId: string; pushName: string | null }[],
): Promise<void> {
  const sorted = [...names].sort((a, b) => (a.personId < b.personId ? -1 : 1));
  await tx.query(
    `insert into contacts (id, organization_id, profile_id, person_id, push_name)
     select new.id, $1, $2, new.person_id, new.push_name
       from unnest($3::uuid[], $4::uuid[], $5::text[]) with ordinality as new (id, person_id, push_name, position)
      order by new.position
     on conflict (profile_id, person_id) do update set push_name = excluded.push_name, updated_at = now()
       where excluded.push_name is not null and contacts.push_name is distinct from excluded.push_name`,
    [
      owner.organizationId,
      owner.profileId,
      sorted.map((each) => each.contactId),
      sorted.map((each) => each.personId),
      sorted.map((each) => each.pushName),
    ],
    { name: 'inbound_push_names' },
  );
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

/** Marks journal entries dealt with, in the transaction that stored what they say. */
export async function settleJournal(tx: Tx, profileId: string, journalIds: string[]): Promise<void> {
  await tx.query(
    `update inbox_journal set recorded_at = now()
      where profile_id = $1 and journal_id = any($2::text[]) and recorded_at is null`,
    [profileId, journalIds],
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
