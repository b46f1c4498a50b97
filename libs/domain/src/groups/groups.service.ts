import { Injectable } from '@nestjs/common';
import type { Actor, AuditAction, ProfileId } from '#contracts';
import { Database, type GroupMemberRecord, type GroupRecord, listGroupMembers, listGroups } from '#database';
import type { AddedMember, Address, MemberResult } from '#engine';
import { assertProfile } from '../messaging/message-history.js';
import { recordAudit } from '../platform/audit-trail.js';
import type { Once } from '../platform/once.js';
import { EngineGateway } from '../profiles/engine-gateway.js';
import { askedOfGroup, checkGroupTexts, type GroupRef, groupAt } from './at-group.js';

export interface GroupDetails {
  group: GroupRecord;
  /** Null while they are not all known: the next look asks WhatsApp. */
  members: GroupMemberRecord[] | null;
}

export interface GroupDraft {
  name: string;
  description?: string;
  members: Address[];
}

export type MemberAction = 'add' | 'remove' | 'promote' | 'demote';

/** What became of one member; invitations come only with additions. */
export type MemberOutcome = MemberResult<Address> & Partial<Pick<AddedMember, 'invitation' | 'awaitsApproval'>>;

const audited: Record<MemberAction, AuditAction> = {
  add: 'group.add_participant',
  remove: 'group.remove_participant',
  promote: 'group.promote',
  demote: 'group.demote',
};

/**
 * Groups of profiles. Read from what the engine has stored of them; changed by asking WhatsApp, whose notifications then
 * bring what is stored up to date. The audit trail says who asked; what came of it is in the event log.
 */
@Injectable()
export class Groups {
  constructor(
    private readonly db: Database,
    private readonly gateway: EngineGateway,
  ) {}

  /** Those that the account is in, newest first. @throws notFound */
  list(actor: Actor, profileId: ProfileId, page: { after?: string; limit: number }): Promise<GroupRecord[]> {
    return this.db.tenant(actor, async (tx) => {
      await assertProfile(tx, actor, profileId);
      return listGroups(tx, profileId, page);
    });
  }

  /** @throws notFound; what the gateway throws when its members are not known and WhatsApp has to be asked */
  async get(actor: Actor, ref: GroupRef): Promise<GroupDetails> {
    const group = await this.db.tenant(actor, (tx) => groupAt(tx, actor, ref));
    if (group.ownRole && !group.membersKnown) await this.ask(group).get(group.waId);
    return this.db.tenant(actor, async (tx) => {
      const now = await groupAt(tx, actor, ref);
      return { group: now, members: now.membersKnown ? await listGroupMembers(tx, now.id) : null };
    });
  }

  /**
   * Makes a group. Members who cannot be added are named in the results.
   * @throws notFound, profileNotConnected, engineUnavailable, refusedByWhatsapp, whatsappRateLimited, validation
   */
  async create(
    actor: Actor,
    profileId: ProfileId,
    { name, description, members }: GroupDraft,
    once: Once<{ details: GroupDetails; results: AddedMember[] }>,
  ): Promise<{ details: GroupDetails; results: AddedMember[] }> {
    checkGroupTexts({ name, description });
    await this.db.tenant(actor, async (tx) => {
      await assertProfile(tx, actor, profileId);
      const after = { name, participants: members.length };
      await recordAudit(tx, actor, { action: 'group.create', resource: { type: 'group', id: null, name }, after });
    });
    const { groups } = this.gateway.abilities(profileId);
    const made = await groups.create({ subject: name, members });
    // A step of its own for WhatsApp, too.
    if (description) await groups.setDescription(made.group.id, description);
    return this.db.tenant(actor, async (tx) => {
      const group = await groupAt(tx, actor, { waId: made.group.id, profileId });
      const details = {
        group: { ...group, description: description ?? null },
        members: await listGroupMembers(tx, group.id),
      };
      const result = { details, results: made.members };
      await once(tx, result);
      return result;
    });
  }

  /** @throws as `create` */
  async update(
    actor: Actor,
    ref: GroupRef,
    changes: { name?: string; description?: string | null },
  ): Promise<GroupRecord> {
    checkGroupTexts(changes);
    const { name, description } = changes;
    const group = await askedOfGroup(this.db, actor, ref, 'group.update', { ...changes });
    const groups = this.ask(group);
    if (name !== undefined) await groups.setSubject(group.waId, name);
    if (description !== undefined) await groups.setDescription(group.waId, description || null);
    return {
      ...group,
      subject: name ?? group.subject,
      description: description === undefined ? group.description : description || null,
    };
  }

  /** @throws as `create` */
  async changeMembers(actor: Actor, ref: GroupRef, action: MemberAction, people: Address[]): Promise<MemberOutcome[]> {
    const group = await askedOfGroup(this.db, actor, ref, audited[action], { participants: people.length });
    const groups = this.ask(group);
    switch (action) {
      case 'add':
        return groups.addMembers(group.waId, people);
      case 'remove':
        return groups.removeMembers(group.waId, people);
      case 'promote':
        return groups.promote(group.waId, people);
      case 'demote':
        return groups.demote(group.waId, people);
    }
  }

  /** @throws as `create` */
  async leave(actor: Actor, ref: GroupRef): Promise<GroupRecord> {
    const group = await askedOfGroup(this.db, actor, ref, 'group.leave', {});
    await this.ask(group).leave(group.waId);
    return group;
  }

  /** The link by which anybody can come in. @throws as `create` */
  async inviteLink(actor: Actor, ref: GroupRef): Promise<string> {
    const group = await askedOfGroup(this.db, actor, ref, 'group.invite_link', {});
    return linkOf(await this.ask(group).inviteCode(group.waId));
  }

  /** Ends the old link; answers with the new one. @throws as `create` */
  async replaceInviteLink(actor: Actor, ref: GroupRef): Promise<string> {
    const group = await askedOfGroup(this.db, actor, ref, 'group.invite_revoke', {});
    return linkOf(await this.ask(group).revokeInviteCode(group.waId));
  }

  private ask({ profileId }: GroupRecord) {
    return this.gateway.abilities(profileId).groups;
  }
}

const linkOf = (code: string): string => `https://chat.whatsapp.com/${code}`;
