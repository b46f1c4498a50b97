import type { Actor, ConversationId } from '#contracts';
import { errors } from '#contracts';
import { type MessageHistory, messageView } from '#domain';
import { decodeCursor, encodeCursor } from '../http/page.js';
import type { ConversationMessagesOut, ConversationMessagesQuery } from './message.dto.js';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/**
 * A page of a chat, oldest first as a chat is read. The cursor goes on in the direction of the page: to older messages,
 * or with `after` to newer ones.
 */
export async function conversationPage(
  history: MessageHistory,
  actor: Actor,
  id: ConversationId,
  query: ConversationMessagesQuery,
): Promise<ConversationMessagesOut> {
  const { before, after } = windowOf(query);
  const window = after === undefined ? { before } : { after };
  const nearest = await history.listOfConversation(actor, id, window, query.limit + 1);
  const shown = nearest.slice(0, query.limit);
  const hasMore = nearest.length > query.limit;
  const edge = shown.at(-1);
  const nextCursor = hasMore && edge ? encodeCursor([after === undefined ? 'before' : 'after', edge.id]) : null;
  const inOrder = after === undefined ? shown.reverse() : shown;
  return { messages: inOrder.map(messageView), hasMore, nextCursor };
}

function windowOf(query: ConversationMessagesQuery): { before?: string; after?: string } {
  const cursor = decodeCursor(query.cursor, [/^(before|after)$/, UUID]);
  if (cursor) return cursor[0] === 'after' ? { after: cursor[1]! } : { before: cursor[1]! };
  const { before, after } = query;
  if (before && after) {
    throw errors.validation({ fields: [{ path: 'after', message: 'must not be given together with before' }] });
  }
  return { before: before ?? undefined, after: after ?? undefined };
}
