import { newId } from '#contracts';
import { type Address, type ChatAddress, type UserChat, userChat } from '#engine';
import type { Tx } from '../transaction.js';
import type { ReadMessage } from './conversation-reads.js';
import { identityKeys, splitIdentityKey } from './identities.js';

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

/** A place in a profile. */
export interface OwnedPlace {
  organizationId: string;
  profileId: string;
  place: ChatPlace;
}

/**
 * The conversations of a profile at these places, made where there are none; in the order that was asked. Resolve the
 * persons in the same transaction, so that none of them is merged away meanwhile.
 */
export function ensureChats(
  tx: Tx,
  { organizationId, profileId }: { organizationId: string; profileId: string },
  places: ChatPlace[],
): Promise<string[]> {
  return ensureChatsOf(
    tx,
    places.map((place) => ({ organizationId, profileId, place })),
  );
}

/** Conversations that are known already, for `ensureChatsOf`. */
export type KnownChats = ReadonlyMap<string, string>;

/** The same for several profiles at once. @param known what `findChatsWith` answered in this transaction */
export async function ensureChatsOf(tx: Tx, wanted: OwnedPlace[], known?: KnownChats): Promise<string[]> {
  const found = new Map(known);
  const unknown = wanted.filter((one) => !found.has(ownedKey(one)));
  if (unknown.length > 0) for (const [key, id] of await findChatsOf(tx, unknown)) found.set(key, id);
  const missing = distinct(wanted.filter((one) => !found.has(ownedKey(one))));
  if (missing.length > 0) {
    await tx.query(
      `insert into conversations (id, organization_id, profile_id, kind, person_id, room_id, name)
       select new.id, new.organization_id, new.profile_id, new.kind, new.person_id, new.room_id, case new.kind
                when 'group' then (select subject from groups g
                                    where g.profile_id = new.profile_id and g.wa_id = new.room_id)
                when 'newsletter' then (select n.name from newsletters n
                                         where n.profile_id = new.profile_id and n.wa_id = new.room_id) end
         from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::uuid[], $6::text[]) with ordinality
              as new (id, organization_id, profile_id, kind, person_id, room_id, position)
        order by new.position
       on conflict do nothing`,
      [
        missing.map(() => newId()),
        missing.map((one) => one.organizationId),
        missing.map((one) => one.profileId),
        missing.map(({ place }) => ('personId' in place ? 'user' : place.kind)),
        missing.map(({ place }) => ('personId' in place ? place.personId : null)),
        missing.map(({ place }) => ('personId' in place ? null : place.roomId)),
      ],
      { name: 'chats_add' },
    );
    // Read again, because another transaction may have been faster with some.
    for (const [key, id] of await findChatsOf(tx, missing)) found.set(key, id);
  }
  return wanted.map((one) => found.get(ownedKey(one))!);
}

/**
 * Chats of two by what the other is reached under, which saves the wait for who that is. Behind `findIdentities` in one
 * transaction, which keeps the persons as they are.
 */
export async function findChatsWith(
  tx: Tx,
  asked: { organizationId: string; profileId: string; address: Address }[],
): Promise<KnownChats> {
  const keys = asked.flatMap(({ organizationId, profileId, address }) =>
    identityKeys(address).map((key) => [organizationId, profileId, ...splitIdentityKey(key)] as const),
  );
  const rows = await tx.query<{ id: string; profileId: string; personId: string }>(
    `select c.id, c.profile_id as "profileId", c.person_id as "personId"
       from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[]) as asked (organization_id, profile_id, kind, value),
            lateral (select person_id from identities i
                      where i.organization_id = asked.organization_id and i.kind = asked.kind and i.value = asked.value
                     offset 0) who,
            lateral (select id, profile_id, person_id from conversations
                      where profile_id = asked.profile_id and person_id = who.person_id offset 0) c`,
    [0, 1, 2, 3].map((column) => keys.map((key) => key[column]!)),
    { name: 'chats_find_with' },
  );
  return new Map(rows.map(({ id, profileId, personId }) => [ownedKey({ profileId, place: { personId } }), id]));
}

/** Existing conversations of a profile, by `placeKey`. */
export async function findChats(tx: Tx, profileId: string, places: ChatPlace[]): Promise<Map<string, string>> {
  const found = await findChatsOf(
    tx,
    places.map((place) => ({ profileId, place })),
  );
  return new Map(
    places.flatMap((place) => {
      const id = found.get(ownedKey({ profileId, place }));
      return id === undefined ? [] : [[placeKey(place), id] as const];
    }),
  );
}

async function findChatsOf(tx: Tx, asked: Pick<OwnedPlace, 'profileId' | 'place'>[]): Promise<Map<string, string>> {
  const persons = asked.flatMap(({ profileId, place }) =>
    'personId' in place ? { profileId, personId: place.personId } : [],
  );
  const rooms = asked.flatMap(({ profileId, place }) => ('personId' in place ? [] : { profileId, ...place }));
  const rows = await tx.query<{
    id: string;
    profileId: string;
    kind: string;
    personId: string | null;
    roomId: string | null;
  }>(
    `select c.id, c.profile_id as "profileId", c.kind, c.person_id as "personId", c.room_id as "roomId"
       from (select distinct * from unnest($1::uuid[], $2::uuid[]) as asked (profile_id, person_id)) asked
       join conversations c on c.profile_id = asked.profile_id and c.person_id = asked.person_id
      union all
     select c.id, c.profile_id, c.kind, c.person_id, c.room_id
       from (select distinct * from unnest($3::uuid[], $4::text[], $5::text[]) as asked (profile_id, kind, room_id)) asked
       join conversations c on c.profile_id = asked.profile_id and c.kind = asked.kind and c.room_id = asked.room_id`,
    [
      persons.map((one) => one.profileId),
      persons.map((one) => one.personId),
      rooms.map((room) => room.profileId),
      rooms.map((room) => room.kind),
      rooms.map((room) => room.roomId),
    ],
    { name: 'chats_find' },
  );
  return new Map(
    rows.map(({ id, profileId, kind, personId, roomId }) => [`${profileId} ${personId ?? `${kind} ${roomId}`}`, id]),
  );
}

/** Under what `findChats` answers for a place. */
export function placeKey(place: ChatPlace): string {
  return 'personId' in place ? place.personId : `${place.kind} ${place.roomId}`;
}

const ownedKey = ({ profileId, place }: Pick<OwnedPlace, 'profileId' | 'place'>) => `${profileId} ${placeKey(place)}`;

/** Sorted, so that two transactions never wait for each other crosswise. */
function distinct(wanted: OwnedPlace[]): OwnedPlace[] {
  const byKey = new Map(wanted.map((one) => [ownedKey(one), one]));
  return [...byKey.keys()].sort().map((key) => byKey.get(key)!);
}

/** What messages changed about a conversation. */
export interface ConversationNews {
  conversationId: string;
  unread: number;
  lastMessageId: string;
  lastMessageAt: Date;
  /** When the other party wrote; absent when only we did. */
  lastInboundAt?: Date | null;
  /** When we wrote; absent when only the other party did. */
  lastOutboundAt?: Date | null;
}

/** A conversation that a message of the other party opened again. */
export interface Reopened {
  conversationId: string;
  previousStatus: 'snoozed' | 'closed';
}

/**
 * Adds unread messages and moves the last message, and the last one of each side, forward, never back. What waits
 * to be sent to somebody who wrote is no longer unsolicited, and a conversation that was closed before opens. WhatsApp's
 * clock counts seconds and ours milliseconds: within a second the order of ids decides. Locks outbox rows, then
 * conversations.
 * @returns conversations that opened
 */
export async function addNews(tx: Tx, news: ConversationNews[]): Promise<Reopened[]> {
  const sorted = [...news].sort((a, b) => (a.conversationId < b.conversationId ? -1 : 1));
  return tx.query<Reopened>(
    `with answered as (
       update outbox o set standing = 0
         from (select o.message_id from outbox o join unnest($1::uuid[], $5::timestamptz[]) as new (id, inbound_at)
                 on o.conversation_id = new.id and new.inbound_at is not null
                where o.standing > 0 order by o.message_id for update of o) waiting
        where o.message_id = waiting.message_id
       returning 1
     ), locked as (
       -- Of what was written before it was closed nothing opens it; WhatsApp's clock counts seconds.
       select id, status, case when status <> 'open' and reopens then date_trunc('second', status_at) end as opens_from
         from conversations where id = any($1::uuid[]) and (select count(*) from answered) >= 0
        order by id for update
     ), updated as (
     update conversations c
        set status = case when new.inbound_at >= locked.opens_from then 'open' else c.status end,
            status_at = case when new.inbound_at >= locked.opens_from then now() else c.status_at end,
            snoozed_until = case when new.inbound_at >= locked.opens_from then null else c.snoozed_until end,
            unread_count = c.unread_count + new.unread,
            last_message_id = case when new.last_at >= coalesce(c.last_message_at, '-infinity')
                                     or (new.last_at >= date_trunc('second', c.last_message_at)
                                         and new.last_id > c.last_message_id)
                                   then new.last_id else c.last_message_id end,
            last_message_at = greatest(c.last_message_at, new.last_at),
            -- An answer within the second of what it answers came after it all the same.
            last_inbound_at = greatest(c.last_inbound_at, case
              when new.inbound_at < c.last_outbound_at and new.inbound_at >= date_trunc('second', c.last_outbound_at)
                   and new.last_id > c.last_message_id
              then c.last_outbound_at + interval '1 millisecond' else new.inbound_at end),
            last_outbound_at = greatest(c.last_outbound_at, new.outbound_at)
       from unnest($1::uuid[], $2::int[], $3::uuid[], $4::timestamptz[], $5::timestamptz[], $6::timestamptz[])
              as new (id, unread, last_id, last_at, inbound_at, outbound_at), locked
      where c.id = new.id and locked.id = c.id
     returning c.id, locked.status as before, c.status
     )
     select id as "conversationId", before as "previousStatus" from updated where status = 'open' and before <> 'open'`,
    [
      sorted.map((each) => each.conversationId),
      sorted.map((each) => each.unread),
      sorted.map((each) => each.lastMessageId),
      sorted.map((each) => each.lastMessageAt),
      sorted.map((each) => each.lastInboundAt ?? null),
      sorted.map((each) => each.lastOutboundAt ?? null),
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
