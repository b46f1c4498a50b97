import { join } from 'node:path';
import { createGenerator } from 'ts-json-schema-generator';
import { eventCatalogue, narrowNames, otherNamesOf, webhookNameOf } from '#contracts';
import { root } from '../run.mjs';

// Every schema comes from a type of libs/contracts, so that a new event is in the document by itself.
const generator = createGenerator({
  path: join(root, 'libs/contracts/src/index.ts'),
  type: 'EventPayloads',
  skipTypeCheck: true,
  topRef: true,
  jsDoc: 'extended',
  // Readers have to put up with fields that are added later.
  additionalProperties: true,
  encodeRefs: false,
  sortProps: true,
});

/** Names of generics have characters that no key may have. */
const keyOf = (name) => name.replaceAll(/[^\w.-]+/g, '_');
const ref = (name) => ({ $ref: `#/components/schemas/${keyOf(name)}` });

const schemas = {};
function schemaOf(type) {
  const { definitions } = generator.createSchema(type);
  for (const [name, schema] of Object.entries(definitions)) schemas[keyOf(name)] = withKeys(schema);
  return schemas[keyOf(type)];
}

function withKeys(value) {
  if (Array.isArray(value)) return value.map(withKeys);
  if (typeof value !== 'object' || value === null) return value;
  // A payload without fields may get some later, like any other.
  const entries = Object.entries(value).filter(([name, inner]) => name !== 'additionalProperties' || !inner.not);
  return Object.fromEntries(
    entries.map(([name, inner]) =>
      name === '$ref' ? [name, ref(inner.slice('#/definitions/'.length)).$ref] : [name, withKeys(inner)],
    ),
  );
}

const payloads = schemaOf('EventPayloads').properties;
const told = schemaOf('SocketMessages').properties;
const client = schemaOf('ClientMessages').properties;
const besides = ['WebhookMessage', 'WebhookMessageState', 'WebhookConnection', 'WebhookAround', 'WebhookMedia'];
for (const type of ['SubscribeAnswer', 'EventActor', ...besides]) schemaOf(type);
// The same as the messages of each event, at length.
for (const name of ['EventPayloads', 'SocketMessages', 'ClientMessages']) delete schemas[name];

const uuid = { type: 'string', format: 'uuid' };
const orNull = (schema) => ({ anyOf: [schema, { type: 'null' }] });
const time = { type: 'string', format: 'date-time' };

/** An event as the log has it: what sockets and GET /events show. What all have in common is one schema. */
function loggedSchema(name, { version }) {
  const properties = { name: { const: name }, version: { const: version }, payload: payloads[name] };
  return { allOf: [ref('LoggedEvent'), { properties }] };
}

const messageEvents = ['message.received', 'message.queued', 'message.sent_from_phone'];
const stateEvents = ['sent', 'delivered', 'read', 'played', 'failed', 'cancelled', 'expired', 'unknown'];

function dataSchema(name) {
  if (messageEvents.includes(name)) return ref('WebhookMessage');
  if (stateEvents.some((state) => name === `message.${state}`)) return ref('WebhookMessageState');
  if (name === 'connection.changed') return ref('WebhookConnection');
  const of = fieldsOf(payloads[name]);
  const media = { properties: { media: orNull(ref('WebhookMedia')) } };
  const more = [of.conversationId && ref('WebhookAround'), of.content && media, name === 'profile.linked' && withPhone];
  return { allOf: [ref('OfProfile'), ...more.filter(Boolean), payloads[name]] };
}

const withPhone = { properties: { phone: { type: 'string', description: 'The same as phoneNumber.' } } };
const fieldsOf = ({ $ref, properties = {} }) =>
  $ref === undefined ? properties : fieldsOf(schemas[$ref.slice('#/components/schemas/'.length)]);

/** The body of a call, in the latest version of payloads. */
function calledSchema(name) {
  const names = { enum: namesOf(name) };
  return { allOf: [ref('WebhookCall'), { properties: { type: names, event: names, data: dataSchema(name) } }] };
}

/** Every name under which a webhook may have asked for an event. */
const namesOf = (name) => [
  webhookNameOf(name),
  ...otherNamesOf(name),
  ...narrowNames.filter(({ of }) => of === name).map((narrow) => narrow.name),
];
const required = (properties, about = {}) => ({
  type: 'object',
  ...about,
  required: Object.keys(properties),
  properties,
});
const bare = ({ description, ...schema }) => schema;
const entries = Object.entries(eventCatalogue);
const messages = {
  ...Object.fromEntries(
    Object.entries(told).map(([name, schema]) => [
      `socket.${keyOf(name)}`,
      { name, title: name, summary: schema.description, payload: bare(schema) },
    ]),
  ),
  ...Object.fromEntries(
    Object.entries(client).map(([name, schema]) => [
      `client.${keyOf(name)}`,
      { name, title: name, summary: schema.description, payload: bare(schema) },
    ]),
  ),
  'client.answer': { name: 'acknowledgement', title: 'Acknowledgement', payload: ref('SubscribeAnswer') },
  ...Object.fromEntries(
    entries.map(([name, entry]) => [
      `event.${name}`,
      { name: 'event', title: name, summary: entry.when, payload: loggedSchema(name, entry) },
    ]),
  ),
  ...Object.fromEntries(
    entries.map(([name, entry]) => [
      `webhook.${name}`,
      {
        name: webhookNameOf(name),
        title: webhookNameOf(name),
        summary: entry.when,
        headers: ref('WebhookHeaders'),
        payload: calledSchema(name),
      },
    ]),
  ),
};
schemas.LoggedEvent = required(
  {
    id: uuid,
    seq: { type: 'integer', minimum: 1, description: 'Position in its log: 1, 2, 3 … without gaps.' },
    name: { type: 'string' },
    version: { type: 'integer' },
    profileId: orNull(uuid),
    conversationId: orNull(uuid),
    actor: ref('EventActor'),
    occurredAt: time,
    payload: { type: 'object' },
  },
  { description: 'What every event of the log has.' },
);
schemas.WebhookCall = required(
  {
    type: { type: 'string' },
    timestamp: time,
    data: { type: 'object' },
    event: { type: 'string' },
    profileId: orNull(uuid),
  },
  { description: 'What the body of every call has.' },
);
schemas.OfProfile = required({ profileId: orNull(uuid) });
schemas.WebhookHeaders = {
  type: 'object',
  description: 'As Standard Webhooks 1.0 says.',
  required: ['webhook-id', 'webhook-timestamp', 'webhook-signature'],
  properties: {
    'webhook-id': { ...uuid, description: 'The delivery; the same in every repeat.' },
    'webhook-timestamp': { type: 'string', description: 'When the call was signed, seconds since 1970.' },
    'webhook-signature': { type: 'string', description: '`v1,` and HMAC-SHA256 of id, time and body, base64.' },
  },
};

const inChannel = (names) => Object.fromEntries(names.map((name) => [name, { $ref: `#/components/messages/${name}` }]));
const from = (prefix) => Object.keys(messages).filter((name) => name.startsWith(`${prefix}.`));
const refsIn = (channel, names) => names.map((name) => ({ $ref: `#/channels/${channel}/messages/${name}` }));
const shown = [...from('socket'), ...from('event')];
const asked = from('client').filter((name) => name !== 'client.answer');

const document = {
  asyncapi: '3.0.0',
  info: {
    title: 'Waypost events',
    version: '1.0.0',
    description:
      'What Waypost tells by itself: over Socket.IO, and by webhooks. Both read the same log of events, whose payloads are the schemas here. Generated from the types of the product.',
    license: { name: 'MIT' },
  },
  defaultContentType: 'application/json',
  servers: {
    waypost: {
      host: '{host}',
      pathname: '/socket.io',
      protocol: 'wss',
      description: 'Socket.IO 4, namespace `/ws`. `auth: { apiKey }` or `auth: { token }` in the handshake.',
      variables: { host: { default: 'localhost:3000' } },
    },
  },
  channels: {
    ws: {
      address: '/ws',
      title: 'Socket.IO namespace',
      servers: [{ $ref: '#/servers/waypost' }],
      messages: inChannel([...shown, ...from('client')]),
    },
    webhook: {
      address: null,
      title: 'Your endpoint',
      description: 'The address that a webhook was given. Each call is a POST with one event.',
      messages: inChannel(from('webhook')),
    },
  },
  operations: {
    tellSockets: {
      action: 'send',
      channel: { $ref: '#/channels/ws' },
      summary: 'What happens in the rooms that a socket follows.',
      messages: refsIn('ws', shown),
    },
    followRooms: {
      action: 'receive',
      channel: { $ref: '#/channels/ws' },
      summary: 'Clients follow rooms. Each request is acknowledged.',
      messages: refsIn('ws', asked),
      reply: { channel: { $ref: '#/channels/ws' }, messages: refsIn('ws', ['client.answer']) },
    },
    callWebhooks: {
      action: 'send',
      channel: { $ref: '#/channels/webhook' },
      summary: 'Events of a profile, posted and repeated until they are answered with 2xx.',
    },
  },
  components: { messages, schemas: Object.fromEntries(Object.entries(schemas).sort(([a], [b]) => (a < b ? -1 : 1))) },
};

/** One line for each message and schema: a change of one is a change of one line. */
function linesOf(value, depth) {
  if (depth === 0) return JSON.stringify(value);
  const lines = Object.entries(value).map(([name, inner]) => {
    const isWhole = typeof inner !== 'object' || inner === null || Array.isArray(inner);
    return `${JSON.stringify(name)}: ${isWhole ? JSON.stringify(inner) : linesOf(inner, depth - 1)}`;
  });
  return `{\n${lines.join(',\n')}\n}`;
}

export const pages = { 'apps/api/src/asyncapi/generated/asyncapi.json': `${linesOf(document, 3)}\n` };
