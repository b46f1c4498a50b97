import type { ContactId } from '#contracts';
import type { Tx } from '../transaction.js';

/** Whom a phone number leads to in the address book of a profile. */
export interface KnownContact {
  phone: string;
  contactId: ContactId;
  name: string | null;
  tags: string[];
  customFields: Record<string, unknown>;
  isOptedOut: boolean;
}

/**
 * The contacts of a profile with these numbers, by the number; nothing is locked. Each is looked up by itself: with old
 * statistics all of the profile's would be read.
 */
export async function findContactsByPhone(
  tx: Pick<Tx, 'query'>,
  owner: { organizationId: string; profileId: string },
  phones: readonly string[],
): Promise<Map<string, KnownContact>> {
  const rows = await tx.query<KnownContact>(
    `select i.value as phone, c.id as "contactId", c.name, c.custom_fields as "customFields",
            array(select t.tag from contact_tags t where t.contact_id = c.id) as tags,
            c.opted_out_at is not null as "isOptedOut"
       from unnest($3::text[]) as asked (phone), lateral (
         select value, person_id from identities
          where organization_id = $1 and kind = 'phone' and value = asked.phone offset 0) i, lateral (
         select id, name, custom_fields, opted_out_at from contacts
          where profile_id = $2 and person_id = i.person_id offset 0) c`,
    [owner.organizationId, owner.profileId, phones],
    { name: 'contacts_by_phone' },
  );
  return new Map(rows.map((row) => [row.phone, row]));
}

/** The contact of a profile whose person has this phone number, or this LID. */
export async function findContactAt(
  tx: Pick<Tx, 'query'>,
  owner: { organizationId: string; profileId: string },
  { phone, lid }: { phone: string | null; lid: string | null },
): Promise<ContactId | null> {
  const [kind, value] = phone === null ? ['lid', lid] : ['phone', phone];
  const [row] = await tx.query<{ id: ContactId }>(
    `select c.id from identities i join contacts c on c.profile_id = $2 and c.person_id = i.person_id
      where i.organization_id = $1 and i.kind = $3 and i.value = $4`,
    [owner.organizationId, owner.profileId, kind, value],
  );
  return row?.id ?? null;
}

/** Keys of the custom fields that contacts of a profile have, in their alphabet. */
export async function listFieldKeys(tx: Pick<Tx, 'query'>, profileId: string, limit: number): Promise<string[]> {
  const rows = await tx.query<{ key: string }>(
    `select distinct jsonb_object_keys(custom_fields) as key from contacts
      where profile_id = $1 and custom_fields <> '{}' order by key limit $2`,
    [profileId, limit],
  );
  return rows.map((row) => row.key);
}
