import { Injectable } from '@nestjs/common';
import { type Actor, errors, type MessageId, type ProfileId } from '#contracts';
import { Database, findMessages, type Tx } from '#database';
import type { Address, GroupInfo, GroupInvitation, JoinedGroup } from '#engine';
import { assertProfile, recordsOf } from '../messaging/message-history.js';
import type { MessageRecord } from '../messaging/message-view.js';
import { recordAudit } from '../platform/audit-trail.js';
import { EngineGateway } from '../profiles/engine-gateway.js';
import { askedOfGroup, type GroupRef } from './at-group.js';

/**
 * Invitations to groups that go to one person as a message: those that came are looked at and accepted by the message, those
 * that went out are taken back. Asked of WhatsApp, as everything about groups.
 */
@Injectable()
export class GroupInvitations {
  constructor(
    private readonly db: Database,
    private readonly gateway: EngineGateway,
  ) {}

  /**
   * The group that the invitation in a message leads to, without its members.
   * @throws notFound, validation for a message that is none; profileNotConnected, engineUnavailable, refusedByWhatsapp
   */
  async behind(actor: Actor, messageId: MessageId): Promise<GroupInfo> {
    const { profileId, invitation } = await this.db.tenant(actor, (tx) => invitationIn(tx, actor, messageId));
    return this.gateway.abilities(profileId).groups.behindInvitation(invitation);
  }

  /** @throws as `behind` */
  async accept(actor: Actor, messageId: MessageId): Promise<JoinedGroup> {
    const { profileId, invitation } = await this.db.tenant(actor, async (tx) => {
      const found = await invitationIn(tx, actor, messageId);
      const resource = { type: 'group', id: null, name: found.groupName };
      await recordAudit(tx, actor, {
        action: 'group.join',
        resource,
        after: { profileId: found.profileId, messageId },
      });
      return found;
    });
    return this.gateway.abilities(profileId).groups.acceptInvitation(invitation);
  }

  /** Those that were sent to these people end. @throws notFound, and what WhatsApp refuses */
  async revoke(actor: Actor, ref: GroupRef, people: Address[]): Promise<void> {
    const after = { participants: people.length };
    const { profileId, waId } = await askedOfGroup(this.db, actor, ref, 'group.invitation_revoke', after);
    await this.gateway.abilities(profileId).groups.revokeInvitations(waId, people);
  }

  /** Takes the account's own wish to be let in back. @throws notFound (profile), and what WhatsApp refuses */
  async cancelOwnRequest(actor: Actor, profileId: ProfileId, waId: string): Promise<void> {
    await this.db.tenant(actor, async (tx) => {
      await assertProfile(tx, actor, profileId);
      const after = { profileId, groupJid: `${waId}@g.us` };
      await recordAudit(tx, actor, { action: 'group.join_cancel', resource: { type: 'group', id: null }, after });
    });
    await this.gateway.abilities(profileId).groups.cancelJoinRequest(waId);
  }

  /** The line under the account's own name in a group; null takes it away. @throws as `revoke` */
  async setOwnTag(actor: Actor, ref: GroupRef, tag: string | null): Promise<void> {
    const { profileId, waId } = await askedOfGroup(this.db, actor, ref, 'group.own_tag', { tag });
    await this.gateway.abilities(profileId).groups.setOwnTag(waId, tag);
  }
}

interface FoundInvitation {
  profileId: ProfileId;
  groupName: string;
  invitation: GroupInvitation;
}

async function invitationIn(tx: Tx, actor: Actor, messageId: MessageId): Promise<FoundInvitation> {
  const [message] = await recordsOf(tx, await findMessages(tx, actor.organizationId, [messageId]));
  if (!message) throw errors.notFound({ message: 'There is no such message.', details: { messageId } });
  const from = senderOf(message);
  const { content, profileId } = message;
  if (content.kind !== 'group_invite' || !from) {
    throw errors.validation({
      fields: [{ path: 'messageId', message: 'must be a message with an invitation to a group that came in' }],
    });
  }
  const expiresAt = content.expiresAt ? new Date(content.expiresAt) : null;
  const invitation = { groupId: content.groupId, code: content.code, expiresAt, from };
  return { profileId: profileId as ProfileId, groupName: content.groupName, invitation };
}

/** Who sent it; null when we did. */
function senderOf({ direction, author }: MessageRecord): Address | null {
  return direction === 'incoming' && author ? { phone: author.phone, lid: author.lid } : null;
}
