import { importPercent, type LoggedEvent, type ServerToClient } from '#contracts';
import { messageOfEvent, messageView } from '#domain';

/** One message to a client: its name and what it carries. */
export type RealtimeMessage = {
  [Name in keyof ServerToClient]: { name: Name; payload: Parameters<ServerToClient[Name]>[0] };
}[keyof ServerToClient];

/** `message.type` by event. The first is the older product's; it tells of no others. */
const messageTypes = {
  'message.received': 'message:received',
  'message.sent_from_phone': 'message:sent',
  'message.queued': 'message:queued',
} as const;

/**
 * What clients are told of an event, or null when it is only in the raw log. QR codes are not here, because the log does
 * not hold them.
 */
export function realtimeMessage(event: LoggedEvent): RealtimeMessage | null {
  const { seq } = event;
  const profileId = event.profileId!;
  const record = messageOfEvent(event);
  if (record !== null) {
    const { conversationId: id, chat, party } = record;
    const type = messageTypes[event.name as keyof typeof messageTypes];
    const { phone, lid, name } = party ?? { phone: null, lid: null, name: chat.name };
    const conversation = { id, profileId, chatId: chat.id, type: chat.kind, phone, lid, name };
    return { name: 'message', payload: { type, message: messageView(record), conversation, profileId, seq } };
  }
  switch (event.name) {
    case 'message.sent':
    case 'message.delivered':
    case 'message.read':
    case 'message.played':
    case 'message.failed':
    case 'message.cancelled':
    case 'message.expired':
    case 'message.unknown': {
      const { messageId, waMessageId, state: status, reason } = event.payload;
      return { name: 'message:ack', payload: { profileId, messageId, waMessageId, status, reason, seq } };
    }
    // Something about a message that is there already is another thing now: clients fetch it again.
    case 'message.completed':
    case 'message.media_stored':
    case 'message.reacted':
    case 'message.edited':
    case 'message.revoked':
    case 'message.pinned':
    case 'message.kept':
    case 'poll.voted':
    case 'event.responded': {
      const { messageId, conversationId } = event.payload;
      const message = { id: messageId, conversationId };
      const conversation = { id: conversationId };
      return { name: 'message', payload: { type: 'message:updated', message, conversation, profileId, seq } };
    }
    case 'connection.changed': {
      const { state: status, code, sentence: message, userAction: action, phoneNumber } = event.payload;
      return { name: 'connection:status', payload: { profileId, status, code, message, action, phoneNumber, seq } };
    }
    case 'import.queued':
    case 'import.progress':
    case 'import.completed':
    case 'import.failed':
    case 'import.cancelled': {
      const { payload: about } = event;
      return { name: 'import:progress', payload: { profileId, ...about, progress: importPercent(about), seq } };
    }
    case 'broadcast.progressed':
    case 'broadcast.completed':
      return { name: 'broadcast:progress', payload: { profileId, ...event.payload, seq } };
    case 'data_export.requested':
    case 'data_export.progressed':
    case 'data_export.completed':
    case 'data_export.failed':
      return { name: 'export:progress', payload: { ...event.payload, seq } };
    default:
      return null;
  }
}
