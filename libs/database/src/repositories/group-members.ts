import type { Tx } from '../transaction.js';
import type { GroupRow } from './groups.js';

export interface GroupMemberRow {
  groupId: string;
  /** Digits, in the form of address that the group uses. */
  address: string;
  /** Null: the account itself. */
  personId: string | null;
  role: NonNullable<GroupRow['ownRole']>;
}

/** Everybody in these groups, or those of them who have one of these addresses. */
export async function readGroupMembers(
  tx: Pick<Tx, 'query'>,
  groupIds: string[],
  addresses: string[] | null = null,
): Promise<GroupMemberRow[]> {
  return tx.query<GroupMemberRow>(
    `select group_id as "groupId", address, person_id as "personId", role
       from group_members where group_id = any($1::uuid[]) and ($2::text[] is null or address = any($2::text[]))`,
    [groupIds, addresses],
    { name: 'group_members_read' },
  );
}

/** Adds members, or gives those who are there this role: a thousand in one statement. */
export async function saveGroupMembers(tx: Tx, organizationId: string, members: GroupMemberRow[]): Promise<void> {
  if (members.length === 0) return;
  await tx.query(
    `insert into group_members (group_id, organization_id, address, person_id, role)
     select new.group_id, $1, new.address, new.person_id, new.role
       from unnest($2::uuid[], $3::text[], $4::uuid[], $5::text[]) as new (group_id, address, person_id, role)
     on conflict (group_id, address) do update set person_id = excluded.person_id, role = excluded.role`,
    [
      organizationId,
      members.map(({ groupId }) => groupId),
      members.map(({ address }) => address),
      members.map(({ personId }) => personId),
      members.map(({ role }) => role),
    ],
    { name: 'group_members_save' },
  );
}

export async function removeGroupMembers(
  tx: Tx,
  members: Pick<GroupMemberRow, 'groupId' | 'address'>[],
): Promise<void> {
  if (members.length === 0) return;
  await tx.query(
    `delete from group_members m using unnest($1::uuid[], $2::text[]) as gone (group_id, address)
      where m.group_id = gone.group_id and m.address = gone.address`,
    [members.map(({ groupId }) => groupId), members.map(({ address }) => address)],
    { name: 'group_members_remove' },
  );
}

/** Of groups that the account is in no more: who is in them it will not hear. */
export async function forgetGroupMembers(tx: Tx, groupIds: string[]): Promise<void> {
  await tx.query('delete from group_members where group_id = any($1::uuid[])', [groupIds]);
  await tx.query('delete from group_join_requests where group_id = any($1::uuid[])', [groupIds]);
}

/** What two halves of a human are in groups, when they become one person. */
export async function moveMemberships(tx: Tx, keptId: string, goneId: string): Promise<void> {
  await tx.query('update group_members set person_id = $1 where person_id = $2', [keptId, goneId]);
  await tx.query('update groups set owner_person_id = $1 where owner_person_id = $2', [keptId, goneId]);
  await tx.query(
    `update group_join_requests r set person_id = $1
      where person_id = $2
        and not exists (select 1 from group_join_requests k where k.group_id = r.group_id and k.person_id = $1)`,
    [keptId, goneId],
  );
}

/** Who is in the groups of a person is to be asked anew, because the person is about to be forgotten here. */
export async function doubtMembershipsOf(tx: Tx, personId: string): Promise<void> {
  await tx.query(
    `update groups set members_known = false
      where id in (select group_id from group_members where person_id = $1)`,
    [personId],
  );
}
