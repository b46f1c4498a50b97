import { errors, type Permission, permissions } from '#contracts';

/** Every right that the user behind the credential has now. */
export const ALL = '*';

/** The scope names of the product whose v1 API we answer, so that its clients can go on asking for them. */
const olderNames: Record<string, Permission> = {
  'messages:write': 'messages.send',
  'message:send': 'messages.send',
  'messages:read': 'messages.read',
  'message:read': 'messages.read',
};

const known = new Set<string>(permissions);

/**
 * The scopes that a request names, in our words and without repeats.
 * @throws validation naming those that do not exist
 */
export function parseScopes(given: readonly string[]): (Permission | typeof ALL)[] {
  const fields = given.flatMap((name, i) =>
    name === ALL || known.has(name) || Object.hasOwn(olderNames, name)
      ? []
      : [{ path: `permissions.${i}`, message: `is not a permission; known are * and ${permissions.join(', ')}` }],
  );
  if (fields.length > 0) throw errors.validation({ fields });
  return [...new Set(given.map((name) => olderNames[name] ?? (name as Permission | typeof ALL)))];
}
