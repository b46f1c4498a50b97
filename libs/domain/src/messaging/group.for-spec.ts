import { newId } from '#contracts';
import { type Database, resolvePersons } from '#database';
import type { GroupMember } from '#engine';
import type { BuiltProfile } from '#testing';

/** Stores a group of the profile as a look at it would, with the profile itself among its members. */
export async function buildGroup(
  db: Database,
  { organizationId, profileId }: BuiltProfile,
  group: { id: string; members: GroupMember[]; membersKnown?: boolean },
): Promise<void> {
  const id = newId<string>();
  await db.query(
    `insert into groups (id, organization_id, profile_id, wa_id, subject, addressing, members_known, updated_at)
     values ($1, $2, $3, $4, 'Neighbours', 'lid', $5, now())`,
    [id, organizationId, profileId, group.id, group.membersKnown ?? true],
  );
  const { personIds } = await db.system((tx) => resolvePersons(tx, organizationId, group.members));
  await db.query(
    `insert into group_members (group_id, organization_id, address, person_id, role)
     select $1::uuid, $2::uuid, member.address, member.person_id, member.role
       from unnest($3::text[], $4::uuid[], $5::text[]) as member (address, person_id, role)
     union all select $1::uuid, $2::uuid, 'ourselves', null, 'member'`,
    [
      id,
      organizationId,
      group.members.map((member) => member.lid),
      personIds,
      group.members.map((member) => member.role),
    ],
  );
}
