import { defaultRoles, permissionCatalogue } from '#contracts';
import { generatedFrom, table } from './table.mjs';

const roles = Object.keys(defaultRoles);
const rows = Object.entries(permissionCatalogue).map(([permission, sentence]) => [
  `\`${permission}\``,
  sentence,
  ...roles.map((role) => (defaultRoles[role].includes(permission) ? 'yes' : '')),
]);

export const pages = {
  'docs/reference/permissions.md': `# Permissions

${generatedFrom('libs/contracts/src/permissions.ts')}

Every operation of the API needs one permission; its page in the API reference names it. A person has those of their
role, an API key those it was created with. What is not granted is denied.

${table(['Permission', 'Allows', ...roles], rows)}
`,
};
