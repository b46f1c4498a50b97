import { hookActionKinds } from '#contracts';
import { conditionOperators, hookMessageKinds } from '#domain';

/** The actions of a hook, as the documentation of the API has them. */
export const exampleActions = [
  {
    kind: 'send_message',
    when: [{ path: '/body/status', operator: 'equals', value: 'shipped' }],
    to: '{{ body.customer.phone }}',
    message: { kind: 'text', text: 'Hi {{ body.customer.name }}, order {{ body.id }} is on its way.' },
  },
];

const named = (names: readonly string[]) => names.map((name) => `\`${name}\``).join(', ');

export const actionsDescription = [
  `What is done with a request, one after another; at most 10. Each has a \`kind\` (${named(hookActionKinds)}) and may have conditions \`when\` that all have to hold (\`path\`, \`operator\`: ${named(conditionOperators)}, \`value\`).`,
  'Texts are templates over `body`, `headers` and `query`; `{"path": "/body/items"}` takes what stands there as it is (JSON Pointer).',
  `\`send_message\`: \`to\` and a \`message\` with its \`kind\` (${named(hookMessageKinds)}) and the fields of that kind.`,
  '`send_template`: `to`, `templateId`, `variables`, `timeZone`.',
  '`upsert_contact`: `phone`, `name`, `tags`, `metadata`; a name takes the place of the former, tags and fields come beside those that are there.',
  '`add_tags`, `remove_tags`: `phone` of a contact, and `tags`.',
  '`start_broadcast`: `broadcastId` of a broadcast of the profile; each request starts a copy of it, with `name` and `variables` (values for its texts), sent by this profile.',
].join(' ');
