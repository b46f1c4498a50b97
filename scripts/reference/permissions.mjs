import { levelOf, permissionCatalogue, systemRoles } from '#contracts';
import { generatedFrom, table } from './table.mjs';

const roles = Object.keys(systemRoles);
const rows = Object.entries(permissionCatalogue).map(([permission, sentence]) => [
  `\`${permission}\``,
  sentence,
  levelOf(permission),
  ...roles.map((role) => (systemRoles[role].permissions.includes(permission) ? 'yes' : '')),
]);

export const pages = {
  'docs/reference/permissions.md': `# Permissions

${generatedFrom('libs/contracts/src/permissions.ts')}

Every operation of the API needs one permission; its page in the API reference names it. A person has those of their
roles, an API key those it was created with, as far as its creator still has them. What is not granted is denied.

"Limit" is the smallest thing to which a permission can be limited: a role that is given for some workspaces does not
carry the permissions of the organization, one that is given for some profiles not those of workspaces either. The last
columns are the system roles; organizations make roles of their own from the same list.

${table(['Permission', 'Allows', 'Limit', ...roles], rows)}
`,
};
