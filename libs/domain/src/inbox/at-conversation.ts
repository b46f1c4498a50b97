import { type Actor, type ChatShown, type ConversationId, errors, eventActor, type NewEvent } from '#contracts';
import { appendEvents, type ConversationRow, type Database, lockConversation, type Tx } from '#database';
import { shownChats } from '../facts/place-chats.js';
import { type AuditRecord, recordAudit } from '../platform/audit-trail.js';

/** What is told of a change, and kept of it. */
export interface ToldChange {
  audit: Pick<AuditRecord, 'action' | 'before' | 'after'>;
  event: Pick<NewEvent, 'name'> & { payload: object };
}

/**
 * Changes something about a conversation under its lock, with audit entry and event in one transaction. Null from the
 * change: it was so already, and nothing is told.
 * @throws errors.notFound
 */
export async function changeAtConversation(
  db: Database,
  actor: Actor,
  id: ConversationId,
  change: (tx: Tx, conversation: ConversationRow) => Promise<ToldChange | null>,
): Promise<void> {
  await db.tenant(actor, async (tx) => {
    const conversation = await lockConversation(tx, actor.organizationId, id);
    if (!conversation)
      throw errors.notFound({ message: 'There is no such conversation.', details: { conversationId: id } });
    const told = await change(tx, conversation);
    if (!told) return;
    const { chat }: { chat: ChatShown } = (await shownChats(tx, [id]))(id);
    const resource = { type: 'conversation', id, name: chat.name ?? chat.id };
    await recordAudit(tx, actor, { ...told.audit, resource });
    const { organizationId, profileId } = conversation;
    const payload = { conversationId: id, chat, at: new Date().toISOString(), ...told.event.payload };
    const base = { organizationId, profileId, conversationId: id, actor: eventActor(actor) };
    await appendEvents(tx, [{ ...base, name: told.event.name, payload } as unknown as NewEvent]);
  });
}
