import type { Tx } from '../transaction.js';
import type { ChatColumns } from './chats.js';
import { type ClearedUpTo, completeCleared, noId } from './cleared.js';

/** What the account's owner sets on a chat, by the column that keeps it. */
const stateColumns = {
  isArchived: { column: 'is_archived', type: 'boolean', differs: 'c.is_archived <> new.value' },
  // Pinned again is pinned all the same: the moment stays.
  pinnedAt: { column: 'pinned_at', type: 'timestamptz', differs: '(c.pinned_at is null) <> (new.value is null)' },
  mutedUntil: { column: 'muted_until', type: 'timestamptz', differs: 'c.muted_until is distinct from new.value' },
  isMarkedUnread: { column: 'is_marked_unread', type: 'boolean', differs: 'c.is_marked_unread <> new.value' },
  disappearsInSeconds: {
    column: 'disappears_in_seconds',
    type: 'int',
    differs: 'c.disappears_in_seconds is distinct from new.value',
  },
} as const;

export type ChatStateName = keyof typeof stateColumns;

/** How a chat stands, with what it is called. */
export interface ChatState extends ChatColumns {
  conversationId: string;
  name: string | null;
  isArchived: boolean;
  pinnedAt: Date | null;
  mutedUntil: Date | null;
  isMarkedUnread: boolean;
  disappearsInSeconds: number | null;
}

/**
 * Sets one state of conversations, each named once.
 * @returns those that were otherwise before, in the order that was asked
 */
export async function setChatState(
  tx: Tx,
  name: ChatStateName,
  rows: { conversationId: string; value: boolean | number | Date | null }[],
): Promise<string[]> {
  const { column, type, differs } = stateColumns[name];
  const changed = await tx.query<{ id: string }>(
    `with locked as (
       select id from conversations where id = any($1::uuid[]) order by id for update
     )
     update conversations c set ${column} = new.value
       from unnest($1::uuid[], $2::${type}[]) as new (id, value), locked
      where c.id = new.id and locked.id = c.id and (${differs})
     returning c.id`,
    [rows.map((row) => row.conversationId), rows.map((row) => row.value)],
    { name: `chat_state_${column}` },
  );
  return ordered(rows, changed);
}

/** What was removed from the account's devices, each conversation once. */
export interface ChatCleared extends ClearedUpTo {
  keepsStarred: boolean;
}

/**
 * Everything up to a moment is gone from the account's devices; what is starred too, unless it is kept.
 * @returns conversations of which less was gone before
 */
export async function clearChats(tx: Tx, asked: ChatCleared[]): Promise<string[]> {
  const rows = await completeCleared(tx, asked);
  await takeStars(
    tx,
    rows.filter(({ keepsStarred }) => !keepsStarred),
  );
  return markCleared(tx, rows, { name: 'chats_clear', set: '', before: 'cleared_at' });
}

/**
 * The chats are out of the account's list, with everything up to a moment, what is starred too.
 * @returns those that were not so before
 */
export async function removeChats(tx: Tx, asked: ClearedUpTo[]): Promise<string[]> {
  const rows = await completeCleared(tx, asked);
  await takeStars(tx, rows);
  const set = 'deleted_at = new.up_to, is_archived = false, pinned_at = null, is_marked_unread = false,';
  return markCleared(tx, rows, { name: 'chats_remove', set, before: 'deleted_at' });
}

/** Before anything is done to the conversations: messages before them is the order in which every transaction locks. */
async function takeStars(tx: Tx, rows: (ClearedUpTo & { throughMessageId: string })[]): Promise<void> {
  await tx.query(
    `update messages m set is_starred = false
       from unnest($1::uuid[], $2::timestamptz[], $3::uuid[]) as new (id, up_to, through)
      where m.conversation_id = new.id and m.is_starred and ${isCleared}`,
    columnsOf(rows),
    { name: 'chats_clear_stars' },
  );
}

/** Whether a message `m` goes with what a row `new` clears. */
const isCleared = `m.sent_at < new.up_to + interval '1 second' and (m.sent_at < new.up_to or m.id <= new.through)`;

const columnsOf = (rows: (ClearedUpTo & { throughMessageId: string })[]): unknown[][] => [
  rows.map((row) => row.conversationId),
  rows.map((row) => row.upTo),
  rows.map((row) => row.throughMessageId),
];

/** What is cleared is unread no more. @returns the conversations of which less was gone before */
async function markCleared(
  tx: Tx,
  rows: (ClearedUpTo & { throughMessageId: string })[],
  { name, set, before }: { name: string; set: string; before: 'cleared_at' | 'deleted_at' },
): Promise<string[]> {
  const changed = await tx.query<{ id: string; isNews: boolean }>(
    // The unread ones are the newest, and their number is known.
    `with new as materialized (
       select * from unnest($1::uuid[], $2::timestamptz[], $3::uuid[]) as new (id, up_to, through)
     ), read as (
       update messages m set is_read = true
         from new join conversations c on c.id = new.id
        cross join lateral (select u.id from messages u
                             where u.conversation_id = c.id and u.direction = 'incoming' and not u.is_read
                             order by u.id desc limit c.unread_count) unread
        where m.id = unread.id and ${isCleared}
       returning m.conversation_id as id
     ), locked as (
       select c.id, (new.up_to, new.through) > (coalesce(c.${before}, '-infinity'), coalesce(c.cleared_through, '${noId}'))
                as is_news,
              (select count(*) from read where read.id = c.id) as n
         from conversations c join new on new.id = c.id order by c.id for update of c
     )
     update conversations c
        set ${set} cleared_at = greatest(c.cleared_at, new.up_to),
            cleared_through = greatest(c.cleared_through, new.through),
            unread_count = greatest(0, c.unread_count - locked.n)
       from new, locked
      where c.id = new.id and locked.id = c.id and (locked.is_news or locked.n > 0)
     returning c.id, locked.is_news as "isNews"`,
    columnsOf(rows),
    { name },
  );
  return ordered(
    rows,
    changed.filter(({ isNews }) => isNews),
  );
}

/** How these conversations stand, by id. */
export async function readChatStates(tx: Tx, conversationIds: string[]): Promise<Map<string, ChatState>> {
  const rows = await tx.query<ChatState>(
    `select c.id as "conversationId", c.kind, c.room_id as "roomId", c.name, c.is_archived as "isArchived",
            c.pinned_at as "pinnedAt", c.muted_until as "mutedUntil", c.is_marked_unread as "isMarkedUnread",
            c.disappears_in_seconds as "disappearsInSeconds",
            (select value from identities i where i.person_id = c.person_id and kind = 'phone'
              order by id desc limit 1) as phone,
            (select value from identities i where i.person_id = c.person_id and kind = 'lid'
              order by id desc limit 1) as lid
       from conversations c where c.id = any($1::uuid[])`,
    [conversationIds],
    { name: 'chat_states_read' },
  );
  return new Map(rows.map((row) => [row.conversationId, row]));
}

/** @returns the ids of messages that were not so before */
export async function starMessages(tx: Tx, rows: { messageId: string; starred: boolean }[]): Promise<string[]> {
  const changed = await tx.query<{ id: string }>(
    `update messages m set is_starred = new.starred
       from unnest($1::uuid[], $2::boolean[]) as new (id, starred)
      where m.id = any($1::uuid[]) and m.id = new.id and m.is_starred <> new.starred
     returning m.id`,
    [rows.map((row) => row.messageId), rows.map((row) => row.starred)],
    { name: 'messages_star' },
  );
  return changed.map(({ id }) => id);
}

/** Takes messages from the account's own devices, and out of the unread count. @returns those that were still there */
export async function deleteMessagesForMe(tx: Tx, rows: { messageId: string; at: Date }[]): Promise<string[]> {
  const changed = await tx.query<{ id: string }>(
    `with gone as (
       update messages m set deleted_for_me_at = new.at, is_starred = false, is_read = true
         from unnest($1::uuid[], $2::timestamptz[]) as new (id, at),
              (select id, is_read from messages where id = any($1::uuid[]) order by id for update) before
        where m.id = any($1::uuid[]) and m.id = new.id and before.id = m.id and m.deleted_for_me_at is null
       returning m.id, m.conversation_id, m.direction = 'incoming' and not before.is_read as was_unread
     ), counted as (
       update conversations c set unread_count = greatest(0, c.unread_count - unread.n)
         from (select conversation_id, count(*) as n from gone where was_unread group by 1) unread
        where c.id = unread.conversation_id
     )
     select id from gone`,
    [rows.map((row) => row.messageId), rows.map((row) => row.at)],
    { name: 'messages_delete_for_me' },
  );
  return changed.map(({ id }) => id);
}

function ordered(rows: { conversationId: string }[], changed: { id: string }[]): string[] {
  const ids = new Set(changed.map(({ id }) => id));
  return rows.map(({ conversationId }) => conversationId).filter((id) => ids.has(id));
}
