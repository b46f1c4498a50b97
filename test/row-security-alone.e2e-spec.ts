import pg from 'pg';
import { Database } from '#database';
import { ApiClient, createTestDatabase, type Registered, type TestDatabase } from '#testing';
import { type Route, RouteTable } from '../apps/api/src/http/route-table.js';
import { type RunningApi, startApi } from '../apps/api/src/start-api.js';
import { buildPlace } from './access-places.js';
import { type Ids, RouteCalls } from './route-calls.js';
import { samples } from './route-samples.js';

/**
 * The api with every filter by organization taken out of its statements: what remains between two organizations is
 * row-level security. Statements are changed on their way to PostgreSQL, in transactions of tenants, those of Prisma
 * too: `organization_id = $1` holds for every row from then on. The same api on a role that ignores row-level security
 * shows that the filters are really gone.
 */
const filters = { out: false, taken: 0 };
const tenants = new WeakSet<object>();
const send = pg.Client.prototype.query as (...args: unknown[]) => unknown;

function withoutFilters(text: string): string {
  return text.replaceAll(/((?:"?\w+"?\.)*"?organization_id"? = \$\d+)/g, (filter) => {
    filters.taken++;
    return `(${filter} or true)`;
  });
}

pg.Client.prototype.query = function (this: object, query: unknown, ...rest: unknown[]) {
  const text = typeof query === 'string' ? query : (query as { text?: string }).text;
  if (text?.startsWith('begin; set local waypost.organization_id')) tenants.add(this);
  else if (text === 'commit' || text === 'rollback') tenants.delete(this);
  else if (filters.out && text !== undefined && tenants.has(this)) {
    const changed = withoutFilters(text);
    return send.call(this, typeof query === 'string' ? changed : { ...(query as object), text: changed }, ...rest);
  }
  return send.call(this, query, ...rest);
} as never;

let database: TestDatabase;
let db: Database;
let api: RunningApi;
/** Over a role that row-level security does not bind. */
let open: RunningApi;
let owner: Registered;
let stranger: Registered;
let calls: RouteCalls;
let routes: readonly Route[];
let things: Ids;

beforeAll(async () => {
  database = await createTestDatabase();
  db = await Database.open(database.config.database, 'row security spec');
  api = await startApi(database.config);
  const config = { ...database.config, database: { ...database.config.database, url: database.superuserUrl } };
  open = await startApi(config);
  [owner, stranger] = [await ApiClient.register(api.url), await ApiClient.register(api.url)];
  calls = await RouteCalls.of(api.url);
  routes = api.app.get(RouteTable).routes.filter(({ access }) => access.kind !== 'public');
  const place = await buildPlace(db, owner);
  things = {};
  for (const make of Object.values(samples)) Object.assign(things, await make(db, owner as never));
  Object.assign(things, place);
  filters.out = true;
}, 60_000);

afterAll(async () => {
  filters.out = false;
  pg.Client.prototype.query = send as never;
  await open?.stop();
  await api?.stop();
  await db?.close();
  await database?.drop();
});

/** What the owner's organization holds, table by table, as one text each. */
async function holdings(): Promise<Record<string, string>> {
  const tables = await db.query<{ name: string }>(
    `select t.oid::regclass::text as name from pg_class t join pg_attribute a on a.attrelid = t.oid
      where t.relkind in ('r', 'p') and not t.relispartition and t.relnamespace = 'public'::regnamespace
        and a.attname = 'organization_id' and t.relname not in ('sessions', 'rate_buckets') order by 1`,
  );
  const found: Record<string, string> = {};
  for (const { name } of tables) {
    const [row] = await db.query<{ all: string }>(
      `select coalesce(md5(string_agg(t::text, '|' order by t::text)), '') as all from ${name} t
        where t.organization_id = $1`,
      [owner.organizationId],
    );
    found[name] = row!.all;
  }
  return found;
}

const nameOf = (route: Route) => `${route.method} ${route.path}`;
const namesThings = (route: Route) => calls.idNames(route, (name) => name in things).some((name) => name in things);

it('a stranger reaches nothing by its id, on any route, and changes nothing', async () => {
  const before = await holdings();
  filters.taken = 0;
  const problems: string[] = [];
  let asked = 0;
  for (const route of routes.filter((each) => each.access.kind !== 'platform-admin' && namesThings(each))) {
    const { status, body } = await calls.call(stranger.client, route, things);
    asked++;
    if (status !== 404) problems.push(`${nameOf(route)}: ${status} ${JSON.stringify(body)?.slice(0, 200)}`);
  }
  expect(problems).toEqual([]);
  expect(asked).toBeGreaterThan(60);
  expect(filters.taken).toBeGreaterThan(60);
  expect(await holdings()).toEqual(before);
}, 60_000);

it('no list shows a stranger anything of others', async () => {
  const foreign = [...new Set(Object.values(things))].filter((id) => id !== stranger.organizationId);
  const lists = routes.filter(({ method, params, access }) => {
    return method === 'GET' && params.length === 0 && access.kind !== 'platform-admin';
  });
  const problems: string[] = [];
  for (const route of lists) {
    const answer = await calls.call(stranger.client, route, {});
    const text = JSON.stringify(answer.body ?? '');
    const leaked = foreign.filter((id) => text.includes(id));
    if (leaked.length > 0) problems.push(`${nameOf(route)}: ${leaked}`);
  }
  expect(problems).toEqual([]);
  expect(lists.length).toBeGreaterThan(10);
}, 60_000);

it('without row-level security as well, the stranger would see it all', async () => {
  const exposed = ApiClient.bearer(open.url, stranger.accessToken);
  for (const path of [
    `/profiles/${things.profileId}`,
    `/workspaces/${things.workspaceId}`,
    `/messages/${things.messageId}`,
    `/webhooks/${things.webhookId}`,
    `/organizations/members/${owner.userId}`,
    `/rbac/roles/${things.roleId}`,
  ]) {
    expect([path, (await exposed.get(path)).status]).toEqual([path, 200]);
    expect([path, (await stranger.client.get(path)).status]).toEqual([path, 404]);
  }
  const { body } = await exposed.get('/profiles?limit=200');
  expect(body.data.map(({ id }: { id: string }) => id)).toContain(things.profileId);
});
