import { errors, type Permission, type ProfileId, reachOf, type UserId } from '#contracts';
import { findAssignedRoles, findMember, findProfile, type MemberRow, type Tx } from '#database';
import { rightsOfUser } from '../identity/rights.js';

/**
 * A member who may do this in a profile.
 * @throws validation at `path` when there is no such member, or the member may not
 */
export async function memberWith(
  tx: Tx,
  at: { organizationId: string; profileId: string },
  userId: UserId,
  permission: Permission,
  path: string,
): Promise<MemberRow> {
  const scope = { organizationId: at.organizationId as never };
  const member = await findMember(tx, scope.organizationId, userId);
  if (!member?.isActive) throw refused(path, 'must be an active member of the organization');
  const reach = reachOf(rightsOfUser(await findAssignedRoles(tx, userId)), permission);
  const profile = await findProfile(tx, scope, at.profileId as ProfileId);
  const isIn =
    reach === 'everywhere' ||
    reach.profileIds.some((id) => id === at.profileId) ||
    (profile !== null && reach.workspaceIds.includes(profile.workspaceId));
  if (!isIn) throw refused(path, `must be a member with the permission ${permission} in this profile`);
  return member;
}

function refused(path: string, message: string) {
  return errors.validation({ fields: [{ path, message }] });
}
