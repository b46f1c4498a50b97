import type { MessageParty } from '#contracts';
import type { Address } from '#engine';
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
  const partyOf = await readPartiesOf(
    tx,
    personIds.map((personId) => ({ profileId, personId })),
  );
  return personIds.map((personId) => partyOf({ profileId, personId }));
}

/**
 * The same for persons of several profiles, in one read. The arrays stand in sub-selects, which hides their length: knowing
 * it, PostgreSQL would plan the statement anew for each few persons, and that costs as much as running it.
 */
export async function readPartiesOf(
  tx: Pick<Tx, 'query'>,
  asked: { profileId: string; personId: string }[],
): Promise<(one: { profileId: string; personId: string }) => MessageParty> {
  const distinct = [...new Map(asked.map((one) => [keyOf(one), one])).values()];
  const rows = await tx.query<MessageParty & { position: number }>(
    `select asked.position, asked.person_id as "personId",
            (select value from identities i where i.person_id = asked.person_id and kind = 'phone'
              order by id desc limit 1) as phone,
            (select value from identities i where i.person_id = asked.person_id and kind = 'lid'
              order by id desc limit 1) as lid,
            (select coalesce(name, saved_name, verified_name, push_name) from contacts c
              where c.profile_id = asked.profile_id and c.person_id = asked.person_id) as name
       from unnest((select $1::uuid[]), (select $2::uuid[])) with ordinality as asked (profile_id, person_id, position)`,
    [distinct.map((one) => one.profileId), distinct.map((one) => one.personId)],
    { name: 'parties_read' },
  );
  const parties = new Map(rows.map(({ position, ...party }) => [keyOf(distinct[position - 1]!), party]));
  return (one) => parties.get(keyOf(one))!;
}

const keyOf = ({ profileId, personId }: { profileId: string; personId: string }) => `${profileId} ${personId}`;

/** Who these addresses are, as far as it is known here, in their order; of strangers the address is all there is. */
export async function findPartiesOf(
  tx: Pick<Tx, 'query'>,
  organizationId: string,
  profileId: string,
  addresses: Address[],
): Promise<MessageParty[]> {
  const rows = await tx.query<{ personId: string | null }>(
    `select coalesce(
              (select person_id from identities where organization_id = $1 and kind = 'lid' and value = asked.lid),
              (select person_id from identities where organization_id = $1 and kind = 'phone' and value = asked.phone)
            ) as "personId"
       from unnest($2::text[], $3::text[]) with ordinality as asked (phone, lid, position) order by position`,
    [organizationId, addresses.map(({ phone }) => phone), addresses.map(({ lid }) => lid)],
  );
  const known = rows.flatMap(({ personId }) => personId ?? []);
  const parties = await readParties(tx, profileId, known);
  const partyOf = new Map(known.map((id, index) => [id, parties[index]!]));
  return addresses.map((address, index) => {
    const party = partyOf.get(rows[index]!.personId ?? '') ?? { personId: null, phone: null, lid: null, name: null };
    return { ...party, phone: party.phone ?? address.phone, lid: party.lid ?? address.lid };
  });
}
