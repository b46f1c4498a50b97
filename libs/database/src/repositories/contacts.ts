import type {
  ContactFilter,
  ContactId,
  ContactSource,
  OptOutSource,
  OrganizationId,
  PersonId,
  ProfileId,
} from '#contracts';
import { compileContactFilter } from '../contact-filter/compile-filter.js';
import type { Tx } from '../transaction.js';

/** An entry of a profile's address book, with what is known of its person. */
export interface ContactRow {
  id: ContactId;
  organizationId: OrganizationId;
  profileId: ProfileId;
  personId: PersonId;
  /** The newest of the person's; digits. */
  phone: string | null;
  lid: string | null;
  /** Given by users of Waypost. */
  name: string | null;
  savedName: string | null;
  verifiedName: string | null;
  pushName: string | null;
  about: string | null;
  pictureId: string | null;
  isBlocked: boolean;
  tags: string[];
  customFields: Record<string, unknown>;
  optedOutAt: Date | null;
  optedOutSource: OptOutSource | null;
  source: ContactSource;
  /** What WhatsApp last said of the phone number; null: it was never asked. */
  onWhatsApp: boolean | null;
  checkedAt: Date | null;
  conversationId: string | null;
  lastMessageAt: Date | null;
  lastInboundAt: Date | null;
  lastOutboundAt: Date | null;
  createdAt: Date;
  updatedAt: Date;
}

const selectContacts = `
  select c.id, c.organization_id as "organizationId", c.profile_id as "profileId", c.person_id as "personId",
         phone.value as phone,
         (select i.value from identities i where i.person_id = c.person_id and i.kind = 'lid'
           order by i.id desc limit 1) as lid,
         c.name, c.saved_name as "savedName", c.verified_name as "verifiedName", c.push_name as "pushName", c.about,
         c.picture_id as "pictureId", c.is_blocked as "isBlocked",
         array(select t.tag from contact_tags t where t.contact_id = c.id order by t.created_at, t.tag_key) as tags,
         c.custom_fields as "customFields", c.opted_out_at as "optedOutAt", c.opted_out_source as "optedOutSource",
         c.source, n.exists as "onWhatsApp", n.checked_at as "checkedAt", v.id as "conversationId",
         v.last_message_at as "lastMessageAt", v.last_inbound_at as "lastInboundAt",
         v.last_outbound_at as "lastOutboundAt", c.created_at as "createdAt", c.updated_at as "updatedAt"
    from contacts c
    left join conversations v on v.profile_id = c.profile_id and v.person_id = c.person_id
    left join lateral (select i.value from identities i where i.person_id = c.person_id and i.kind = 'phone'
                        order by i.id desc limit 1) phone on true
    left join number_checks n on n.organization_id = c.organization_id and n.phone = phone.value`;

/** Which contacts of a profile are meant; all conditions have to fit. */
export interface ContactSelection {
  /** Part of a name, or digits of a phone number. */
  search?: string;
  /** Has at least one of them. */
  tags?: string[];
  filters?: ContactFilter[];
  /** One of these. */
  ids?: readonly ContactId[];
}

/** The condition over `c` of a selection; values go to the end of `parameters`. */
function selectionSql({ search, tags, filters = [], ids }: ContactSelection, parameters: unknown[]): string {
  const parts = filters.map((filter) => compileContactFilter(filter, parameters));
  if (ids) parts.push(`c.id = any($${parameters.push(ids)}::uuid[])`);
  if (tags?.length) parts.push(compileContactFilter({ field: 'tags', op: 'any', value: tags }, parameters));
  if (search) {
    const named = compileContactFilter({ field: 'name', op: 'contains', value: search }, parameters);
    const digits = search.replace(/[\s+().-]/g, '');
    const bound = /^\d+$/.test(digits) && `$${parameters.push(digits)}::text`;
    const numbered = `exists (select 1 from identities i where i.person_id = c.person_id and i.kind = 'phone'
                                and strpos(i.value, ${bound}) > 0)`;
    parts.push(bound ? `(${named} or ${numbered})` : named);
  }
  return parts.length === 0 ? 'true' : parts.join(' and ');
}

/** Newest first; `limit` contacts of a profile before `before`, or after so many. */
export function listContacts(
  tx: Pick<Tx, 'query'>,
  profileId: ProfileId,
  selection: ContactSelection,
  page: { before?: ContactId; offset?: number; limit: number },
): Promise<ContactRow[]> {
  const values: unknown[] = [profileId, page.before ?? null, page.limit, page.offset ?? 0];
  return tx.query<ContactRow>(
    `${selectContacts}
      where c.id in (select c.id from contacts c
                      where c.profile_id = $1 and ($2::uuid is null or c.id < $2) and ${selectionSql(selection, values)}
                      order by c.id desc limit $3 offset $4)
      order by c.id desc`,
    values,
  );
}

/** How many contacts of a profile are meant. */
export async function countContacts(
  tx: Pick<Tx, 'query'>,
  profileId: ProfileId,
  selection: ContactSelection,
): Promise<number> {
  const values: unknown[] = [profileId];
  const [row] = await tx.query<{ count: number }>(
    `select count(*) from contacts c where c.profile_id = $1 and ${selectionSql(selection, values)}`,
    values,
  );
  return row!.count;
}

/** Ids in their order, `limit` after `after`: to go through all that are meant, some at a time. */
export async function listContactIds(
  tx: Pick<Tx, 'query'>,
  profileId: ProfileId,
  selection: ContactSelection,
  page: { after: ContactId | null; limit: number },
): Promise<ContactId[]> {
  const values: unknown[] = [profileId, page.after, page.limit];
  const rows = await tx.query<{ id: ContactId }>(
    `select c.id from contacts c
      where c.profile_id = $1 and ($2::uuid is null or c.id > $2) and ${selectionSql(selection, values)}
      order by c.id limit $3`,
    values,
  );
  return rows.map((row) => row.id);
}

/** In no order; without those that the transaction does not see. */
export function findContacts(
  tx: Pick<Tx, 'query'>,
  organizationId: OrganizationId,
  ids: readonly ContactId[],
): Promise<ContactRow[]> {
  return tx.query<ContactRow>(`${selectContacts} where c.organization_id = $1 and c.id = any($2::uuid[])`, [
    organizationId,
    ids,
  ]);
}

/** The contacts that a person is, at each profile that the transaction sees. */
export function listContactsOfPerson(tx: Tx, organizationId: OrganizationId, personId: PersonId) {
  return tx.query<ContactRow>(
    `${selectContacts} where c.organization_id = $1 and c.person_id = $2 order by c.id limit 100`,
    [organizationId, personId],
  );
}

/** Contacts whom the phone of the account has saved, in the order of their ids, and whether they have a tag. */
export function listSavedContacts(
  tx: Tx,
  profileId: ProfileId,
  tag: string,
  page: { after: ContactId | null; limit: number },
): Promise<{ contactId: ContactId; personId: PersonId; isTagged: boolean; updatedAt: Date }[]> {
  return tx.query(
    `select c.id as "contactId", c.person_id as "personId", c.updated_at as "updatedAt",
            exists (select 1 from contact_tags t where t.contact_id = c.id and t.tag_key = lower($2)) as "isTagged"
       from contacts c
      where c.profile_id = $1 and c.saved_name is not null and ($3::uuid is null or c.id > $3)
      order by c.id limit $4`,
    [profileId, tag, page.after, page.limit],
  );
}

/** Phone numbers and LIDs of a person, the newest first. */
export function readIdentitiesOf(
  tx: Pick<Tx, 'query'>,
  personId: PersonId,
): Promise<{ kind: string; value: string }[]> {
  return tx.query('select kind, value from identities where person_id = $1 order by kind desc, id desc limit 50', [
    personId,
  ]);
}

/** Locks contacts for a change, in the order of their ids. @returns those that are there */
export async function lockContacts(
  tx: Tx,
  organizationId: OrganizationId,
  ids: readonly ContactId[],
): Promise<ContactId[]> {
  const rows = await tx.query<{ id: ContactId }>(
    'select id from contacts where organization_id = $1 and id = any($2::uuid[]) order by id for update',
    [organizationId, ids],
  );
  return rows.map((row) => row.id);
}

/** A contact as a user, a file or a phone has it. What is undefined stays as it is. */
export interface ContactEntry {
  /** Of a new one. */
  id: ContactId;
  /** Resolved in the same transaction (`resolvePersons`); each at most once. */
  personId: PersonId;
  name?: string;
  /** Set beside those that are there. */
  customFields?: Record<string, unknown>;
}

export interface KeptContact {
  contactId: ContactId;
  personId: PersonId;
  isNew: boolean;
  /** Of one that was there: whether the name, or custom fields, are other now. */
  nameChanged: boolean;
  fieldsChanged: boolean;
}

/**
 * Adds contacts to a profile's address book, or changes those that are there. Set-based; locks in order of persons. Each is
 * looked up by itself: otherwise all of the profile's are read each time.
 */
export async function keepContacts(
  tx: Tx,
  owner: { organizationId: OrganizationId; profileId: ProfileId },
  source: ContactSource,
  entries: ContactEntry[],
): Promise<KeptContact[]> {
  if (entries.length === 0) return [];
  const sorted = [...entries].sort((a, b) => (a.personId < b.personId ? -1 : 1));
  return tx.query<KeptContact>(
    `with given as (
       select * from unnest($3::uuid[], $4::uuid[], $5::text[], $6::jsonb[]) with ordinality
         as given (id, person_id, name, fields, position)
     ), before as materialized (
       select c.id, c.name, c.custom_fields from given, lateral (
         select id, name, custom_fields from contacts
          where profile_id = $2 and person_id = given.person_id offset 0) c
     ), kept as (
       insert into contacts as c (id, organization_id, profile_id, person_id, name, custom_fields, source)
       select given.id, $1, $2, given.person_id, given.name, given.fields, $7
         from given order by given.position
       on conflict (profile_id, person_id) do update
          set name = coalesce(excluded.name, c.name),
              custom_fields = c.custom_fields || excluded.custom_fields,
              updated_at = now()
       returning c.id, c.person_id, c.name, c.custom_fields, c.xmax = 0 as is_new
     )
     select kept.id as "contactId", kept.person_id as "personId", kept.is_new as "isNew",
            before.id is not null and kept.name is distinct from before.name as "nameChanged",
            coalesce(kept.custom_fields <> before.custom_fields, false) as "fieldsChanged"
       from kept left join before on before.id = kept.id`,
    [
      owner.organizationId,
      owner.profileId,
      sorted.map((entry) => entry.id),
      sorted.map((entry) => entry.personId),
      sorted.map((entry) => entry.name ?? null),
      sorted.map((entry) => JSON.stringify(entry.customFields ?? {})),
      source,
    ],
  );
}

/** Puts a name and custom fields in the place of those that are there; undefined ones stay. */
export async function replaceContact(
  tx: Tx,
  id: ContactId,
  changes: { name?: string | null; customFields?: Record<string, unknown> },
): Promise<void> {
  await tx.query(
    `update contacts set name = case when $2 then $3 else name end,
            custom_fields = coalesce($4::jsonb, custom_fields), updated_at = now()
      where id = $1`,
    [
      id,
      changes.name !== undefined,
      changes.name ?? null,
      changes.customFields === undefined ? null : JSON.stringify(changes.customFields),
    ],
  );
}

/** Takes contacts out of the address book, with their tags. @returns how many were there */
export async function deleteContacts(tx: Tx, ids: readonly ContactId[]): Promise<number> {
  const rows = await tx.query('delete from contacts where id = any($1::uuid[]) returning 1', [ids]);
  return rows.length;
}
