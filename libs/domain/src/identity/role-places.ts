import {
  errors,
  newId,
  type OrganizationId,
  type ProfileId,
  type RoleAssignmentId,
  type WorkspaceId,
} from '#contracts';
import { existingPlaces, type RolePlace, type Tx, workspacesOfProfiles } from '#database';
import type { ProfilePlaces } from './granting.js';
import { permissionsIn, type Rights } from './rights.js';
import type { KnownRole } from './role-names.js';

/** Where a role is to hold, as a request says it. Both empty: in the whole organization. */
export interface AskedPlaces {
  workspaceIds?: readonly WorkspaceId[];
  profileIds?: readonly ProfileId[];
}

/** One row for each place. */
export function placesOf({
  workspaceIds = [],
  profileIds = [],
}: AskedPlaces): (RolePlace & { id: RoleAssignmentId })[] {
  const places: RolePlace[] = [
    ...[...new Set(workspaceIds)].map((workspaceId) => ({ workspaceId, profileId: null })),
    ...[...new Set(profileIds)].map((profileId) => ({ workspaceId: null, profileId })),
  ];
  if (places.length === 0) places.push({ workspaceId: null, profileId: null });
  return places.map((place) => ({ ...place, id: newId() }));
}

/**
 * What a role gives in these places.
 * @throws notFound for a place that the organization does not have; validation when the role gives nothing there
 */
export async function rightsAt(
  tx: Tx,
  organizationId: OrganizationId,
  role: KnownRole,
  asked: AskedPlaces,
): Promise<{ given: Pick<Rights, 'grants'>; profiles: ProfilePlaces }> {
  const { workspaceIds = [], profileIds = [] } = asked;
  const there = await existingPlaces(tx, organizationId, { workspaceIds, profileIds });
  const workspaceId = workspaceIds.find((id) => !there.workspaceIds.includes(id));
  if (workspaceId) throw errors.notFound({ message: 'There is no such workspace.', details: { workspaceId } });
  const profileId = profileIds.find((id) => !there.profileIds.includes(id));
  if (profileId) throw errors.notFound({ message: 'There is no such profile.', details: { profileId } });

  const grants = placesOf(asked).map((place) => ({
    permissions: new Set(permissionsIn(place, role.permissions)),
    reach:
      place.workspaceId === null && place.profileId === null
        ? ('everywhere' as const)
        : {
            workspaceIds: place.workspaceId === null ? [] : [place.workspaceId],
            profileIds: place.profileId === null ? [] : [place.profileId],
          },
  }));
  const empty = grants.some(({ permissions, reach }) => reach !== 'everywhere' && permissions.size === 0);
  if (empty) {
    const message = 'gives nothing in single workspaces or profiles; all its permissions are about the organization';
    throw errors.validation({ fields: [{ path: 'role', message }] });
  }
  return { given: { grants }, profiles: await workspacesOfProfiles(tx, organizationId, profileIds) };
}
