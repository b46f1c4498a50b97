import { Injectable } from '@nestjs/common';
import type { Actor, ProfileId } from '#contracts';
import { Database, type GroupRecord } from '#database';
import type { Address, GroupInfo, JoinedGroup, JoinRequest, MemberResult } from '#engine';
import { assertProfile } from '../messaging/message-history.js';
import { recordAudit } from '../platform/audit-trail.js';
import { EngineGateway } from '../profiles/engine-gateway.js';
import { askedOfGroup, type GroupRef, groupAt } from './at-group.js';

/** What is undefined stays. */
export interface GroupSettings {
  /** Only admins may write. */
  announceOnly?: boolean;
  /** Only admins may change name, picture and description. */
  locked?: boolean;
  /** Who may add people. */
  memberAddMode?: 'all' | 'admins';
  /** Admins approve who comes by the link. */
  joinApproval?: boolean;
  /** New messages disappear after so many seconds; null: they stay. */
  disappearsInSeconds?: number | null;
}

/**
 * What admins of groups do, and how one comes in by a link. All of it is asked of WhatsApp, whose notifications then bring
 * what is stored up to date; the audit trail says who asked.
 */
@Injectable()
export class GroupAdmin {
  constructor(
    private readonly db: Database,
    private readonly gateway: EngineGateway,
  ) {}

  /**
   * Changes settings one after the other, each a step of its own for WhatsApp: those before one that is refused stay.
   * @throws notFound, profileNotConnected, engineUnavailable, refusedByWhatsapp, whatsappRateLimited
   */
  async change(actor: Actor, ref: GroupRef, settings: GroupSettings): Promise<GroupRecord> {
    const group = await askedOfGroup(this.db, actor, ref, 'group.settings', { ...settings });
    const groups = this.ask(group);
    const { announceOnly, locked, memberAddMode, joinApproval, disappearsInSeconds } = settings;
    if (announceOnly !== undefined) await groups.setAnnounceOnly(group.waId, announceOnly);
    if (locked !== undefined) await groups.setLocked(group.waId, locked);
    if (memberAddMode !== undefined) await groups.setMemberAddMode(group.waId, memberAddMode);
    if (joinApproval !== undefined) await groups.setJoinApproval(group.waId, joinApproval);
    if (disappearsInSeconds !== undefined) await groups.setDisappearing(group.waId, disappearsInSeconds);
    return { ...group, ...definedOf(settings) };
  }

  /** Who waits to be let in. @throws as `change` */
  async joinRequests(actor: Actor, ref: GroupRef): Promise<JoinRequest[]> {
    const group = await this.db.tenant(actor, (tx) => groupAt(tx, actor, ref));
    return this.ask(group).joinRequests(group.waId);
  }

  /** @throws as `change` */
  async answerJoinRequests(
    actor: Actor,
    ref: GroupRef,
    people: Address[],
    answer: 'approve' | 'reject',
  ): Promise<MemberResult<Address>[]> {
    const action = answer === 'approve' ? 'group.join_approve' : 'group.join_reject';
    const group = await askedOfGroup(this.db, actor, ref, action, { participants: people.length });
    return this.ask(group).answerJoinRequests(group.waId, people, answer);
  }

  /** Where the picture is, for some hours; null when there is none. @throws as `change` */
  async picture(actor: Actor, ref: GroupRef): Promise<{ pictureId: string; url: string } | null> {
    const group = await this.db.tenant(actor, (tx) => groupAt(tx, actor, ref));
    return this.ask(group).picture(group.waId, 'full');
  }

  /** Any image; null takes it away. @throws as `change` */
  async setPicture(actor: Actor, ref: GroupRef, image: Uint8Array | null): Promise<{ pictureId: string | null }> {
    const group = await askedOfGroup(this.db, actor, ref, 'group.picture', { removed: image === null });
    if (image !== null) return this.ask(group).setPicture(group.waId, image);
    await this.ask(group).removePicture(group.waId);
    return { pictureId: null };
  }

  /** The group behind an invite code, without its members. Does not join it. @throws as `change` */
  async behindInvite(actor: Actor, profileId: ProfileId, code: string): Promise<GroupInfo> {
    await this.db.tenant(actor, (tx) => assertProfile(tx, actor, profileId));
    return this.gateway.abilities(profileId).groups.behindInviteCode(code);
  }

  /** @throws as `change` */
  async join(actor: Actor, profileId: ProfileId, code: string): Promise<JoinedGroup> {
    await this.db.tenant(actor, async (tx) => {
      await assertProfile(tx, actor, profileId);
      await recordAudit(tx, actor, {
        action: 'group.join',
        resource: { type: 'group', id: null },
        after: { profileId },
      });
    });
    return this.gateway.abilities(profileId).groups.join(code);
  }

  private ask({ profileId }: GroupRecord) {
    return this.gateway.abilities(profileId).groups;
  }
}

function definedOf(settings: GroupSettings): Partial<GroupRecord> {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}
