import { Injectable } from '@nestjs/common';
import { type AccountId, type Actor, errors, newId, type WorkspaceId } from '#contracts';
import {
  type AccountFields,
  type AccountRow,
  appendEvents,
  Database,
  deleteAccount,
  findAccount,
  findWorkspace,
  insertAccount,
  isAccountUsed,
  listAccounts,
  listWorkspaces,
  type Tx,
  updateAccount,
} from '#database';
import { recordAudit } from '../platform/audit-trail.js';
import type { Once } from '../platform/once.js';
import { organizationEvent } from './organization-event.js';

export interface AccountDraft {
  name: string;
  /** Default: the organization's oldest workspace. */
  workspaceId?: WorkspaceId;
  description?: string;
  settings?: Record<string, unknown>;
}

/** Groups of profiles within a workspace. */
@Injectable()
export class Accounts {
  constructor(private readonly db: Database) {}

  /** @throws notFound when there is no such workspace, or none at all */
  async create(actor: Actor, draft: AccountDraft, once?: Once<AccountRow>): Promise<AccountRow> {
    return this.db.tenant(actor, async (tx) => {
      const workspaceId = draft.workspaceId ?? (await this.oldestWorkspace(tx, actor));
      // Locked, so that it is not deleted as empty meanwhile.
      const workspace = await findWorkspace(tx, actor.organizationId, workspaceId, 'share');
      if (!workspace) throw errors.notFound({ details: { workspaceId } });
      const row = await insertAccount(tx, {
        id: newId<AccountId>(),
        organizationId: actor.organizationId,
        workspaceId,
        name: draft.name,
        description: draft.description ?? null,
        settings: draft.settings ?? {},
      });
      await recordAudit(tx, actor, { action: 'account.create', resource: resourceOf(row), after: factsOf(row) });
      await once?.(tx, row);
      await appendEvents(tx, [organizationEvent(actor, 'account.created', { id: row.id, name: row.name })]);
      return row;
    });
  }

  /** Oldest first, `limit` accounts after `after`; of one workspace when it is given. */
  list(actor: Actor, page: { workspaceId?: WorkspaceId; after?: string; limit: number }): Promise<AccountRow[]> {
    return this.db.tenant(actor, (tx) => listAccounts(tx, { organizationId: actor.organizationId, ...page }));
  }

  /** @throws notFound */
  async get(actor: Actor, id: AccountId): Promise<AccountRow> {
    const row = await this.db.tenant(actor, (tx) => findAccount(tx, actor.organizationId, id));
    if (!row) throw errors.notFound({ details: { id } });
    return row;
  }

  /** Fields that are undefined stay. @throws notFound */
  async update(actor: Actor, id: AccountId, changes: Partial<AccountFields>): Promise<AccountRow> {
    return this.db.tenant(actor, async (tx) => {
      const before = await findAccount(tx, actor.organizationId, id, 'update');
      const row = before && (await updateAccount(tx, actor.organizationId, id, changes));
      if (!row) throw errors.notFound({ details: { id } });
      await recordAudit(tx, actor, {
        action: 'account.update',
        resource: resourceOf(row),
        before: factsOf(before),
        after: factsOf(row),
      });
      await appendEvents(tx, [organizationEvent(actor, 'account.updated', { id, name: row.name })]);
      return row;
    });
  }

  /** @throws notFound; notEmpty while profiles are in it */
  async delete(actor: Actor, id: AccountId): Promise<void> {
    await this.db.tenant(actor, async (tx) => {
      const row = await findAccount(tx, actor.organizationId, id, 'update');
      if (!row) throw errors.notFound({ details: { id } });
      if (await isAccountUsed(tx, id)) {
        throw errors.notEmpty({ message: 'The account still has profiles. Delete or move them first.' });
      }
      await deleteAccount(tx, actor.organizationId, id);
      await recordAudit(tx, actor, { action: 'account.delete', resource: resourceOf(row), before: factsOf(row) });
      await appendEvents(tx, [organizationEvent(actor, 'account.deleted', { id, name: row.name })]);
    });
  }

  private async oldestWorkspace(tx: Tx, actor: Actor): Promise<WorkspaceId> {
    const [oldest] = await listWorkspaces(tx, { organizationId: actor.organizationId, limit: 1 });
    if (!oldest) throw errors.notFound({ message: 'The organization has no workspace. Create one first.' });
    return oldest.id;
  }
}

function resourceOf({ id, name }: AccountRow) {
  return { type: 'account', id, name };
}

function factsOf({ name, workspaceId, description, settings }: AccountRow) {
  return { name, workspaceId, description, settings };
}
