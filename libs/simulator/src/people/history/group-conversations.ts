import { proto } from '../../baileys.js';
import type { ChatMessage } from '../chats/chat-message.js';
import type { Phone } from '../phone.js';

/** How many of the newest messages of each group a companion gets. */
const MESSAGES = 200;

/**
 * The chats of groups that a newly linked companion gets, with their newest messages as they are now. Groups have no
 * older history to ask for: what the phone does not show any more is gone.
 */
export function groupConversations(phone: Phone): proto.IConversation[] {
  const groups = phone.chats.list().filter(({ kind }) => kind === 'group');
  return groups.map(({ id, title, unread, disappearingSeconds, readOnly }) => {
    const lines = phone.chats.lines(id).filter(({ message }) => message);
    const newestAt = Math.floor((lines.at(-1)?.origin.at ?? 0) / 1000);
    const messages = lines.slice(-MESSAGES);
    return {
      id,
      name: title,
      unreadCount: unread,
      readOnly,
      ...(disappearingSeconds ? { ephemeralExpiration: disappearingSeconds } : {}),
      conversationTimestamp: newestAt,
      lastMsgTimestamp: newestAt,
      messages: messages
        .map((line, index) => ({ message: webMessage(phone, id, line), msgOrderId: index + 1 }))
        // History carries the newest message first.
        .reverse(),
      endOfHistoryTransfer: true,
      endOfHistoryTransferType:
        proto.Conversation.EndOfHistoryTransferType.COMPLETE_AND_NO_MORE_MESSAGE_REMAIN_ON_PRIMARY,
    };
  });
}

function webMessage(phone: Phone, group: string, line: ChatMessage): proto.IWebMessageInfo {
  const { id, fromMe, sender, at } = line.origin;
  const participant = phone.addressIn(group, sender);
  const { Status } = proto.WebMessageInfo;
  return {
    key: { remoteJid: group, fromMe, id, participant },
    participant,
    message: line.message,
    messageTimestamp: Math.floor(at / 1000),
    ...(fromMe ? { status: line.ticks === 'read' ? Status.READ : Status.DELIVERY_ACK } : {}),
  };
}
