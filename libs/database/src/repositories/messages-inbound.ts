import type { MessageContent } from '#contracts';
import type { Database } from '../database.js';
import type { Tx } from '../transaction.js';

/** A message of WhatsApp's as a row, with the id that it gets if it is new. */
export interface InboundRow {
  id: string;
  conversationId: string;
  waMessageId: string;
  fromMe: boolean;
  content: MessageContent;
  quotedWaMessageId: string | null;
  sentAt: Date;
}

/**
 * Stores messages that were not known yet, by (profile, WhatsApp id, from me). The key table decides: a second
 * transaction with the same message waits for the first and then stores nothing.
 * @returns the ids of those that are new.
 */
export async function insertInbound(
  tx: Tx,
  owner: { organizationId: string; profileId: string },
  rows: InboundRow[],
): Promise<Set<string>> {
  const inserted = await tx.query<{ id: string }>(
    `with new as (
       select * from unnest($3::uuid[], $4::uuid[], $5::text[], $6::boolean[], $7::text[], $8::text[], $9::text[],
                            $10::timestamptz[])
              as new (id, conversation_id, wa_message_id, from_me, kind, content, quoted, sent_at)
     ), keyed as (
       insert into message_keys (profile_id, wa_message_id, from_me, organization_id, message_id)
       select $2, wa_message_id, from_me, $1, id from new order by wa_message_id, from_me
       on conflict (profile_id, wa_message_id, from_me, participant) do nothing
       returning message_id
     )
     insert into messages (id, organization_id, profile_id, conversation_id, direction, wa_message_id, kind, content,
                           quoted_wa_message_id, state, sent_at, is_read)
     select new.id, $1, $2, new.conversation_id, case when new.from_me then 'outgoing' else 'incoming' end,
            new.wa_message_id, new.kind, new.content::jsonb, new.quoted,
            case when new.from_me then 'sent' else 'received' end, new.sent_at, new.from_me
       from new join keyed on keyed.message_id = new.id
     returning id`,
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
    ],
    { name: 'inbound_insert' },
  );
  return new Set(inserted.map((row) => row.id));
}

/**
 * Gives stored messages that could not be decrypted the content that came later. Others are left as they are.
 * @returns the message ids that were completed, by WhatsApp id.
 */
export async function completeInbound(
  tx: Tx,
  profileId: string,
  rows: InboundRow[],
): Promise<Map<string, { messageId: string; conversationId: string }>> {
  const completed = await tx.query<{ waMessageId: string; messageId: string; conversationId: string }>(
    `update messages m
        set kind = late.content ->> 'kind', content = late.content, quoted_wa_message_id = late.quoted
       from (select k.message_id, u.content::jsonb as content, u.quoted
               from unnest($2::text[], $3::boolean[], $4::text[], $5::text[]) as u (wa_message_id, from_me, content, quoted)
               join message_keys k on k.profile_id = $1 and k.wa_message_id = u.wa_message_id
                                  and k.from_me = u.from_me and k.participant = '') late
      where m.id = late.message_id and m.kind = 'undecryptable'
     returning m.wa_message_id as "waMessageId", m.id as "messageId", m.conversation_id as "conversationId"`,
    [
      profileId,
      rows.map((row) => row.waMessageId),
      rows.map((row) => row.fromMe),
      rows.map((row) => JSON.stringify(row.content)),
      rows.map((row) => row.quotedWaMessageId),
    ],
    { name: 'inbound_complete' },
  );
  return new Map(completed.map(({ waMessageId, ...ids }) => [waMessageId, ids]));
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

/** The stored messages of these WhatsApp ids that others sent, newest last. */
export async function findReceived(
  tx: Tx,
  profileId: string,
  waMessageIds: string[],
): Promise<{ messageId: string; conversationId: string }[]> {
  return tx.query(
    `select m.id as "messageId", m.conversation_id as "conversationId"
       from message_keys k join messages m on m.id = k.message_id
      where k.profile_id = $1 and not k.from_me and k.wa_message_id = any($2::text[])
      order by m.id`,
    [profileId, waMessageIds],
    { name: 'inbound_find' },
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
