import {
  type Actor,
  type EventPayloads,
  errors,
  eventActor,
  type MessageId,
  type NewEvent,
  type ProfileId,
} from '#contracts';
import { appendEvents, type Database, deleteMessagesForMe, findStoredMessages, starMessages, type Tx } from '#database';
import { type ChatAddress, type MessageTarget, parseChatJid, userChat } from '#engine';
import { type AuditRecord, recordAudit } from '../platform/audit-trail.js';
import type { EngineGateway } from '../profiles/engine-gateway.js';
import type { MessageHistory } from './message-history.js';
import type { MessageRecord } from './message-view.js';

/**
 * What the account's own devices keep of messages: stars, and whether they are there at all. On WhatsApp first, then
 * here, as with chats (conversation-states.ts).
 */
export class MessageMarks {
  constructor(
    private readonly db: Database,
    private readonly history: MessageHistory,
    private readonly gateway: EngineGateway,
  ) {}

  /** @throws notFound, profileNotConnected, engineUnavailable, refusedByWhatsapp */
  async star(actor: Actor, id: MessageId, starred: boolean): Promise<MessageRecord> {
    const message = await this.history.get(actor, id);
    await this.chats(message).star(chatOf(message), [targetOf(message)], starred);
    await this.record(actor, message, { action: 'message.star', after: { starred } }, async (tx, about) => {
      const changed = await starMessages(tx, [{ messageId: id, starred }]);
      return changed.length > 0 ? { name: 'message.starred', payload: { ...about, starred } } : null;
    });
    return this.history.get(actor, id);
  }

  /** Removes it from the account's own devices; others keep theirs. From then on it is not found. @throws as `star` */
  async deleteForMe(actor: Actor, id: MessageId): Promise<void> {
    const message = await this.history.get(actor, id);
    await this.chats(message).deleteForMe(chatOf(message), targetOf(message), message.sentAt);
    await this.record(actor, message, { action: 'message.delete' }, async (tx, about) => {
      const changed = await deleteMessagesForMe(tx, [{ messageId: id, at: new Date() }]);
      return changed.length > 0 ? { name: 'message.deleted_for_me', payload: about } : null;
    });
  }

  private chats({ profileId }: MessageRecord) {
    return this.gateway.abilities(profileId as ProfileId).chats;
  }

  private async record(
    actor: Actor,
    { id, waMessageId, conversationId, profileId, chat }: MessageRecord,
    audit: Pick<AuditRecord, 'action' | 'after'>,
    change: (tx: Tx, about: About) => Promise<Pick<NewEvent, 'name' | 'payload'> | null>,
  ): Promise<void> {
    const { organizationId } = actor;
    const at = new Date().toISOString();
    await this.db.tenant(actor, async (tx) => {
      // WhatsApp's own word of a deletion may have come before.
      if ((await findStoredMessages(tx, organizationId, [id])).length === 0) {
        throw errors.notFound({ message: 'There is no such message.', details: { messageId: id } });
      }
      const event = await change(tx, { conversationId, chat, at, messageId: id, waMessageId });
      await recordAudit(tx, actor, { ...audit, resource: { type: 'message', id } });
      const base = { organizationId, profileId, conversationId, actor: eventActor(actor) };
      if (event) await appendEvents(tx, [{ ...base, ...event } as NewEvent]);
    });
  }
}

type About = EventPayloads['message.deleted_for_me'];

const chatOf = ({ party, chat }: MessageRecord): ChatAddress => (party ? userChat(party) : parseChatJid(chat.id)!);

const targetOf = ({ waMessageId, direction, author }: MessageRecord): MessageTarget => ({
  waMessageId,
  fromMe: direction === 'outgoing',
  author: author && { phone: author.phone, lid: author.lid },
});
