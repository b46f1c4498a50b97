import { auditActions } from '#contracts';
import { generatedFrom, table } from './table.mjs';

const rows = Object.entries(auditActions).map(([action, sentence]) => [`\`${action}\``, sentence]);

export const pages = {
  'docs/reference/audit-actions.md': `# Audit actions

${generatedFrom('libs/contracts/src/audit-actions.ts')}

What the audit trail tells of. \`GET /api/v1/audit/actions\` answers the same list.
[Audit, privacy and retention](../guides/audit-and-privacy.md) says how to read it.

${table(['Action', 'Written when'], rows)}
`,
};
