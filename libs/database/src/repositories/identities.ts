import { newId } from '#contracts';
import type { Address } from '#engine';
import type { Tx } from '../transaction.js';
import { type ConversationMerge, mergePersons } from './merge-persons.js';

type IdentityKind = 'phone' | 'lid';

/** The persons of addresses, in the order that was asked, and what had to be joined to say so. */
export interface ResolvedPersons {
  personIds: string[];
  merges: ConversationMerge[];
}

/**
 * Finds or makes the person of each address. A phone number and a LID that come in one address are one person from then
 * on: if they were two, those are merged. Set-based, safe beside others doing the same. Until the end of the
 * transaction none of the persons can be merged away, so rows may be attached to them.
 *
 * Call it before locking conversations, outbox or message rows: a merge locks those too, after the persons.
 * @param known what `findIdentities` answered for all of them in this transaction
 */
export async function resolvePersons(
  tx: Tx,
  organizationId: string,
  addresses: Address[],
  known?: KnownIdentities,
): Promise<ResolvedPersons> {
  const merges: ConversationMerge[] = [];
  // A round that found another transaction at work reads again; persons only ever grow together, so it ends.
  for (let round = 0; round < 10; round++) {
    const found = (round === 0 && known) || (await findIdentities(tx, organizationId, addresses));
    const groups = groupIdentities(addresses, found);
    const apart = groups.filter((group) => group.persons.size > 1);
    for (const group of apart) merges.push(...(await joinPersons(tx, organizationId, group, round > 2)));
    if (apart.length > 0) continue;
    if (!(await addUnknown(tx, organizationId, groups))) continue;
    const personOf = new Map(groups.flatMap((group) => [...group.keys].map((key) => [key, personOfGroup(group)])));
    return { personIds: addresses.map((address) => personOf.get(identityKeys(address)[0]!)!), merges };
  }
  throw new Error('The persons of these addresses kept changing; the work has to be done again.');
}

/** The newest phone number and LID of each person: what to send to, and what chats are called. */
export async function readAddresses(tx: Tx, personIds: string[]): Promise<Map<string, Address>> {
  const rows = await tx.query<{ personId: string; kind: IdentityKind; value: string }>(
    `select distinct on (person_id, kind) person_id as "personId", kind, value
       from identities where person_id = any($1::uuid[]) order by person_id, kind, id desc`,
    [[...new Set(personIds)]],
    { name: 'identities_addresses' },
  );
  const addresses = new Map<string, Address>(personIds.map((id) => [id, { phone: null, lid: null }]));
  for (const row of rows) addresses.get(row.personId)![row.kind] = row.value;
  return addresses;
}

/** Identities that are one human by what the addresses say, with the persons that they belong to so far. */
interface IdentityGroup {
  keys: Set<string>;
  persons: Set<string>;
  unknown: Set<string>;
  /** Made when it is needed: a group of unknown identities becomes a new person. */
  newPersonId?: string;
}

/** Persons by what they are reached under, for `resolvePersons`. */
export type KnownIdentities = ReadonlyMap<string, string>;

/**
 * What is known of these addresses. Locked in the order of the persons, so that two transactions never wait for each other
 * crosswise. Each is looked up by itself: a plan made while there were few would read all of the organization's each time.
 */
export async function findIdentities(tx: Tx, organizationId: string, addresses: Address[]): Promise<KnownIdentities> {
  const keys = [...new Set(addresses.flatMap(identityKeys))].map(splitIdentityKey);
  // The key-share lock meets the merge's lock: a person that is being merged away is waited for and then not found.
  const rows = await tx.query<{ kind: string; value: string; personId: string }>(
    `with known as materialized (
       select asked.kind, asked.value, i.person_id
         from unnest($2::text[], $3::text[]) as asked (kind, value), lateral (
           select person_id from identities
            where organization_id = $1 and kind = asked.kind and value = asked.value offset 0) i
        order by i.person_id
     )
     select known.kind, known.value, known.person_id as "personId"
       from known, lateral (select from persons p where p.id = known.person_id for key share) person`,
    [organizationId, keys.map(([kind]) => kind), keys.map(([, value]) => value)],
    { name: 'identities_read' },
  );
  return new Map(rows.map((row) => [`${row.kind}:${row.value}`, row.personId]));
}

function groupIdentities(addresses: Address[], known: KnownIdentities): IdentityGroup[] {
  const groupOf = new Map<string, IdentityGroup>();
  for (const address of addresses) {
    const keys = identityKeys(address);
    if (keys.length === 0) throw new TypeError('An address has neither a phone number nor a LID.');
    const group: IdentityGroup = { keys: new Set(), persons: new Set(), unknown: new Set() };
    for (const key of keys) {
      const earlier = groupOf.get(key);
      for (const member of earlier?.keys ?? [key]) group.keys.add(member);
    }
    for (const key of group.keys) {
      const person = known.get(key);
      if (person) group.persons.add(person);
      else group.unknown.add(key);
      groupOf.set(key, group);
    }
  }
  return [...new Set(groupOf.values())];
}

/** @returns false when another transaction was faster with one of them, so that everything is to be read again. */
async function addUnknown(tx: Tx, organizationId: string, groups: IdentityGroup[]): Promise<boolean> {
  const additions = groups
    .flatMap((group) => [...group.unknown].map((key) => ({ key, personId: personOfGroup(group) })))
    .sort((a, b) => (a.key < b.key ? -1 : 1));
  if (additions.length === 0) return true;
  const newPersons = groups.flatMap((group) => group.newPersonId ?? []);
  const inserted = await tx.query(
    `with person as (
       insert into persons (id, organization_id) select unnest($2::uuid[]), $1
     )
     insert into identities (id, organization_id, person_id, kind, value)
     select new.id, $1, new.person_id, new.kind, new.value
       from unnest($3::uuid[], $4::uuid[], $5::text[], $6::text[]) with ordinality
            as new (id, person_id, kind, value, position)
      order by new.position
     on conflict (organization_id, kind, value) do nothing
     returning 1`,
    [
      organizationId,
      newPersons,
      additions.map(() => newId()),
      additions.map((addition) => addition.personId),
      additions.map((addition) => splitIdentityKey(addition.key)[0]),
      additions.map((addition) => splitIdentityKey(addition.key)[1]),
    ],
    { name: 'identities_add' },
  );
  if (inserted.length === additions.length) return true;
  await tx.query(
    `delete from persons p where p.id = any($1::uuid[])
        and not exists (select 1 from identities i where i.person_id = p.id)`,
    [newPersons],
  );
  return false;
}

/**
 * Two persons turned out to share an address. Normally one was known by number only, or by LID only: they are merged.
 * When each has both a number and a LID they are two humans, and the phone number has changed hands: it goes to the
 * owner of the LID, which is the lasting name of an account. `certain` merges in any case.
 */
async function joinPersons(
  tx: Tx,
  organizationId: string,
  group: IdentityGroup,
  certain: boolean,
): Promise<ConversationMerge[]> {
  const persons = [...group.persons].sort();
  const rows = await tx.query<{ personId: string; kind: IdentityKind; value: string }>(
    'select person_id as "personId", kind, value from identities where person_id = any($1::uuid[])',
    [persons],
  );
  const isWhole = (personId: string) =>
    (['phone', 'lid'] as const).every((kind) => rows.some((row) => row.personId === personId && row.kind === kind));
  const lid = rows.find((row) => row.kind === 'lid' && group.keys.has(`lid:${row.value}`));
  if (certain || !lid || !persons.every(isWhole)) return mergePersons(tx, persons);
  for (const row of rows) {
    if (row.kind !== 'phone' || !group.keys.has(`phone:${row.value}`)) continue;
    // A new id makes it the newest number of its new owner.
    await tx.query(
      `update identities set person_id = $1, id = $2 where organization_id = $3 and kind = 'phone' and value = $4`,
      [lid.personId, newId(), organizationId, row.value],
    );
  }
  return [];
}

function personOfGroup(group: IdentityGroup): string {
  const [known] = group.persons;
  if (known) return known;
  group.newPersonId ??= newId();
  return group.newPersonId;
}

/** What an address is known under. */
export function identityKeys(address: Address): string[] {
  return [...(address.phone ? [`phone:${address.phone}`] : []), ...(address.lid ? [`lid:${address.lid}`] : [])];
}

export function splitIdentityKey(key: string): [IdentityKind, string] {
  const at = key.indexOf(':');
  return [key.slice(0, at) as IdentityKind, key.slice(at + 1)];
}
