import type { UserId } from '#contracts';
import type { Tx } from '../transaction.js';
import type { SettingScope } from './settings.js';

/** A bucket that media are or were written to. */
export interface StoragePlaceRow {
  id: string;
  organizationId: SettingScope;
  value: Record<string, unknown>;
  secretsSealed: Buffer;
  createdAt: Date;
}

const columns = `id, organization_id as "organizationId", value, secrets_sealed as "secretsSealed",
  created_at as "createdAt"`;

/** The place in use of a scope, if it has one of its own. */
export async function findPlaceInUse(tx: Tx, scope: SettingScope): Promise<StoragePlaceRow | null> {
  const [row] = await tx.query<StoragePlaceRow>(
    `select ${columns} from storage_places where organization_id is not distinct from $1 and retired_at is null`,
    [scope],
  );
  return row ?? null;
}

/** Any place, also one that is retired: files written there name it. */
export async function findPlace(tx: Tx, id: string): Promise<StoragePlaceRow | null> {
  const [row] = await tx.query<StoragePlaceRow>(`select ${columns} from storage_places where id = $1`, [id]);
  return row ?? null;
}

/** Nothing new is written to the scope's place any more. @returns whether there was one */
export async function retirePlace(tx: Tx, scope: SettingScope): Promise<boolean> {
  const rows = await tx.query(
    `update storage_places set retired_at = now()
      where organization_id is not distinct from $1 and retired_at is null returning 1`,
    [scope],
  );
  return rows.length > 0;
}

export async function insertPlace(
  tx: Tx,
  made: Omit<StoragePlaceRow, 'createdAt'> & { createdBy: UserId },
): Promise<void> {
  await tx.query(
    `insert into storage_places (id, organization_id, value, secrets_sealed, created_by)
     values ($1, $2, $3::jsonb, $4, $5)`,
    [made.id, made.organizationId, JSON.stringify(made.value), made.secretsSealed, made.createdBy],
  );
}

/** Other keys for the same bucket. */
export async function updatePlace(
  tx: Tx,
  id: string,
  changes: { value: Record<string, unknown>; secretsSealed: Buffer },
): Promise<void> {
  await tx.query('update storage_places set value = $2::jsonb, secrets_sealed = $3 where id = $1', [
    id,
    JSON.stringify(changes.value),
    changes.secretsSealed,
  ]);
}

/** All places, also those that nothing new is written to. */
export async function listPlaceIds(tx: Pick<Tx, 'query'>): Promise<string[]> {
  const rows = await tx.query<{ id: string }>('select id from storage_places order by id');
  return rows.map((row) => row.id);
}
