import {
  type Actor,
  permissions as catalogue,
  type Grant,
  levelOf,
  type Permission,
  type Reach,
  type SystemRole,
  sightOf,
  systemRoles,
} from '#contracts';
import type { ApiKeyHolder, AssignedRole, RolePlace } from '#database';
import { ALL } from './scopes.js';

/** What an actor holds, as its credential gives it. */
export type Rights = Pick<Actor, 'permissions' | 'grants' | 'reach'>;

const known = new Set<string>(catalogue);

/** What a role holds. An unknown one holds nothing, and so does a permission that this version does not know. */
export function permissionsOfRole(role: Pick<AssignedRole, 'systemRole' | 'permissions'>): readonly Permission[] {
  if (role.systemRole === null) return (role.permissions ?? []).filter((name) => known.has(name)) as Permission[];
  return Object.hasOwn(systemRoles, role.systemRole) ? systemRoles[role.systemRole as SystemRole].permissions : [];
}

/** Those of the permissions that can be held in such a place: one profile does not give what concerns the workspace. */
export function permissionsIn(place: RolePlace, permissions: readonly Permission[]): readonly Permission[] {
  if (place.profileId !== null) return permissions.filter((permission) => levelOf(permission) === 'profile');
  if (place.workspaceId !== null) return permissions.filter((permission) => levelOf(permission) !== 'organization');
  return permissions;
}

/** The rights of a person with these roles. */
export function rightsOfUser(roles: readonly AssignedRole[]): Rights {
  const [only] = roles;
  // Nearly everyone has one role for the whole organization: it is made once, not with every request.
  if (roles.length === 1 && only!.workspaceId === null && only!.profileId === null && only!.systemRole !== null) {
    const ready = wholeRoles.get(only!.systemRole);
    if (ready !== undefined) return ready;
  }
  return rightsOf(
    roles.map((role) => ({
      permissions: new Set(permissionsIn(role, permissionsOfRole(role))),
      reach: reachOfPlace(role),
    })),
  );
}

/** The rights of a key: its scopes and profiles, but never more than its user may do at this moment. */
export function rightsOfKey(
  key: Pick<ApiKeyHolder, 'assignments' | 'permissions' | 'profileIds' | 'profiles'>,
): Rights {
  const user = rightsOfUser(key.assignments);
  if (key.permissions.includes(ALL) && key.profileIds.length === 0) return user;
  const isLimited = key.profileIds.length > 0;
  const isInScope = (permission: Permission) =>
    (key.permissions.includes(ALL) || key.permissions.includes(permission)) &&
    (!isLimited || levelOf(permission) === 'profile');
  return rightsOf(
    user.grants.map(({ permissions, reach }) => ({
      permissions: new Set([...permissions].filter(isInScope)),
      reach: isLimited ? within(reach, key.profiles) : reach,
    })),
  );
}

/** Those of the profiles that the reach covers. */
function within(reach: Reach, profiles: ApiKeyHolder['profiles']): Reach {
  const isCovered = ({ profileId, workspaceId }: ApiKeyHolder['profiles'][number]) =>
    reach === 'everywhere' || reach.workspaceIds.includes(workspaceId) || reach.profileIds.includes(profileId);
  return { workspaceIds: [], profileIds: profiles.filter(isCovered).map(({ profileId }) => profileId) };
}

function reachOfPlace({ workspaceId, profileId }: RolePlace): Reach {
  if (workspaceId === null && profileId === null) return 'everywhere';
  return {
    workspaceIds: workspaceId === null ? [] : [workspaceId],
    profileIds: profileId === null ? [] : [profileId],
  };
}

function rightsOf(all: Grant[]): Rights {
  const grants = all.filter(({ permissions, reach }) => permissions.size > 0 && !isNowhere(reach));
  const permissions = new Set(grants.flatMap((grant) => [...grant.permissions]));
  return { permissions, grants, reach: sightOf({ grants }) };
}

function isNowhere(reach: Reach): boolean {
  return reach !== 'everywhere' && reach.workspaceIds.length === 0 && reach.profileIds.length === 0;
}

const wholeRoles = new Map<string, Rights>(
  Object.values(systemRoles).map((role, index) => [
    Object.keys(systemRoles)[index]!,
    rightsOf([{ permissions: new Set(role.permissions), reach: 'everywhere' }]),
  ]),
);
