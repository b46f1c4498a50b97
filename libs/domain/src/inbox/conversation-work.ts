import { type Actor, type ConversationId, type ConversationStatus, errors, newId, type UserId } from '#contracts';
import {
  type AssignmentRow,
  assignConversation,
  type Database,
  findConversation,
  listConversationAssignments,
  setConversationStatus,
} from '#database';
import { changeAtConversation } from './at-conversation.js';
import { memberWith } from './member-access.js';

export interface StatusWish {
  status: ConversationStatus;
  /** Of a snoozed one: when it opens by itself. */
  snoozedUntil?: Date;
  /** Whether the next message of the other party opens it. */
  reopens?: boolean;
}

/** Who works on a conversation, and whether it is done. WhatsApp knows nothing of it. */
export class ConversationWork {
  constructor(private readonly db: Database) {}

  /**
   * Gives it to a member who may read conversations of the profile; null: to nobody. Giving it to who has it changes
   * nothing.
   * @throws notFound, validation
   */
  async assign(actor: Actor, id: ConversationId, userId: UserId | null): Promise<void> {
    await changeAtConversation(this.db, actor, id, async (tx, conversation) => {
      const previousUserId = conversation.assignedUserId;
      if (previousUserId === userId) return null;
      const member = userId && (await memberWith(tx, conversation, userId, 'conversations.read', 'userId'));
      const given = { id: newId<string>(), conversationId: id, userId, by: actor.userId };
      await assignConversation(tx, conversation, given);
      const assignee = member ? { userId: member.id, name: member.name } : null;
      return {
        audit: { action: 'conversation.assign', before: { userId: previousUserId }, after: { userId } },
        event: { name: 'conversation.assigned', payload: { assignee, previousUserId } },
      };
    });
  }

  /** Who had it, newest first. @throws notFound */
  assignments(actor: Actor, id: ConversationId, page: { before?: string; limit: number }): Promise<AssignmentRow[]> {
    return this.db.tenant(actor, async (tx) => {
      if (!(await findConversation(tx, actor.organizationId, id))) {
        throw errors.notFound({ message: 'There is no such conversation.', details: { conversationId: id } });
      }
      return listConversationAssignments(tx, actor.organizationId, id, page);
    });
  }

  /** Opens, snoozes or closes it. @throws notFound; validation when a snooze has no end that lies ahead */
  async setStatus(
    actor: Actor,
    id: ConversationId,
    { status, snoozedUntil, reopens = true }: StatusWish,
  ): Promise<void> {
    if ((status === 'snoozed') !== (snoozedUntil !== undefined)) {
      const message = 'must be given for the status snoozed, and for no other';
      throw errors.validation({ fields: [{ path: 'snoozedUntil', message }] });
    }
    if (snoozedUntil && snoozedUntil <= new Date()) {
      throw errors.validation({ fields: [{ path: 'snoozedUntil', message: 'must lie ahead' }] });
    }
    const until = snoozedUntil ?? null;
    await changeAtConversation(this.db, actor, id, async (tx, before) => {
      const isSame = before.status === status && before.snoozedUntil?.getTime() === snoozedUntil?.getTime();
      if (isSame && before.reopens === reopens) return null;
      await setConversationStatus(tx, id, { status, snoozedUntil: until, reopens });
      const payload = { status, previousStatus: before.status, snoozedUntil: until?.toISOString() ?? null };
      return {
        audit: {
          action: 'conversation.status',
          before: { status: before.status, reopens: before.reopens },
          after: { status, reopens, ...(until && { snoozedUntil: until.toISOString() }) },
        },
        event: { name: 'conversation.status_changed', payload: { ...payload, because: 'asked' } },
      };
    });
  }
}
