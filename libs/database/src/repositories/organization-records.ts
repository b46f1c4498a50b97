import type { OrganizationId } from '#contracts';
import type { Tx } from '../transaction.js';

export interface OrganizationRow {
  id: OrganizationId;
  name: string;
  slug: string;
  settings: Record<string, unknown>;
  createdAt: Date;
  updatedAt: Date;
}

const columns = `id, name, slug, settings, created_at as "createdAt", updated_at as "updatedAt"`;

export async function findOrganization(tx: Tx, id: OrganizationId, lock?: 'lock'): Promise<OrganizationRow | null> {
  const [row] = await tx.query<OrganizationRow>(
    `select ${columns} from organizations where id = $1 ${lock ? 'for no key update' : ''}`,
    [id],
  );
  return row ?? null;
}

/** Fields that are undefined stay as they are. */
export async function updateOrganization(
  tx: Tx,
  id: OrganizationId,
  changes: { name?: string; settings?: Record<string, unknown> },
): Promise<OrganizationRow> {
  const [row] = await tx.query<OrganizationRow>(
    `update organizations set name = coalesce($2, name), settings = coalesce($3::jsonb, settings), updated_at = now()
      where id = $1 returning ${columns}`,
    [id, changes.name ?? null, changes.settings === undefined ? null : JSON.stringify(changes.settings)],
  );
  return row!;
}
