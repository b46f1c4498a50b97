import type { MessageContent } from '#contracts';
import type { Tx } from '../transaction.js';
import type { ConversationKind } from './chats.js';
import { onOwnDevices } from './cleared.js';
import { filterSql, filterValues, type MessageFilter } from './message-filter.js';

/** A message as it is stored, with what its chat is. */
export interface MessageRow {
  id: string;
  waMessageId: string;
  profileId: string;
  conversationId: string;
  kind: ConversationKind;
  roomId: string | null;
  /** What a room is called. */
  chatName: string | null;
  /** The other person of a chat of two. */
  personId: string | null;
  /** Who wrote it in a chat of more than two; null: us, or a newsletter. */
  authorPersonId: string | null;
  direction: 'incoming' | 'outgoing';
  content: MessageContent;
  quotedWaMessageId: string | null;
  state: string;
  stateReason: string | null;
  batchId: string | null;
  isRead: boolean;
  sentAt: Date;
  deliveredAt: Date | null;
  readAt: Date | null;
  editedAt: Date | null;
  revokedAt: Date | null;
  isStarred: boolean;
  pinnedUntil: Date | null;
}

const selectMessages = `
  select m.id, m.wa_message_id as "waMessageId", m.profile_id as "profileId", m.conversation_id as "conversationId",
         c.kind, c.room_id as "roomId", c.name as "chatName", c.person_id as "personId",
         m.author_person_id as "authorPersonId", m.edited_at as "editedAt", m.revoked_at as "revokedAt",
         m.is_starred as "isStarred", m.pinned_until as "pinnedUntil", m.direction, m.content, m.quoted_wa_message_id as "quotedWaMessageId", m.state,
         m.state_reason as "stateReason", m.batch_id as "batchId", m.is_read as "isRead", m.sent_at as "sentAt",
         m.delivered_at as "deliveredAt", m.read_at as "readAt"
    from messages m join conversations c on c.id = m.conversation_id`;

/** What everybody sees: neither actions, nor what the account's owner deleted or cleared from the own devices. */
const shown = `m.target_message_id is null and ${onOwnDevices}`;

/**
 * Messages by id, in no order. Those of other organizations, actions, and what was deleted or cleared from the own devices
 * are not found.
 */
export async function findMessages(tx: Tx, organizationId: string, ids: string[]): Promise<MessageRow[]> {
  return tx.query<MessageRow>(
    `${selectMessages} where m.id = any($2::uuid[]) and m.organization_id = $1 and ${shown}`,
    [organizationId, ids],
    { name: 'messages_find' },
  );
}

/** The same, with what is gone from the own devices: for what WhatsApp is told of it, never for showing it. */
export async function findStoredMessages(tx: Tx, organizationId: string, ids: string[]): Promise<MessageRow[]> {
  return tx.query<MessageRow>(
    `${selectMessages} where m.id = any($2::uuid[]) and m.organization_id = $1 and m.target_message_id is null`,
    [organizationId, ids],
    { name: 'messages_find_stored' },
  );
}

/** Those of the ids under which there is a message that is shown. */
export async function findShownIds(tx: Tx, ids: string[]): Promise<Set<string>> {
  const rows = await tx.query<{ id: string }>(
    `select m.id from messages m join conversations c on c.id = m.conversation_id
      where m.id = any($1::uuid[]) and ${shown}`,
    [ids],
    { name: 'messages_shown_ids' },
  );
  return new Set(rows.map(({ id }) => id));
}

/** How many of a chat's newest messages are looked through for one that is still shown. */
const NEWEST_LOOKED_AT = 50;

/**
 * What lists of conversations show: of each the newest of its latest messages that is on the account's devices. None for
 * conversations that were cleared.
 */
export async function findLatestMessages(
  tx: Tx,
  organizationId: string,
  conversations: { id: string; lastMessageId: string | null }[],
): Promise<MessageRow[]> {
  const lastIds = conversations.flatMap(({ lastMessageId }) => lastMessageId ?? []);
  const latest = await tx.query<MessageRow>(
    `${selectMessages} where m.id = any($2::uuid[]) and m.organization_id = $1 and ${shown}`,
    [organizationId, lastIds],
    { name: 'messages_latest' },
  );
  const found = new Set(latest.map(({ conversationId }) => conversationId));
  const others = conversations.filter(({ id, lastMessageId }) => lastMessageId !== null && !found.has(id));
  if (others.length === 0) return latest;
  const earlier = await tx.query<MessageRow>(
    `${selectMessages} where m.organization_id = $1 and m.id in (
       select newest.id from unnest($2::uuid[]) as asked (id)
        cross join lateral (
          select m.id from (select * from messages where conversation_id = asked.id order by id desc limit $3) m
            join conversations c on c.id = m.conversation_id
           where ${shown} order by m.id desc limit 1) newest)`,
    [organizationId, others.map(({ id }) => id), NEWEST_LOOKED_AT],
    { name: 'messages_latest_shown' },
  );
  return [...latest, ...earlier];
}

/** Of all that is stored of a conversation, the last that came; null: nothing. */
export async function findLastMessageId(tx: Tx, conversationId: string): Promise<string | null> {
  const [row] = await tx.query<{ id: string }>(
    'select id from messages where conversation_id = $1 order by id desc limit 1',
    [conversationId],
    { name: 'messages_last_id' },
  );
  return row?.id ?? null;
}

/** One end of a page of messages: those before or after an id, nearest first. Absent: the newest. */
export type MessageWindow = { before?: string; after?: undefined } | { after: string; before?: undefined };

/** Messages of a conversation that fit, nearest to the window's edge first. Ids rise with the time of storing. */
export function listConversationMessages(
  tx: Tx,
  organizationId: string,
  conversationId: string,
  list: MessageList,
): Promise<MessageRow[]> {
  return listMessages(tx, 'conversation', [organizationId, conversationId], list);
}

/** The log of a profile, in the same way. */
export function listProfileMessages(
  tx: Tx,
  organizationId: string,
  profileId: string,
  list: MessageList,
): Promise<MessageRow[]> {
  return listMessages(tx, 'profile', [organizationId, profileId], list);
}

/** What part of the messages is asked for. */
export type MessageList = MessageWindow & { filter: MessageFilter; offset?: number; limit: number };

/** Above every id. */
const lastId = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

function listMessages(
  tx: Tx,
  place: 'conversation' | 'profile',
  ids: [organizationId: string, placeId: string],
  { before, after, filter, offset = 0, limit }: MessageList,
): Promise<MessageRow[]> {
  const [edge, order] = after === undefined ? ['m.id < $3', 'desc'] : ['m.id > $3', 'asc'];
  return tx.query<MessageRow>(
    `${selectMessages}
      where m.${place}_id = $2 and m.organization_id = $1 and ${edge} and ${shown} and ${filterSql(6)}
      order by m.id ${order} limit $4 offset $5`,
    [...ids, after ?? before ?? lastId, limit, offset, ...filterValues(filter)],
    { name: `messages_of_${place}_${order}` },
  );
}
