import { Injectable } from '@nestjs/common';
import { type Actor, type AuditAction, errors, type MessageParty, type ProfileId } from '#contracts';
import { Database, findGroupIds, findPartiesOf, type GroupRecord, listGroups, type Tx } from '#database';
import type { AddedMember, Address, CommunityGroup, JoinedGroup, MemberResult } from '#engine';
import { assertProfile } from '../messaging/message-history.js';
import { recordAudit } from '../platform/audit-trail.js';
import type { Once } from '../platform/once.js';
import { EngineGateway } from '../profiles/engine-gateway.js';
import { askedOfGroup, checkGroupTexts, type GroupName, type GroupRef, groupAt } from './at-group.js';

export interface CommunityDraft {
  name: string;
  description?: string;
  /** Members who are no admins may add groups to it. */
  membersMayAddGroups?: boolean;
  /** Makes a group "General" for everybody too. */
  generalGroup?: boolean;
}

/** A group of a community, with our id where it is known here. */
export interface CommunityGroupShown extends CommunityGroup {
  groupId: string | null;
}

/** A group that was made within a community, and what became of those who were to be in it. */
export interface CommunityGroupMade {
  group: GroupRecord;
  results: AddedMember[];
}

/**
 * Communities of profiles: a parent that nobody writes in, its announcement group, and groups linked to it. To WhatsApp a
 * community is a group too, so whatever `Groups` and `GroupAdmin` do for groups they do for a community by its id. As
 * there, WhatsApp's notifications bring what is stored up to date, and the audit trail says who asked.
 */
@Injectable()
export class Communities {
  constructor(
    private readonly db: Database,
    private readonly gateway: EngineGateway,
  ) {}

  /** Those that the account is in, newest first. @throws notFound */
  list(actor: Actor, profileId: ProfileId, page: { after?: string; limit: number }): Promise<GroupRecord[]> {
    return this.db.tenant(actor, async (tx) => {
      await assertProfile(tx, actor, profileId);
      return listGroups(tx, profileId, { ...page, kind: 'community' });
    });
  }

  /** @throws notFound, also for a group that is no community */
  get(actor: Actor, ref: GroupRef): Promise<GroupRecord> {
    return this.db.tenant(actor, (tx) => communityAt(tx, actor, ref));
  }

  /**
   * Makes a community with its announcement group.
   * @throws notFound, profileNotConnected, engineUnavailable, refusedByWhatsapp, whatsappRateLimited, validation
   */
  async create(
    actor: Actor,
    profileId: ProfileId,
    { name, description, ...rest }: CommunityDraft,
    once: Once<GroupRecord>,
  ): Promise<GroupRecord> {
    checkGroupTexts({ name, ...(description === undefined ? {} : { description }) });
    await this.db.tenant(actor, async (tx) => {
      await assertProfile(tx, actor, profileId);
      const resource = { type: 'group', id: null, name };
      await recordAudit(tx, actor, { action: 'community.create', resource, after: { name, ...rest } });
    });
    const wish = { subject: name, ...(description ? { description } : {}), ...rest };
    const made = await this.gateway.abilities(profileId).communities.create(wish);
    return this.db.tenant(actor, async (tx) => {
      const stored = await groupAt(tx, actor, { waId: made.id, profileId });
      await once(tx, stored);
      return stored;
    });
  }

  /** Name and description, as of a group, and who may add groups. @throws as `create` */
  async update(
    actor: Actor,
    ref: GroupRef,
    changes: { name?: string; description?: string | null; membersMayAddGroups?: boolean },
  ): Promise<GroupRecord> {
    checkGroupTexts(changes);
    const { name, description, membersMayAddGroups } = changes;
    const at = await this.asked(actor, ref, 'community.update', { ...changes });
    const { groups, communities } = this.gateway.abilities(at.profileId);
    if (name !== undefined) await groups.setSubject(at.waId, name);
    if (description !== undefined) await groups.setDescription(at.waId, description || null);
    if (membersMayAddGroups !== undefined) await communities.setMembersMayAddGroups(at.waId, membersMayAddGroups);
    return {
      ...at,
      subject: name ?? at.subject,
      description: description === undefined ? at.description : description || null,
      membersMayAddGroups: membersMayAddGroups ?? at.membersMayAddGroups,
    };
  }

  /** The announcement group and the linked groups, also those that the account is not in. @throws as `create` */
  async groups(actor: Actor, ref: GroupRef): Promise<CommunityGroupShown[]> {
    const { profileId, waId } = await this.get(actor, ref);
    const groups = await this.gateway.abilities(profileId).communities.groups(waId);
    const ids = await this.db.tenant(actor, (tx) =>
      findGroupIds(
        tx,
        profileId,
        groups.map(({ id }) => id),
      ),
    );
    return groups.map((group) => ({ ...group, groupId: ids.get(group.id) ?? null }));
  }

  /** Everybody who is in a group of the community. @throws as `create` */
  async members(actor: Actor, ref: GroupRef): Promise<MessageParty[]> {
    const { profileId, waId } = await this.get(actor, ref);
    const people = await this.gateway.abilities(profileId).communities.members(waId);
    return this.db.tenant(actor, (tx) => findPartiesOf(tx, actor.organizationId, profileId, people));
  }

  /** Makes a group within it; members who cannot be added are named in the results. @throws as `create` */
  async createGroup(
    actor: Actor,
    ref: GroupRef,
    { name, members }: { name: string; members: Address[] },
    once: Once<CommunityGroupMade>,
  ): Promise<CommunityGroupMade> {
    checkGroupTexts({ name });
    const at = await this.asked(actor, ref, 'community.create_group', { name, participants: members.length });
    const made = await this.ask(at).createGroup(at.waId, { subject: name, members });
    return this.db.tenant(actor, async (tx) => {
      const group = await groupAt(tx, actor, { waId: made.group.id, profileId: at.profileId });
      const result = { group, results: made.members };
      await once(tx, result);
      return result;
    });
  }

  /** Links a group that the account rules. @returns WhatsApp's id of the group @throws as `create` */
  async link(actor: Actor, ref: GroupRef, name: GroupName): Promise<string> {
    const { at, waId } = await this.askedWith(actor, ref, name, 'community.link');
    await this.ask(at).link(at.waId, waId);
    return waId;
  }

  /** The group stays for itself. @returns WhatsApp's id of the group @throws as `create` */
  async unlink(actor: Actor, ref: GroupRef, name: GroupName): Promise<string> {
    const { at, waId } = await this.askedWith(actor, ref, name, 'community.unlink');
    await this.ask(at).unlink(at.waId, waId);
    return waId;
  }

  /** Comes into a group of a community that the account is in. @throws as `create` */
  async joinGroup(actor: Actor, ref: GroupRef, name: GroupName): Promise<JoinedGroup> {
    const { at, waId } = await this.askedWith(actor, ref, name, 'community.join_group');
    return this.ask(at).joinGroup(at.waId, waId);
  }

  /** Removes people from the community and every group of it. @throws as `create` */
  async removeMembers(actor: Actor, ref: GroupRef, people: Address[]): Promise<MemberResult<Address>[]> {
    const at = await this.asked(actor, ref, 'community.remove_participant', { participants: people.length });
    return this.ask(at).removeMembers(at.waId, people);
  }

  /** Leaves the community and every group of it. @throws as `create` */
  async leave(actor: Actor, ref: GroupRef): Promise<GroupRecord> {
    const at = await this.asked(actor, ref, 'community.leave', {});
    await this.ask(at).leave(at.waId);
    return at;
  }

  /** Ends it: its announcement group goes with it, the other groups stay for themselves. @throws as `create` */
  async deactivate(actor: Actor, ref: GroupRef): Promise<GroupRecord> {
    const at = await this.asked(actor, ref, 'community.deactivate', {});
    await this.ask(at).deactivate(at.waId);
    return at;
  }

  private ask({ profileId }: GroupRecord) {
    return this.gateway.abilities(profileId).communities;
  }

  private asked(actor: Actor, ref: GroupRef, action: AuditAction, after: Record<string, unknown>) {
    return askedOfGroup(this.db, actor, ref, action, after, communityAt);
  }

  /** Something about a group of the community. By WhatsApp's id it may be one that the account is not in. */
  private askedWith(actor: Actor, ref: GroupRef, name: GroupName, action: AuditAction) {
    return this.db.tenant(actor, async (tx) => {
      const at = await communityAt(tx, actor, ref);
      const waId = 'waId' in name ? name.waId : (await groupAt(tx, actor, { ...name, profileId: at.profileId })).waId;
      const resource = { type: 'group', id: at.id, name: at.subject };
      await recordAudit(tx, actor, { action, resource, after: { groupJid: `${waId}@g.us` } });
      return { at, waId };
    });
  }
}

/** @throws errors.notFound, also for a group that is no community */
async function communityAt(tx: Tx, actor: Actor, ref: GroupRef): Promise<GroupRecord> {
  const group = await groupAt(tx, actor, ref);
  if (group.kind === 'community') return group;
  throw errors.notFound({ message: 'There is no such community.', details: { ...ref } });
}
