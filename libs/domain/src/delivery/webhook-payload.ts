import { eventCatalogue, type LoggedEvent } from '#contracts';
import { messageOfEvent, messageView } from '../messaging/message-view.js';

/**
 * The body of a webhook call. Readers of Standard Webhooks take `type`, `timestamp` and `data`; clients of the older
 * product `event`, `timestamp`, `profileId` and `data`.
 */
export interface WebhookBody {
  type: string;
  /** When it happened, ISO 8601. */
  timestamp: string;
  data: Record<string, unknown>;
  event: string;
  profileId: string | null;
}

/**
 * What a webhook is told of an event. Pure: made from the event alone, so that every repeat carries the same body and
 * the signature stays verifiable.
 * @param type the name under which the webhook asked for it
 */
export function webhookBody(
  event: LoggedEvent,
  type: string = eventCatalogue[event.name].webhook ?? event.name,
): WebhookBody {
  return {
    type,
    timestamp: event.occurredAt.toISOString(),
    data: dataOf(event),
    event: type,
    profileId: event.profileId,
  };
}

function dataOf(event: LoggedEvent): Record<string, unknown> {
  const message = messageOfEvent(event);
  if (message !== null) return messageData(message);
  const { profileId } = event;
  switch (event.name) {
    case 'message.sent':
    case 'message.delivered':
    case 'message.read':
    case 'message.played':
    case 'message.failed':
    case 'message.cancelled':
    case 'message.expired':
    case 'message.unknown': {
      const { messageId, waMessageId, conversationId, chatId, state, previousState, reason, batchId } = event.payload;
      return {
        profileId,
        id: messageId,
        messageId,
        waMessageId,
        conversationId,
        chatId,
        to: chatId,
        status: state,
        previousStatus: previousState,
        error: reason,
        batchId,
      };
    }
    case 'connection.changed': {
      const { state, code, sentence, userAction, phoneNumber } = event.payload;
      return { profileId, status: state, code, message: sentence, action: userAction, phoneNumber, phone: phoneNumber };
    }
    case 'profile.linked':
      return { profileId, ...event.payload, phone: event.payload.phoneNumber };
    default:
      return { profileId, ...event.payload };
  }
}

/**
 * A message as sockets and answers show it, under the names of the older product's webhooks as well: there `from` and
 * `to` are addresses (`from` of who wrote it, also in a group) and `messageId` is our id. Who the person is, is in
 * `contact`.
 */
function messageData(record: NonNullable<ReturnType<typeof messageOfEvent>>): Record<string, unknown> {
  const view = messageView(record);
  const { chat, party, author } = record;
  return {
    ...view,
    messageId: view.id,
    from: view.fromMe ? null : view.senderJid,
    to: view.fromMe ? view.chatId : null,
    phone: (party ?? author)?.phone ?? null,
    lid: (party ?? author)?.lid ?? null,
    contact: party ?? author,
    groupName: chat.kind === 'group' ? chat.name : null,
    senderName: author?.name ?? null,
    text: view.body,
  };
}
