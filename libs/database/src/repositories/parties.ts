import type { MessageParty } from '#contracts';
import type { Tx } from '../transaction.js';

/**
 * Who persons are for a profile: their newest phone number and LID, and the name in its address book or else the one
 * they show on WhatsApp. In the order that was asked.
 */
export async function readParties(
  tx: Pick<Tx, 'query'>,
  profileId: string,
  personIds: string[],
): Promise<MessageParty[]> {
  const rows = await tx.query<MessageParty>(
    `select asked.id as "personId",
            (select value from identities i where i.person_id = asked.id and kind = 'phone'
              order by id desc limit 1) as phone,
            (select value from identities i where i.person_id = asked.id and kind = 'lid'
              order by id desc limit 1) as lid,
            (select coalesce(name, saved_name, verified_name, push_name) from contacts c
              where c.profile_id = $1 and c.person_id = asked.id) as name
       from unnest($2::uuid[]) as asked (id)`,
    [profileId, [...new Set(personIds)]],
    { name: 'parties_read' },
  );
  const partyOf = new Map(rows.map((row) => [row.personId, row]));
  return personIds.map((id) => partyOf.get(id)!);
}
