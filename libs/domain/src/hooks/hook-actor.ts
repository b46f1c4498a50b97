import type { Actor } from '#contracts';
import { permissionsOf } from './hook-actions.js';
import type { Hook } from './hook-settings.js';

/** A hook as it acts: within its profile, with the rights that its actions need and no others. */
export function hookActor(hook: Hook): Actor {
  const permissions = new Set(hook.actions.flatMap(({ kind }) => permissionsOf[kind]));
  const reach = { workspaceIds: [], profileIds: [hook.profileId] };
  return {
    organizationId: hook.organizationId,
    userId: hook.createdBy,
    credential: { kind: 'hook', id: hook.id },
    permissions,
    grants: [{ permissions, reach }],
    reach,
    isPlatformAdmin: false,
  };
}
