import { newId } from '#contracts';
import { type ChatAddress, type UserChat, userChat } from '#engine';
import type { Tx } from '../transaction.js';
import type { ReadMessage } from './conversation-reads.js';

/** Which chat of a profile: the one with a person, or one with an id of its own at WhatsApp. */
export type ChatPlace = { personId: string } | { kind: Exclude<ConversationKind, 'user'>; roomId: string };

/** As `conversations.kind` has it. */
export type ConversationKind = ChatAddress['kind'];

/** What a chat's row says of its address. */
export interface ChatColumns {
  kind: ConversationKind;
  roomId: string | null;
  /** The newest of the other person's, in a chat of two. */
  phone: string | null;
  lid: string | null;
}

/** There is one chat of statuses. */
const statusRoom = 'status';

/** Where a chat that is no chat of two is kept. */
export function roomPlace(chat: Exclude<ChatAddress, UserChat>): ChatPlace {
  return { kind: chat.kind, roomId: chat.kind === 'status' ? statusRoom : chat.id };
}

/** The address of a chat. */
export function chatAddressOf({ kind, roomId, phone, lid }: ChatColumns): ChatAddress {
  if (kind === 'user') return userChat({ phone, lid });
  return kind === 'status' ? { kind } : { kind, id: roomId! };
}

/**
 * The conversations of a profile at these places, made where there are none; in the order that was asked. Resolve the
 * persons in the same transaction, so that none of them is merged away meanwhile.
 */
export async function ensureChats(
  tx: Tx,
  owner: { organizationId: string; profileId: string },
  places: ChatPlace[],
): Promise<string[]> {
  const found = await findChats(tx, owner.profileId, places);
  const missing = distinct(places.filter((place) => !found.has(placeKey(place))));
  if (missing.length > 0) {
    await tx.query(
      `insert into conversations (id, organization_id, profile_id, kind, person_id, room_id, name)
       select new.id, $1, $2, new.kind, new.person_id, new.room_id, case new.kind
                when 'group' then (select subject from groups where profile_id = $2 and wa_id = new.room_id)
                when 'newsletter' then (select name from newsletters where profile_id = $2 and wa_id = new.room_id) end
         from unnest($3::uuid[], $4::text[], $5::uuid[], $6::text[]) with ordinality
              as new (id, kind, person_id, room_id, position)
        order by new.position
       on conflict do nothing`,
      [owner.organizationId, owner.profileId, missing.map(() => newId()), ...columnsOf(missing)],
      { name: 'chats_add' },
    );
    // Read again, because another transaction may have been faster with some.
    for (const [key, id] of await findChats(tx, owner.profileId, missing)) found.set(key, id);
  }
  return places.map((place) => found.get(placeKey(place))!);
}

/** Existing conversations of a profile, by `placeKey`. */
export async function findChats(tx: Tx, profileId: string, places: ChatPlace[]): Promise<Map<string, string>> {
  const persons = places.flatMap((place) => ('personId' in place ? place.personId : []));
  const rooms = places.flatMap((place) => ('personId' in place ? [] : place));
  const rows = await tx.query<{ id: string; kind: string; personId: string | null; roomId: string | null }>(
    `select id, kind, person_id as "personId", room_id as "roomId" from conversations
      where profile_id = $1 and person_id = any($2::uuid[])
      union all
     select c.id, c.kind, c.person_id, c.room_id
       from (select distinct * from unnest($3::text[], $4::text[]) as asked (kind, room_id)) asked
       join conversations c on c.profile_id = $1 and c.kind = asked.kind and c.room_id = asked.room_id`,
    [profileId, persons, rooms.map((room) => room.kind), rooms.map((room) => room.roomId)],
    { name: 'chats_find' },
  );
  return new Map(rows.map(({ id, kind, personId, roomId }) => [personId ?? `${kind} ${roomId}`, id]));
}

/** Under what `findChats` answers for a place. */
export function placeKey(place: ChatPlace): string {
  return 'personId' in place ? place.personId : `${place.kind} ${place.roomId}`;
}

/** Sorted, so that two transactions never wait for each other crosswise. */
function distinct(places: ChatPlace[]): ChatPlace[] {
  const byKey = new Map(places.map((place) => [placeKey(place), place]));
  return [...byKey.keys()].sort().map((key) => byKey.get(key)!);
}

function columnsOf(places: ChatPlace[]): (string | null)[][] {
  return [
    places.map((place) => ('personId' in place ? 'user' : place.kind)),
    places.map((place) => ('personId' in place ? place.personId : null)),
    places.map((place) => ('personId' in place ? null : place.roomId)),
  ];
}

/** What messages changed about a conversation. */
export interface ConversationNews {
  conversationId: string;
  unread: number;
  lastMessageId: string;
  lastMessageAt: Date;
  /** When the other party wrote; absent when only we did. */
  lastInboundAt?: Date | null;
}

/**
 * Adds unread messages and moves the last message, and the last one of the other party, forward, never back. What waits
 * to be sent to somebody who wrote is no longer unsolicited. Locks outbox rows, then conversations.
 */
export async function addNews(tx: Tx, news: ConversationNews[]): Promise<void> {
  const sorted = [...news].sort((a, b) => (a.conversationId < b.conversationId ? -1 : 1));
  await tx.query(
    `with answered as (
       update outbox o set standing = 0
         from (select o.message_id from outbox o join unnest($1::uuid[], $5::timestamptz[]) as new (id, inbound_at)
                 on o.conversation_id = new.id and new.inbound_at is not null
                where o.standing > 0 order by o.message_id for update of o) waiting
        where o.message_id = waiting.message_id
       returning 1
     ), locked as (
       select id from conversations where id = any($1::uuid[]) and (select count(*) from answered) >= 0
        order by id for update
     )
     update conversations c
        set unread_count = c.unread_count + new.unread,
            last_message_id = case when new.last_at >= coalesce(c.last_message_at, '-infinity')
                                   then new.last_id else c.last_message_id end,
            last_message_at = greatest(c.last_message_at, new.last_at),
            last_inbound_at = greatest(c.last_inbound_at, new.inbound_at)
       from unnest($1::uuid[], $2::int[], $3::uuid[], $4::timestamptz[], $5::timestamptz[])
              as new (id, unread, last_id, last_at, inbound_at), locked
      where c.id = new.id and locked.id = c.id`,
    [
      sorted.map((each) => each.conversationId),
      sorted.map((each) => each.unread),
      sorted.map((each) => each.lastMessageId),
      sorted.map((each) => each.lastMessageAt),
      sorted.map((each) => each.lastInboundAt ?? null),
    ],
    { name: 'chats_news' },
  );
}

/**
 * Marks the incoming messages of a conversation read, up to and including `upToMessageId`, or all of them.
 * @returns those that were unread before, oldest first.
 */
export async function markConversationRead(
  tx: Tx,
  conversationId: string,
  options: { upToMessageId?: string; at: Date },
): Promise<ReadMessage[]> {
  return tx.query<ReadMessage>(
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
       returning m.id, m.wa_message_id, m.author_person_id
     ), counted as (
       update conversations c set unread_count = greatest(0, c.unread_count - (select count(*) from marked))
         from chat where c.id = chat.id
     )
     select wa_message_id as "waMessageId", author_person_id as "authorPersonId" from marked order by id`,
    [conversationId, options.upToMessageId ?? null, options.at],
    { name: 'chats_read' },
  );
}
