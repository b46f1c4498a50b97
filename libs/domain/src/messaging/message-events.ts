import type { DeliveryState, EventActor, EventName, EventPayloads, NewEvent } from '#contracts';
import type { ConversationMerge, MovedMessage } from '#database';
import { chatShown } from './chat-shown.js';

/** Which event tells of which state. */
const eventOf = {
  sent: 'message.sent',
  delivered: 'message.delivered',
  read: 'message.read',
  played: 'message.played',
  failed: 'message.failed',
  cancelled: 'message.cancelled',
  expired: 'message.expired',
  unknown: 'message.unknown',
} as const satisfies Partial<Record<DeliveryState, EventName>>;

/** The events of messages that moved, in their order. States that nobody is told of (sending) have none. */
export function movedEvents(moved: MovedMessage[], actor: EventActor): NewEvent[] {
  return moved.flatMap((message) => {
    if (message.action) return actionChanged(message, actor);
    const name = eventOf[message.state as keyof typeof eventOf];
    if (name === undefined) return [];
    const { messageId, waMessageId, conversationId, state, previousState, reason, batchId } = message;
    return {
      organizationId: message.organizationId,
      profileId: message.profileId,
      conversationId,
      name,
      actor,
      payload: {
        messageId,
        waMessageId,
        conversationId,
        chatId: chatShown(message).id,
        state,
        previousState,
        reason,
        batchId,
      } satisfies EventPayloads['message.sent'],
    };
  });
}

/** How an action can end. What receipts tell of it afterwards is of no interest to anybody. */
const actionEnds: readonly DeliveryState[] = ['sent', 'failed', 'cancelled', 'expired', 'unknown'];

function actionChanged(message: MovedMessage, actor: EventActor): NewEvent[] {
  const { messageId, waMessageId, conversationId, state, previousState, reason, action } = message;
  if (!actionEnds.includes(state)) return [];
  return [
    {
      organizationId: message.organizationId,
      profileId: message.profileId,
      conversationId,
      name: 'action.changed',
      actor,
      payload: {
        actionId: messageId,
        waMessageId,
        conversationId,
        chatId: chatShown(message).id,
        messageId: action!.targetMessageId,
        action: action!.does,
        state,
        previousState,
        reason,
      },
    },
  ];
}

/** The events of conversations that turned out to be with one person. */
export function mergeEvents(merges: ConversationMerge[]): NewEvent[] {
  return merges.map(({ organizationId, profileId, personId, conversationId, mergedConversationId }) => ({
    organizationId,
    profileId,
    conversationId,
    name: 'conversation.merged',
    actor: { kind: 'whatsapp' },
    payload: { conversationId, mergedConversationId, personId },
  }));
}
