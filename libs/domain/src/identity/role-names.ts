import {
  errors,
  type OrganizationId,
  type Permission,
  type RoleId,
  type SystemRole,
  systemRoleIds,
  systemRoles,
} from '#contracts';
import { findRole, type RoleRef, type Tx } from '#database';
import { permissionsOfRole } from './rights.js';

/** A role that exists, whoever made it. */
export interface KnownRole {
  ref: RoleRef;
  /** As the API names it: a system role has the same id everywhere. */
  id: string;
  name: string;
  permissions: readonly Permission[];
}

const systemRoleOfId = new Map<string, SystemRole>(
  Object.entries(systemRoleIds).map(([name, id]) => [id, name as SystemRole]),
);

/** The system role under a name, an older name of it (`member`), or an id; null when it is none. */
export function systemRoleOf(text: string): SystemRole | null {
  const name = text.toLowerCase();
  if (name === 'member') return 'operator';
  if (Object.hasOwn(systemRoles, name)) return name as SystemRole;
  return systemRoleOfId.get(name) ?? null;
}

export function knownSystemRole(name: SystemRole): KnownRole {
  return {
    ref: { systemRole: name, roleId: null },
    id: systemRoleIds[name],
    name,
    permissions: systemRoles[name].permissions,
  };
}

/**
 * The role that a request names, locked against being changed or deleted until the end of the transaction.
 * @param path the field in which it is named
 * @throws validation for a name that is none; notFound for an id that is none
 */
export async function resolveRole(
  tx: Tx,
  organizationId: OrganizationId,
  named: string,
  path: string,
): Promise<KnownRole> {
  const system = systemRoleOf(named);
  if (system !== null) return knownSystemRole(system);
  if (!UUID.test(named)) {
    const message = `is no role; give the id of one, or one of: ${Object.keys(systemRoles).join(', ')}`;
    throw errors.validation({ fields: [{ path, message }] });
  }
  const row = await findRole(tx, organizationId, named.toLowerCase() as RoleId, 'share');
  if (!row) throw errors.notFound({ message: 'There is no such role.', details: { roleId: named } });
  return {
    ref: { systemRole: null, roleId: row.id },
    id: row.id,
    name: row.name,
    permissions: permissionsOfRole({ systemRole: null, permissions: row.permissions }),
  };
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
