import { type Actor, type ConversationId, errors, type ProfileId } from '#contracts';
import { type MessageHistory, type MessageRecord, type MessagesAsked, messageView } from '#domain';
import { Page } from '../http/answer.js';
import { decodeCursor, encodeCursor } from '../http/page.js';
import {
  type ConversationMessagesOut,
  type ConversationMessagesQuery,
  type MessageOut,
  type ProfileMessagesQuery,
  toMessageFilter,
} from './message.dto.js';

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
  const { shown, isForward, nextCursor } = await nearestFirst(query, (asked) =>
    history.listOfConversation(actor, id, asked),
  );
  const inOrder = isForward ? shown : shown.reverse();
  return { messages: inOrder.map(messageView), hasMore: nextCursor !== null, nextCursor };
}

/** A page of a profile, newest first. */
export async function profilePage(
  history: MessageHistory,
  actor: Actor,
  id: ProfileId,
  query: ProfileMessagesQuery,
): Promise<Page<MessageOut>> {
  const { shown, isForward, nextCursor } = await nearestFirst(query, (asked) =>
    history.listOfProfile(actor, id, { ...asked, offset: query.offset }),
  );
  const inOrder = isForward ? shown.reverse() : shown;
  return new Page(inOrder.map(messageView), { limit: query.limit, nextCursor });
}

type WindowQuery = ConversationMessagesQuery | ProfileMessagesQuery;

/** The messages of a page as they are read, nearest to its edge first. */
async function nearestFirst(query: WindowQuery, read: (asked: MessagesAsked) => Promise<MessageRecord[]>) {
  const { before, after } = windowOf(query);
  const window = after === undefined ? { before } : { after };
  const nearest = await read({ ...window, filter: toMessageFilter(query), limit: query.limit + 1 });
  const shown = nearest.slice(0, query.limit);
  const edge = shown.at(-1);
  const hasMore = nearest.length > query.limit && edge !== undefined;
  const nextCursor = hasMore ? encodeCursor([after === undefined ? 'before' : 'after', edge.id]) : null;
  return { shown, isForward: after !== undefined, nextCursor };
}

function windowOf(query: WindowQuery): { before?: string; after?: string } {
  const cursor = decodeCursor(query.cursor, [/^(before|after)$/, UUID]);
  if (cursor) return cursor[0] === 'after' ? { after: cursor[1]! } : { before: cursor[1]! };
  const { before, after } = query;
  if (before && after) {
    throw errors.validation({ fields: [{ path: 'after', message: 'must not be given together with before' }] });
  }
  return { before: before ?? undefined, after: after ?? undefined };
}
