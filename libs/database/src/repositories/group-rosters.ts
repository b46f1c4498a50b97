import type { GroupRoster } from '#engine';
import type { Tx } from '../transaction.js';

/** The members of a group, as sending needs them; null when they are not all known or the account is none of them. */
export async function findGroupRoster(
  db: Pick<Tx, 'query'>,
  profileId: string,
  waGroupId: string,
): Promise<GroupRoster | null> {
  const [row] = await db.query<GroupRoster>(
    `select addressing, disappears_in_seconds as "disappearsInSeconds", member_version as "memberVersion",
            array(select address from group_members m where m.group_id = g.id) as members
       from groups g
      where profile_id = $1 and wa_id = $2 and members_known and own_role is not null`,
    [profileId, waGroupId],
    { name: 'groups_roster' },
  );
  return row ?? null;
}
