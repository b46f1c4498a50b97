import type { MessageContent } from '#contracts';
import type { Tx } from '../transaction.js';
import type { ConversationKind } from './chats.js';

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

/** What lists leave out: actions, and what the account's owner deleted or cleared from the own devices. */
const shown = `m.target_message_id is null and m.deleted_for_me_at is null
        and (c.cleared_at is null or m.sent_at > c.cleared_at or m.is_starred)`;

/** Messages by id, in no order; those of other organizations, and actions, are not found. */
export async function findMessages(tx: Tx, organizationId: string, ids: string[]): Promise<MessageRow[]> {
  return tx.query<MessageRow>(
    `${selectMessages} where m.id = any($2::uuid[]) and m.organization_id = $1 and m.target_message_id is null`,
    [organizationId, ids],
    { name: 'messages_find' },
  );
}

/** One end of a page of messages: those before or after an id, nearest first. Absent: the newest. */
export type MessageWindow = { before?: string; after?: undefined } | { after: string; before?: undefined };

/** Messages of a conversation, nearest to the window's edge first. Ids rise with the time of storing. */
export async function listConversationMessages(
  tx: Tx,
  organizationId: string,
  conversationId: string,
  window: MessageWindow,
  limit: number,
): Promise<MessageRow[]> {
  const [edge, order] = window.after === undefined ? ['m.id < $3', 'desc'] : ['m.id > $3', 'asc'];
  return tx.query<MessageRow>(
    `${selectMessages}
      where m.conversation_id = $2 and m.organization_id = $1 and ${edge} and ${shown}
      order by m.id ${order} limit $4`,
    [organizationId, conversationId, window.after ?? window.before ?? lastId, limit],
    { name: `messages_of_conversation_${order}` },
  );
}

/** Above every id. */
const lastId = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

export interface MessageFilter {
  kind?: string;
  direction?: 'incoming' | 'outgoing';
  /** Messages older than this id. */
  before?: string;
  offset?: number;
}

/** The log of a profile, newest first. */
export async function listProfileMessages(
  tx: Tx,
  organizationId: string,
  profileId: string,
  filter: MessageFilter,
  limit: number,
): Promise<MessageRow[]> {
  return tx.query<MessageRow>(
    `${selectMessages}
      where m.profile_id = $2 and m.organization_id = $1 and m.id < $3 and ${shown}
        and ($4::text is null or m.kind = $4) and ($5::text is null or m.direction = $5)
      order by m.id desc limit $6 offset $7`,
    [
      organizationId,
      profileId,
      filter.before ?? lastId,
      filter.kind ?? null,
      filter.direction ?? null,
      limit,
      filter.offset ?? 0,
    ],
    { name: 'messages_of_profile' },
  );
}
