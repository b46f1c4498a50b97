import { type Fields, field, objectOf, type Schema } from './field.js';
import type { ControlOperation, ControlTopic } from './operation.js';
import { schemas } from './schemas.js';

/** What the parameters of a path mean wherever they occur. */
const PARAMETERS: Fields = {
  number: field.phone('Phone number; a plus, spaces and brackets are taken off'),
  device: field.count('Number of the linked device', 1),
  index: field.count('Index of the inbox record', 1),
};

const REFUSALS: Record<number, string> = {
  400: 'The request is wrong; `error` says how',
  403: 'A page of another website asked; see the guide',
  404: 'There is no such person, device or message',
  422: 'The simulated network cannot do this; `error` says why',
};

/** The OpenAPI document of the control interface, made from the same list that serves it. */
export function openApiDocument(topics: ControlTopic[], url: string): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const { name, operations } of topics) {
    for (const operation of operations) {
      const path = paths[operation.path] ?? {};
      path[operation.method.toLowerCase()] = describe(operation, name);
      paths[operation.path] = path;
    }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'WhatsApp network simulator',
      version: '1',
      description: 'Drives the simulated network: people with phones, linking, messages, faults and what was observed.',
      contact: { name: 'Waypost' },
      license: { name: 'See LICENSE in the repository', identifier: 'LicenseRef-Waypost' },
    },
    servers: [{ url }],
    tags: topics.map(({ name, about }) => ({ name, description: about })),
    paths,
    components: {
      schemas,
      responses: Object.fromEntries(Object.entries(REFUSALS).map(([status, text]) => [status, refusal(text)])),
    },
    security: [],
  };
}

function describe(operation: ControlOperation, tag: string): object {
  const { name, summary, details, body, refusals = {} } = operation;
  return {
    operationId: name,
    tags: [tag],
    summary,
    description: details ?? `${summary}.`,
    parameters: [...pathParameters(operation), ...queryParameters(operation)],
    ...(body ? { requestBody: requestBody(body, operation.example) } : {}),
    responses: {
      200: { description: 'Done', content: answerContent(operation) },
      ...Object.fromEntries(
        Object.keys(REFUSALS).map((status) => [status, { $ref: `#/components/responses/${status}` }]),
      ),
      ...Object.fromEntries(Object.entries(refusals).map(([status, text]) => [status, refusal(text)])),
    },
  };
}

function pathParameters({ path, params = {} }: ControlOperation): object[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    ...described(params[name] ?? PARAMETERS[name] ?? { type: 'string' }),
  }));
}

function queryParameters({ query = {} }: ControlOperation): object[] {
  return Object.entries(query).map(([name, schema]) => ({ name, in: 'query', required: false, ...described(schema) }));
}

function described({ description, examples, ...schema }: Schema): object {
  return { description, schema, ...(examples?.length ? { example: examples[0] } : {}) };
}

function requestBody(fields: Fields, example = exampleOf(fields)): object {
  const schema = objectOf(fields);
  const hasFile = Object.values(fields).some(({ contentEncoding }) => contentEncoding);
  return {
    required: (schema.required ?? []).length > 0,
    content: {
      'application/json': { schema, example },
      ...(hasFile
        ? { 'multipart/form-data': { schema: { ...schema, properties: asParts(schema.properties ?? {}) } } }
        : {}),
    },
  };
}

/** In a form a file is a part of its own, and needs no encoding. */
function asParts(properties: Record<string, Schema>): Record<string, object> {
  return Object.fromEntries(
    Object.entries(properties).map(([name, { contentEncoding, ...schema }]) => [
      name,
      contentEncoding ? { ...schema, format: 'binary' } : schema,
    ]),
  );
}

function answerContent({ answer, stream }: ControlOperation): object {
  if (stream) return { 'text/event-stream': { schema: { type: 'string' } } };
  if (answer?.contentEncoding) return { '*/*': { schema: { type: 'string', format: 'binary' } } };
  return { 'application/json': { schema: answer ?? { type: 'object' } } };
}

/** A request that could be sent as it is: all that is needed, with the first example of each. */
export function exampleOf(fields: Fields): Record<string, unknown> {
  const entries = Object.entries(fields).filter(([name]) => !name.endsWith('?'));
  const shown = entries.length ? entries : Object.entries(fields).slice(0, 2);
  return Object.fromEntries(shown.map(([name, schema]) => [name.replace(/\?$/, ''), exampleValue(schema)]));
}

function exampleValue({ examples, properties, required, items, type, oneOf }: Schema): unknown {
  if (examples?.length) return examples[0];
  if (oneOf?.[0]) return exampleValue(oneOf[0]);
  if (properties) {
    const names = required?.length ? required : Object.keys(properties);
    return Object.fromEntries(names.map((name) => [name, exampleValue(properties[name] ?? {})]));
  }
  if (type === 'array') return items ? [exampleValue(items)] : [];
  return type === 'boolean' ? true : type === 'string' ? 'text' : 0;
}

const refusal = (description: string): object => ({
  description,
  content: { 'application/json': { schema: field.ref('Error') } },
});
