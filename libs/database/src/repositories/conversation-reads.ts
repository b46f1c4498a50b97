import type { ConversationStatus } from '#contracts';
import type { Tx } from '../transaction.js';
import type { ConversationKind } from './chats.js';
import { notDeleted } from './cleared.js';

export interface ConversationRow {
  id: string;
  organizationId: string;
  profileId: string;
  kind: ConversationKind;
  roomId: string | null;
  /** What a room is called, where it is known. */
  name: string | null;
  /** The other person of a chat of two. */
  personId: string | null;
  unreadCount: number;
  lastMessageId: string | null;
  lastMessageAt: Date | null;
  isArchived: boolean;
  pinnedAt: Date | null;
  mutedUntil: Date | null;
  isMarkedUnread: boolean;
  disappearsInSeconds: number | null;
  status: ConversationStatus;
  statusAt: Date | null;
  snoozedUntil: Date | null;
  /** The next message of the other party opens it. */
  reopens: boolean;
  assignedUserId: string | null;
  createdAt: Date;
}

export const selectConversations = `
  select id, organization_id as "organizationId", profile_id as "profileId", kind, room_id as "roomId", name,
         person_id as "personId", unread_count as "unreadCount", last_message_id as "lastMessageId",
         last_message_at as "lastMessageAt", is_archived as "isArchived", pinned_at as "pinnedAt",
         muted_until as "mutedUntil", is_marked_unread as "isMarkedUnread",
         disappears_in_seconds as "disappearsInSeconds", status, status_at as "statusAt",
         snoozed_until as "snoozedUntil", reopens, assigned_user_id as "assignedUserId", created_at as "createdAt"
    from conversations`;

/** A conversation, or null when the organization has none with this id, or it was deleted and nothing came after that. */
export async function findConversation(tx: Tx, organizationId: string, id: string): Promise<ConversationRow | null> {
  const [row] = await tx.query<ConversationRow>(
    `${selectConversations} c where id = $2 and organization_id = $1 and ${notDeleted}`,
    [organizationId, id],
    { name: 'conversations_find' },
  );
  return row ?? null;
}

/** Locks a conversation for a change; null as above. */
export async function lockConversation(tx: Tx, organizationId: string, id: string): Promise<ConversationRow | null> {
  const [row] = await tx.query<ConversationRow>(
    `${selectConversations} c where id = $2 and organization_id = $1 and ${notDeleted} for update`,
    [organizationId, id],
    { name: 'conversations_lock' },
  );
  return row ?? null;
}

/** The same of one that may have been deleted meanwhile. */
export async function lockStoredConversation(
  tx: Tx,
  organizationId: string,
  id: string,
): Promise<ConversationRow | null> {
  const [row] = await tx.query<ConversationRow>(
    `${selectConversations} where id = $2 and organization_id = $1 for update`,
    [organizationId, id],
    { name: 'conversations_lock_stored' },
  );
  return row ?? null;
}

/** The person of an address, if it is known to the organization. */
export async function findPersonOf(
  tx: Tx,
  organizationId: string,
  address: { phone: string | null; lid: string | null },
): Promise<string | null> {
  const [row] = await tx.query<{ personId: string }>(
    `select person_id as "personId" from identities
      where organization_id = $1 and ((kind = 'phone' and value = $2) or (kind = 'lid' and value = $3)) limit 1`,
    [organizationId, address.phone, address.lid],
    { name: 'conversations_person' },
  );
  return row?.personId ?? null;
}

/** A message of somebody else, as a read receipt names it. */
export interface ReadMessage {
  waMessageId: string;
  /** In a chat of more than two. */
  authorPersonId: string | null;
}

/**
 * Marks given incoming messages of a conversation read. The caller holds the conversation's lock.
 * @returns those among `waMessageIds` that are incoming messages of this conversation, read before or not, oldest first.
 */
export async function markMessagesRead(
  tx: Tx,
  conversation: { id: string; profileId: string },
  waMessageIds: string[],
  at: Date,
): Promise<ReadMessage[]> {
  return tx.query<ReadMessage>(
    `with asked as (
       select m.id, m.wa_message_id, m.author_person_id
         from message_keys k
         join messages m on m.id = k.message_id and m.conversation_id = $1 and m.direction = 'incoming'
        where k.profile_id = $2 and k.wa_message_id = any($3::text[]) and not k.from_me
     ), marked as (
       update messages m set is_read = true, read_at = $4
         from asked where m.id = asked.id and not m.is_read
       returning m.id
     ), counted as (
       update conversations set unread_count = greatest(0, unread_count - (select count(*) from marked))
        where id = $1
     )
     select wa_message_id as "waMessageId", author_person_id as "authorPersonId" from asked order by id`,
    [conversation.id, conversation.profileId, waMessageIds, at],
    { name: 'conversations_mark_messages' },
  );
}
