import { getSchemaPath } from '@nestjs/swagger';
import { type ErrorName, errorCatalogue } from '#contracts';
import { type Description } from '../http/describe.js';
import type { Route } from '../http/route-table.js';
import { exampleOf, type Schema, type Schemas } from './example-of.js';

const META = { timestamp: '2026-11-21T08:30:00.000Z', requestId: '0198c2f0-9e3c-7052-b3c4-d5e6f7a8b9c0' };
const CURSOR = 'WyIwMTk4YzJmMC03YjFhLTdjM2UtOWQ0ZS01ZjZhN2I4YzlkMGUiXQ';

/** Schemas that all answers share. */
export const answerSchemas: Schemas = {
  Meta: {
    type: 'object',
    required: ['timestamp', 'requestId'],
    properties: {
      timestamp: { type: 'string', format: 'date-time', description: 'When this was answered.' },
      requestId: { type: 'string', description: 'Name it when you report trouble. Also in the header `x-request-id`.' },
    },
  },
  PageMeta: {
    allOf: [
      { $ref: '#/components/schemas/Meta' },
      {
        type: 'object',
        required: ['limit', 'nextCursor'],
        properties: {
          limit: { type: 'integer', description: 'Most items of the page.' },
          nextCursor: { type: ['string', 'null'], description: 'Cursor of the next page; null on the last.' },
          total: { type: 'integer', description: 'How many there are in all, where the route counts them.' },
          head: { type: 'integer', description: 'Position of the newest event of the log; event pages only.' },
        },
      },
    ],
  },
  Error: {
    type: 'object',
    required: ['success', 'error', 'meta'],
    properties: {
      success: { type: 'boolean', const: false },
      error: {
        type: 'object',
        required: ['code', 'message'],
        properties: {
          code: { type: 'string', description: 'Stable; see the reference of errors.' },
          message: { type: 'string', description: 'What is wrong and what to do, for people.' },
          fields: {
            type: 'array',
            description: 'The fields at fault.',
            items: {
              type: 'object',
              required: ['path', 'message'],
              properties: {
                path: { type: 'string', description: 'Dotted path: `messages.0.chatId`.' },
                message: { type: 'string' },
              },
            },
          },
          details: { type: 'object', additionalProperties: true, description: 'Facts for programs.' },
        },
      },
      meta: { $ref: '#/components/schemas/Meta' },
    },
  },
};

/** An answer that sends a browser on. */
export const redirection = {
  description: 'Where to go on is in `Location`.',
  headers: { Location: { description: 'The address to go to.', schema: { type: 'string', format: 'uri' } } },
};

/** The success answer of an operation, in the envelope. */
export function successAnswer(description: Description, schemas: Schemas): Record<string, unknown> {
  if (description.returns === 'file') {
    return {
      description: 'The bytes of the file.',
      content: { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } },
    };
  }
  const data = dataSchema(description.returns);
  const meta = { $ref: `#/components/schemas/${description.page ? 'PageMeta' : 'Meta'}` };
  return {
    description: description.page ? 'One page.' : 'Done.',
    content: {
      'application/json': {
        schema: {
          type: 'object',
          required: ['success', 'data', 'meta'],
          properties: { success: { type: 'boolean', const: true }, data, meta },
        },
        example: {
          success: true,
          data: description.example ?? exampleOf(data, schemas) ?? null,
          meta: description.page ? { ...META, limit: 50, nextCursor: CURSOR } : META,
        },
      },
      ...(description.orFile && { [description.orFile]: { schema: { type: 'string', format: 'binary' } } }),
    },
  };
}

function dataSchema(returns: Exclude<Description['returns'], 'file'>): Schema {
  if (returns === null) return { type: 'null' };
  if (Array.isArray(returns)) return { type: 'array', items: { $ref: getSchemaPath(returns[0]) } };
  return { $ref: getSchemaPath(returns) };
}

/** The error answers of an operation, one for each status, with an example for each code. */
export function errorAnswers(names: readonly ErrorName[], route: Route): Record<string, unknown> {
  return Object.fromEntries(
    [...groupByStatus(names)].map(([status, group]) => [
      status,
      {
        description: group
          .map((name) => `\`${errorCatalogue[name].code}\`: ${errorCatalogue[name].title}`)
          .join('\n\n'),
        content: {
          'application/json': {
            schema: { $ref: '#/components/schemas/Error' },
            examples: Object.fromEntries(
              group.map((name) => [errorCatalogue[name].code, { value: errorExample(name, route) }]),
            ),
          },
        },
      },
    ]),
  );
}

function groupByStatus(names: readonly ErrorName[]): Map<number, ErrorName[]> {
  const groups = new Map<number, ErrorName[]>();
  for (const name of names) {
    const { status } = errorCatalogue[name];
    groups.set(status, [...(groups.get(status) ?? []), name]);
  }
  return groups;
}

function errorExample(name: ErrorName, route: Route): unknown {
  const { code, title } = errorCatalogue[name];
  const path = route.params[0];
  const extra =
    name === 'validation'
      ? {
          fields: [
            path
              ? { path, message: 'must be a UUID' }
              : { path: 'name', message: 'must be a name of 1 to 100 characters' },
          ],
        }
      : name === 'forbidden' && route.access.kind === 'permission'
        ? { details: { permission: route.access.permission } }
        : {};
  return { success: false, error: { code, message: title, ...extra }, meta: META };
}
