import type { AccountId, OrganizationId, WorkspaceId } from '#contracts';
import type { Tx } from '../transaction.js';

export interface AccountRow {
  id: AccountId;
  organizationId: OrganizationId;
  workspaceId: WorkspaceId;
  name: string;
  description: string | null;
  settings: Record<string, unknown>;
  createdAt: Date;
  updatedAt: Date;
}

export interface AccountFields {
  name: string;
  description: string | null;
  settings: Record<string, unknown>;
}

const columns = `id, organization_id as "organizationId", workspace_id as "workspaceId", name, description, settings,
  created_at as "createdAt", updated_at as "updatedAt"`;

export async function insertAccount(
  tx: Tx,
  made: AccountFields & { id: AccountId; organizationId: OrganizationId; workspaceId: WorkspaceId },
): Promise<AccountRow> {
  const [row] = await tx.query<AccountRow>(
    `insert into accounts (id, organization_id, workspace_id, name, description, settings, updated_at)
     values ($1, $2, $3, $4, $5, $6::jsonb, now()) returning ${columns}`,
    [made.id, made.organizationId, made.workspaceId, made.name, made.description, JSON.stringify(made.settings)],
  );
  return row!;
}

/** Oldest first; `limit` rows after `after`, of one workspace when it is given. */
export async function listAccounts(
  tx: Tx,
  scope: { organizationId: OrganizationId; workspaceId?: WorkspaceId; after?: string; limit: number },
): Promise<AccountRow[]> {
  return tx.query<AccountRow>(
    `select ${columns} from accounts
      where organization_id = $1 and ($2::uuid is null or workspace_id = $2) and ($3::uuid is null or id > $3)
      order by id limit $4`,
    [scope.organizationId, scope.workspaceId ?? null, scope.after ?? null, scope.limit],
  );
}

/**
 * @param lock `share` keeps it from being deleted, `update` from being used, until the end of the transaction
 */
export async function findAccount(
  tx: Tx,
  organizationId: OrganizationId,
  id: AccountId,
  lock?: 'share' | 'update',
): Promise<AccountRow | null> {
  const rows = await tx.query<AccountRow>(
    `select ${columns} from accounts where organization_id = $1 and id = $2 ${lock ? `for ${lock}` : ''}`,
    [organizationId, id],
  );
  return rows[0] ?? null;
}

/** Fields that are undefined stay as they are. */
export async function updateAccount(
  tx: Tx,
  organizationId: OrganizationId,
  id: AccountId,
  changes: Partial<AccountFields>,
): Promise<AccountRow | null> {
  const rows = await tx.query<AccountRow>(
    `update accounts
        set name = coalesce($3, name), description = case when $4 then $5 else description end,
            settings = coalesce($6::jsonb, settings), updated_at = now()
      where organization_id = $1 and id = $2 returning ${columns}`,
    [
      organizationId,
      id,
      changes.name ?? null,
      changes.description !== undefined,
      changes.description ?? null,
      changes.settings === undefined ? null : JSON.stringify(changes.settings),
    ],
  );
  return rows[0] ?? null;
}

/** Whether profiles are in it. */
export async function isAccountUsed(tx: Tx, id: AccountId): Promise<boolean> {
  const [row] = await tx.query<{ used: boolean }>(
    'select exists (select 1 from profiles where account_id = $1) as used',
    [id],
  );
  return row!.used;
}

export async function deleteAccount(tx: Tx, organizationId: OrganizationId, id: AccountId): Promise<void> {
  await tx.query('delete from accounts where organization_id = $1 and id = $2', [organizationId, id]);
}
