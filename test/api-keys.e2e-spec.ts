import { io } from 'socket.io-client';
import { Database } from '#database';
import { ApiKeyRecord } from '#domain';
import { type ApiAnswer, ApiClient, createTestDatabase, type Registered, type TestDatabase, until } from '#testing';
import { type RunningApi, startApi } from '../apps/api/src/start-api.js';
import { People } from './access-people.js';
import { buildPlace, type Place } from './access-places.js';

let database: TestDatabase;
let db: Database;
let api: RunningApi;
let owner: Registered;
let people: People;
let place: Place;

beforeAll(async () => {
  database = await createTestDatabase({ http: { trustedProxies: ['loopback'] } });
  db = await Database.open(database.config.database, 'keys spec');
  api = await startApi(database.config);
  owner = await ApiClient.register(api.url);
  people = new People(db, api, owner);
  place = await buildPlace(db, owner);
});
afterAll(async () => {
  await api?.stop();
  await db?.close();
  await database?.drop();
});

const code = ({ status, body }: ApiAnswer) => [status, body?.error?.code ?? 'none'];
const acting = (key: string) => ApiClient.apiKey(api.url, key);

async function make(draft: object = {}, by: ApiClient = owner.client) {
  const { status, body } = await by.post('/api-keys', { name: 'made', ...draft });
  expect([status, body.error]).toEqual([201, undefined]);
  return { ...(body.data as { id: string; key: string; prefix: string }), client: acting(body.data.key) };
}

function connect(auth: object, headers: Record<string, string> = {}) {
  const socket = io(`${api.url}/ws`, {
    transports: ['websocket'],
    reconnection: false,
    forceNew: true,
    auth,
    extraHeaders: headers,
  });
  return new Promise<typeof socket | Error>((resolve) => {
    socket.once('connect', () => resolve(socket));
    socket.once('connect_error', resolve);
  });
}

it('shows limits and takes changes, which act with the next request', async () => {
  const { id, client } = await make({ profileIds: [place.profileId], ipRanges: ['10.1.2.3/8'], ratePerMinute: 50 });
  const { data } = (await owner.client.get(`/api-keys/${id}`)).body;
  expect(data).toMatchObject({ profileIds: [place.profileId], ipRanges: ['10.0.0.0/8'], ratePerMinute: 50 });
  expect(JSON.stringify(data)).not.toMatch(/wp_[0-9A-Za-z]{46}/);
  const changed = await owner.client.put(`/api-keys/${id}`, {
    name: 'renamed',
    ipRanges: [],
    profileIds: [],
    ratePerMinute: null,
    expiresAt: '2099-01-01T00:00:00.000Z',
  });
  expect(changed.body.data).toMatchObject({ name: 'renamed', ipRanges: [], profileIds: [], ratePerMinute: null });
  expect((await client.get('/workspaces')).status).toBe(200);
  expect((await owner.client.put(`/api-keys/${id}`, { permissions: ['messages.read'] })).status).toBe(200);
  expect((await client.get('/workspaces')).status).toBe(403);
  const [entry] = (await owner.client.get('/audit/logs?action=apikey.update')).body.data;
  expect(entry).toMatchObject({ resourceId: id });
});

it.each([
  [{ ipRanges: ['nonsense'] }, 'ipRanges.0'],
  [{ ratePerMinute: 0 }, 'ratePerMinute'],
  [{ profileIds: ['x'] }, 'profileIds'],
  [{ permissions: ['nonsense'] }, 'permissions.0'],
  [{ expiresInDays: 0 }, 'expiresInDays'],
])('refuses %j', async (draft, path) => {
  const answer = await owner.client.post('/api-keys', { name: 'x', ...draft });
  expect([...code(answer), answer.body.error.fields[0].path]).toEqual([400, 'VALIDATION_ERROR', path]);
});

it("does not take another organization's profiles", async () => {
  const stranger = await ApiClient.register(api.url);
  const answer = await stranger.client.post('/api-keys', { name: 'x', profileIds: [place.profileId] });
  expect(code(answer)).toEqual([404, 'NOT_FOUND']);
});

it('works from its addresses only, over HTTP and sockets, as trusted proxies tell them', async () => {
  const { client, key } = await make({ ipRanges: ['203.0.113.0/24', '2001:db8::/32'] });
  const from = (address: string) => client.get('/profiles', { 'x-forwarded-for': address });
  for (const address of ['203.0.113.9', '2001:db8::1', '1.1.1.1, 203.0.113.9']) {
    expect((await from(address)).status).toBe(200);
  }
  for (const address of ['203.0.114.9', '203.0.113.9, 1.1.1.1', 'nonsense', '']) {
    expect(code(await from(address))).toEqual([403, 'API_KEY_ADDRESS_REFUSED']);
  }
  const socket = await connect({ apiKey: key }, { 'x-forwarded-for': '203.0.113.9' });
  expect(socket).not.toBeInstanceOf(Error);
  (socket as { disconnect(): void }).disconnect();
  expect(await connect({ apiKey: key }, { 'x-forwarded-for': '1.1.1.1' })).toMatchObject({
    message: 'API_KEY_ADDRESS_REFUSED',
  });
});

it('has its own rate', async () => {
  const { client } = await make({ ratePerMinute: 3 });
  const answers = [];
  for (let i = 0; i < 4; i++) answers.push(await client.get('/profiles'));
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 429]);
  expect(answers[0]!.headers.get('ratelimit-limit')).toBe('3');
  expect((await owner.client.get('/profiles')).status).toBe(200);
});

it('is rotated with an overlap, or at once', async () => {
  const first = await make();
  const rotate = (body: object) => owner.client.post(`/api-keys/${first.id}/rotate`, body);
  const second = (await rotate({})).body.data;
  expect(second).toMatchObject({ id: first.id, previousUntil: expect.any(String), rotatedAt: expect.any(String) });
  expect(second.key).not.toBe(first.key);
  const socket = await connect({ apiKey: first.key });
  for (const key of [first.key, second.key]) expect((await acting(key).get('/profiles')).status).toBe(200);
  const third = (await rotate({ overlapSeconds: 0 })).body.data;
  // The oldest is gone with the second rotation, the one before at the end of its overlap.
  for (const key of [first.key, second.key])
    expect(code(await acting(key).get('/profiles'))).toEqual([401, 'UNAUTHENTICATED']);
  expect((await acting(third.key).get('/profiles')).status).toBe(200);
  await until(() => (socket as { disconnected: boolean }).disconnected);
  // A key may rotate itself.
  expect((await acting(third.key).post(`/api-keys/${first.id}/rotate`, {})).status).toBe(200);
});

it('is rotated only by the user whose rights it has', async () => {
  const { id } = await make();
  const admin = await people.with([{ role: 'admin', in: 'organization' }]);
  expect(code(await admin.session.post(`/api-keys/${id}/rotate`, {}))).toEqual([403, 'FORBIDDEN']);
  expect((await admin.session.delete(`/api-keys/${id}`)).status).toBe(200);
});

it('is refused at once when revoked, on open sockets too', async () => {
  const { id, key, client } = await make();
  const socket = await connect({ apiKey: key });
  await owner.client.delete(`/api-keys/${id}`);
  expect((await client.get('/profiles')).status).toBe(401);
  await until(() => (socket as { disconnected: boolean }).disconnected);
});

it('gives no more than who makes it holds', async () => {
  const admin = await people.with([{ role: 'admin', in: 'organization' }]);
  const refused = await admin.session.post('/api-keys', { name: 'x', permissions: ['profiles.read', 'roles.write'] });
  expect([...code(refused), refused.body.error.details]).toEqual([403, 'FORBIDDEN', { missing: ['roles.write'] }]);
  // The owner's key would give an administrator more than they have.
  const { id } = await make();
  expect(code(await admin.session.put(`/api-keys/${id}`, { permissions: ['*'] }))).toEqual([403, 'FORBIDDEN']);

  const narrow = await make({
    permissions: ['api-keys.write', 'profiles.read'],
    ipRanges: ['127.0.0.0/8'],
    ratePerMinute: 100,
    expiresInDays: 5,
  });
  const by = (draft: object) =>
    narrow.client.post('/api-keys', { name: 'x', permissions: ['profiles.read'], ...draft });
  expect((await by({})).body.data).toMatchObject({
    ipRanges: ['127.0.0.0/8'],
    ratePerMinute: 100,
    expiresAt: expect.any(String),
  });
  expect((await by({ ipRanges: ['127.0.0.1'], ratePerMinute: 5, expiresInDays: 1 })).status).toBe(201);
  for (const draft of [
    { permissions: ['*'] },
    { permissions: ['messages.read'] },
    { ipRanges: ['0.0.0.0/0'] },
    { ratePerMinute: 101 },
    { expiresInDays: 6 },
  ]) {
    expect(code(await by(draft))).toEqual([403, 'FORBIDDEN']);
  }
  expect(code(await narrow.client.post(`/api-keys/${id}/rotate`, {}))).toEqual([403, 'FORBIDDEN']);
});

it('loses what its user loses', async () => {
  const person = await people.with([{ role: 'manager', in: 'organization' }]);
  expect((await person.key.put(`/profiles/${place.profileId}`, {})).status).toBe(200);
  await owner.client.put(`/organizations/members/${person.userId}/role`, { role: 'viewer' });
  expect(code(await person.key.put(`/profiles/${place.profileId}`, {}))).toEqual([403, 'FORBIDDEN']);
  expect((await person.key.get('/profiles')).status).toBe(200);
});

it('has a record of what it did', async () => {
  const { id, client } = await make({ permissions: ['profiles.read'] });
  for (let i = 0; i < 120; i++) await client.get('/profiles?secret=1');
  await client.get('/workspaces');
  const recorded = async () => {
    await api.app.get(ApiKeyRecord).flush();
    return (await owner.client.get(`/api-keys/${id}/usage`)).body.data as { calls: number }[];
  };
  // A call is noted when its connection has let go of it, a moment after the client has the answer.
  const usage = await until(async () => {
    const days = await recorded();
    return days.reduce((all, { calls }) => all + calls, 0) === 121 && days;
  });
  expect(usage).toEqual([
    { day: expect.any(String), operation: 'ProfilesController_list', calls: 120, refused: 0, failed: 0 },
    { day: expect.any(String), operation: 'WorkspacesController_list', calls: 1, refused: 1, failed: 0 },
  ]);
  const { body } = await owner.client.get(`/api-keys/${id}/calls?limit=200`);
  expect(body.data).toHaveLength(100);
  expect(body.data[0]).toMatchObject({ method: 'GET', path: '/api/v1/workspaces', status: 403, ip: '127.0.0.1' });
  expect(JSON.stringify(body)).not.toContain('secret');
  await client.get('/profiles');
  await until(async () => (await recorded()).reduce((all, { calls }) => all + calls, 0) === 122);
  const later = (await owner.client.get(`/api-keys/${id}/calls?limit=200`)).body.data;
  expect([later.length, later[1].id]).toEqual([100, body.data[0].id]);
});
