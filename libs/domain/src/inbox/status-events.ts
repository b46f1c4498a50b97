import type { ConversationStatus, ConversationStatusChanged, EventActor, NewEvent } from '#contracts';
import type { Tx } from '#database';
import { shownChats } from '../facts/place-chats.js';

/** A conversation that has another status now. */
export interface StatusChange {
  organizationId: string;
  profileId: string;
  conversationId: string;
  status: ConversationStatus;
  previousStatus: ConversationStatus;
  snoozedUntil: Date | null;
}

/** What is told of conversations that were opened, snoozed or closed, in the transaction that did it. */
export async function statusEvents(
  tx: Tx,
  changes: StatusChange[],
  because: ConversationStatusChanged['because'],
  actor: EventActor,
): Promise<NewEvent[]> {
  if (changes.length === 0) return [];
  const shown = await shownChats(
    tx,
    changes.map(({ conversationId }) => conversationId),
  );
  const at = new Date().toISOString();
  return changes.map(
    ({ organizationId, profileId, conversationId, status, previousStatus, snoozedUntil }): NewEvent => {
      const { chat } = shown(conversationId);
      const until = snoozedUntil?.toISOString() ?? null;
      const payload = { conversationId, chat, at, status, previousStatus, snoozedUntil: until, because };
      return {
        organizationId,
        profileId,
        conversationId,
        name: 'conversation.status_changed',
        actor,
        payload,
      } as NewEvent;
    },
  );
}
