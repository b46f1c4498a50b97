import { io, type Socket } from 'socket.io-client';
import { Database } from '#database';
import { ApiClient, createTestDatabase, type Registered, type TestDatabase, until } from '#testing';
import { type RunningApi, startApi } from '../apps/api/src/start-api.js';

/** Two api processes over one database, as behind a load balancer: what one is told holds in the other at once. */
let database: TestDatabase;
let db: Database;
let one: RunningApi;
let other: RunningApi;

beforeAll(async () => {
  database = await createTestDatabase();
  db = await Database.open(database.config.database, 'two apis spec');
  [one, other] = [await startApi(database.config), await startApi(database.config)];
});
afterAll(async () => {
  await one?.stop();
  await other?.stop();
  await db?.close();
  await database?.drop();
});

const at = (api: RunningApi, { accessToken }: { accessToken: string }) => ApiClient.bearer(api.url, accessToken);
const refresh = (api: RunningApi, refreshToken: string) =>
  new ApiClient(api.url).post('/auth/refresh', { refreshToken });
const secondLogin = async ({ email, password }: Registered) =>
  (await new ApiClient(other.url).post('/auth/login', { email, password })).body.data as {
    accessToken: string;
    refreshToken: string;
  };

describe('refresh', () => {
  it('gives one successor when both are asked at once', async () => {
    const { refreshToken } = await ApiClient.register(one.url);
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, index) => refresh(index % 2 ? one : other, refreshToken)),
    );
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    expect(new Set(answers.map(({ body }) => body.data.refreshToken)).size).toBe(1);
    expect(new Set(answers.map(({ body }) => body.data.refreshToken)).has(refreshToken)).toBe(false);
  });

  it('notices in one that a token was used in the other, and ends the session in both', async () => {
    const user = await ApiClient.register(one.url);
    const { refreshToken: successor } = (await refresh(one, user.refreshToken)).body.data;
    expect((await refresh(other, successor)).status).toBe(200);
    // Longer ago than a lost answer explains.
    await db.query(`update refresh_tokens set used_at = used_at - interval '1 minute' where used_at is not null`);
    const reused = await refresh(other, user.refreshToken);
    expect([reused.status, reused.body.error.code]).toEqual([401, 'REFRESH_TOKEN_REUSED']);
    for (const api of [one, other]) {
      expect((await at(api, user).get('/auth/me')).body.error.code).toBe('SESSION_REVOKED');
      expect((await refresh(api, successor)).status).toBe(401);
    }
  });
});

describe('what ends', () => {
  it.each(['log-out', 'a revoked session', 'all other sessions'])(
    '%s in one is refused by the other with the next request',
    async (how) => {
      for (let round = 0; round < 5; round++) {
        const user = await ApiClient.register(one.url);
        const doomed = await secondLogin(user);
        expect((await at(other, doomed).get('/auth/me')).status).toBe(200);
        const { body } = await at(one, user).get('/auth/sessions');
        const id = body.data.find(({ isCurrent }: { isCurrent: boolean }) => !isCurrent).id;
        const done =
          how === 'log-out'
            ? await at(one, doomed).post('/auth/logout')
            : how === 'a revoked session'
              ? await at(one, user).delete(`/auth/sessions/${id}`)
              : await at(one, user).delete('/auth/sessions');
        expect(done.status).toBeLessThan(300);
        // No wait between: the very next request.
        const next = await at(other, doomed).get('/auth/me');
        expect([next.status, next.body.error.code]).toEqual([401, 'SESSION_REVOKED']);
        expect((await refresh(other, doomed.refreshToken)).status).toBe(401);
        expect((await at(other, user).get('/auth/me')).status).toBe(200);
      }
    },
  );

  it('a revoked key, and a changed one, likewise', async () => {
    const user = await ApiClient.register(one.url);
    const { body } = await user.client.post('/api-keys', { name: 'doomed', permissions: ['workspaces.read'] });
    const key = ApiClient.apiKey(other.url, body.data.key);
    expect((await key.get('/workspaces')).status).toBe(200);
    await user.client.delete(`/api-keys/${body.data.id}`);
    expect((await key.get('/workspaces')).status).toBe(401);
  });

  it('closes the sockets of the session at the other, and no others', async () => {
    const user = await ApiClient.register(one.url);
    const doomed = await secondLogin(user);
    const [theirs, mine] = [socket(other, doomed.accessToken), socket(other, user.accessToken)];
    await Promise.all([connected(theirs), connected(mine)]);
    const closed = new Promise<string>((resolve) => theirs.once('disconnect', resolve));
    await at(one, user).delete('/auth/sessions');
    expect(await closed).toBe('io server disconnect');
    expect(mine.connected).toBe(true);
    mine.disconnect();
  });
});

it('an Idempotency-Key holds in both: one effect, one answer', async () => {
  const { accessToken } = await ApiClient.register(one.url);
  const clients = [one, other].map((api) => ApiClient.bearer(api.url, accessToken));
  const send = (index: number) =>
    clients[index % 2]!.post('/workspaces', { name: 'Once over both' }, { 'idempotency-key': 'over both' });
  const answers = await Promise.all(Array.from({ length: 100 }, (_, index) => send(index)));
  const given = answers.filter(({ status }) => status === 201);
  expect(given.length).toBeGreaterThan(0);
  expect(new Set(given.map(({ body }) => body.data.id)).size).toBe(1);
  const refused = answers.filter(({ status }) => status !== 201);
  expect(new Set(refused.map(({ body }) => body.error.code)).size).toBeLessThanOrEqual(1);
  expect(
    (await clients[1]!.get('/workspaces')).body.data.filter(({ name }: { name: string }) => name === 'Once over both'),
  ).toHaveLength(1);
});

describe('rate limits', () => {
  it('of a user and of a key with its own rate hold over both together', async () => {
    const limited = { ...database.config, http: { ...database.config.http, rateLimitPerMinute: 20 } };
    const apis = [await startApi(limited), await startApi(limited)];
    try {
      const user = await ApiClient.register(one.url);
      const { body } = await user.client.post('/api-keys', { name: 'slow', permissions: ['*'], ratePerMinute: 6 });
      const admitted = async (clients: ApiClient[], tries: number) => {
        const sent = Array.from({ length: tries }, (_, index) => clients[index % 2]!.get('/workspaces'));
        return (await Promise.all(sent)).filter(({ status }) => status === 200).length;
      };
      expect(
        await admitted(
          apis.map((api) => ApiClient.apiKey(api.url, body.data.key)),
          30,
        ),
      ).toBe(6);
      const asUser = await admitted(
        apis.map((api) => at(api, user)),
        60,
      );
      // A token comes back every three seconds.
      expect(asUser).toBeGreaterThanOrEqual(20);
      expect(asUser).toBeLessThanOrEqual(23);
    } finally {
      await Promise.all(apis.map((api) => api.stop()));
    }
  });
});

function socket(api: RunningApi, token: string): Socket {
  return io(`${api.url}/ws`, { auth: { token }, transports: ['websocket'], reconnection: false });
}

function connected(client: Socket): Promise<void> {
  return until(() => client.connected, { what: 'the socket to connect' }).then(() => undefined);
}
