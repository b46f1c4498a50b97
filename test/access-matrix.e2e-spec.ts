import { io } from 'socket.io-client';
import { levelOf, type Permission, permissions, type SystemRole, systemRoles } from '#contracts';
import { Database } from '#database';
import { ApiClient, createTestDatabase, type Registered, type TestDatabase } from '#testing';
import { type Route, RouteTable } from '../apps/api/src/http/route-table.js';
import { type RunningApi, startApi } from '../apps/api/src/start-api.js';
import { type Held, People, type Person } from './access-people.js';
import { buildPlace, type Place, surroundings } from './access-places.js';
import { RouteCalls } from './route-calls.js';

/**
 * Every role × permission × place × kind of credential, from the catalogue of permissions and the table of routes. What
 * must come is worked out here from the catalogue alone (`declared`), what comes is asked over HTTP and sockets. Of the
 * routes that ask for one permission around the same kinds of places the first is asked by everybody, and each further one
 * for every outcome with every credential, by another person each time.
 */
type Outcome = 'allowed' | 'forbidden' | 'not found';

interface Row {
  name: string;
  held: Held[];
  person: Person;
  /** The key of the row is limited to this profile. */
  keyProfile?: string;
}

let database: TestDatabase;
let db: Database;
let api: RunningApi;
let owner: Registered;
let calls: RouteCalls;
let routes: readonly Route[];
let rows: Row[];
/** Two profiles of one workspace, and one of another. */
let a1: Place;
let a2: Place;
let b1: Place;
let places: [string, Place][];

beforeAll(async () => {
  database = await createTestDatabase();
  db = await Database.open(database.config.database, 'matrix spec');
  api = await startApi(database.config);
  owner = await ApiClient.register(api.url);
  calls = await RouteCalls.of(api.url);
  routes = api.app.get(RouteTable).routes;
  a1 = await buildPlace(db, owner);
  a2 = await buildPlace(db, owner, a1.workspaceId);
  b1 = await buildPlace(db, owner);
  places = Object.entries({ a1, a2, b1 });
  rows = await people();
}, 60_000);

afterAll(async () => {
  await api?.stop();
  await db?.close();
  await database?.drop();
});

async function people(): Promise<Row[]> {
  const make = new People(db, api, owner);
  const [inA, inB, inA1] = [
    { workspaceId: a1.workspaceId },
    { workspaceId: b1.workspaceId },
    { profileId: a1.profileId },
  ] as const;
  const cases: [string, Held[]][] = [
    ...(Object.keys(systemRoles) as SystemRole[]).flatMap((role): [string, Held[]][] => [
      [`${role} of the organization`, [{ role, in: 'organization' }]],
      [`${role} in workspace A`, [{ role, in: inA }]],
      [`${role} for profile a1`, [{ role, in: inA1 }]],
    ]),
    [
      'manager in A, viewer in B',
      [
        { role: 'manager', in: inA },
        { role: 'viewer', in: inB },
      ],
    ],
    [
      'operator for a1, viewer of the organization',
      [
        { role: 'operator', in: inA1 },
        { role: 'viewer', in: 'organization' },
      ],
    ],
    ['own role in B', [{ role: ['profiles.read', 'profiles.connect', 'members.write'], in: inB }]],
    ['nobody', []],
  ];
  const made: Row[] = [];
  for (const [name, held] of cases) made.push({ name, held, person: await make.with(held) });
  const held: Held[] = [{ role: 'owner', in: 'organization' }];
  const person = await make.with(held, { profileIds: [a1.profileId] });
  made.push({ name: 'owner, key for a1', held, person, keyProfile: a1.profileId });
  return made;
}

/** What a row holds under a credential: a key for one profile is a role for that profile, as far as the role reaches. */
function heldBy(row: Row, kind: 'session' | 'key'): Held[] {
  if (kind === 'session' || row.keyProfile === undefined) return row.held;
  return row.held.map((held) => ({ ...held, in: { profileId: row.keyProfile! } }));
}

function gives({ role, in: place }: Held, permission: Permission): boolean {
  const has = (typeof role === 'string' ? systemRoles[role].permissions : role) as readonly Permission[];
  const level = levelOf(permission);
  const fits = place === 'organization' || level === 'profile' || (level === 'workspace' && 'workspaceId' in place);
  return has.includes(permission) && fits;
}

/** Whether a role in its place covers the thing of that kind in a place of the fixture. */
function covers({ in: where }: Held, idName: string, place: Place): boolean {
  if (where === 'organization') return true;
  if ('workspaceId' in where) return where.workspaceId === place.workspaceId;
  const around = (surroundings as readonly string[]).includes(idName);
  if (!around) return where.profileId === place.profileId;
  // What lies around a visible profile is visible with it.
  const profile = places.find(([, each]) => each.profileId === where.profileId)![1];
  return profile[idName] === place[idName];
}

/** What the catalogue says must come of it. */
function declared(held: Held[], permission: Permission, idNames: string[], place: Place): Outcome {
  if (!held.some((one) => gives(one, permission))) return 'forbidden';
  const effective = held.filter((one) => permissions.some((each) => gives(one, each)));
  const beyond = idNames.filter((name) => !held.some((one) => gives(one, permission) && covers(one, name, place)));
  if (beyond.length === 0) return 'allowed';
  return beyond.some((name) => effective.some((one) => covers(one, name, place))) ? 'forbidden' : 'not found';
}

function outcomeOf({ status, body }: { status: number; body: { error?: { code: string } } | null }): Outcome | string {
  if (status === 403) return 'forbidden';
  if (status === 404 && body?.error?.code === 'NOT_FOUND') return 'not found';
  return status === 401 || status >= 500 ? `${status}` : 'allowed';
}

const kinds = ['session', 'key'] as const;
const permissionOf = (route: Route) => (route.access as { permission: Permission }).permission;
const asksPermission = (route: Route) => route.access.kind === 'permission';
const isPlaced = (route: Route) => asksPermission(route) && levelOf(permissionOf(route)) !== 'organization';

/**
 * An upload lies in no place: who holds the permission in some places has the own ones (uploads.e2e-spec.ts). An export of
 * a conversation is shown to who asked for it, and to nobody else.
 */
const liesInNoPlace = (route: Route) =>
  route.path.startsWith('/api/v1/uploads/') || route.path.includes(':conversationExportId');

/** Changes that change nothing, so that they can be allowed many times; with an empty body. */
const harmless = new Set([
  'PUT /api/v1/workspaces/:id',
  'PUT /api/v1/accounts/:id',
  'PUT /api/v1/profiles/:id',
  'PUT /api/v1/webhooks/:id',
  'PUT /api/v1/templates/:id',
  'POST /api/v1/hooks/:id/dry-run',
  'PUT /api/v1/broadcast/:id',
  // A draft cannot be paused.
  'POST /api/v1/broadcast/:id/pause',
  'PUT /api/v1/hooks/:id',
  'PUT /api/v1/contacts/:id',
  'PUT /api/v1/contacts/fields/:contactFieldId',
  'PUT /api/v1/segments/:segmentId',
  'PUT /api/v1/conversations/:id/read',
  'POST /api/v1/bulk/batch/:batchId/cancel',
  'POST /api/v1/profiles/:id/disconnect',
  // Without a passphrase it is refused, and that is all.
  'POST /api/v1/profiles/:id/session/export',
]);
const nameOf = (route: Route) => `${route.method} ${route.path}`;

/** Asks many cells at once, and tells all that came out otherwise. */
async function ask<Cell>(cells: Cell[], check: (cell: Cell) => Promise<string | undefined>): Promise<number> {
  const problems: string[] = [];
  let next = 0;
  const work = async () => {
    while (next < cells.length) {
      const problem = await check(cells[next++]!);
      if (problem !== undefined) problems.push(problem);
    }
  };
  await Promise.all(Array.from({ length: 4 }, work));
  expect(problems).toEqual([]);
  return cells.length;
}

/** All cells of the first route of a kind; of a further one, the first of each sort, from another row on each time. */
function sampled<Cell extends { route: Route; row: Row }>(
  cells: Cell[],
  kindOf: (route: Route) => string,
  sortOf: (cell: Cell) => string,
): Cell[] {
  const byRoute = new Map<Route, Cell[]>();
  for (const cell of cells) byRoute.set(cell.route, [...(byRoute.get(cell.route) ?? []), cell]);
  const known = new Set<string>();
  return [...byRoute].flatMap(([route, own], index) => {
    const kind = kindOf(route);
    if (!known.has(kind)) {
      known.add(kind);
      return own;
    }
    const from = own.findIndex(({ row }) => row === rows[(index * 7) % rows.length]);
    const turned = [...own.slice(Math.max(0, from)), ...own.slice(0, Math.max(0, from))];
    return [...new Map(turned.toReversed().map((cell) => [sortOf(cell), cell])).values()];
  });
}

it('without the permission every route is forbidden, whatever it is asked for', async () => {
  // Those that name something in a place are asked below.
  const others = routes.filter((route) => asksPermission(route) && !(isPlaced(route) && route.params.length > 0));
  const cells = others.flatMap((route) =>
    rows.flatMap((row) =>
      kinds
        .filter((kind) => !heldBy(row, kind).some((one) => gives(one, permissionOf(route))))
        .map((kind) => ({ route, row, kind })),
    ),
  );
  const asked = await ask(
    sampled(cells, permissionOf, ({ kind }) => kind),
    async ({ route, row, kind }) => {
      const { status } = await calls.call(row.person[kind], route, b1);
      return status === 403 ? undefined : `${row.name} (${kind}) ${nameOf(route)}: ${status}`;
    },
  );
  expect(asked).toBeGreaterThan(500);
}, 60_000);

it('with the permission a route reaches what lies in its places, and nothing else', async () => {
  const allowed = new Set<Permission>();
  const missing: string[] = [];
  const cells = routes
    .filter((route) => isPlaced(route) && !liesInNoPlace(route))
    .flatMap((route) => {
      const idNames = calls.idNames(route, (name) => name in a1);
      missing.push(...idNames.filter((name) => !(name in a1)).map((name) => `${nameOf(route)} needs ${name}`));
      if (idNames.length === 0) return [];
      return rows.flatMap((row) =>
        places.flatMap(([placeName, place]) =>
          kinds.flatMap((kind) => {
            const held = heldBy(row, kind);
            const expected = declared(held, permissionOf(route), idNames, place);
            // Who holds the permission nowhere is stopped before anything is looked at: one place will do.
            const isHeld = held.some((one) => gives(one, permissionOf(route)));
            if (!isHeld && place !== b1) return [];
            const isSafe = expected !== 'allowed' || route.method === 'GET' || harmless.has(nameOf(route));
            return isSafe ? [{ route, row, kind, place, placeName, expected }] : [];
          }),
        ),
      );
    });
  // A new kind of thing needs a line in access-places.ts.
  expect(missing).toEqual([]);
  const around = (route: Route) =>
    calls.idNames(route, (name) => name in a1).filter((name) => (surroundings as readonly string[]).includes(name));
  const kindOf = (route: Route) => [permissionOf(route), ...around(route).sort()].join(' ');
  const chosen = sampled(cells, kindOf, ({ expected, kind }) => `${expected} ${kind}`);
  const asked = await ask(chosen, async ({ route, row, kind, place, placeName, expected }) => {
    const body = expected === 'allowed' && route.method !== 'GET' ? {} : undefined;
    const outcome = outcomeOf(await calls.call(row.person[kind], route, place, body));
    if (outcome === 'allowed') allowed.add(permissionOf(route));
    return outcome === expected
      ? undefined
      : `${row.name} (${kind}) ${nameOf(route)} in ${placeName}: ${outcome}, declared ${expected}`;
  });
  expect(asked).toBeGreaterThan(1000);
  const asksForPlaces = new Set(routes.filter(isPlaced).map(permissionOf));
  const elsewhere = ['events.read', 'uploads.read', 'uploads.write', 'contacts.export'] as const;
  for (const permission of elsewhere) asksForPlaces.delete(permission);
  expect([...asksForPlaces].filter((permission) => !allowed.has(permission))).toEqual([]);
}, 240_000);

it('what is about the organization is open to who holds it for all of it', async () => {
  const cells = routes
    .filter((route) => asksPermission(route) && !isPlaced(route) && route.method === 'GET' && route.params.length === 0)
    .flatMap((route) => rows.flatMap((row) => kinds.map((kind) => ({ route, row, kind }))));
  await ask(cells, async ({ route, row, kind }) => {
    const isHeld = heldBy(row, kind).some((one) => gives(one, permissionOf(route)));
    const { status } = await calls.call(row.person[kind], route, {});
    return isHeld === (status !== 403) && status !== 404 && status < 500
      ? undefined
      : `${row.name} (${kind}) ${nameOf(route)}: ${status}`;
  });
}, 60_000);

it('lists show what lies in the places of the permission', async () => {
  const lists: [string, Permission, string][] = [
    ['/profiles?limit=200', 'profiles.read', 'profileId'],
    ['/workspaces?limit=200', 'workspaces.read', 'workspaceId'],
    ['/accounts?limit=200', 'accounts.read', 'accountId'],
  ];
  const cells = lists.flatMap((list) => rows.flatMap((row) => kinds.map((kind) => ({ list, row, kind }))));
  await ask(cells, async ({ list: [path, permission, idName], row, kind }) => {
    const held = heldBy(row, kind);
    const { status, body } = await row.person[kind].get(path);
    if (status === 403) return held.some((one) => gives(one, permission)) ? `${row.name} ${path}: 403` : undefined;
    const listed = new Set<string>(body.data.map(({ id }: { id: string }) => id));
    const wrong = places.filter(
      ([, place]) => listed.has(place[idName]!) !== (declared(held, permission, [idName], place) === 'allowed'),
    );
    return wrong.length === 0 ? undefined : `${row.name} (${kind}) ${path}: wrong about ${wrong.map(([name]) => name)}`;
  });
}, 60_000);

it('things are made and deleted within the places, and not beyond', async () => {
  const manager = rows.find(({ name }) => name === 'manager in workspace A')!.person.session;
  const { accountId, workspaceId } = b1;
  expect((await manager.post('/profiles', { displayName: 'x', name: 'x', accountId })).status).toBe(404);
  expect((await manager.post('/profiles', { displayName: 'x', name: 'x', workspaceId })).status).toBe(404);
  const onlyA1 = rows.find(({ name }) => name === 'manager for profile a1')!.person.session;
  expect((await onlyA1.post('/profiles', { displayName: 'x', name: 'x', accountId: a1.accountId })).status).toBe(403);
  const admin = rows.find(({ name }) => name === 'admin in workspace A')!.person.session;
  expect((await admin.post('/workspaces', { name: 'Mine' })).status).toBe(403);
  expect((await admin.post('/accounts', { name: 'Mine', workspaceId: a1.workspaceId })).status).toBe(201);
  const made = await manager.post('/profiles', { displayName: 'x', name: 'x', accountId: a1.accountId });
  expect(made.status).toBe(201);
  expect((await manager.get(`/profiles/${made.body.data.id}`)).status).toBe(200);
  expect((await manager.delete(`/profiles/${made.body.data.id}`)).status).toBe(200);
  const moved = await manager.put(`/profiles/${a2.profileId}`, { accountId });
  expect([moved.status, moved.body.error.code]).toEqual([404, 'NOT_FOUND']);
});

it('the log of the organization is for who reads events in all of it; that of a profile for who reaches it', async () => {
  const cells = rows.flatMap((row) => kinds.map((kind) => ({ row, kind })));
  await ask(cells, async ({ row, kind }) => {
    const held = heldBy(row, kind);
    const whole = held.some((one) => one.in === 'organization' && gives(one, 'events.read'));
    const ofOrganization = await row.person[kind].get('/events?limit=1');
    if ((ofOrganization.status === 200) !== whole) return `${row.name} (${kind}): ${ofOrganization.status}`;
    for (const [name, place] of places) {
      const answer = await row.person[kind].get(`/events?profileId=${place.profileId}&limit=1`);
      const expected = declared(held, 'events.read', ['profileId'], place);
      // A profile to which nothing has happened has no log yet.
      const isRight = expected === 'allowed' || outcomeOf(answer) === expected;
      if (!isRight) return `${row.name} (${kind}) log of ${name}: ${answer.status}, declared ${expected}`;
    }
    return undefined;
  });
}, 60_000);

it('sockets follow the profiles of events.read', async () => {
  const cells = rows.flatMap((row) => kinds.map((kind) => ({ row, kind })));
  await ask(cells, async ({ row, kind }) => {
    const auth = kind === 'session' ? { token: row.person.accessToken } : { apiKey: row.person.apiKey };
    const socket = io(`${api.url}/ws`, { transports: ['websocket'], reconnection: false, forceNew: true, auth });
    try {
      await new Promise<void>((resolve, reject) => {
        socket.once('connect', resolve);
        socket.once('connect_error', reject);
      });
      for (const [name, place] of places) {
        const answer = await socket.timeout(10_000).emitWithAck('subscribe:profile', { profileId: place.profileId });
        const code = answer.success ? 'allowed' : answer.error.code;
        const expected = { allowed: 'allowed', forbidden: 'FORBIDDEN', 'not found': 'NOT_FOUND' }[
          declared(heldBy(row, kind), 'events.read', ['profileId'], place)
        ];
        if (code !== expected) return `${row.name} (${kind}) socket of ${name}: ${code}, declared ${expected}`;
      }
      return undefined;
    } finally {
      socket.disconnect();
    }
  });
}, 60_000);
