import { type ContactId, newId, type OptOutSource, type PersonId, type ProfileId } from '#contracts';
import type { Tx } from '../transaction.js';

/** Who wants no more campaigns, or wants them again, and how that came. */
export interface OptChange {
  isOptedOut: boolean;
  source: OptOutSource;
  /** In somebody's words, or the keyword that was written. */
  reason: string | null;
  at: Date;
}

/**
 * Marks contacts, and keeps when and how. Those that are so already stay as they are.
 * @returns those of whom it was otherwise before
 */
export function setOptedOut(
  tx: Tx,
  contactIds: readonly ContactId[],
  { isOptedOut, source, reason, at }: OptChange,
): Promise<{ contactId: ContactId; personId: PersonId }[]> {
  return tx.query(
    `with locked as (
       select id from contacts where id = any($1::uuid[]) and (opted_out_at is not null) <> $2 order by id for update
     ), changed as (
       update contacts c
          set opted_out_at = case when $2 then $5::timestamptz end, opted_out_source = case when $2 then $3 end,
              updated_at = now()
         from locked where c.id = locked.id and (c.opted_out_at is not null) <> $2
       returning c.id, c.organization_id, c.profile_id, c.person_id
     ), kept as (
       insert into opt_out_changes (id, organization_id, profile_id, person_id, is_opted_out, source, reason, at)
       select new.id, changed.organization_id, changed.profile_id, changed.person_id, $2, $3, $4, $5
         from changed join unnest($6::uuid[], $1::uuid[]) as new (id, contact_id) on new.contact_id = changed.id
     )
     select id as "contactId", person_id as "personId" from changed`,
    [contactIds, isOptedOut, source, reason, at, contactIds.map(() => newId())],
  );
}

export interface OptOutChangeRow extends OptChange {
  id: string;
}

/** What a person said to a number, newest first. */
export function listOptChanges(
  tx: Tx,
  { profileId, personId }: { profileId: ProfileId; personId: PersonId },
  limit: number,
): Promise<OptOutChangeRow[]> {
  return tx.query<OptOutChangeRow>(
    `select id, is_opted_out as "isOptedOut", source, reason, at from opt_out_changes
      where profile_id = $1 and person_id = $2 order by at desc, id desc limit $3`,
    [profileId, personId, limit],
  );
}

/**
 * Which of these people want no campaigns of a profile, by their positions. What a contact says counts; where there is no
 * contact any more, what the person said last.
 */
export async function findOptedOut(
  tx: Pick<Tx, 'query'>,
  owner: { organizationId: string; profileId: string },
  people: readonly { phone: string | null; lid: string | null }[],
): Promise<Set<number>> {
  const rows = await tx.query<{ position: number }>(
    `with asked as (
       select * from unnest($3::text[], $4::text[]) with ordinality as asked (phone, lid, position)
     ), named as (
       select asked.position, i.person_id from asked
         join identities i on i.organization_id = $1 and i.kind = 'phone' and i.value = asked.phone
       union
       select asked.position, i.person_id from asked
         join identities i on i.organization_id = $1 and i.kind = 'lid' and i.value = asked.lid
     )
     select distinct position from named n
      where coalesce(
        (select c.opted_out_at is not null from contacts c where c.profile_id = $2 and c.person_id = n.person_id),
        (select o.is_opted_out from opt_out_changes o
          where o.profile_id = $2 and o.person_id = n.person_id order by o.at desc, o.id desc limit 1),
        false)`,
    [owner.organizationId, owner.profileId, people.map(({ phone }) => phone), people.map(({ lid }) => lid)],
    { name: 'opt_outs_among' },
  );
  return new Set(rows.map(({ position }) => Number(position) - 1));
}
