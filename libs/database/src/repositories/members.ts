import type { OrganizationId, UserId } from '#contracts';
import type { Tx } from '../transaction.js';
import { type AssignedRole, assignedRoles } from './role-assignments.js';

/** A user of an organization, as the others see them. */
export interface MemberRow {
  id: UserId;
  email: string;
  name: string;
  isActive: boolean;
  lastLoginAt: Date | null;
  createdAt: Date;
}

const columns = `id, email, name, is_active as "isActive", last_login_at as "lastLoginAt", created_at as "createdAt"`;

/** Oldest first; `limit` members after `after`. */
export function listMembers(
  tx: Tx,
  scope: { organizationId: OrganizationId; after?: string; limit: number },
): Promise<MemberRow[]> {
  return tx.query<MemberRow>(
    `select ${columns} from users where organization_id = $1 and ($2::uuid is null or id > $2) order by id limit $3`,
    [scope.organizationId, scope.after ?? null, scope.limit],
  );
}

/** @param lock keeps others from changing the member until the end of the transaction */
export async function findMember(
  tx: Tx,
  organizationId: OrganizationId,
  id: UserId,
  lock?: 'lock',
): Promise<MemberRow | null> {
  const [row] = await tx.query<MemberRow>(
    `select ${columns} from users where organization_id = $1 and id = $2 ${lock ? 'for no key update' : ''}`,
    [organizationId, id],
  );
  return row ?? null;
}

export async function setMemberActive(
  tx: Tx,
  organizationId: OrganizationId,
  id: UserId,
  isActive: boolean,
): Promise<MemberRow> {
  const [row] = await tx.query<MemberRow>(
    `update users set is_active = $3 where organization_id = $1 and id = $2 returning ${columns}`,
    [organizationId, id, isActive],
  );
  return row!;
}

/** Deletes a user with sessions, keys and roles. */
export async function deleteMember(tx: Tx, organizationId: OrganizationId, id: UserId): Promise<void> {
  await tx.query('delete from users where organization_id = $1 and id = $2', [organizationId, id]);
}

export interface MemberWithRoles extends Pick<MemberRow, 'id' | 'email' | 'name'> {
  assignments: AssignedRole[];
}

/** Members who may log in, oldest first, with what their roles hold. */
export function listActiveMembers(tx: Tx, organizationId: OrganizationId, limit: number): Promise<MemberWithRoles[]> {
  return tx.query<MemberWithRoles>(
    `select id, email, name, ${assignedRoles('u.id')} as assignments
       from users u where organization_id = $1 and is_active order by id limit $2`,
    [organizationId, limit],
  );
}
