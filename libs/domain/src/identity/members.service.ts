import { Injectable } from '@nestjs/common';
import {
  type Actor,
  type EventName,
  errors,
  type MemberChanged,
  type NewEvent,
  type RoleAssignmentId,
  type UserId,
} from '#contracts';
import {
  appendEvents,
  countOwners,
  Database,
  deleteAssignments,
  deleteMember,
  endSessionsOf,
  findAssignedRoles,
  findMember,
  insertAssignments,
  isPlatformAdmin,
  listAssignments,
  listMembers,
  lockOwners,
  type MemberRow,
  type RoleAssignmentRow,
  setMemberActive,
  type Tx,
} from '#database';
import { type AuditRecord, recordAudit } from '../platform/audit-trail.js';
import { assertHolds } from './granting.js';
import { organizationEvent } from './organization-event.js';
import { assertAdministeredWithout } from './platform-admins.service.js';
import { permissionsIn, permissionsOfRole, type Rights, rightsOfUser } from './rights.js';
import { knownSystemRole, resolveRole } from './role-names.js';
import { type AskedPlaces, placesOf, rightsAt } from './role-places.js';
import { endEvents } from './sessions.js';

/** A member with the roles that they have. */
export interface Member extends MemberRow {
  assignments: RoleAssignmentRow[];
}

/**
 * The people of an organization and what they may do. Every change waits for the others of its organization, so that an
 * owner remains whatever happens at once; and nobody changes a member who may do more than they do themselves. Changes
 * act with the next request and on open sockets at once.
 */
@Injectable()
export class Members {
  constructor(private readonly db: Database) {}

  /** Oldest first, `limit` members after `after`. */
  list(actor: Actor, page: { after?: string; limit: number }): Promise<Member[]> {
    return this.db.tenant(actor, async (tx) => {
      const { organizationId } = actor;
      return withRoles(tx, actor, await listMembers(tx, { organizationId, ...page }));
    });
  }

  /** @throws notFound */
  get(actor: Actor, id: UserId): Promise<Member> {
    return this.db.tenant(actor, (tx) => getMember(tx, actor, id));
  }

  /** @throws notEmpty when the organization has other members than the caller */
  async assertOnly(actor: Actor): Promise<void> {
    const { organizationId } = actor;
    const members = await this.db.tenant(actor, (tx) => listMembers(tx, { organizationId, limit: 2 }));
    if (members.length > 1) {
      throw errors.notEmpty({ message: 'The organization has other members. Remove them first.' });
    }
  }

  /** What the member may do, and where. @throws notFound */
  rights(actor: Actor, id: UserId): Promise<Rights> {
    return this.db.tenant(actor, async (tx) => {
      const member = await getMember(tx, actor, id);
      return rightsOfUser(member.assignments);
    });
  }

  /**
   * Gives a role in the whole organization in place of all that the member has.
   * @throws notFound, validation, lastOwner; forbidden when the caller does not hold what is given or taken
   */
  setRole(actor: Actor, id: UserId, role: string): Promise<Member> {
    return this.change(actor, id, async (tx, before) => {
      await this.give(tx, actor, id, role, {}, async () => {
        await deleteAssignments(tx, actor.organizationId, before.id);
      });
    });
  }

  /**
   * Gives a role in some places besides those that the member has, or in the whole organization in place of the one that
   * the member has there.
   * @throws notFound, validation, lastOwner; forbidden when the caller does not hold it there
   */
  assign(actor: Actor, id: UserId, role: string, places: AskedPlaces): Promise<Member> {
    return this.change(actor, id, async (tx, { assignments }) => {
      const isLimited = Boolean(places.workspaceIds?.length || places.profileIds?.length);
      const whole = isLimited ? [] : assignments.filter((each) => each.workspaceId === null && each.profileId === null);
      await this.give(tx, actor, id, role, places, async () => {
        const ids = whole.map((assignment) => assignment.id);
        await deleteAssignments(tx, actor.organizationId, id, ids);
      });
    });
  }

  /** Takes one assignment away, or all of them. @throws notFound, lastOwner, forbidden */
  unassign(actor: Actor, id: UserId, assignmentId?: RoleAssignmentId): Promise<Member> {
    return this.change(actor, id, async (tx) => {
      const ids = assignmentId === undefined ? undefined : [assignmentId];
      const count = await deleteAssignments(tx, actor.organizationId, id, ids);
      if (ids && count === 0) {
        throw errors.notFound({ message: 'The member has no such assignment.', details: { assignmentId } });
      }
    });
  }

  /** Ends the member's sessions and refuses keys, until they are made active again. @throws notFound, lastOwner, lastPlatformAdmin, forbidden */
  deactivate(actor: Actor, id: UserId): Promise<Member> {
    return this.db.tenant(actor, async (tx) => {
      const before = await this.lock(tx, actor, id);
      if (!before.isActive) return before;
      await setMemberActive(tx, actor.organizationId, id, false);
      await assertOwnerLeft(tx, actor);
      await assertAdministeredWithout(tx, id);
      const ended = await endSessionsOf(tx, id, { except: null }, 'revoked');
      await recordAudit(tx, actor, { action: 'user.deactivate', resource: resourceOf(before) });
      await appendEvents(tx, [
        ...endEvents({ organizationId: actor.organizationId, userId: id }, ended, 'revoked'),
        memberEvent(actor, 'member.deactivated', before),
      ]);
      return getMember(tx, actor, id);
    });
  }

  /** @throws notFound, forbidden */
  reactivate(actor: Actor, id: UserId): Promise<Member> {
    return this.db.tenant(actor, async (tx) => {
      const before = await this.lock(tx, actor, id);
      if (before.isActive) return before;
      await setMemberActive(tx, actor.organizationId, id, true);
      await recordAudit(tx, actor, { action: 'user.activate', resource: resourceOf(before) });
      await appendEvents(tx, [memberEvent(actor, 'member.reactivated', before)]);
      return getMember(tx, actor, id);
    });
  }

  /** Deletes the member with sessions, keys and roles; what they did stays. @throws notFound, lastOwner, lastPlatformAdmin, forbidden */
  async remove(actor: Actor, id: UserId): Promise<void> {
    await this.db.tenant(actor, async (tx) => {
      const before = await this.lock(tx, actor, id);
      await assertAdministeredWithout(tx, id);
      await deleteMember(tx, actor.organizationId, id);
      await assertOwnerLeft(tx, actor);
      await recordAudit(tx, actor, {
        action: 'user.remove',
        resource: resourceOf(before),
        before: { name: before.name, email: before.email, ...rolesOf(before) },
      });
      await appendEvents(tx, [memberEvent(actor, 'member.removed', before)]);
    });
  }

  /**
   * Makes another member owner in place of the caller, who becomes administrator.
   * @throws notFound; validation for oneself or a deactivated member; forbidden when the caller is no owner
   */
  async transferOwnership(actor: Actor, to: UserId): Promise<Member> {
    const { organizationId, userId } = actor;
    if (to === userId) {
      throw errors.validation({ fields: [{ path: 'userId', message: 'must be another member' }] });
    }
    return this.db.tenant(actor, async (tx) => {
      const next = await this.lock(tx, actor, to);
      if (!next.isActive) {
        throw errors.validation({ fields: [{ path: 'userId', message: 'must be a member who is not deactivated' }] });
      }
      const present = await getMember(tx, actor, userId);
      const own = present.assignments.find(isOwnership);
      if (!own) throw errors.forbidden({ message: 'Only an owner can hand the ownership on.' });
      await deleteAssignments(tx, organizationId, userId, [own.id]);
      await deleteAssignments(tx, organizationId, to);
      await insertAssignments(tx, organizationId, userId, knownSystemRole('admin').ref, placesOf({}));
      await insertAssignments(tx, organizationId, to, knownSystemRole('owner').ref, placesOf({}));
      await recordAudit(tx, actor, {
        action: 'org.transfer',
        resource: { type: 'organization', id: organizationId },
        before: { owner: userId },
        after: { owner: to },
      });
      await appendEvents(tx, [
        organizationEvent(actor, 'organization.ownership_transferred', { fromUserId: userId, toUserId: to }),
        memberEvent(actor, 'member.roles_changed', present),
        memberEvent(actor, 'member.roles_changed', next),
      ]);
      return getMember(tx, actor, to);
    });
  }

  /** A change of roles with everything around it. */
  private change(actor: Actor, id: UserId, work: (tx: Tx, before: Member) => Promise<void>): Promise<Member> {
    return this.db.tenant(actor, async (tx) => {
      const before = await this.lock(tx, actor, id);
      await work(tx, before);
      await assertOwnerLeft(tx, actor);
      const after = await getMember(tx, actor, id);
      const record = { before: rolesOf(before), after: rolesOf(after) };
      await recordAudit(tx, actor, { action: 'user.role_change', resource: resourceOf(after), ...record });
      await appendEvents(tx, [memberEvent(actor, 'member.roles_changed', after)]);
      return after;
    });
  }

  private async give(
    tx: Tx,
    actor: Actor,
    id: UserId,
    named: string,
    asked: AskedPlaces,
    before: () => Promise<void> = async () => {},
  ): Promise<void> {
    const { organizationId } = actor;
    const role = await resolveRole(tx, organizationId, named, 'role');
    const { given, profiles } = await rightsAt(tx, organizationId, role, asked);
    assertHolds(actor, given, profiles);
    await before();
    await insertAssignments(tx, organizationId, id, role.ref, placesOf(asked));
  }

  /** The member, whom nobody else changes until the end. @throws notFound; forbidden when they may do more than the actor */
  private async lock(tx: Tx, actor: Actor, id: UserId): Promise<Member> {
    await lockOwners(tx, actor.organizationId);
    const member = await getMember(tx, actor, id, 'lock');
    if (!actor.isPlatformAdmin && id !== actor.userId && (await isPlatformAdmin(tx, id))) {
      throw errors.forbidden({ message: 'You cannot change an administrator of the installation.' });
    }
    try {
      if (id !== actor.userId) assertHolds(actor, rightsOfUser(await findAssignedRoles(tx, id)));
    } catch (cause) {
      throw errors.forbidden({ message: 'You cannot change a member who may do more than you.', cause });
    }
    return member;
  }
}

/** @throws lastOwner when the change at hand would leave none */
async function assertOwnerLeft(tx: Tx, actor: Actor): Promise<void> {
  if ((await countOwners(tx, actor.organizationId)) === 0) throw errors.lastOwner();
}

async function getMember(tx: Tx, actor: Actor, id: UserId, lock?: 'lock'): Promise<Member> {
  const row = await findMember(tx, actor.organizationId, id, lock);
  if (!row) throw errors.notFound({ message: 'There is no such member.', details: { userId: id } });
  return (await withRoles(tx, actor, [row]))[0]!;
}

async function withRoles(tx: Tx, actor: Actor, rows: MemberRow[]): Promise<Member[]> {
  const assignments = await listAssignments(
    tx,
    actor.organizationId,
    rows.map(({ id }) => id),
  );
  return rows.map((row) => ({ ...row, assignments: assignments.filter(({ userId }) => userId === row.id) }));
}

function isOwnership({ systemRole, workspaceId, profileId }: RoleAssignmentRow): boolean {
  return systemRole === 'owner' && workspaceId === null && profileId === null;
}

/** The permissions that an assignment gives. */
export function permissionsOfAssignment(assignment: RoleAssignmentRow): readonly string[] {
  return permissionsIn(assignment, permissionsOfRole(assignment));
}

function resourceOf(member: MemberRow): AuditRecord['resource'] {
  return { type: 'user', id: member.id, name: member.email };
}

function rolesOf({ assignments }: Member) {
  return {
    roles: assignments.map(({ systemRole, roleName, workspaceId, profileId }) => ({
      role: systemRole ?? roleName,
      ...(workspaceId !== null && { workspaceId }),
      ...(profileId !== null && { profileId }),
    })),
  };
}

function memberEvent(actor: Actor, name: EventName & `member.${string}`, member: MemberRow): NewEvent {
  const payload: MemberChanged = { userId: member.id, name: member.name };
  return organizationEvent(actor, name, payload);
}
