import type { BroadcastId, ContactFilter, OrganizationId, ProfileId } from '#contracts';
import { compileContactFilter } from '../contact-filter/compile-filter.js';
import type { Tx } from '../transaction.js';

/** What recipients of a broadcast have in common. */
export interface AudienceOf {
  broadcastId: BroadcastId;
  organizationId: OrganizationId;
  senders: readonly string[];
  /** Bounds of the variants within the sum of their shares, without the last. */
  bounds: readonly number[];
  shares: number;
  /** Position of the first. */
  position: number;
}

/** Addresses as somebody gave them, side by side with what is wrong with them and the values for their places. */
export interface GivenAddresses {
  addresses: readonly string[];
  problems: readonly (string | null)[];
  variables: readonly (string | null)[];
  /** Where they stand in a file. */
  lines?: readonly number[];
}

/** Writes recipients down, each of them or why not. @returns how many rows */
export async function addGivenRecipients(tx: Tx, of: AudienceOf, given: GivenAddresses): Promise<number> {
  const rows = await tx.query<{ count: number }>(
    `with given as materialized (
       select *, split_part(address, ':', 1) as kind, split_part(address, ':', 2) as value
         from unnest($8::text[], $9::text[], $10::jsonb[], $11::int[]) with ordinality
           as given (address, problem, variables, line, nth)
     ), found as (
       select given.nth, given.problem, given.variables, given.line, i.person_id,
              case when i.kind = 'lid' then coalesce(
                (select 'phone:' || p.value from identities p
                  where p.person_id = i.person_id and p.kind = 'phone' order by p.id desc limit 1), given.address)
              else given.address end as address
         from given
         left join lateral (
           select person_id, kind from identities
            where organization_id = $2 and kind = given.kind and value = given.value limit 1) i
           on given.problem is null
     ) ${writeSql}`,
    [...columnsOf(of), ...[given.addresses, given.problems, given.variables, given.lines ?? []].map(literalOf)],
    { name: 'broadcast_add_given' },
  );
  return rows[0]!.count;
}

/** An array as PostgreSQL reads it, joined at once: the driver's own way adds part to part, which leaves much garbage behind. */
function literalOf(values: readonly (string | number | null)[]): string {
  const written = values.map((value) =>
    typeof value === 'string' ? `"${value.replace(/["\\]/g, '\\$&')}"` : value === null ? 'NULL' : String(value),
  );
  return `{${written.join(',')}}`;
}

/** The newest addresses of the persons of `picked`. */
const addressesSql = `lateral (
  select (select value from identities where person_id = picked.person_id and kind = 'phone'
           order by id desc limit 1) as phone,
         (select value from identities where person_id = picked.person_id and kind = 'lid'
           order by id desc limit 1) as lid) a`;

/** Which contacts of a profile: those that a filter fits, of these ids; null: any. */
export interface ContactsWanted {
  profileId: string;
  filter: ContactFilter | null;
  ids: readonly string[] | null;
}

/** The same for contacts of a profile, in the order of their ids. @returns how many rows, and the last contact's id */
export async function addContactRecipients(
  tx: Tx,
  of: AudienceOf,
  wanted: ContactsWanted,
  page: { after: string | null; limit: number },
): Promise<{ count: number; last: string | null }> {
  const values = [...columnsOf(of), wanted.profileId, page.after, page.limit];
  const [row] = await tx.query<{ count: number; last: string | null }>(
    `with picked as (
       select c.id, c.person_id from contacts c
        where c.profile_id = $8 and ($9::uuid is null or c.id > $9) and ${conditionOf(wanted, values)}
        order by c.id limit $10
     ), found as (
       select row_number() over (order by picked.id) as nth, null::jsonb as variables, null::int as line, picked.person_id,
              coalesce('phone:' || a.phone, 'lid:' || a.lid, 'contact:' || picked.id) as address,
              case when a.phone is null and a.lid is null then 'invalid_address' end as problem
         from picked, ${addressesSql}
     ) ${writeSql.replace('select count(*)', 'select (select max(id::text) from picked) as last, count(*)')}`,
    values,
  );
  return row!;
}

/**
 * The same for the members of groups that one of the sending numbers is in, each once, in the order of their persons.
 * @returns how many rows, and the last person's id
 */
export async function addMemberRecipients(
  tx: Tx,
  of: AudienceOf,
  groupIds: readonly string[],
  page: { after: string | null; limit: number },
): Promise<{ count: number; last: string | null }> {
  const [row] = await tx.query<{ count: number; last: string | null }>(
    `with picked as (
       select distinct m.person_id from group_members m join groups g on g.id = m.group_id
        where g.organization_id = $2 and g.id = any($8::uuid[]) and g.profile_id = any($4::uuid[])
          and g.own_role is not null and m.person_id is not null and ($9::uuid is null or m.person_id > $9)
        order by m.person_id limit $10
     ), found as (
       select row_number() over (order by picked.person_id) as nth, null::jsonb as variables, null::int as line,
              picked.person_id, coalesce('phone:' || a.phone, 'lid:' || a.lid, 'person:' || picked.person_id) as address,
              case when a.phone is null and a.lid is null then 'invalid_address' end as problem
         from picked, ${addressesSql}
     ) ${writeSql.replace('select count(*)', 'select (select max(person_id::text) from picked) as last, count(*)')}`,
    [...columnsOf(of), groupIds, page.after, page.limit],
    { name: 'broadcast_add_members' },
  );
  return row!;
}

/** A condition on `c`; its values go to the end of the given ones. */
function conditionOf({ filter, ids }: ContactsWanted, values: unknown[]): string {
  const fits = filter === null ? 'true' : compileContactFilter(filter, values);
  return ids === null ? fits : `(${fits} and c.id = any($${values.push(ids)}::uuid[]))`;
}

function columnsOf(of: AudienceOf): unknown[] {
  const { broadcastId, organizationId, position, senders, bounds, shares } = of;
  return [broadcastId, organizationId, position, senders, bounds, shares, senders.length > 1];
}

/**
 * Judges what `found` has (nth, address, person_id, variables, line, problem) and writes it. A person who does not want it at
 * one of the sending numbers gets it from none of them. What is looked up in large tables is looked up row by row (`limit 1`
 * in a lateral), never by reading the table into a hash, as the planner likes to do while its statistics know nothing of a
 * broadcast that has just begun: the millionth recipient costs what the first one does. And it is looked up by plain columns:
 * under row-level security an expression over columns uses no index. For the same reason as the first a person's rows are
 * compared with the broadcast by what no index knows (`is not distinct from`): a person has few. `materialized`, so that a
 * judgement is made once and not at each place that asks for it.
 */
const writeSql = `, own as (
    select 'phone:' || phone_number as address from profiles where id = any($4::uuid[])
  ), named as materialized (
    select *, split_part(address, ':', 1) as kind, substr(address, strpos(address, ':') + 1) as value from found
  ), judged as materialized (
    select named.*, coalesce(
             named.problem,
             case when named.address in (select address from own) then 'own_number' end,
             case when named.person_id is not null then (
               select case when bool_or(c.opted_out_at is not null) then 'opted_out'
                           when bool_or(c.is_blocked) then 'blocked' end
                 from contacts c where c.person_id = named.person_id and c.profile_id = any($4::uuid[])) end,
             case when named.person_id is not null and (select bool_or(latest.is_opted_out) from (
                 select distinct on (h.profile_id) h.is_opted_out from opt_out_changes h
                  where h.person_id = named.person_id and h.profile_id = any($4::uuid[])
                  order by h.profile_id, h.at desc, h.id desc) latest)
               then 'opted_out' end,
             case when checked.is_absent then 'not_on_whatsapp' end,
             case when named.kind = 'group' and not exists (
               select from groups g where g.profile_id = any($4::uuid[]) and g.wa_id = named.value
                                      and g.own_role is not null) then 'no_sender' end) as reason
      from named
      left join lateral (
        select not n.exists as is_absent from number_checks n
         where n.organization_id = $2 and n.phone = named.value limit 1) checked
        on named.kind = 'phone'
  ), ranked as (
    select judged.*,
           row_number() over (partition by judged.reason is null, coalesce(judged.person_id::text, judged.address)
                              order by judged.nth) as time
      from judged
  ), told as materialized (
    select ranked.nth, ranked.address, ranked.kind, ranked.value, ranked.person_id, ranked.variables, ranked.line,
           coalesce(ranked.reason, case
             when ranked.time > 1 or same_address.is_listed or same_person.is_listed then 'repeated' end) as reason
      from ranked
      left join lateral (
        select true as is_listed from broadcast_recipients r
         where r.broadcast_id = $1 and r.address = ranked.address and not r.is_excluded limit 1) same_address
        on ranked.reason is null
      left join lateral (
        select true as is_listed from broadcast_recipients r
         where r.person_id = ranked.person_id and r.broadcast_id is not distinct from $1 and not r.is_excluded limit 1) same_person
        on ranked.reason is null and ranked.person_id is not null
  ), added as (
    insert into broadcast_recipients (broadcast_id, position, organization_id, address, person_id, variables, line, state,
                                      is_waiting, is_excluded, reason, variant, sender_id, ended_at)
    select $1, $3::int + row_number() over (order by told.nth) - 1, $2, told.address, told.person_id, told.variables, told.line,
           case when told.reason is null then 'pending' else 'excluded' end, told.reason is null,
           told.reason is not null, told.reason,
           width_bucket((hashtextextended($1::uuid::text || told.address, 0) & 9223372036854775807) % $6::int8,
                        $5::int8[]),
           case when told.kind = 'group' then (
                  select g.profile_id from groups g
                   where g.profile_id = any($4::uuid[]) and g.wa_id = told.value and g.own_role is not null
                   limit 1)
                when $7 and told.person_id is not null then (
                  select v.profile_id from conversations v
                   where v.person_id = told.person_id and v.profile_id = any($4::uuid[]) and v.last_message_at is not null
                   order by v.last_message_at desc limit 1) end,
           case when told.reason is not null then now() end
      from told
    returning 1
  )
  select count(*)::int as count from added`;

/** How many contacts are wanted. */
export async function countAudienceContacts(tx: Tx, wanted: ContactsWanted): Promise<number> {
  const values: unknown[] = [wanted.profileId];
  const [row] = await tx.query<{ count: number }>(
    `select count(*)::int as count from contacts c where c.profile_id = $1 and ${conditionOf(wanted, values)}`,
    values,
  );
  return row!.count;
}

/** How many groups have these ids. */
export async function countGroups(tx: Tx, ids: readonly string[]): Promise<number> {
  const [row] = await tx.query<{ count: number }>(
    'select count(*)::int as count from groups where id = any($1::uuid[])',
    [ids],
  );
  return row!.count;
}

/** How many people are members of these groups, as far as one of the senders is in them. */
export async function countMembers(tx: Tx, groupIds: readonly string[], senders: readonly string[]): Promise<number> {
  const [row] = await tx.query<{ count: number }>(
    `select count(distinct m.person_id)::int as count from group_members m join groups g on g.id = m.group_id
      where g.id = any($1::uuid[]) and g.profile_id = any($2::uuid[]) and g.own_role is not null`,
    [groupIds, senders],
  );
  return row!.count;
}

/** Groups of these whose members cannot all be listed, with the reason: no sender is in them, or not all are known. */
export function findPartlyKnownGroups(
  tx: Tx,
  { organizationId, senders }: Pick<AudienceOf, 'organizationId' | 'senders'>,
  groupIds: readonly string[],
): Promise<{ waId: string; problem: 'no_sender' | 'members_unknown' }[]> {
  return tx.query(
    `select g.wa_id as "waId", case when seen.is_in then 'members_unknown' else 'no_sender' end as problem
       from groups g,
            lateral (select g.profile_id = any($3::uuid[]) and g.own_role is not null as is_in) seen
      where g.organization_id = $1 and g.id = any($2::uuid[]) and not (seen.is_in and g.members_known)
      order by g.wa_id`,
    [organizationId, groupIds, senders],
  );
}

/** Groups of these that a profile is in and whose members are not all known. */
export function findUnknownRosters(
  tx: Tx,
  organizationId: OrganizationId,
  groupIds: readonly string[],
): Promise<{ waId: string; profileId: ProfileId }[]> {
  return tx.query(
    `select wa_id as "waId", profile_id as "profileId" from groups
      where organization_id = $1 and id = any($2::uuid[]) and own_role is not null and not members_known`,
    [organizationId, groupIds],
  );
}

/** WhatsApp's ids of groups of an organization. */
export async function readGroupIds(tx: Tx, organizationId: OrganizationId, ids: readonly string[]): Promise<string[]> {
  const rows = await tx.query<{ waId: string }>(
    `select wa_id as "waId" from groups where organization_id = $1 and id = any($2::uuid[])
      group by wa_id order by wa_id`,
    [organizationId, ids],
  );
  return rows.map((row) => row.waId);
}

/** What segments of an organization ask for; those that are gone are absent. */
export async function readSegmentFilters(
  tx: Tx,
  organizationId: string,
  ids: readonly string[],
): Promise<ContactFilter[]> {
  const rows = await tx.query<{ filter: ContactFilter }>(
    'select filter from segments where organization_id = $1 and id = any($2::uuid[]) order by id',
    [organizationId, ids],
  );
  return rows.map((row) => row.filter);
}
