import { type ErrorName, errorCatalogue } from '#contracts';
import { Database } from '#database';
import { ApiClient, createTestDatabase, type Registered, type TestDatabase } from '#testing';
import { type Route, RouteTable } from '../apps/api/src/http/route-table.js';
import { exampleOf, type Schemas } from '../apps/api/src/openapi/example-of.js';
import { tags } from '../apps/api/src/openapi/tags.js';
import { type RunningApi, startApi } from '../apps/api/src/start-api.js';
import { loggedInMember } from './member.js';
import { fullName, type Owner, samples } from './route-samples.js';
import { v1Operations } from './v1-operations.js';

/**
 * What every route has to fulfil, taken from the table of routes itself: a new route joins without being named here.
 * Only a new kind of id in a path needs a line in route-samples.ts.
 */
let database: TestDatabase;
let db: Database;
let api: RunningApi;
let owner: Registered;
let stranger: Registered;
let ended: Registered;
/** Members of the owner's organization who hold one permission each. */
let weak: Record<'reader' | 'librarian', ApiClient>;
let routes: readonly Route[];
// biome-ignore lint/suspicious/noExplicitAny: an OpenAPI document
let document: any;

beforeAll(async () => {
  database = await createTestDatabase();
  db = await Database.open(database.config.database, 'routes spec');
  api = await startApi(database.config);
  [owner, stranger, ended] = [
    await ApiClient.register(api.url),
    await ApiClient.register(api.url),
    await ApiClient.register(api.url),
  ];
  await ended.client.post('/auth/logout');
  const at = { db, config: database.config, url: api.url };
  const [reader, librarian] = [
    await loggedInMember(at, owner.organizationId, ['messages.read']),
    await loggedInMember(at, owner.organizationId, ['workspaces.read']),
  ];
  weak = { reader: reader.client, librarian: librarian.client };
  routes = api.app.get(RouteTable).routes;
  document = await (await fetch(`${api.url}/api/docs-json`)).json();
});

afterAll(async () => {
  await api?.stop();
  await db?.close();
  await database?.drop();
});

/** Runs a check for each route and tells all that fail at once. */
async function forEachRoute(chosen: (route: Route) => boolean, check: (route: Route) => unknown): Promise<void> {
  const problems: string[] = [];
  for (const route of routes.filter(chosen)) {
    const problem = await check(route);
    if (problem) problems.push(`${route.method} ${route.path}: ${problem}`);
  }
  expect(problems).toEqual([]);
}

it('the operations of v1 that this version promises are there', () => {
  const shape = (operation: string) => operation.replaceAll(/:[^/]+/g, ':');
  const there = new Set(routes.map(({ method, path }) => shape(`${method} ${path.slice('/api/v1'.length)}`)));
  expect(v1Operations.filter((operation) => !there.has(shape(operation)))).toEqual([]);
});

const needsCredentials = (route: Route) => route.access.kind !== 'public';
/** What is the installation's is nobody's in particular: its administrators see all of it. */
const belongsToOrganization = (route: Route) => needsCredentials(route) && route.access.kind !== 'platform-admin';
const everyRoute = () => true;

describe('who may call', () => {
  it('no credentials, wrong ones and ended sessions get 401', async () => {
    const callers = [
      new ApiClient(api.url),
      ApiClient.bearer(api.url, 'not.a.token'),
      ApiClient.apiKey(api.url, 'wp_wrong'),
      ended.client,
    ];
    await forEachRoute(needsCredentials, async (route) => {
      const answers = await Promise.all(callers.map((caller) => call(caller, route)));
      const statuses = answers.map(({ status }) => status);
      return statuses.every((status) => status === 401) ? undefined : `answered ${statuses}`;
    });
  });

  it('a user or key without the permission gets 403, also for things that are there', async () => {
    const keys = {
      reader: await owner.client.withKey(['messages.read']),
      librarian: await owner.client.withKey(['workspaces.read']),
    };
    await forEachRoute(
      (route) => route.access.kind === 'permission',
      async (route) => {
        const { permission } = route.access as { permission: string };
        const name = permission === 'messages.read' ? 'librarian' : 'reader';
        const ids = await ownersIds(route);
        if (typeof ids === 'string') return ids;
        const answers = [await call(keys[name], route, ids), await call(weak[name], route, ids)];
        const statuses = answers.map(({ status }) => status);
        return statuses.every((status) => status === 403) ? undefined : `answered ${statuses} without ${permission}`;
      },
    );
  });

  it('what belongs to a person refuses keys, what belongs to the installation everybody but its administrators', async () => {
    const key = await owner.client.withKey(['*']);
    await forEachRoute(
      ({ access }) => access.kind === 'session' || access.kind === 'platform-admin',
      async (route) => {
        const callers = route.access.kind === 'session' ? [key] : [key, stranger.client, weak.reader];
        for (const caller of callers) {
          const { status } = await call(caller, route);
          if (status !== 403) return `answered ${status}`;
        }
        return undefined;
      },
    );
  });

  it('an ended session gets 401 for things that are there', async () => {
    await forEachRoute(
      (route) => needsCredentials(route) && idNames(route).length > 0,
      async (route) => {
        const ids = await ownersIds(route);
        if (typeof ids === 'string') return ids;
        const { status, body } = await call(ended.client, route, ids);
        return status === 401 ? undefined : `answered ${status} ${body?.error?.code}`;
      },
    );
  });

  it("another organization's ids are 404, in paths and bodies", async () => {
    await forEachRoute(
      (route) => belongsToOrganization(route) && idNames(route).length > 0,
      async (route) => {
        const ids = await ownersIds(route);
        if (typeof ids === 'string') return ids;
        const { status, body } = await call(stranger.client, route, ids);
        if (status !== 404 || !body.error.code.endsWith('NOT_FOUND')) {
          return `answered ${status} ${JSON.stringify(body.error ?? body.data)}`;
        }
        // The owner finds them, so it is the organization that made the difference.
        if (route.method !== 'GET') return undefined;
        const own = await call(owner.client, route, ids);
        return own.body?.error?.code === 'NOT_FOUND' ? 'the owner does not find it either' : undefined;
      },
    );
  });

  it("another organization's ids in queries find nothing", async () => {
    await forEachRoute(
      (route) => belongsToOrganization(route) && queryIds(route).length > 0,
      async (route) => {
        const ids = await ownersIds(route);
        if (typeof ids === 'string') return ids;
        const query = new URLSearchParams([
          ...requiredQuery(route),
          ...queryIds(route).map((name): [string, string] => [name, ids[name]!]),
        ]);
        const { status, body, text } = await call(stranger.client, route, ids, `?${query}`);
        if (status === 404 || (status === 200 && body?.data?.length === 0)) return undefined;
        // A file: it may have a head, and nothing of the owner's.
        const isBare = status === 200 && body === null && !Object.values(ids).some((id) => text.includes(id));
        return isBare ? undefined : `answered ${status}`;
      },
    );
  });

  it('ids that do not exist are 404, ids that are none are 400', async () => {
    await forEachRoute(
      (route) => needsCredentials(route) && route.params.length > 0,
      async (route) => {
        const unknown = await call(owner.client, route);
        if (unknown.status !== 404) return `answered ${unknown.status} to an unknown id`;
        const malformed = await owner.client.send(
          route.method,
          route.path.slice('/api/v1'.length).replaceAll(/:[^/]+/g, 'none'),
          requestExample(route),
        );
        return malformed.status === 400 ? undefined : `answered ${malformed.status} to a malformed id`;
      },
    );
  });
});

describe('bodies', () => {
  // What is posted to a hook stays unread until the sender is known.
  const takesBody = (route: Route) =>
    operation(route).requestBody?.content['application/json'] !== undefined && route.path !== '/api/v1/hooks/in/:token';

  it('wrong types, a list, nonsense, another media type and deep trees are refused by name', async () => {
    await forEachRoute(takesBody, async (route) => {
      // The first who registered administers the installation.
      const { client } = owner;
      const path = pathOf(route, {});
      const wrong = Object.fromEntries(Object.keys(requestExample(route) as object).map((name) => [name, { $: [1] }]));
      const cases: [string, unknown, Record<string, string>, string][] = [
        ['wrong types', wrong, {}, 'VALIDATION_ERROR'],
        ['a list', '[]', {}, 'VALIDATION_ERROR'],
        ['nonsense', '{"a":', {}, 'MALFORMED_JSON'],
        ['a deep tree', `{"a":${'['.repeat(5000)}${']'.repeat(5000)}}`, {}, 'MALFORMED_JSON'],
        ['a form', 'a=b', { 'content-type': 'application/x-www-form-urlencoded' }, 'UNSUPPORTED_MEDIA_TYPE'],
      ];
      for (const [name, body, headers, code] of cases) {
        const answer = await client.send(route.method, path, body, headers);
        if (answer.body?.error?.code !== code) return `${name} answered ${answer.status} ${answer.body?.error?.code}`;
      }
    });
  });

  it('a body over the limit is 413, on whatever route', async () => {
    const { bodyLimitBytes } = database.config.http;
    const { status, body } = await owner.client.post('/workspaces', { name: 'x'.repeat(bodyLimitBytes) });
    expect([status, body.error.code]).toEqual([413, 'BODY_TOO_LARGE']);
  });
});

describe('the document', () => {
  it('is OpenAPI 3.1 with both ways to authenticate and sentences for all tags', () => {
    expect(document.openapi).toBe('3.1.0');
    expect(Object.keys(document.components.securitySchemes)).toEqual(['bearer', 'api-key']);
    const used = new Set(routes.flatMap((route) => operation(route).tags ?? []));
    expect([...used].filter((tag) => !(tag in tags))).toEqual([]);
  });

  it('has every route with summary, description, a tag, and an operation id of its own', async () => {
    expect(new Set(routes.map(({ operationId }) => operationId)).size).toBe(
      new Set(routes.map(({ controller, handlerName }) => `${controller.name}.${handlerName}`)).size,
    );
    await forEachRoute(everyRoute, (route) => {
      const { summary, description, tags: named, operationId } = operation(route) ?? {};
      if (!summary || !description || !named?.length) return 'lacks summary, description or tag';
      return operationId === route.operationId ? undefined : `is called ${operationId}`;
    });
  });

  it('has an example of each request and answer, and of each error', async () => {
    await forEachRoute(everyRoute, (route) => {
      const { requestBody, responses } = operation(route);
      const contents = Object.values((requestBody?.content ?? {}) as Record<string, { example?: unknown }>);
      if (contents.some(({ example }) => example === undefined)) {
        return 'has no request example; give every property one';
      }
      const { returns, example } = route.description!;
      if (returns !== null && returns !== 'file' && example === undefined) {
        const model = Array.isArray(returns) ? returns[0] : returns;
        if (exampleOf(schemas()[model.name], schemas()) === undefined) return `${model.name} lacks an example`;
      }
      const known = new Set<number>(Object.values(errorCatalogue).map(({ status }) => status));
      const errors = Object.keys(responses).filter((status) => known.has(Number(status)));
      return errors.every((status) => Object.keys(responses[status].content['application/json'].examples).length > 0)
        ? undefined
        : 'has an error without an example';
    });
  });

  it('describes every field', () => {
    const bare = Object.entries(schemas()).flatMap(([name, schema]) =>
      Object.entries(schema.properties ?? {})
        .filter(([, property]) => /(In|Out|Query)$/.test(name) && !property.description)
        .map(([property]) => `${name}.${property}`),
    );
    expect(bare).toEqual([]);
  });

  it('names only errors of the catalogue', async () => {
    await forEachRoute(everyRoute, ({ description }) =>
      description?.errors?.find((name: ErrorName) => !(name in errorCatalogue)),
    );
  });

  it('refers to nothing that it does not contain', () => {
    const references = [...JSON.stringify(document).matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map(
      ([, name]) => name!,
    );
    expect([...new Set(references)].filter((name) => !(name in schemas()))).toEqual([]);
  });
});

type Ids = Record<string, string>;

function schemas(): Schemas {
  return document.components.schemas;
}

// biome-ignore lint/suspicious/noExplicitAny: an operation of an OpenAPI document
function operation(route: Route): any {
  return document.paths[route.path.replaceAll(/:([^/]+)/g, '{$1}')]?.[route.method.toLowerCase()];
}

function requestExample(route: Route): unknown {
  return operation(route)?.requestBody?.content['application/json']?.example;
}

/** The ids that a request of this route names in its path and body. */
function idNames(route: Route): string[] {
  const body = requestExample(route);
  const inBody = typeof body === 'object' && body !== null ? Object.keys(body).filter((name) => name in samples) : [];
  return [...route.params.map((param) => fullName(route, param)), ...inBody];
}

function queryIds(route: Route): string[] {
  return (operation(route).parameters ?? [])
    .filter((parameter: { in: string; name: string }) => parameter.in === 'query' && parameter.name in samples)
    .map(({ name }: { name: string }) => name);
}

/** What else has to be in its query, with the examples of the document. */
function requiredQuery(route: Route): [string, string][] {
  return (operation(route).parameters ?? [])
    .filter((parameter: { in: string; name: string; required?: boolean }) => {
      return parameter.in === 'query' && parameter.required === true && !(parameter.name in samples);
    })
    .map(({ name, example }: { name: string; example: unknown }): [string, string] => [name, String(example)]);
}

/** Things of the owner for all ids that the route takes, one inside the other where they are. */
async function ownersIds(route: Route): Promise<Ids | string> {
  const names = [...new Set([...idNames(route), ...queryIds(route)])];
  const missing = names.filter((name) => !(name in samples));
  if (missing.length > 0) return `needs a sample of ${missing} in route-samples.ts`;
  // The innermost thing brings the things around it along, so that the path names one thing and its own parents.
  const made: Ids[] = [];
  for (const name of names) made.push(await samples[name]!(db, owner as unknown as Owner));
  made.sort((one, other) => Object.keys(one).length - Object.keys(other).length);
  return Object.assign({}, ...made);
}

function pathOf(route: Route, ids: Ids): string {
  return route.path
    .slice('/api/v1'.length)
    .replaceAll(/:([^/]+)/g, (_, param) => ids[fullName(route, param)] ?? '01980000-0000-7000-8000-000000000000');
}

/** Calls a route with its documented example as body, in which the given ids are put. */
function call(client: ApiClient, route: Route, ids: Ids = {}, query = '') {
  const example = requestExample(route);
  const body =
    typeof example === 'object' && example !== null
      ? Object.fromEntries(Object.entries(example).map(([name, value]) => [name, ids[name] ?? value]))
      : undefined;
  return client.send(route.method, pathOf(route, ids) + query, body);
}
