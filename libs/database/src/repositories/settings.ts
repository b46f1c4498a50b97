import type { OrganizationId, UserId } from '#contracts';
import type { Tx } from '../transaction.js';

/** Whose setting: an organization's own, or with null that of the installation. */
export type SettingScope = OrganizationId | null;

export interface SettingRow {
  value: Record<string, unknown>;
  /** Passwords and keys in it, sealed. */
  secretsSealed: Buffer | null;
  updatedAt: Date;
}

const columns = 'value, secrets_sealed as "secretsSealed", updated_at as "updatedAt"';

export async function findSetting(tx: Tx, scope: SettingScope, name: string): Promise<SettingRow | null> {
  const [row] =
    scope === null
      ? await tx.query<SettingRow>(`select ${columns} from installation_settings where name = $1`, [name])
      : await tx.query<SettingRow>(
          `select ${columns} from organization_settings where organization_id = $1 and name = $2`,
          [scope, name],
        );
  return row ?? null;
}

export async function saveSetting(
  tx: Tx,
  scope: SettingScope,
  name: string,
  made: { value: object; secretsSealed: Buffer | null; updatedBy: UserId },
): Promise<void> {
  const values = [name, JSON.stringify(made.value), made.secretsSealed, made.updatedBy];
  const changes = `do update set value = excluded.value, secrets_sealed = excluded.secrets_sealed,
    updated_by = excluded.updated_by, updated_at = now()`;
  if (scope === null) {
    await tx.query(
      `insert into installation_settings (name, value, secrets_sealed, updated_by) values ($1, $2::jsonb, $3, $4)
       on conflict (name) ${changes}`,
      values,
    );
  } else {
    await tx.query(
      `insert into organization_settings (name, value, secrets_sealed, updated_by, organization_id)
       values ($1, $2::jsonb, $3, $4, $5) on conflict (organization_id, name) ${changes}`,
      [...values, scope],
    );
  }
}

/** @returns whether there was one */
export async function deleteSetting(tx: Tx, scope: SettingScope, name: string): Promise<boolean> {
  const rows =
    scope === null
      ? await tx.query('delete from installation_settings where name = $1 returning 1', [name])
      : await tx.query('delete from organization_settings where organization_id = $1 and name = $2 returning 1', [
          scope,
          name,
        ]);
  return rows.length > 0;
}
