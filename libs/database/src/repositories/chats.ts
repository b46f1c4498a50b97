import { newId } from '#contracts';
import type { Tx } from '../transaction.js';

/**
 * The conversation of a profile with each person, made where there is none. In the order of `personIds`. Resolve the
 * persons in the same transaction, so that none of them is merged away meanwhile.
 */
export async function ensureConversations(
  tx: Tx,
  owner: { organizationId: string; profileId: string },
  personIds: string[],
): Promise<string[]> {
  const found = await findConversations(tx, owner.profileId, personIds);
  const missing = [...new Set(personIds)].filter((id) => !found.has(id)).sort();
  if (missing.length > 0) {
    await tx.query(
      `insert into conversations (id, organization_id, profile_id, person_id)
       select new.id, $1, $2, new.person_id
         from unnest($3::uuid[], $4::uuid[]) with ordinality as new (id, person_id, position) order by new.position
       on conflict (profile_id, person_id) do nothing`,
      [owner.organizationId, owner.profileId, missing.map(() => newId()), missing],
      { name: 'chats_add' },
    );
    // Read again, because another transaction may have been faster with some.
    for (const [person, id] of await findConversations(tx, owner.profileId, missing)) found.set(person, id);
  }
  return personIds.map((personId) => found.get(personId)!);
}

/** Existing conversations of a profile by person. */
export async function findConversations(tx: Tx, profileId: string, personIds: string[]): Promise<Map<string, string>> {
  const rows = await tx.query<{ id: string; personId: string }>(
    `select id, person_id as "personId" from conversations where profile_id = $1 and person_id = any($2::uuid[])`,
    [profileId, personIds],
    { name: 'chats_find' },
  );
  return new Map(rows.map((row) => [row.personId, row.id]));
}

/** What messages changed about a conversation. */
export interface ConversationNews {
  conversationId: string;
  unread: number;
  lastMessageId: string;
  lastMessageAt: Date;
}

/** Adds unread messages and moves the last message forward, never back. */
export async function addNews(tx: Tx, news: ConversationNews[]): Promise<void> {
  const sorted = [...news].sort((a, b) => (a.conversationId < b.conversationId ? -1 : 1));
  await tx.query(
    `with locked as (
       select id from conversations where id = any($1::uuid[]) order by id for update
     )
     update conversations c
        set unread_count = c.unread_count + new.unread,
            last_message_id = case when new.last_at >= coalesce(c.last_message_at, '-infinity')
                                   then new.last_id else c.last_message_id end,
            last_message_at = greatest(c.last_message_at, new.last_at)
       from unnest($1::uuid[], $2::int[], $3::uuid[], $4::timestamptz[]) as new (id, unread, last_id, last_at), locked
      where c.id = new.id and locked.id = c.id`,
    [
      sorted.map((each) => each.conversationId),
      sorted.map((each) => each.unread),
      sorted.map((each) => each.lastMessageId),
      sorted.map((each) => each.lastMessageAt),
    ],
    { name: 'chats_news' },
  );
}

/**
 * Marks the incoming messages of a conversation read, up to and including `upToMessageId`, or all of them.
 * @returns the WhatsApp ids that were unread before, oldest first.
 */
export async function markConversationRead(
  tx: Tx,
  conversationId: string,
  options: { upToMessageId?: string; at: Date },
): Promise<string[]> {
  const rows = await tx.query<{ waMessageId: string }>(
    // The unread ones are the newest, and their number is known: the scan from the end stops after them.
    `with chat as (
       select id, unread_count from conversations where id = $1 and unread_count > 0 for update
     ), unread as (
       select m.id from messages m, chat
        where m.conversation_id = chat.id and m.direction = 'incoming' and not m.is_read
        order by m.id desc limit (select unread_count from chat)
     ), marked as (
       update messages m set is_read = true, read_at = $3
         from unread
        where m.id = unread.id and ($2::uuid is null or m.id <= $2::uuid)
       returning m.id, m.wa_message_id
     ), counted as (
       update conversations c set unread_count = greatest(0, c.unread_count - (select count(*) from marked))
         from chat where c.id = chat.id
     )
     select wa_message_id as "waMessageId" from marked order by id`,
    [conversationId, options.upToMessageId ?? null, options.at],
    { name: 'chats_read' },
  );
  return rows.map((row) => row.waMessageId);
}
