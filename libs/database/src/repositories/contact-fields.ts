import type { ContactFieldId, ContactFieldType, OrganizationId, ProfileId } from '#contracts';
import type { Tx } from '../transaction.js';

export interface ContactFieldRow {
  id: ContactFieldId;
  organizationId: OrganizationId;
  /** Null: of all profiles of the organization. */
  profileId: ProfileId | null;
  key: string;
  label: string;
  type: ContactFieldType;
  choices: string[];
  createdAt: Date;
  updatedAt: Date;
}

const columns = `id, organization_id as "organizationId", profile_id as "profileId", key, label, type, choices,
  created_at as "createdAt", updated_at as "updatedAt"`;

/** Those that hold for a profile: its own, and the organization's; of a key that both have the profile's. */
export function listContactFields(
  tx: Pick<Tx, 'query'>,
  organizationId: OrganizationId,
  profileId: ProfileId,
): Promise<ContactFieldRow[]> {
  return tx.query<ContactFieldRow>(
    `select distinct on (key) ${columns} from contact_fields
      where organization_id = $1 and (profile_id = $2 or profile_id is null)
      order by key, profile_id nulls last`,
    [organizationId, profileId],
    { name: 'contact_fields_list' },
  );
}

/** How many there are in one place: a profile, or the organization as such. */
export async function countContactFields(
  tx: Tx,
  organizationId: OrganizationId,
  profileId: ProfileId | null,
): Promise<number> {
  const [row] = await tx.query<{ count: number }>(
    `select count(*) from contact_fields where organization_id = $1 and profile_id is not distinct from $2::uuid`,
    [organizationId, profileId],
  );
  return row!.count;
}

/** Null when there is one of this key in its place. */
export async function insertContactField(
  tx: Tx,
  made: Omit<ContactFieldRow, 'createdAt' | 'updatedAt'>,
): Promise<ContactFieldRow | null> {
  const [row] = await tx.query<ContactFieldRow>(
    `insert into contact_fields (id, organization_id, profile_id, key, label, type, choices)
     values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing returning ${columns}`,
    [made.id, made.organizationId, made.profileId, made.key, made.label, made.type, made.choices],
  );
  return row ?? null;
}

export async function lockContactField(
  tx: Tx,
  organizationId: OrganizationId,
  id: ContactFieldId,
): Promise<ContactFieldRow | null> {
  const [row] = await tx.query<ContactFieldRow>(
    `select ${columns} from contact_fields where organization_id = $1 and id = $2 for update`,
    [organizationId, id],
  );
  return row ?? null;
}

export async function updateContactField(
  tx: Tx,
  id: ContactFieldId,
  { label, choices }: Pick<ContactFieldRow, 'label' | 'choices'>,
): Promise<ContactFieldRow> {
  const [row] = await tx.query<ContactFieldRow>(
    `update contact_fields set label = $2, choices = $3, updated_at = now() where id = $1 returning ${columns}`,
    [id, label, choices],
  );
  return row!;
}

export async function deleteContactField(tx: Tx, id: ContactFieldId): Promise<void> {
  await tx.query('delete from contact_fields where id = $1', [id]);
}
