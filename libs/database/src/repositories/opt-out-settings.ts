import type { OrganizationId } from '#contracts';
import type { Tx } from '../transaction.js';

type Reads = Pick<Tx, 'query'>;

/** How a profile takes it when people want no more campaigns. */
export interface OptOutSettingsRow {
  profileId: string;
  isEnabled: boolean;
  keywords: string[];
  returnKeywords: string[];
  confirmation: string | null;
  returnConfirmation: string | null;
  /** Null: never set, so that the defaults hold. */
  updatedAt: Date | null;
}

const columns = `profile_id as "profileId", is_enabled as "isEnabled", keywords, return_keywords as "returnKeywords",
  confirmation, return_confirmation as "returnConfirmation", updated_at as "updatedAt"`;

/** Those of the profiles that were ever set. */
export function readOptOutSettings(tx: Reads, profileIds: string[]): Promise<OptOutSettingsRow[]> {
  return tx.query<OptOutSettingsRow>(
    `select ${columns} from opt_out_settings where profile_id = any($1::uuid[])`,
    [profileIds],
    { name: 'opt_out_settings_read' },
  );
}

export async function setOptOutSettings(
  tx: Tx,
  organizationId: string,
  row: Omit<OptOutSettingsRow, 'updatedAt'>,
): Promise<OptOutSettingsRow> {
  const [set] = await tx.query<OptOutSettingsRow>(
    `insert into opt_out_settings (profile_id, organization_id, is_enabled, keywords, return_keywords, confirmation,
                                   return_confirmation)
     values ($1, $2, $3, $4, $5, $6, $7)
     on conflict (profile_id) do update
       set is_enabled = excluded.is_enabled, keywords = excluded.keywords, return_keywords = excluded.return_keywords,
           confirmation = excluded.confirmation, return_confirmation = excluded.return_confirmation, updated_at = now()
     returning ${columns}`,
    [
      row.profileId,
      organizationId,
      row.isEnabled,
      row.keywords,
      row.returnKeywords,
      row.confirmation,
      row.returnConfirmation,
    ],
  );
  return set!;
}

/** By id alone: for a sealed link. */
export async function findLinkProfile(
  db: Reads,
  profileId: string,
): Promise<{ organizationId: OrganizationId; phoneNumber: string | null } | null> {
  const [row] = await db.query<{ organizationId: OrganizationId; phoneNumber: string | null }>(
    'select organization_id as "organizationId", phone_number as "phoneNumber" from profiles where id = $1',
    [profileId],
  );
  return row ?? null;
}
