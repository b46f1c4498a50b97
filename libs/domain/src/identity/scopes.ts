import { errors, type Permission, permissions } from '#contracts';

/** Every right that the user behind the credential has now. */
export const ALL = '*';

/**
 * The names of the product whose v1 API we answer, as far as the thing exists here, so that its clients can go on asking
 * for them.
 */
const olderNames: Record<string, Permission> = {
  'messages:write': 'messages.send',
  'messages:read': 'messages.read',
  'message:send': 'messages.send',
  'message:read': 'messages.read',
  'org:read': 'organization.read',
  'org:update': 'organization.write',
  'org:delete': 'organization.delete',
  'workspace:read': 'workspaces.read',
  'workspace:create': 'workspaces.write',
  'workspace:update': 'workspaces.write',
  'workspace:delete': 'workspaces.write',
  'profile:read': 'profiles.read',
  'profile:create': 'profiles.write',
  'profile:update': 'profiles.write',
  'profile:delete': 'profiles.write',
  'profile:connect': 'profiles.connect',
  'user:read': 'members.read',
  'user:invite': 'members.invite',
  'user:update': 'members.write',
  'user:remove': 'members.write',
  'role:manage': 'roles.write',
  'apikey:read': 'api-keys.read',
  'apikey:create': 'api-keys.write',
  'apikey:delete': 'api-keys.write',
  'webhook:manage': 'webhooks.write',
  'audit:read': 'audit.read',
  'settings:read': 'settings.read',
  'settings:update': 'settings.write',
};

const known = new Set<string>(permissions);

/**
 * The permissions that a request names in its field `permissions`, in our words and without repeats.
 * @throws validation naming those that do not exist
 */
export function parsePermissions(given: readonly string[]): Permission[] {
  return parse(given, false) as Permission[];
}

/** The same for the scopes of a key, where `*` stands for all that its user may do. @throws validation */
export function parseScopes(given: readonly string[]): (Permission | typeof ALL)[] {
  return parse(given, true) as (Permission | typeof ALL)[];
}

function parse(given: readonly string[], allowsAll: boolean): string[] {
  const isKnown = (name: string) => known.has(name) || Object.hasOwn(olderNames, name) || (allowsAll && name === ALL);
  const choice = `${allowsAll ? `${ALL} and ` : ''}${permissions.join(', ')}`;
  const fields = given.flatMap((name, i) =>
    isKnown(name) ? [] : [{ path: `permissions.${i}`, message: `is not a permission; known are ${choice}` }],
  );
  if (fields.length > 0) throw errors.validation({ fields });
  return [...new Set(given.map((name) => olderNames[name] ?? name))];
}
