import type { OrganizationId, RoleId } from '#contracts';
import type { Tx } from '../transaction.js';

/** A role that an organization made. */
export interface RoleRow {
  id: RoleId;
  name: string;
  description: string | null;
  permissions: string[];
  createdAt: Date;
  updatedAt: Date;
}

const columns = 'id, name, description, permissions, created_at as "createdAt", updated_at as "updatedAt"';

/** @returns null when the organization has a role of this name. */
export async function insertRole(
  tx: Tx,
  organizationId: OrganizationId,
  role: Pick<RoleRow, 'id' | 'name' | 'description' | 'permissions'>,
): Promise<RoleRow | null> {
  const [row] = await tx.query<RoleRow>(
    `insert into roles (id, organization_id, name, description, permissions) values ($1, $2, $3, $4, $5)
     on conflict (organization_id, name) do nothing returning ${columns}`,
    [role.id, organizationId, role.name, role.description, role.permissions],
  );
  return row ?? null;
}

/** The organization's own roles, oldest first. */
export function listRoles(tx: Tx, organizationId: OrganizationId): Promise<RoleRow[]> {
  return tx.query<RoleRow>(`select ${columns} from roles where organization_id = $1 order by id`, [organizationId]);
}

/** @param lock `share` keeps it from being changed or deleted, `update` from being given, until the transaction ends */
export async function findRole(
  tx: Tx,
  organizationId: OrganizationId,
  id: RoleId,
  lock?: 'share' | 'update',
): Promise<RoleRow | null> {
  const [row] = await tx.query<RoleRow>(
    `select ${columns} from roles where organization_id = $1 and id = $2 ${lock ? `for ${lock}` : ''}`,
    [organizationId, id],
  );
  return row ?? null;
}

/** @throws pg's unique violation (23505) when the name is taken. */
export async function updateRole(
  tx: Tx,
  organizationId: OrganizationId,
  role: Pick<RoleRow, 'id' | 'name' | 'description' | 'permissions'>,
): Promise<RoleRow> {
  const [row] = await tx.query<RoleRow>(
    `update roles set name = $3, description = $4, permissions = $5, updated_at = now()
      where organization_id = $1 and id = $2 returning ${columns}`,
    [organizationId, role.id, role.name, role.description, role.permissions],
  );
  return row!;
}

export async function deleteRole(tx: Tx, organizationId: OrganizationId, id: RoleId): Promise<void> {
  await tx.query('delete from roles where organization_id = $1 and id = $2', [organizationId, id]);
}

/** How many members and open invitations have each role, by its id or, for system roles, its name. */
export async function countRoleUses(tx: Tx, organizationId: OrganizationId): Promise<Map<string, number>> {
  const rows = await tx.query<{ role: string; count: number }>(
    `select coalesce(role_id::text, system_role) as role, count(distinct holder) as count from (
       select role_id, system_role, user_id as holder from role_assignments where organization_id = $1
       union all
       select role_id, system_role, id from invitations
        where organization_id = $1 and accepted_at is null and revoked_at is null
     ) as uses group by 1`,
    [organizationId],
  );
  return new Map(rows.map(({ role, count }) => [role, count]));
}

/** Whether members or open invitations have the role. Only the holder of its `update` lock may rely on it. */
export async function isRoleUsed(tx: Tx, organizationId: OrganizationId, id: RoleId): Promise<boolean> {
  const [row] = await tx.query<{ used: boolean }>(
    `select exists (select 1 from role_assignments where organization_id = $1 and role_id = $2)
         or exists (select 1 from invitations where organization_id = $1 and role_id = $2
                       and accepted_at is null and revoked_at is null) as used`,
    [organizationId, id],
  );
  return row!.used;
}
