import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { type Route, RouteTable } from '../http/route-table.js';
import { answerSchemas, errorAnswers, redirection, successAnswer } from './answers.js';
import { exampleOf, type Schema, type Schemas } from './example-of.js';
import { errorsOf } from './route-errors.js';
import { tags } from './tags.js';

const INTRODUCTION = `
Waypost connects many WhatsApp numbers to your programs.

**Who you are.** Send \`Authorization: Bearer <access token>\` (from \`POST /auth/login\`) or \`x-api-key: <key>\` (from \`POST /api-keys\`).

**Answers** are \`{ success: true, data, meta }\`, errors \`{ success: false, error: { code, message, fields?, details? }, meta }\`. Codes are stable. What you may not see answers 404.

**Lists** come in pages: \`limit\` (1 to 200, default 50), then \`cursor\` = \`meta.nextCursor\` until that is null.

**Repeats.** Send an \`Idempotency-Key\` with every POST that creates or sends; a repeat with the same key has no second effect and gets the first answer.

**Limits.** \`RateLimit\` and \`RateLimit-Policy\` (and \`RateLimit-Limit\`, \`-Remaining\`, \`-Reset\` of the older draft) tell how much is left of a minute's requests, over all processes; 429 and 503 say in \`Retry-After\` when to come back.
`.trim();

interface Parameter {
  in: string;
  name: string;
  required?: boolean;
  schema?: Schema;
  description?: string;
  example?: unknown;
}

type Operation = Record<string, unknown> & {
  parameters?: Parameter[];
  requestBody?: { content: Record<string, { schema: Schema; example?: unknown }> };
};

/** The OpenAPI 3.1 document of the running api: what the decorators say, completed with what all routes share. */
export function openApiDocument(app: INestApplication, publicUrl: string | undefined): OpenAPIObject {
  const builder = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Waypost API')
    .setVersion('1')
    .setDescription(INTRODUCTION)
    .setLicense('MIT', 'https://opensource.org/license/mit')
    .addServer(publicUrl ?? '/', 'This installation.')
    .addBearerAuth({ type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'An access token.' }, 'bearer')
    .addApiKey({ type: 'apiKey', in: 'header', name: 'x-api-key', description: 'An API key.' }, 'api-key');
  for (const [name, sentence] of Object.entries(tags)) builder.addTag(name, sentence);
  if (publicUrl !== undefined) builder.addServer(publicUrl);

  const document = SwaggerModule.createDocument(app, builder.build(), { operationIdFactory: operationId });
  // `Object` is what Nest makes of free-form properties besides describing them; nothing refers to it.
  const { Object: _free, ...described } = document.components?.schemas ?? {};
  const schemas = { ...described, ...answerSchemas } as Schemas;
  document.info.contact = { name: 'The operator of this installation', ...(publicUrl && { url: publicUrl }) };
  document.components = { ...document.components, schemas: schemas as never };
  for (const route of app.get(RouteTable).routes) complete(route, document, schemas);
  idsAreTexts(document);
  return document;
}

/** Our branded ids are objects to the compiler's metadata, and so to Nest; on the wire they are texts. */
function idsAreTexts(node: unknown): void {
  if (typeof node !== 'object' || node === null) return;
  const schema = node as Schema;
  if (schema.format === 'uuid' && !Array.isArray(schema.type)) {
    schema.type = 'string';
    delete schema.allOf;
  }
  for (const part of Object.values(node)) idsAreTexts(part);
}

function operationId(controller: string, handler: string): string {
  return `${controller}_${handler}`;
}

function complete(route: Route, document: OpenAPIObject, schemas: Schemas): void {
  const path = document.paths[route.path.replaceAll(/:([^/]+)/g, '{$1}')];
  const operation = (path as Record<string, Operation> | undefined)?.[route.method.toLowerCase()];
  if (!operation || !route.description) return;
  // Nest leaves out path parameters whose type is one of our branded ids.
  const parameters = [
    ...route.params.map(idParameter),
    ...(operation.parameters ?? []).filter((each) => each.in !== 'path'),
  ];
  for (const content of Object.values(operation.requestBody?.content ?? {})) {
    content.example ??= exampleOf(content.schema, schemas);
  }
  if (route.takesForm) addForm(operation);
  const inQuery = parameters.filter((each) => each.in === 'query');
  const takes = {
    body: operation.requestBody !== undefined,
    query: inQuery.length > 0,
    cursor: inQuery.some(({ name }) => name === 'cursor'),
  };
  const statuses = [route.description.status ?? (route.method === 'POST' ? 201 : 200)].flat();
  const success = successAnswer(route.description, schemas);
  const answerTo = (status: number) => (status >= 300 ? redirection : success);
  Object.assign(operation, {
    parameters,
    security: securityOf(route),
    ...(route.access.kind === 'permission' && { 'x-permission': route.access.permission }),
    responses: {
      ...Object.fromEntries(statuses.map((status) => [status, answerTo(status)])),
      ...errorAnswers(errorsOf(route, takes), route),
    },
  });
}

/** The same fields as a form, with the file beside them. */
function addForm({ requestBody }: Operation): void {
  const json = requestBody?.content['application/json'];
  if (!json) return;
  const file = { type: 'string', format: 'binary', description: 'The file. Lists and objects beside it are JSON.' };
  const form = { type: 'object', required: ['file'], properties: { file } };
  const example = { ...(json.example as object), file: '(the bytes of the file)' };
  requestBody.content['multipart/form-data'] = { schema: { allOf: [json.schema, form] } as Schema, example };
}

function securityOf({ access }: Route): Record<string, string[]>[] {
  if (access.kind === 'public') return [];
  const bySession = [{ bearer: [] }];
  return access.kind === 'session' || access.kind === 'platform-admin' ? bySession : [...bySession, { 'api-key': [] }];
}

/** `profileId` → "Id of the profile."; a plain `id` belongs to what the path names before it. */
function idParameter(name: string): Parameter {
  return {
    name,
    in: 'path',
    required: true,
    description: `Id of the ${name === 'id' ? 'resource' : name.replace(/Id$/, '')}.`,
    schema: { type: 'string', format: 'uuid' },
    example: '0198c2f0-7b1a-7c3e-9d4e-5f6a7b8c9d0e',
  };
}
