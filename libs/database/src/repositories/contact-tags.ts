import type { ContactId, OrganizationId, ProfileId } from '#contracts';
import type { Tx } from '../transaction.js';

/** A tag that a contact got or lost. */
export interface TagChange {
  contactId: ContactId;
  tag: string;
}

/**
 * Puts tags on contacts of a profile, each pair given once. A tag that the profile knows in another case takes that case.
 * @returns those that are new
 */
export function addContactTags(
  tx: Tx,
  owner: { organizationId: OrganizationId; profileId: ProfileId },
  pairs: TagChange[],
): Promise<TagChange[]> {
  return tx.query<TagChange>(
    `with given as materialized (
       select distinct on (contact_id, lower(tag)) contact_id, tag, lower(tag) as key, position
         from unnest($3::uuid[], $4::text[]) with ordinality as given (contact_id, tag, position)
        order by contact_id, lower(tag), position
     ), written as materialized (
       select key, coalesce(waypost_known_tag($2, key), (array_agg(tag order by position))[1]) as tag
         from given group by key
     )
     insert into contact_tags (contact_id, organization_id, profile_id, tag)
     select given.contact_id, $1, $2, written.tag from given join written using (key)
      order by given.contact_id
     on conflict do nothing
     returning contact_id as "contactId", tag`,
    [owner.organizationId, owner.profileId, pairs.map((pair) => pair.contactId), pairs.map((pair) => pair.tag)],
  );
}

/** Takes tags off contacts; all that they have without `tags`. @returns those that were there */
export function removeContactTags(
  tx: Tx,
  contactIds: readonly ContactId[],
  tags: { only: readonly string[] } | { except: readonly string[] },
): Promise<TagChange[]> {
  const [word, list] = 'only' in tags ? ['', tags.only] : ['not', tags.except];
  return tx.query<TagChange>(
    `delete from contact_tags t
      where t.contact_id = any($1::uuid[])
        and ${word} t.tag_key = any(array(select lower(asked) from unnest($2::text[]) as asked))
     returning t.contact_id as "contactId", t.tag`,
    [contactIds, list],
  );
}

export interface TagCount {
  tag: string;
  count: number;
}

/** The tags of a profile in their alphabet, with how many contacts have each; `limit` after `after`. */
export function listTags(
  tx: Tx,
  profileId: ProfileId,
  page: { search?: string; after?: string; limit: number },
): Promise<TagCount[]> {
  return tx.query<TagCount>(
    `select min(t.tag) as tag, count(*) as count from contact_tags t
      where t.profile_id = $1 and ($2::text is null or t.tag_key collate "C" > lower($2) collate "C")
        and ($3::text is null or strpos(t.tag_key, lower($3)) > 0)
      group by t.tag_key order by t.tag_key collate "C" limit $4`,
    [profileId, page.after ?? null, page.search ?? null, page.limit],
  );
}

/**
 * Gives a tag another name on every contact of a profile; contacts that have both keep one.
 * @returns how many contacts had it
 */
export async function renameTag(tx: Tx, profileId: ProfileId, tag: string, name: string): Promise<number> {
  const renamed = await tx.query<{ count: number }>(
    `with renamed as (
       update contact_tags t set tag = $3
        where t.profile_id = $1 and t.tag_key = lower($2)
          and (lower($2) = lower($3) or not exists (
                 select 1 from contact_tags o where o.contact_id = t.contact_id and o.tag_key = lower($3)))
       returning 1
     ) select count(*) as count from renamed`,
    [profileId, tag, name],
  );
  // What still has the former name has the new one besides.
  const spare = tag.toLowerCase() === name.toLowerCase() ? 0 : await deleteTag(tx, profileId, tag);
  return renamed[0]!.count + spare;
}

/** Takes a tag off every contact of a profile. @returns how many contacts had it */
export async function deleteTag(tx: Tx, profileId: ProfileId, tag: string): Promise<number> {
  const [row] = await tx.query<{ count: number }>(
    `with gone as (
       delete from contact_tags where profile_id = $1 and tag_key = lower($2) returning 1
     ) select count(*) as count from gone`,
    [profileId, tag],
  );
  return row!.count;
}
