import { connectionCodes } from '#contracts';
import { generatedFrom, table } from './table.mjs';

const rows = Object.entries(connectionCodes).map(([code, { state, sentence, action }]) => [
  `\`${state}\``,
  `\`${code}\``,
  sentence,
  `\`${action}\``,
]);

export const pages = {
  'docs/reference/connection-states.md': `# Connection states

${generatedFrom('libs/contracts/src/connection.ts')}

A profile's connection is in one state; the code says why, the action what the person in front of the screen can do.
The state is in \`GET /api/v1/profiles/:id/status\`, in the socket message \`connection:status\` and in the event
\`connection.changed\`.

${table(['State', 'Code', 'Sentence', 'Action'], rows)}
`,
};
