import type { OrganizationId, ProfileId, RoleAssignmentId, RoleId, SystemRole, UserId, WorkspaceId } from '#contracts';
import type { Tx } from '../transaction.js';

/** A role as it is read with a credential: what it holds, and where. */
export interface AssignedRole {
  /** Null for a role of the organization's own. */
  systemRole: string | null;
  /** Of the organization's own role; null for a system role, whose permissions are in the catalogue. */
  permissions: string[] | null;
  /** The only workspace or profile in which it holds; null for both: the whole organization. */
  workspaceId: WorkspaceId | null;
  profileId: ProfileId | null;
}

/** SQL for the roles of a user as JSON, for the select list of a query that finds users. */
export function assignedRoles(userId: string): string {
  return `(select coalesce(json_agg(json_build_object('systemRole', a.system_role, 'permissions', r.permissions,
             'workspaceId', a.workspace_id, 'profileId', a.profile_id)), '[]')
             from role_assignments a left join roles r on r.id = a.role_id where a.user_id = ${userId})`;
}

/** What a user's roles hold, and where. */
export async function findAssignedRoles(tx: Tx, userId: UserId): Promise<AssignedRole[]> {
  const [row] = await tx.query<{ roles: AssignedRole[] }>(`select ${assignedRoles('$1')} as roles`, [userId]);
  return row!.roles;
}

/** SQL for the name of the role by which people know a user: the widest and oldest; null when there is none. */
export function mainRole(userId: string): string {
  return `(select coalesce(a.system_role, r.name)
             from role_assignments a left join roles r on r.id = a.role_id where a.user_id = ${userId}
            order by num_nonnulls(a.workspace_id, a.profile_id), a.created_at, a.id limit 1)`;
}

/** Which role: one of the system's, or one of the organization's own. */
export type RoleRef = { systemRole: SystemRole; roleId: null } | { systemRole: null; roleId: RoleId };

/** Where a role holds. Both null: in the whole organization. */
export interface RolePlace {
  workspaceId: WorkspaceId | null;
  profileId: ProfileId | null;
}

export interface RoleAssignmentRow extends RolePlace {
  id: RoleAssignmentId;
  userId: UserId;
  systemRole: SystemRole | null;
  roleId: RoleId | null;
  /** The name of the organization's own role. */
  roleName: string | null;
  permissions: string[] | null;
  createdAt: Date;
}

const columns = `a.id, a.user_id as "userId", a.system_role as "systemRole", a.role_id as "roleId", r.name as "roleName",
  r.permissions, a.workspace_id as "workspaceId", a.profile_id as "profileId", a.created_at as "createdAt"`;

/** The assignments of users, oldest first. */
export function listAssignments(
  tx: Tx,
  organizationId: OrganizationId,
  userIds: readonly UserId[],
): Promise<RoleAssignmentRow[]> {
  return tx.query<RoleAssignmentRow>(
    `select ${columns} from role_assignments a left join roles r on r.id = a.role_id
      where a.organization_id = $1 and a.user_id = any($2::uuid[]) order by a.created_at, a.id`,
    [organizationId, userIds],
  );
}

/** Gives a role in each of the places. Where the user has it already nothing changes. */
export async function insertAssignments(
  tx: Tx,
  organizationId: OrganizationId,
  userId: UserId,
  role: RoleRef,
  places: readonly (RolePlace & { id: RoleAssignmentId })[],
): Promise<void> {
  await tx.query(
    `insert into role_assignments (id, organization_id, user_id, system_role, role_id, workspace_id, profile_id)
     select place.id, $1, $2, $3, $4, place.workspace_id, place.profile_id
       from unnest($5::uuid[], $6::uuid[], $7::uuid[]) as place (id, workspace_id, profile_id)
     on conflict do nothing`,
    [
      organizationId,
      userId,
      role.systemRole,
      role.roleId,
      places.map(({ id }) => id),
      places.map(({ workspaceId }) => workspaceId),
      places.map(({ profileId }) => profileId),
    ],
  );
}

/** Takes assignments of a user away: those given, or all. @returns how many there were */
export async function deleteAssignments(
  tx: Tx,
  organizationId: OrganizationId,
  userId: UserId,
  ids?: readonly RoleAssignmentId[],
): Promise<number> {
  const rows = await tx.query(
    `delete from role_assignments
      where organization_id = $1 and user_id = $2 and ($3::uuid[] is null or id = any($3::uuid[])) returning 1`,
    [organizationId, userId, ids ?? null],
  );
  return rows.length;
}

/**
 * Makes changes of owners wait for each other until the end of the transaction, so that two of them cannot each leave
 * the other as the last one.
 */
export async function lockOwners(tx: Tx, organizationId: OrganizationId): Promise<void> {
  await tx.query('select 1 from organizations where id = $1 for no key update', [organizationId]);
}

/** How many active owners the organization has. Only the holder of `lockOwners` may rely on it. */
export async function countOwners(tx: Tx, organizationId: OrganizationId): Promise<number> {
  const [row] = await tx.query<{ count: number }>(
    `select count(distinct a.user_id) as count from role_assignments a join users u on u.id = a.user_id and u.is_active
      where a.organization_id = $1 and a.system_role = 'owner' and a.workspace_id is null and a.profile_id is null`,
    [organizationId],
  );
  return row!.count;
}
