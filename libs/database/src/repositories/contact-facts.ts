import { newId } from '#contracts';
import type { Tx } from '../transaction.js';

/** What WhatsApp tells of a contact. Absent: nothing was said about it; null: there is none any more. */
export interface ContactFacts {
  savedName?: string | null;
  pushName?: string | null;
  verifiedName?: string | null;
  about?: string | null;
  pictureId?: string | null;
  isBlocked?: boolean;
  identityChangedAt?: Date;
}

export type ContactFactName = keyof ContactFacts;

const columns: Record<ContactFactName, { column: string; type: string }> = {
  savedName: { column: 'saved_name', type: 'text' },
  pushName: { column: 'push_name', type: 'text' },
  verifiedName: { column: 'verified_name', type: 'text' },
  about: { column: 'about', type: 'text' },
  pictureId: { column: 'picture_id', type: 'text' },
  isBlocked: { column: 'is_blocked', type: 'boolean' },
  identityChangedAt: { column: 'identity_changed_at', type: 'timestamptz' },
};

interface Owner {
  organizationId: string;
  profileId: string;
}

/** A contact of which something is another now. */
export interface ChangedContact {
  contactId: string;
  personId: string;
}

/**
 * Keeps one kind of fact of contacts, each person named once. Who is no contact yet becomes one, unless there is nothing
 * to keep.
 * @returns those of whom it was otherwise before
 */
export async function setContactFact<Name extends ContactFactName>(
  tx: Tx,
  owner: Owner,
  name: Name,
  rows: { personId: string; value: NonNullable<ContactFacts[Name]> | null }[],
): Promise<ChangedContact[]> {
  const { column, type } = columns[name];
  const worth = rows.filter(({ value }) => value !== null && value !== false);
  await ensureContacts(
    tx,
    owner,
    worth.map(({ personId }) => personId),
  );
  return tx.query<ChangedContact>(
    `with locked as (
       select id from contacts where profile_id = $1 and person_id = any($2::uuid[]) order by id for update
     )
     update contacts c set ${column} = new.value, updated_at = now()
       from unnest($2::uuid[], $3::${type}[]) as new (person_id, value), locked
      where c.id = locked.id and c.person_id = new.person_id and c.${column} is distinct from new.value
     returning c.id as "contactId", c.person_id as "personId"`,
    [owner.profileId, rows.map(({ personId }) => personId), rows.map(({ value }) => value)],
    { name: `contacts_set_${column}` },
  );
}

/** Nobody but these is blocked. @returns who was until now, and is no more */
export function unblockOthers(tx: Tx, profileId: string, blocked: string[]): Promise<ChangedContact[]> {
  return tx.query<ChangedContact>(
    `with locked as (
       select id from contacts
        where profile_id = $1 and is_blocked and person_id <> all($2::uuid[]) order by id for update
     )
     update contacts c set is_blocked = false, updated_at = now() from locked where c.id = locked.id
     returning c.id as "contactId", c.person_id as "personId"`,
    [profileId, blocked],
    { name: 'contacts_unblock' },
  );
}

/** The number and LID of the account itself: no contact of its own. */
export async function readOwnAddress(tx: Tx, profileId: string): Promise<{ phone: string | null; lid: string | null }> {
  const [row] = await tx.query<{ phone: string | null; lid: string | null }>(
    'select phone_number as phone, lid from profiles where id = $1',
    [profileId],
    { name: 'profiles_own_address' },
  );
  return row ?? { phone: null, lid: null };
}

async function ensureContacts(tx: Tx, owner: Owner, personIds: string[]): Promise<void> {
  if (personIds.length === 0) return;
  const sorted = [...new Set(personIds)].sort();
  await tx.query(
    `insert into contacts (id, organization_id, profile_id, person_id, source)
     select new.id, $1, $2, new.person_id, 'whatsapp'
       from unnest($3::uuid[], $4::uuid[]) with ordinality as new (id, person_id, position) order by new.position
     on conflict (profile_id, person_id) do nothing`,
    [owner.organizationId, owner.profileId, sorted.map(() => newId()), sorted],
    { name: 'contacts_ensure' },
  );
}
