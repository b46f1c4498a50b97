import type { ContactId, PersonId, ProfileId } from '#contracts';
import type { Tx } from '../transaction.js';

/** Contacts that have the same name, or the same value of a field: perhaps one human with two numbers. */
export interface DuplicateGroup {
  /** What is the same, in lower case. */
  value: string;
  contactIds: ContactId[];
}

/** Groups by their value, `limit` after `after`; of each at most twenty contacts, oldest first. */
export function listDuplicates(
  tx: Tx,
  profileId: ProfileId,
  by: { field: string | null },
  page: { after?: string; limit: number },
): Promise<DuplicateGroup[]> {
  const value =
    by.field === null
      ? 'lower(trim(coalesce(c.name, c.saved_name, c.verified_name)))'
      : 'lower(trim(c.custom_fields ->> $4::text))';
  const values: unknown[] = [profileId, page.after ?? null, page.limit];
  if (by.field !== null) values.push(by.field);
  return tx.query<DuplicateGroup>(
    `select value, (array_agg(id order by id))[1:20] as "contactIds"
       from (select c.id, ${value} as value from contacts c where c.profile_id = $1) each
      where char_length(value) >= 3 and ($2::text is null or value collate "C" > $2 collate "C")
      group by value having count(*) > 1 order by value collate "C" limit $3`,
    values,
  );
}

/**
 * Gives one contact what others of its profile have: tags, custom fields and names that it lacks, their opt-out; then
 * the others are gone. Persons, numbers and conversations stay as they are.
 */
export async function mergeContacts(tx: Tx, keptId: ContactId, goneIds: readonly ContactId[]): Promise<void> {
  await tx.query(
    `insert into contact_tags (contact_id, organization_id, profile_id, tag, created_at)
     select distinct on (t.tag_key) $1, t.organization_id, t.profile_id, t.tag, t.created_at
       from contact_tags t where t.contact_id = any($2::uuid[]) order by t.tag_key, t.created_at
     on conflict do nothing`,
    [keptId, goneIds],
  );
  await tx.query(
    `with gone as (
       select * from contacts where id = any($2::uuid[])
     ), given as (
       select (select g.name from gone g where g.name is not null order by g.id limit 1) as name,
              coalesce((select jsonb_object_agg(f.key, f.value order by g.id desc)
                          from gone g, jsonb_each(g.custom_fields) f), '{}') as fields,
              min(created_at) as created_at from gone
     )
     update contacts c
        set name = coalesce(c.name, given.name), custom_fields = given.fields || c.custom_fields,
            created_at = least(c.created_at, given.created_at), updated_at = now()
       from given where c.id = $1`,
    [keptId, goneIds],
  );
  await tx.query('delete from contacts where id = any($1::uuid[])', [goneIds]);
}

/** The newest messages between a profile and a person, either way. */
export function listRecentMessageIds(
  tx: Tx,
  { profileId, personId }: { profileId: ProfileId; personId: PersonId },
  limit: number,
): Promise<{ id: string }[]> {
  return tx.query(
    `select m.id from conversations v
       join lateral (select id from messages where conversation_id = v.id and target_message_id is null
                      order by id desc limit $3) m on true
      where v.profile_id = $1 and v.person_id = $2 order by m.id desc`,
    [profileId, personId, limit],
  );
}
