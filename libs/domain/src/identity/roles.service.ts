import { Injectable } from '@nestjs/common';
import { type Actor, errors, newId, type Permission, type RoleId, type SystemRole, systemRoles } from '#contracts';
import {
  appendEvents,
  countRoleUses,
  Database,
  deleteRole,
  findRole,
  insertRole,
  isRoleUsed,
  listRoles,
  type RoleRow,
  type Tx,
  updateRole,
} from '#database';
import { recordAudit } from '../platform/audit-trail.js';
import type { Once } from '../platform/once.js';
import { assertHolds } from './granting.js';
import { organizationEvent } from './organization-event.js';
import { knownSystemRole, systemRoleOf } from './role-names.js';
import { parsePermissions } from './scopes.js';

/** A role of the system or of the organization. */
export interface RoleView {
  id: string;
  name: string;
  description: string | null;
  permissions: readonly string[];
  isSystem: boolean;
  /** Members and open invitations that have it. */
  uses: number;
  /** Null for system roles. */
  createdAt: Date | null;
  updatedAt: Date | null;
}

export interface RoleDraft {
  name: string;
  description?: string | null;
  /** Of the permission catalogue, or the older names of them. */
  permissions: readonly string[];
}

/** Most roles of an organization's own: they are listed as a whole. */
const MAX_ROLES = 200;

/** Roles: those of the system, and those that organizations make of the same permissions. */
@Injectable()
export class Roles {
  constructor(private readonly db: Database) {}

  /** The system's first, then the organization's, oldest first. */
  list(actor: Actor): Promise<RoleView[]> {
    return this.db.tenant(actor, async (tx) => {
      const uses = await countRoleUses(tx, actor.organizationId);
      const own = await listRoles(tx, actor.organizationId);
      return [...systemRoleNames.map((name) => systemView(name, uses)), ...own.map((row) => ownView(row, uses))];
    });
  }

  /** @param id of a role, or the name of a system role @throws notFound */
  get(actor: Actor, id: RoleId): Promise<RoleView> {
    return this.db.tenant(actor, async (tx) => {
      const uses = await countRoleUses(tx, actor.organizationId);
      const system = systemRoleOf(id);
      return system ? systemView(system, uses) : ownView(await getRole(tx, actor, id), uses);
    });
  }

  /** @throws validation, roleNameTaken; forbidden when the caller does not hold all of it */
  create(actor: Actor, draft: RoleDraft, once?: Once<RoleView>): Promise<RoleView> {
    const permissions = parsePermissions(draft.permissions);
    assertFree(draft.name);
    assertHoldsAll(actor, permissions);
    return this.db.tenant(actor, async (tx) => {
      const { name, description = null } = draft;
      if ((await listRoles(tx, actor.organizationId)).length >= MAX_ROLES) {
        throw errors.validation({
          fields: [{ path: 'name', message: `would be role ${MAX_ROLES + 1}; delete one first` }],
        });
      }
      const row = await insertRole(tx, actor.organizationId, { id: newId(), name, description, permissions });
      if (!row) throw nameTaken();
      const view = ownView(row, new Map());
      await once?.(tx, view);
      await recordAudit(tx, actor, { action: 'role.create', resource: resourceOf(row), after: factsOf(row) });
      await appendEvents(tx, [organizationEvent(actor, 'role.created', { id: row.id, name: row.name })]);
      return view;
    });
  }

  /**
   * Changes a role for all who have it, at once; what is undefined stays.
   * @throws notFound, validation, systemRole, roleNameTaken; forbidden when the caller does not hold what is added
   */
  async update(actor: Actor, id: RoleId, changes: Partial<RoleDraft>): Promise<RoleView> {
    if (systemRoleOf(id)) throw errors.systemRole();
    const permissions = changes.permissions && parsePermissions(changes.permissions);
    if (changes.name !== undefined) assertFree(changes.name);
    try {
      return await this.db.tenant(actor, async (tx) => {
        const before = await getRole(tx, actor, id, 'update');
        assertHoldsAll(actor, permissions?.filter((permission) => !before.permissions.includes(permission)) ?? []);
        const { name = before.name, description = before.description } = changes;
        const next = { id, name, description, permissions: permissions ?? before.permissions };
        const row = await updateRole(tx, actor.organizationId, next);
        const view = ownView(row, await countRoleUses(tx, actor.organizationId));
        await recordAudit(tx, actor, {
          action: 'role.update',
          resource: resourceOf(row),
          before: factsOf(before),
          after: factsOf(row),
        });
        await appendEvents(tx, [organizationEvent(actor, 'role.updated', { id, name: row.name })]);
        return view;
      });
    } catch (error) {
      throw (error as { code?: string }).code === '23505' ? nameTaken() : error;
    }
  }

  /** @throws notFound, systemRole, roleInUse */
  async delete(actor: Actor, id: RoleId): Promise<void> {
    if (systemRoleOf(id)) throw errors.systemRole();
    await this.db.tenant(actor, async (tx) => {
      const row = await getRole(tx, actor, id, 'update');
      if (await isRoleUsed(tx, actor.organizationId, id)) throw errors.roleInUse();
      await deleteRole(tx, actor.organizationId, id);
      await recordAudit(tx, actor, { action: 'role.delete', resource: resourceOf(row), before: factsOf(row) });
      await appendEvents(tx, [organizationEvent(actor, 'role.deleted', { id, name: row.name })]);
    });
  }
}

const systemRoleNames = Object.keys(systemRoles) as SystemRole[];

function systemView(name: SystemRole, uses: Map<string, number>): RoleView {
  const { id, permissions } = knownSystemRole(name);
  const { description } = systemRoles[name];
  const times = { createdAt: null, updatedAt: null };
  return { id, name, description, permissions, isSystem: true, uses: uses.get(name) ?? 0, ...times };
}

function ownView(row: RoleRow, uses: Map<string, number>): RoleView {
  return { ...row, isSystem: false, uses: uses.get(row.id) ?? 0 };
}

async function getRole(tx: Tx, actor: Actor, id: RoleId, lock?: 'update'): Promise<RoleRow> {
  const row = await findRole(tx, actor.organizationId, id, lock);
  if (!row) throw errors.notFound({ details: { id } });
  return row;
}

/** A role can be given for the whole organization, so whoever makes it must hold its permissions there. */
function assertHoldsAll(actor: Actor, permissions: readonly Permission[]): void {
  assertHolds(actor, { grants: [{ permissions: new Set(permissions), reach: 'everywhere' }] });
}

/** A name of a system role would be taken for it. @throws roleNameTaken */
function assertFree(name: string): void {
  if (systemRoleOf(name.trim())) throw nameTaken();
}

function nameTaken() {
  return errors.roleNameTaken({ fields: [{ path: 'name', message: 'is the name of another role' }] });
}

function resourceOf(row: RoleRow) {
  return { type: 'role', id: row.id, name: row.name };
}

function factsOf({ name, description, permissions }: RoleRow) {
  return { name, description, permissions };
}
