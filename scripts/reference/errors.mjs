import { errorCatalogue } from '#contracts';
import { generatedFrom, table } from './table.mjs';

const rows = Object.values(errorCatalogue)
  .toSorted((a, b) => a.status - b.status || a.code.localeCompare(b.code))
  .map((entry) => [entry.status, `\`${entry.code}\``, entry.title]);

export const pages = {
  'docs/reference/errors.md': `# Errors

${generatedFrom('libs/contracts/src/errors.ts')}

An answer that is not a success has this shape. \`code\` is stable and meant for programs; \`message\` says in a sentence
what to do and may be more exact than the one below. \`fields\` lists the fields at fault of a request that is not valid,
\`details\` holds facts such as the id that was not found. Quote \`meta.requestId\` when you ask for help.

\`\`\`json
{
  "success": false,
  "error": {
    "code": "VALIDATION_ERROR",
    "message": "The request is not valid. Correct the listed fields.",
    "fields": [{ "path": "to", "message": "to should not be empty" }]
  },
  "meta": { "timestamp": "2026-01-31T10:00:00.000Z", "requestId": "0197…" }
}
\`\`\`

What you may not see answers 404, as if it did not exist. 429 and 503 carry a \`Retry-After\` header where the time is
known.

${table(['Status', 'Code', 'Sentence'], rows)}
`,
};
