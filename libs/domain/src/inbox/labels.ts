import {
  type Actor,
  type ConversationId,
  errors,
  eventActor,
  type MessageId,
  type NewEvent,
  type ProfileId,
} from '#contracts';
import {
  appendEvents,
  type Database,
  deleteOwnLabel,
  findLabel,
  findMessages,
  insertOwnLabel,
  type LabelShown,
  labelIdOf,
  linkLabel,
  listLabels,
  releaseLabelNumber,
  reserveLabelNumber,
  saveLabels,
  type Tx,
  unlinkLabel,
  updateOwnLabel,
} from '#database';
import { parseChatJid, userChat } from '#engine';
import type { Conversations } from '../messaging/conversations.js';
import { assertProfile } from '../messaging/message-history.js';
import { type AuditRecord, recordAudit } from '../platform/audit-trail.js';
import type { EngineGateway } from '../profiles/engine-gateway.js';
import { changeAtConversation } from './at-conversation.js';

/** Where a label is kept: in the WhatsApp Business account, whose phone shows it, or here alone. */
export type LabelHome = 'whatsapp' | 'waypost';

export interface LabelDraft {
  name: string;
  /** One of WhatsApp's colours, 0 to 19. */
  color: number;
}

/** What a label is put on: a chat, or a message in it. */
export interface LabelTarget {
  conversationId: ConversationId;
  messageId?: MessageId;
}

/**
 * Labels of chats and messages. Of a WhatsApp Business account they live on WhatsApp: told there first, so that the phone
 * shows the same, then kept here; WhatsApp's own word of a change may come before or after, and whichever is first tells
 * the event. All other labels live here alone.
 */
export class Labels {
  constructor(
    private readonly db: Database,
    private readonly conversations: Conversations,
    private readonly gateway: EngineGateway,
  ) {}

  /** By name. @throws notFound (profile) */
  list(actor: Actor, profileId: ProfileId): Promise<(LabelShown & { conversations: number })[]> {
    return this.db.tenant(actor, async (tx) => {
      await assertProfile(tx, actor, profileId);
      return listLabels(tx, actor.organizationId, profileId);
    });
  }

  /**
   * @param home absent: WhatsApp is asked whether the account is a business
   * @throws notFound, labelNameTaken; for one on WhatsApp notSupported, profileNotConnected, engineUnavailable
   */
  async create(actor: Actor, profileId: ProfileId, draft: LabelDraft, home?: LabelHome): Promise<LabelShown> {
    await this.db.tenant(actor, (tx) => assertProfile(tx, actor, profileId));
    const livesOn = home === 'waypost' ? home : await this.homeOf(profileId, home);
    const owner = { organizationId: actor.organizationId, profileId };
    if (livesOn === 'waypost') {
      return this.db.tenant(actor, async (tx) => {
        const id = await insertOwnLabel(tx, owner, draft);
        if (id === null) throw errors.labelNameTaken();
        const label = { id, profileId, waId: null, ...draft };
        await this.told(tx, actor, label, 'label.created', { action: 'label.create', after: { ...draft, livesOn } });
        return label;
      });
    }
    const waId = await this.takeNumber(actor, profileId);
    try {
      await this.gateway.abilities(profileId).labels.save(waId, draft);
    } catch (failure) {
      await this.db.tenant(actor, (tx) => releaseLabelNumber(tx, profileId, waId));
      throw failure;
    }
    return this.saved(actor, profileId, { waId, ...draft, isDeleted: false }, 'label.create');
  }

  /** What is undefined stays. @throws as `create` */
  async update(actor: Actor, id: string, changes: Partial<LabelDraft>): Promise<LabelShown> {
    const before = await this.get(actor, id);
    const draft = { name: changes.name ?? before.name, color: changes.color ?? before.color };
    const profileId = before.profileId as ProfileId;
    if (before.waId !== null) {
      await this.gateway.abilities(profileId).labels.save(before.waId, draft);
      return this.saved(actor, profileId, { waId: before.waId, ...draft, isDeleted: false }, 'label.update');
    }
    return this.db.tenant(actor, async (tx) => {
      const own = await found(tx, actor, id, 'update');
      if (!(await updateOwnLabel(tx, id, draft))) throw errors.labelNameTaken();
      const label = { ...own, ...draft };
      const { name, color } = own;
      await this.told(tx, actor, label, 'label.updated', {
        action: 'label.update',
        before: { name, color },
        after: draft,
      });
      return label;
    });
  }

  /** With everything that it is on. @throws as `create` */
  async remove(actor: Actor, id: string): Promise<void> {
    const { waId, profileId, name, color } = await this.get(actor, id);
    if (waId !== null) {
      await this.gateway.abilities(profileId as ProfileId).labels.remove(waId, { name, color });
      await this.saved(actor, profileId as ProfileId, { waId, name, color, isDeleted: true }, 'label.delete');
      return;
    }
    await this.db.tenant(actor, async (tx) => {
      const own = await found(tx, actor, id, 'update');
      await deleteOwnLabel(tx, id);
      await this.told(tx, actor, own, 'label.deleted', { action: 'label.delete', before: { name, color } });
    });
  }

  /** Puts it on a chat or a message, or takes it off. Repeating it changes nothing. @throws as `create` */
  async mark(actor: Actor, id: string, { conversationId, messageId }: LabelTarget, set: boolean): Promise<void> {
    const label = await this.get(actor, id);
    const conversation = await this.conversations.get(actor, conversationId);
    if (conversation.profileId !== label.profileId) {
      throw errors.notFound({
        message: 'The profile of the conversation has no such label.',
        details: { labelId: id },
      });
    }
    const waMessageId = messageId ? await this.waMessageIdOf(actor, conversationId, messageId) : '';
    if (label.waId !== null) {
      const { labels } = this.gateway.abilities(label.profileId as ProfileId);
      const { party, chat } = conversation;
      const address = party ? userChat(party) : parseChatJid(chat.id)!;
      if (waMessageId === '') await labels.setOnChat(label.waId, address, set);
      else await labels.setOnMessage(label.waId, address, waMessageId, set);
    }
    await changeAtConversation(this.db, actor, conversationId, async (tx) => {
      const { name } = await found(tx, actor, id);
      const link = { labelId: id, conversationId, waMessageId };
      const isNews = set ? await linkLabel(tx, actor.organizationId, link) : await unlinkLabel(tx, link);
      if (!isNews) return null;
      return {
        audit: { action: set ? 'label.attach' : 'label.detach', after: { labelId: id, name, messageId } },
        event: {
          name: set ? 'label.attached' : 'label.detached',
          payload: { labelId: id, name, waMessageId: waMessageId || null },
        },
      };
    });
  }

  private get(actor: Actor, id: string): Promise<LabelShown> {
    return this.db.tenant(actor, (tx) => found(tx, actor, id));
  }

  private async homeOf(profileId: ProfileId, wanted: LabelHome | undefined): Promise<LabelHome> {
    const { isBusiness } = await this.gateway.abilities(profileId).ownProfile.read();
    if (isBusiness) return 'whatsapp';
    if (wanted === undefined) return 'waypost';
    const message =
      'Only WhatsApp Business accounts have labels on WhatsApp, and this number has none. Make it with livesOn: waypost.';
    throw errors.notSupported({ message });
  }

  private async takeNumber(actor: Actor, profileId: ProfileId): Promise<string> {
    const owner = { organizationId: actor.organizationId, profileId };
    for (let tries = 0; tries < 5; tries++) {
      const waId = await this.db.tenant(actor, (tx) => reserveLabelNumber(tx, owner));
      if (waId !== null) return waId;
    }
    throw errors.engineUnavailable({ message: 'Many labels are being made at this moment.', retryAfterSeconds: 1 });
  }

  /** What WhatsApp was told, here: its own word of it may have come first. */
  private saved(
    actor: Actor,
    profileId: ProfileId,
    row: LabelDraft & { waId: string; isDeleted: boolean },
    action: 'label.create' | 'label.update' | 'label.delete',
  ): Promise<LabelShown> {
    return this.db.tenant(actor, async (tx) => {
      const owner = { organizationId: actor.organizationId, profileId };
      const [changed] = await saveLabels(tx, owner, [row]);
      const { waId, name, color } = row;
      const label = { id: await labelIdOf(tx, profileId, waId), profileId, waId, name, color };
      const audit = { action, after: { name, color, livesOn: 'whatsapp' } };
      await this.told(tx, actor, label, changed ? pastOf[action] : null, audit);
      return label;
    });
  }

  private async told(
    tx: Tx,
    actor: Actor,
    { id, profileId, waId, name, color }: LabelShown,
    event: 'label.created' | 'label.updated' | 'label.deleted' | null,
    audit: Pick<AuditRecord, 'action' | 'before' | 'after'>,
  ): Promise<void> {
    await recordAudit(tx, actor, { ...audit, resource: { type: 'label', id, name } });
    if (event === null) return;
    const payload = { labelId: id, waLabelId: waId, name, color };
    const { organizationId } = actor;
    await appendEvents(tx, [{ organizationId, profileId, name: event, actor: eventActor(actor), payload } as NewEvent]);
  }

  private async waMessageIdOf(actor: Actor, conversationId: ConversationId, messageId: MessageId): Promise<string> {
    const [row] = await this.db.tenant(actor, (tx) => findMessages(tx, actor.organizationId, [messageId]));
    if (row?.conversationId === conversationId) return row.waMessageId;
    throw errors.notFound({ message: 'The conversation has no such message.', details: { messageId } });
  }
}

const pastOf = {
  'label.create': 'label.created',
  'label.update': 'label.updated',
  'label.delete': 'label.deleted',
} as const;

async function found(tx: Tx, actor: Actor, id: string, lock?: 'update'): Promise<LabelShown> {
  const label = await findLabel(tx, actor.organizationId, id, lock);
  if (!label) throw errors.notFound({ message: 'There is no such label.', details: { labelId: id } });
  return label;
}
