/**
 * Every permission, once, under the smallest thing to which it can be limited. A route names one with
 * `@Can('messages.send')`; roles and API keys hold lists of them. What is not granted is denied.
 */

/** About one profile and what is in it. A role that is limited to workspaces or to profiles gives them there. */
export const profilePermissions = {
  'accounts.read': 'See accounts.',
  'workspaces.read': 'See workspaces.',
  'profiles.read': 'See profiles and their connection state.',
  'profiles.write': 'Create, change and delete profiles.',
  'profiles.connect': 'Connect, pair, disconnect and log out profiles; see QR and pairing codes.',
  'profiles.transfer': 'Export and import the WhatsApp session of a profile: whoever has the file is the number.',
  'messages.read': 'Read messages and their media.',
  'messages.send': 'Send messages, single and in bulk.',
  'conversations.read': 'List and open conversations.',
  'conversations.write': 'Mark conversations read, assign, label, annotate and close them.',
  'contacts.read': 'See contacts, their tags and fields, and segments.',
  'contacts.write':
    'Create, change, merge and delete contacts, their tags and fields, and segments; block people; ask WhatsApp for numbers.',
  'contacts.import': 'Import contacts from files.',
  'contacts.export': 'Export contacts as files.',
  'groups.read': 'See groups and who is in them.',
  'groups.write': 'Create, change and leave groups, change their members, and see their invite links.',
  'templates.read': 'See templates and what they would say.',
  'templates.write': 'Create, change and delete templates.',
  'uploads.read': 'See uploads and how much room they take. A role that is limited to some places shows the own ones.',
  'uploads.write': 'Upload files for messages, and delete them.',
  'broadcasts.read': 'See broadcasts, their recipients and their figures.',
  'broadcasts.write': 'Create, change and delete drafts of broadcasts.',
  'broadcasts.execute': 'Schedule, start, pause, resume and cancel broadcasts, and send tests of them.',
  'webhooks.read': 'See webhooks and their deliveries.',
  'webhooks.write': 'Create, change, test and delete webhooks.',
  'hooks.read': 'See incoming hooks and the log of their requests.',
  'hooks.write': 'Create, change, test and delete incoming hooks, and see their addresses when they are made.',
  'events.read': 'Read the event log and subscribe to realtime events, the contents of messages included.',
} as const;

/** About a workspace. A role that is limited to workspaces gives them there; one limited to profiles does not. */
export const workspacePermissions = {
  'accounts.write': 'Create, change and delete accounts.',
  'workspaces.write': 'Create, change and delete workspaces.',
} as const;

/** About the organization as such. Only a role that is held in the whole organization gives them. */
export const organizationPermissions = {
  'organization.read': 'See the organization.',
  'organization.write': 'Change the name and the settings of the organization.',
  'organization.delete': 'Delete the organization with everything in it; hand its ownership on.',
  'members.read': 'See members, their roles and invitations.',
  'members.invite': 'Invite people, and withdraw invitations.',
  'members.write': 'Add, deactivate and remove members, and give and take their roles.',
  'roles.read': 'See roles and what they hold.',
  'roles.write': 'Create, change and delete roles.',
  'api-keys.read': 'See API keys (never their secrets) and how they are used.',
  'api-keys.write': 'Create, change, rotate and revoke API keys.',
  'audit.read': 'Read the audit trail.',
  'audit.export': 'Export the audit trail.',
  'settings.read': 'See the settings of the organization (never their secrets).',
  'settings.write': 'Change and test the settings of the organization.',
  'privacy.export': 'Export the personal data of a contact.',
  'privacy.erase': 'Erase the personal data of a contact.',
  'retention.write': 'Say how long data is kept.',
} as const;

export const permissionCatalogue = {
  ...profilePermissions,
  ...workspacePermissions,
  ...organizationPermissions,
} as const;

export type Permission = keyof typeof permissionCatalogue;
export const permissions = Object.keys(permissionCatalogue) as Permission[];

/** The smallest thing to which a permission can be limited. */
export function levelOf(permission: Permission): 'profile' | 'workspace' | 'organization' {
  if (Object.hasOwn(profilePermissions, permission)) return 'profile';
  return Object.hasOwn(workspacePermissions, permission) ? 'workspace' : 'organization';
}

const readsOfProfiles = [
  'accounts.read',
  'workspaces.read',
  'profiles.read',
  'messages.read',
  'conversations.read',
  'contacts.read',
  'groups.read',
  'templates.read',
  'uploads.read',
  'broadcasts.read',
  'webhooks.read',
  'hooks.read',
  'events.read',
] as const satisfies Permission[];

const notForAdmins: readonly Permission[] = ['organization.delete', 'roles.write'];

/** The roles that every organization has and nobody changes. */
export const systemRoles = {
  owner: { description: 'Everything. An organization always has at least one.', permissions },
  admin: {
    description: 'Everything but deleting the organization and making roles.',
    permissions: permissions.filter((permission) => !notForAdmins.includes(permission)),
  },
  manager: {
    description: 'Runs numbers: profiles, their connection and their conversations.',
    permissions: [
      ...readsOfProfiles,
      'profiles.write',
      'profiles.connect',
      'messages.send',
      'conversations.write',
      'contacts.write',
      'contacts.import',
      'contacts.export',
      'groups.write',
      'templates.write',
      'uploads.write',
      'broadcasts.write',
      'broadcasts.execute',
      'organization.read',
      'members.read',
      'roles.read',
      'settings.read',
    ],
  },
  operator: {
    description: 'Reads and answers messages.',
    permissions: [
      ...readsOfProfiles,
      'messages.send',
      'uploads.write',
      'conversations.write',
      'contacts.write',
      'organization.read',
      'members.read',
    ],
  },
  viewer: {
    description: 'Looks on: profiles, messages, conversations and events.',
    permissions: [...readsOfProfiles, 'organization.read'],
  },
} as const satisfies Record<string, { description: string; permissions: readonly Permission[] }>;

export type SystemRole = keyof typeof systemRoles;

/** The ids of the system roles on the API: the same in every organization and installation. */
export const systemRoleIds = {
  owner: '00000000-0000-7000-8000-000000000001',
  admin: '00000000-0000-7000-8000-000000000002',
  manager: '00000000-0000-7000-8000-000000000003',
  operator: '00000000-0000-7000-8000-000000000004',
  viewer: '00000000-0000-7000-8000-000000000005',
} as const satisfies Record<SystemRole, string>;
