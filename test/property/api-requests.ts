import fc, { type Arbitrary } from 'fast-check';
import { disturbed, type Named, oddText, SchemaArbitrary, type ValueSchema } from './schema-arbitrary.js';

/** A request to one operation of the document, right or wrong. */
export interface ApiRequest {
  operationId: string;
  method: string;
  /** Below the server, with ids in it and the query. */
  path: string;
  body?: string;
  headers: Record<string, string>;
  actor: ActorName;
}

export const actorNames = ['owner', 'key', 'reader', 'stranger', 'nobody', 'forger'] as const;
export type ActorName = (typeof actorNames)[number];

export interface Operation {
  operationId: string;
  method: string;
  path: string;
  parameters: { in: string; name: string; required?: boolean; schema: ValueSchema; example?: unknown }[];
  body?: { schema: ValueSchema; example: unknown };
  /** Status → schema of the answer, or null when it has no JSON; and the codes that errors may have. */
  responses: Record<string, { hasSchema: boolean; mayBeFile: boolean; codes: Set<string> }>;
}

// biome-ignore lint/suspicious/noExplicitAny: an OpenAPI document
export function operationsOf(document: any): Operation[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    // biome-ignore lint/suspicious/noExplicitAny: an operation of it
    Object.entries(methods as Record<string, any>).map(([method, operation]) => {
      const content = operation.requestBody?.content['application/json'];
      return {
        operationId: operation.operationId,
        method: method.toUpperCase(),
        path,
        parameters: operation.parameters ?? [],
        ...(content && { body: { schema: content.schema, example: content.example } }),
        responses: Object.fromEntries(
          // biome-ignore lint/suspicious/noExplicitAny: its answers
          Object.entries(operation.responses as Record<string, any>).map(([status, response]) => {
            const json = response.content?.['application/json'];
            const codes = Number(status) >= 400 ? new Set(Object.keys(json?.examples ?? {})) : new Set<string>();
            const mayBeFile = Object.keys(response.content ?? {}).some((type) => type !== 'application/json');
            return [status, { hasSchema: json !== undefined, mayBeFile, codes }];
          }),
        ),
      };
    }),
  );
}

/** Requests to the operations: mostly nearly right, because what is altogether wrong is refused early. */
export function requestsTo(
  operations: Operation[],
  schemas: Record<string, ValueSchema>,
  ids: Record<string, string>,
  fullName: (operation: Operation, param: string) => string,
): Arbitrary<ApiRequest> {
  const named: Named = {
    ...Object.fromEntries(
      Object.entries(ids).map(([name, id]) => [
        name,
        fc.oneof({ weight: 8, arbitrary: fc.constant(id) }, { weight: 1, arbitrary: fc.uuid() }),
      ]),
    ),
    // Nobody waits for an engine that is not there.
    wait: fc.constant(0),
    url: fc.constantFrom('http://127.0.0.1:1/x', 'http://nobody.invalid/x'),
    host: fc.constantFrom('127.0.0.1', 'nobody.invalid'),
    endpoint: fc.constantFrom('http://127.0.0.1:1', 'http://nobody.invalid'),
    to: fc.constantFrom('4915112345678', '4915112345678@s.whatsapp.net', '+49 151 12345678'),
  };
  const values = new SchemaArbitrary(schemas, named);
  return fc.oneof(...operations.map((operation) => requestTo(operation, values, named, fullName)));
}

function requestTo(
  operation: Operation,
  values: SchemaArbitrary,
  named: Named,
  fullName: (operation: Operation, param: string) => string,
): Arbitrary<ApiRequest> {
  const { operationId, method, path, parameters, body } = operation;
  const inPath = parameters.filter((each) => each.in === 'path');
  const inQuery = parameters.filter((each) => each.in === 'query');
  return fc
    .record({
      params: fc.tuple(
        ...inPath.map(({ name, schema }) => pathValue(named[fullName(operation, name)], values.of(schema))),
      ),
      query: fc.tuple(
        ...inQuery.map((each) => queryValue(each.name, values.of(each.schema, each.name), each.required)),
      ),
      body: body === undefined ? fc.constant(undefined) : bodyText(body, values, named),
      headers: headers(),
      actor: fc.oneof(
        { weight: 12, arbitrary: fc.constant<ActorName>('owner') },
        { weight: 4, arbitrary: fc.constant<ActorName>('key') },
        { weight: 1, arbitrary: fc.constantFrom<ActorName>('reader', 'stranger', 'nobody', 'forger') },
      ),
    })
    .map(({ params, query, body: text, headers, actor }) => {
      const withIds = inPath.reduce((made, { name }, index) => made.replace(`{${name}}`, params[index]!), path);
      const asked = query.filter((part) => part !== '').join('&');
      return {
        ...{ operationId, method, headers, actor },
        path: asked === '' ? withIds : `${withIds}?${asked}`,
        ...(text !== undefined && { body: text }),
      };
    });
}

function pathValue(known: Arbitrary<unknown> | undefined, valid: Arbitrary<unknown>): Arbitrary<string> {
  return (
    fc
      .oneof({ weight: 9, arbitrary: known ?? valid }, { weight: 1, arbitrary: oddText })
      .map((value) => encodeURIComponent(String(value).slice(0, 200)))
      // Clients themselves resolve dots; nothing at all is another route.
      .map((text) => (/^(\.|%2e)*$/i.test(text) ? 'none' : text))
  );
}

function queryValue(name: string, valid: Arbitrary<unknown>, required: boolean | undefined): Arbitrary<string> {
  const given = (value: unknown) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`;
  return fc.oneof(
    { weight: required ? 1 : 6, arbitrary: fc.constant('') },
    { weight: required ? 12 : 4, arbitrary: valid.map(given) },
    { weight: 1, arbitrary: oddText.map(given) },
    { weight: 1, arbitrary: valid.map((value) => `${given(value)}&${given(value)}`) },
    { weight: 1, arbitrary: fc.constant(`${encodeURIComponent(name)}[$ne]=1`) },
  );
}

function bodyText(
  { schema, example }: { schema: ValueSchema; example: unknown },
  values: SchemaArbitrary,
  named: Named,
): Arbitrary<string | undefined> {
  const documented = withNames(example, named);
  const valid = values.of(schema);
  return fc.oneof(
    { weight: 3, arbitrary: documented.map(json) },
    { weight: 3, arbitrary: valid.map(json) },
    { weight: 4, arbitrary: disturbed(fc.oneof(documented, valid)).map(json) },
    { weight: 1, arbitrary: fc.oneof(fc.jsonValue(), fc.constant(undefined)).map((value) => json(value)) },
    { weight: 1, arbitrary: fc.string({ maxLength: 40 }) },
  );
}

/** The documented example, with things that exist where it names some. */
function withNames(example: unknown, named: Named): Arbitrary<unknown> {
  if (typeof example !== 'object' || example === null || Array.isArray(example)) return fc.constant(example);
  const fields = { ...example, ...('wait' in example ? {} : undefined) } as Record<string, unknown>;
  return fc.record(
    Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, named[name] ?? fc.constant(value)])),
  );
}

function headers(): Arbitrary<Record<string, string>> {
  return fc
    .record(
      {
        'idempotency-key': fc.stringMatching(/^[ -~]{1,12}$/).map((text) => text.trim() || 'k'),
        'x-request-id': fc.constantFrom('r-1', 'with space', 'x'.repeat(300)),
        'accept-language': fc.constantFrom('de', '*'),
        range: fc.constantFrom('bytes=0-10', 'bytes=9-1', 'none', 'bytes=999999-'),
        'content-type': fc.constantFrom(
          'application/json',
          'application/json; charset=utf-8',
          'text/plain',
          'application/json; charset=none',
        ),
      },
      { requiredKeys: [] },
    )
    .map((given) => given as Record<string, string>)
    .chain((given) =>
      // Most requests have no headers of note.
      fc.nat(3).map((dice): Record<string, string> => (dice === 0 ? given : {})),
    );
}

function json(value: unknown): string | undefined {
  return value === undefined ? undefined : JSON.stringify(value);
}
