import type { OrganizationId, WorkspaceId } from '#contracts';
import type { Tx } from '../transaction.js';

export interface WorkspaceRow {
  id: WorkspaceId;
  organizationId: OrganizationId;
  name: string;
  slug: string;
  description: string | null;
  settings: Record<string, unknown>;
  createdAt: Date;
  updatedAt: Date;
}

export interface WorkspaceFields {
  name: string;
  slug: string;
  description: string | null;
  settings: Record<string, unknown>;
}

const columns = `id, organization_id as "organizationId", name, slug, description, settings,
  created_at as "createdAt", updated_at as "updatedAt"`;

/** @returns null when the organization has a workspace with this slug. */
export async function insertWorkspace(
  tx: Tx,
  made: WorkspaceFields & { id: WorkspaceId; organizationId: OrganizationId },
): Promise<WorkspaceRow | null> {
  const rows = await tx.query<WorkspaceRow>(
    `insert into workspaces (id, organization_id, name, slug, description, settings, updated_at)
     values ($1, $2, $3, $4, $5, $6::jsonb, now())
     on conflict (organization_id, slug) do nothing returning ${columns}`,
    [made.id, made.organizationId, made.name, made.slug, made.description, JSON.stringify(made.settings)],
  );
  return rows[0] ?? null;
}

/** Oldest first, since the first is the one that registration made; `limit` rows after `after`. */
export async function listWorkspaces(
  tx: Tx,
  scope: { organizationId: OrganizationId; after?: string; limit: number },
): Promise<WorkspaceRow[]> {
  return tx.query<WorkspaceRow>(
    `select ${columns} from workspaces
      where organization_id = $1 and ($2::uuid is null or id > $2) order by id limit $3`,
    [scope.organizationId, scope.after ?? null, scope.limit],
  );
}

/**
 * @param lock `share` keeps it from being deleted, `update` from being used, until the end of the transaction
 */
export async function findWorkspace(
  tx: Tx,
  organizationId: OrganizationId,
  id: WorkspaceId,
  lock?: 'share' | 'update',
): Promise<WorkspaceRow | null> {
  const rows = await tx.query<WorkspaceRow>(
    `select ${columns} from workspaces where organization_id = $1 and id = $2 ${lock ? `for ${lock}` : ''}`,
    [organizationId, id],
  );
  return rows[0] ?? null;
}

/** Fields that are undefined stay as they are. @throws pg's unique violation (23505) when the slug is taken. */
export async function updateWorkspace(
  tx: Tx,
  organizationId: OrganizationId,
  id: WorkspaceId,
  changes: Partial<WorkspaceFields>,
): Promise<WorkspaceRow | null> {
  const rows = await tx.query<WorkspaceRow>(
    `update workspaces
        set name = coalesce($3, name), slug = coalesce($4, slug),
            description = case when $5 then $6 else description end,
            settings = coalesce($7::jsonb, settings), updated_at = now()
      where organization_id = $1 and id = $2 returning ${columns}`,
    [
      organizationId,
      id,
      changes.name ?? null,
      changes.slug ?? null,
      changes.description !== undefined,
      changes.description ?? null,
      changes.settings === undefined ? null : JSON.stringify(changes.settings),
    ],
  );
  return rows[0] ?? null;
}

/** Whether accounts or profiles are in it. */
export async function isWorkspaceUsed(tx: Tx, id: WorkspaceId): Promise<boolean> {
  const [row] = await tx.query<{ used: boolean }>(
    `select exists (select 1 from accounts where workspace_id = $1)
         or exists (select 1 from profiles where workspace_id = $1) as used`,
    [id],
  );
  return row!.used;
}

export async function deleteWorkspace(tx: Tx, organizationId: OrganizationId, id: WorkspaceId): Promise<void> {
  await tx.query('delete from workspaces where organization_id = $1 and id = $2', [organizationId, id]);
}
