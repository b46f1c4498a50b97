import { Injectable } from '@nestjs/common';
import { type Actor, errors, newId, type WorkspaceId } from '#contracts';
import {
  appendEvents,
  Database,
  deleteWorkspace,
  findWorkspace,
  insertWorkspace,
  isWorkspaceUsed,
  listWorkspaces,
  updateWorkspace,
  type WorkspaceFields,
  type WorkspaceRow,
} from '#database';
import { recordAudit } from '../platform/audit-trail.js';
import type { Once } from '../platform/once.js';
import { organizationEvent } from './organization-event.js';
import { slugOf } from './slug.js';

/** Departments of an organization; each holds accounts. */
@Injectable()
export class Workspaces {
  constructor(private readonly db: Database) {}

  /** @throws slugTaken */
  async create(
    actor: Actor,
    draft: { name: string; slug?: string; description?: string; settings?: Record<string, unknown> },
    once?: Once<WorkspaceRow>,
  ): Promise<WorkspaceRow> {
    return this.db.tenant(actor, async (tx) => {
      const row = await insertWorkspace(tx, {
        id: newId<WorkspaceId>(),
        organizationId: actor.organizationId,
        name: draft.name,
        slug: draft.slug ?? slugOf(draft.name),
        description: draft.description ?? null,
        settings: draft.settings ?? {},
      });
      if (!row) throw slugTaken(draft.slug === undefined ? 'name' : 'slug');
      await recordAudit(tx, actor, { action: 'workspace.create', resource: resourceOf(row), after: factsOf(row) });
      await once?.(tx, row);
      await appendEvents(tx, [organizationEvent(actor, 'workspace.created', { id: row.id, name: row.name })]);
      return row;
    });
  }

  /** Oldest first, `limit` workspaces after `after`. */
  list(actor: Actor, page: { after?: string; limit: number }): Promise<WorkspaceRow[]> {
    return this.db.tenant(actor, (tx) => listWorkspaces(tx, { organizationId: actor.organizationId, ...page }));
  }

  /** @throws notFound */
  async get(actor: Actor, id: WorkspaceId): Promise<WorkspaceRow> {
    const row = await this.db.tenant(actor, (tx) => findWorkspace(tx, actor.organizationId, id));
    if (!row) throw errors.notFound({ details: { id } });
    return row;
  }

  /** Fields that are undefined stay. @throws notFound, slugTaken */
  async update(actor: Actor, id: WorkspaceId, changes: Partial<WorkspaceFields>): Promise<WorkspaceRow> {
    return this.db
      .tenant(actor, async (tx) => {
        const before = await findWorkspace(tx, actor.organizationId, id, 'update');
        const row = before && (await updateWorkspace(tx, actor.organizationId, id, changes));
        if (!row) throw errors.notFound({ details: { id } });
        await recordAudit(tx, actor, {
          action: 'workspace.update',
          resource: resourceOf(row),
          before: factsOf(before),
          after: factsOf(row),
        });
        await appendEvents(tx, [organizationEvent(actor, 'workspace.updated', { id, name: row.name })]);
        return row;
      })
      .catch((error) => {
        throw (error as { code?: string }).code === '23505' ? slugTaken('slug') : error;
      });
  }

  /** @throws notFound; notEmpty while accounts are in it */
  async delete(actor: Actor, id: WorkspaceId): Promise<void> {
    await this.db.tenant(actor, async (tx) => {
      const row = await findWorkspace(tx, actor.organizationId, id, 'update');
      if (!row) throw errors.notFound({ details: { id } });
      if (await isWorkspaceUsed(tx, id)) {
        throw errors.notEmpty({ message: 'The workspace still has accounts. Delete them first.' });
      }
      await deleteWorkspace(tx, actor.organizationId, id);
      await recordAudit(tx, actor, { action: 'workspace.delete', resource: resourceOf(row), before: factsOf(row) });
      await appendEvents(tx, [organizationEvent(actor, 'workspace.deleted', { id, name: row.name })]);
    });
  }
}

function slugTaken(path: string) {
  return errors.slugTaken({ fields: [{ path, message: 'is used by another workspace' }] });
}

function resourceOf({ id, name }: WorkspaceRow) {
  return { type: 'workspace', id, name };
}

function factsOf({ name, slug, description, settings }: WorkspaceRow) {
  return { name, slug, description, settings };
}
