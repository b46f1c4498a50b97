/**
 * Every permission, once. A route names one with `@Can('messages.send')`; roles and API keys hold lists of them.
 * What is not granted is denied.
 */
export const permissionCatalogue = {
  'accounts.read': 'See accounts.',
  'accounts.write': 'Create, change and delete accounts.',
  'workspaces.read': 'See workspaces.',
  'workspaces.write': 'Create, change and delete workspaces.',
  'profiles.read': 'See profiles and their connection state.',
  'profiles.write': 'Create, change and delete profiles.',
  'profiles.connect': 'Connect, pair, disconnect and log out profiles; see QR and pairing codes.',
  'messages.read': 'Read messages and their media.',
  'messages.send': 'Send messages, single and in bulk.',
  'conversations.read': 'List and open conversations.',
  'conversations.write': 'Mark conversations read.',
  'webhooks.read': 'See webhooks and their deliveries.',
  'webhooks.write': 'Create, change, test and delete webhooks.',
  'events.read': 'Read the event log and subscribe to realtime events.',
  'api-keys.read': 'See API keys (never their secrets).',
  'api-keys.write': 'Create and revoke API keys.',
} as const;

export type Permission = keyof typeof permissionCatalogue;
export const permissions = Object.keys(permissionCatalogue) as Permission[];

/** What each default role holds. `owner` and `admin` differ in who may remove whom, which comes with organizations. */
export const defaultRoles = {
  owner: permissions,
  admin: permissions,
  member: [
    'accounts.read',
    'workspaces.read',
    'profiles.read',
    'profiles.connect',
    'messages.read',
    'messages.send',
    'conversations.read',
    'conversations.write',
    'webhooks.read',
    'events.read',
  ],
  viewer: [
    'accounts.read',
    'workspaces.read',
    'profiles.read',
    'messages.read',
    'conversations.read',
    'webhooks.read',
    'events.read',
  ],
} as const satisfies Record<string, readonly Permission[]>;

export type RoleName = keyof typeof defaultRoles;
