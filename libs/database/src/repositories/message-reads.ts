import type { MessageContent } from '#contracts';
import type { Tx } from '../transaction.js';

/** A message as it is stored, with the person of its chat. */
export interface MessageRow {
  id: string;
  waMessageId: string;
  profileId: string;
  conversationId: string;
  personId: string;
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
}

const selectMessages = `
  select m.id, m.wa_message_id as "waMessageId", m.profile_id as "profileId", m.conversation_id as "conversationId",
         c.person_id as "personId", m.direction, m.content, m.quoted_wa_message_id as "quotedWaMessageId", m.state,
         m.state_reason as "stateReason", m.batch_id as "batchId", m.is_read as "isRead", m.sent_at as "sentAt",
         m.delivered_at as "deliveredAt", m.read_at as "readAt"
    from messages m join conversations c on c.id = m.conversation_id`;

/** Messages by id, in no order; those of other organizations are not found. */
export async function findMessages(tx: Tx, organizationId: string, ids: string[]): Promise<MessageRow[]> {
  return tx.query<MessageRow>(
    `${selectMessages} where m.id = any($2::uuid[]) and m.organization_id = $1`,
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
      where m.conversation_id = $2 and m.organization_id = $1 and ${edge}
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
      where m.profile_id = $2 and m.organization_id = $1 and m.id < $3
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
