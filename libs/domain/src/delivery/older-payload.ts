import type { LoggedEvent } from '#contracts';
import { messageOfEvent, messageView } from '../messaging/message-view.js';

/** What version 1 of the body carries of an event that the older product had in a form of its own; null for others. */
export function olderData(event: LoggedEvent): Record<string, unknown> | null {
  const { profileId } = event;
  switch (event.name) {
    case 'message.received': {
      const view = messageView(messageOfEvent(event)!);
      const { id, body, type, hasMedia, timestamp, conversationId } = view;
      return { profileId, id, from: view.senderJid, body, type, hasMedia, timestamp, conversationId };
    }
    case 'message.sent':
    case 'message.failed': {
      const { messageId, waMessageId, chatId, conversationId, reason } = event.payload;
      return { profileId, messageId, waMessageId, to: chatId, conversationId, ...(reason ? { error: reason } : {}) };
    }
    case 'message.delivered':
    case 'message.read':
      return { profileId, messageId: event.payload.waMessageId, status: event.payload.state };
    default:
      return null;
  }
}
