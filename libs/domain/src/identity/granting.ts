import { type Actor, errors, type Permission, type ProfileId, type Reach, reachOf, type WorkspaceId } from '#contracts';
import type { Rights } from './rights.js';

/** In which workspace each profile is that a reach may name. */
export type ProfilePlaces = readonly { profileId: ProfileId; workspaceId: WorkspaceId }[];

/**
 * The rule for everything that gives rights (roles, invitations, API keys): nobody gives what they do not hold, nor
 * where they do not hold it.
 * @throws forbidden naming what is missing
 */
export function assertHolds(
  actor: Pick<Actor, 'grants'>,
  given: Pick<Rights, 'grants'>,
  profiles: ProfilePlaces = [],
): void {
  const missing = new Set<Permission>();
  for (const { permissions, reach } of given.grants) {
    for (const permission of permissions) {
      if (!covers(reachOf(actor, permission), reach, profiles)) missing.add(permission);
    }
  }
  assertNothing([...missing]);
}

/** The same for names alone, wherever the actor holds them. */
export function assertHoldsSomewhere(actor: Actor, permissions: readonly Permission[]): void {
  assertNothing(permissions.filter((permission) => !actor.permissions.has(permission)));
}

function assertNothing(missing: readonly Permission[]): void {
  if (missing.length === 0) return;
  throw errors.forbidden({ message: 'You cannot give what you do not hold yourself.', details: { missing } });
}

function covers(own: Reach, asked: Reach, profiles: ProfilePlaces): boolean {
  if (own === 'everywhere') return true;
  if (asked === 'everywhere') return false;
  const workspaceOf = new Map(profiles.map(({ profileId, workspaceId }) => [profileId, workspaceId]));
  const isInOwn = (id: WorkspaceId | undefined) => id !== undefined && own.workspaceIds.includes(id);
  return (
    asked.workspaceIds.every(isInOwn) &&
    asked.profileIds.every((id) => own.profileIds.includes(id) || isInOwn(workspaceOf.get(id)))
  );
}
