import {
  type Actor,
  type AuditAction,
  type ConversationChanges,
  type ConversationId,
  type EventPayloads,
  errors,
  eventActor,
  type NewEvent,
  type ProfileId,
} from '#contracts';
import {
  appendEvents,
  type ChatStateName,
  type ClearedUpTo,
  clearChats,
  type Database,
  findConversation,
  findLastMessageId,
  findStoredMessages,
  lockStoredConversation,
  removeChats,
  setChatState,
  type Tx,
} from '#database';
import { type ChatAddress, type ChatsAbility, type NewestMessage, parseChatJid, secondBefore, userChat } from '#engine';
import { type AuditRecord, recordAudit } from '../platform/audit-trail.js';
import type { EngineGateway } from '../profiles/engine-gateway.js';
import type { ConversationRecord, Conversations } from './conversations.js';
import { recordsOf } from './message-history.js';
import { newWaMessageId } from './wa-message-id.js';

type ConversationAction = Extract<AuditAction, `conversation.${string}`>;

/** What of a chat is asked for, and how it is kept here. */
interface Wish {
  action: ConversationAction;
  tell(chats: ChatsAbility, chat: ChatAddress, newest: NewestMessage | null): Promise<void>;
  name: ChatStateName;
  value: boolean | number | Date | null;
  changes: ConversationChanges;
}

/**
 * How chats stand: on WhatsApp first, so that the phone shows the same, then here. WhatsApp's own word of the change may
 * come before or after; whichever is first tells the event, and the audit trail says who asked. If the process dies
 * between the two, that word brings the change here.
 */
export class ConversationStates {
  constructor(
    private readonly db: Database,
    private readonly conversations: Conversations,
    private readonly gateway: EngineGateway,
  ) {}

  /** @throws notFound, profileNotConnected, engineUnavailable, refusedByWhatsapp */
  archive(actor: Actor, id: ConversationId, archived: boolean): Promise<ConversationRecord> {
    return this.set(actor, id, {
      tell: (chats, chat, newest) => chats.archive(chat, archived, newest),
      action: 'conversation.archive',
      name: 'isArchived',
      value: archived,
      changes: { archived },
    });
  }

  /** @throws as `archive` */
  pin(actor: Actor, id: ConversationId, pinned: boolean): Promise<ConversationRecord> {
    return this.set(actor, id, {
      tell: (chats, chat) => chats.pin(chat, pinned),
      action: 'conversation.pin',
      name: 'pinnedAt',
      value: pinned ? new Date() : null,
      changes: { pinned },
    });
  }

  /** Until a moment; null: not at all. @throws as `archive` */
  mute(actor: Actor, id: ConversationId, until: Date | null): Promise<ConversationRecord> {
    return this.set(actor, id, {
      tell: (chats, chat) => chats.mute(chat, until),
      action: 'conversation.mute',
      name: 'mutedUntil',
      value: until,
      changes: { mutedUntil: until?.toISOString() ?? null },
    });
  }

  /** Marks it by hand; its messages stay as they are. @throws as `archive` */
  markUnread(actor: Actor, id: ConversationId, unread: boolean): Promise<ConversationRecord> {
    return this.set(actor, id, {
      tell: (chats, chat, newest) => chats.markUnread(chat, unread, newest),
      action: 'conversation.mark',
      name: 'isMarkedUnread',
      value: unread,
      changes: { markedUnread: unread },
    });
  }

  /** After how many seconds new messages of a chat of two disappear; null: they stay. @throws as `archive`, notSupported */
  async setTimer(actor: Actor, id: ConversationId, seconds: number | null): Promise<ConversationRecord> {
    const { party, profileId, chat } = await this.conversations.get(actor, id);
    const groups = this.gateway.abilities(profileId as ProfileId).groups;
    return this.set(actor, id, {
      tell: (chats, to) => {
        if (party) return chats.setTimer(to, seconds, newWaMessageId());
        if (to.kind === 'group') return groups.setDisappearing(to.id, seconds);
        throw errors.notSupported({ message: `WhatsApp has no timer in a ${chat.kind}.` });
      },
      action: 'conversation.timer',
      name: 'disappearsInSeconds',
      value: seconds,
      changes: { disappearsInSeconds: seconds },
    });
  }

  /**
   * Removes the messages up to now from the account's devices; others keep theirs.
   * @throws as `archive`
   */
  async clear(actor: Actor, id: ConversationId, keepsStarred: boolean): Promise<ConversationRecord> {
    const { extent, of } = await this.tell(actor, id, (chats, chat, newest) => chats.clear(chat, keepsStarred, newest));
    await this.record(actor, of, { action: 'conversation.clear', after: { keepsStarred } }, async (tx, about) => {
      const changed = await clearChats(tx, [{ ...extent, keepsStarred }]);
      const payload = { ...about, upTo: extent.upTo.toISOString(), keepsStarred };
      return changed.length > 0 ? { name: 'conversation.cleared', payload } : null;
    });
    return this.conversations.get(actor, id);
  }

  /** Takes the chat out of the list; until a later message brings it back it is not found. @throws as `archive` */
  async remove(actor: Actor, id: ConversationId): Promise<void> {
    const { extent, of } = await this.tell(actor, id, (chats, chat, newest) => chats.remove(chat, newest));
    await this.record(actor, of, { action: 'conversation.delete' }, async (tx, about) => {
      const changed = await removeChats(tx, [extent]);
      return changed.length > 0
        ? { name: 'conversation.removed', payload: { ...about, upTo: extent.upTo.toISOString() } }
        : null;
    });
  }

  private async set(actor: Actor, id: ConversationId, wish: Wish): Promise<ConversationRecord> {
    const { of } = await this.tell(actor, id, wish.tell);
    await this.record(actor, of, { action: wish.action, after: { ...wish.changes } }, async (tx, about) => {
      const changed = await setChatState(tx, wish.name, [{ conversationId: id, value: wish.value }]);
      return changed.length > 0 ? { name: 'conversation.updated', payload: { ...about, changes: wish.changes } } : null;
    });
    return this.conversations.get(actor, id);
  }

  /** @returns the conversation, and how far it reaches: to the newest message that is stored, and what came before it */
  private async tell(
    actor: Actor,
    id: ConversationId,
    how: Wish['tell'],
  ): Promise<{ of: ConversationRecord; extent: ClearedUpTo }> {
    const of = await this.conversations.get(actor, id);
    const { profileId, party, chat } = of;
    const address = party ? userChat(party) : parseChatJid(chat.id)!;
    const { newest, lastId } = await this.db.tenant(actor, (tx) => newestIn(tx, actor, id));
    await how(this.gateway.abilities(profileId as ProfileId).chats, address, newest);
    const upTo = newest?.sentAt ?? secondBefore(new Date());
    return { of, extent: { conversationId: id, upTo, throughMessageId: lastId } };
  }

  private async record(
    actor: Actor,
    { id, chat, profileId }: ConversationRecord,
    audit: Pick<AuditRecord, 'action' | 'after'>,
    change: (
      tx: Tx,
      about: Pick<EventPayloads['conversation.cleared'], 'conversationId' | 'chat' | 'at'>,
    ) => Promise<Pick<NewEvent, 'name' | 'payload'> | null>,
  ): Promise<void> {
    await this.db.tenant(actor, async (tx) => {
      // WhatsApp's own word of its deletion may have come before.
      if (!(await lockStoredConversation(tx, actor.organizationId, id))) {
        throw errors.notFound({ details: { conversationId: id } });
      }
      const event = await change(tx, { conversationId: id, chat, at: new Date().toISOString() });
      await recordAudit(tx, actor, { ...audit, resource: { type: 'conversation', id, name: chat.name ?? chat.id } });
      if (!event) return;
      const base = { organizationId: actor.organizationId, profileId, conversationId: id, actor: eventActor(actor) };
      await appendEvents(tx, [{ ...base, ...event } as NewEvent]);
    });
  }
}

/** The newest message of a conversation as WhatsApp names it, and which is the last that is stored. */
async function newestIn(
  tx: Tx,
  actor: Actor,
  id: ConversationId,
): Promise<{ newest: NewestMessage | null; lastId: string | null }> {
  const row = await findConversation(tx, actor.organizationId, id);
  const ids = row?.lastMessageId ? [row.lastMessageId] : [];
  const [message] = await recordsOf(tx, await findStoredMessages(tx, actor.organizationId, ids));
  const lastId = await findLastMessageId(tx, id);
  if (!message) return { newest: null, lastId };
  const target = {
    waMessageId: message.waMessageId,
    fromMe: message.direction === 'outgoing',
    author: message.author && { phone: message.author.phone, lid: message.author.lid },
  };
  return { newest: { target, sentAt: message.sentAt }, lastId };
}
