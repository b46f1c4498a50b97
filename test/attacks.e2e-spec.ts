import { createHmac, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { gzipSync } from 'node:zlib';
import { io } from 'socket.io-client';
import { Database } from '#database';
import { ApiClient, createTestDatabase, type Registered, type TestDatabase } from '#testing';
import { type Route, RouteTable } from '../apps/api/src/http/route-table.js';
import { type RunningApi, startApi } from '../apps/api/src/start-api.js';
import { RouteCalls } from './route-calls.js';
import { type Owner, samples } from './route-samples.js';

/**
 * What an attacker tries at the common ground of all routes. Guessing passwords and codes, replaying them, and telling
 * addresses apart are in sign-in.e2e-spec.ts; forbidden addresses and names that flip in outbound-client.spec.ts;
 * formulas in exports in audit.e2e-spec.ts; secrets that leak in canaries.e2e-spec.ts.
 */
let database: TestDatabase;
let db: Database;
let api: RunningApi;
let owner: Registered;
let victim: Registered;
let routes: readonly Route[];
let calls: RouteCalls;
const ids: Record<string, string> = {};

beforeAll(async () => {
  database = await createTestDatabase();
  db = await Database.open(database.config.database, 'attacks spec');
  api = await startApi(database.config);
  [owner, victim] = [await ApiClient.register(api.url), await ApiClient.register(api.url)];
  Object.assign(ids, await samples.messageId!(db, owner as unknown as Owner));
  routes = api.app.get(RouteTable).routes;
  calls = await RouteCalls.of(api.url);
});
afterAll(async () => {
  await api?.stop();
  await db?.close();
  await database?.drop();
});

const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
const read = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));

describe('a forged access token', () => {
  type Claims = Record<string, unknown>;
  const hmac = (head: object, claims: Claims, secret: string | Buffer, hash = 'sha256') => {
    const text = `${encode(head)}.${encode(claims)}`;
    return `${text}.${createHmac(hash, secret).update(text).digest('base64url')}`;
  };
  const forgeries: [string, (claims: Claims, secret: string, real: string) => string][] = [
    ...['none', 'None', 'NONE', 'nOnE', ''].map((alg): [string, (claims: Claims) => string] => [
      `of the algorithm "${alg}"`,
      (claims) => `${encode({ alg, typ: 'JWT' })}.${encode(claims)}.`,
    ]),
    ['without its signature', (_, __, real) => `${real.split('.').slice(0, 2).join('.')}.`],
    [
      'with another payload under a real signature',
      (claims, _, real) => {
        const [head, , signature] = real.split('.');
        return `${head}.${encode({ ...claims, sub: victim.userId })}.${signature}`;
      },
    ],
    ['signed with nothing', (claims) => hmac({ alg: 'HS256', typ: 'JWT' }, claims, '')],
    [
      'of a stronger algorithm than ours',
      (claims, secret) => hmac({ alg: 'HS512', typ: 'JWT' }, claims, secret, 'sha512'),
    ],
    [
      'signed with a key pair of its own, which it brings along',
      (claims) => {
        const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
        const text = `${encode({ alg: 'RS256', typ: 'JWT', jwk: publicKey.export({ format: 'jwk' }) })}.${encode(claims)}`;
        return `${text}.${sign('sha256', Buffer.from(text), privateKey).toString('base64url')}`;
      },
    ],
    ...['../../../../dev/null', '/dev/null', "' union select '", 'http://127.0.0.1/key'].map(
      (kid): [string, (claims: Claims) => string] => [
        `whose key id is ${kid}`,
        (claims) => hmac({ alg: 'HS256', typ: 'JWT', kid }, claims, kid.startsWith("'") ? 'union' : ''),
      ],
    ),
    [
      'that says where its key is',
      (claims) => hmac({ alg: 'HS256', jku: 'http://127.0.0.1/jwks', x5u: 'http://127.0.0.1/x' }, claims, 'mine'),
    ],
    ['for another audience', (claims, secret) => hmac({ alg: 'HS256' }, { ...claims, aud: 'another' }, secret)],
    ['of another issuer', (claims, secret) => hmac({ alg: 'HS256' }, { ...claims, iss: 'another' }, secret)],
    ['for no audience', (claims, secret) => hmac({ alg: 'HS256' }, { ...claims, aud: undefined }, secret)],
    [
      'that begins tomorrow',
      (claims, secret) => hmac({ alg: 'HS256' }, { ...claims, nbf: Date.now() / 1000 + 86_400 }, secret),
    ],
    [
      'of a session that never was',
      (claims, secret) => hmac({ alg: 'HS256' }, { ...claims, sid: victim.userId }, secret),
    ],
    ['of no session', (claims, secret) => hmac({ alg: 'HS256' }, { ...claims, sid: undefined }, secret)],
    ['whose session is a list', (claims, secret) => hmac({ alg: 'HS256' }, { ...claims, sid: [claims.sid] }, secret)],
    [
      "of one person with another's session",
      (claims, secret) => hmac({ alg: 'HS256' }, { ...claims, sub: victim.userId }, secret),
    ],
  ];

  it.each(forgeries)('%s is refused over HTTP and on sockets', async (_, forge) => {
    const claims = read(owner.accessToken.split('.')[1]!) as Claims;
    const token = forge(claims, database.config.auth.jwtSecret, owner.accessToken);
    const { status, body } = await ApiClient.bearer(api.url, token).get('/auth/me');
    expect([status, body.error.code]).toEqual([401, 'UNAUTHENTICATED']);
    const socket = io(`${api.url}/ws`, { auth: { token }, transports: ['websocket'], reconnection: false });
    const refused = await new Promise((resolve) => {
      socket.once('connect', () => resolve('connected'));
      socket.once('connect_error', ({ message }) => resolve(message));
    });
    socket.close();
    expect(refused).toBe('UNAUTHENTICATED');
  });

  it('nor is any secret taken for another kind', async () => {
    const { body } = await owner.client.post('/api-keys', { name: 'confused', permissions: ['*'] });
    const { key } = body.data;
    for (const secret of [owner.refreshToken, key, 'null', 'undefined', '[object Object]', '{}']) {
      expect((await ApiClient.bearer(api.url, secret).get('/auth/me')).status).toBe(401);
    }
    for (const secret of [owner.refreshToken, owner.accessToken]) {
      expect((await ApiClient.apiKey(api.url, secret).get('/auth/me')).status).toBe(401);
      const { status } = await new ApiClient(api.url).post('/auth/refresh', { refreshToken: key });
      expect(status).toBe(401);
    }
    const refreshed = await new ApiClient(api.url).post('/auth/refresh', { refreshToken: owner.accessToken });
    expect(refreshed.status).toBe(401);
  });
});

describe('fields that are nobody’s to set', () => {
  const withBody = () =>
    routes.filter(({ method, path }) => ['POST', 'PUT', 'PATCH'].includes(method) && !harmful.test(path));
  const harmful = /\/auth\/(logout|change-password|account)|\/platform\/|\/organizations\/:organizationId$|ownership/;

  /** Several at once: some wait for an engine that is not there. */
  async function onEach(chosen: Route[], ask: (route: Route) => Promise<void>): Promise<void> {
    const rest = [...chosen];
    const lane = async () => {
      for (let route = rest.shift(); route !== undefined; route = rest.shift()) await ask(route);
    };
    await Promise.all(Array.from({ length: 8 }, lane));
  }

  it('change no owner, no right and nothing of another organization, on whatever route', async () => {
    const before = await ofVictim();
    const [adminsBefore] = await db.query<{ n: number }>('select count(*) as n from users where is_platform_admin');
    const stolen = {
      ...{ id: victim.userId, organizationId: victim.organizationId, organization_id: victim.organizationId },
      ...{ userId: victim.userId, isPlatformAdmin: true, is_platform_admin: true, isActive: true },
      ...{ passwordHash: 'mine', grants: ['*'], reach: 'everywhere', createdAt: '2000-01-01T00:00:00.000Z' },
    };
    const served: string[] = [];
    await onEach(withBody(), async (route) => {
      const { status, body } = await calls.call(owner.client, route, ids, { ...calls.bodyOf(route), ...stolen });
      if (status >= 500 && status !== 503) served.push(`${route.path} answered ${status}`);
      if (JSON.stringify(body?.data ?? null).includes(victim.organizationId))
        served.push(`${route.path} shows the victim`);
    });
    expect(served).toEqual([]);
    expect(await ofVictim()).toEqual(before);
    const [adminsAfter] = await db.query<{ n: number }>('select count(*) as n from users where is_platform_admin');
    expect(adminsAfter).toEqual(adminsBefore);
  }, 180_000);

  it('cannot be smuggled through a prototype, on whatever route', async () => {
    const poison = '"__proto__":{"polluted":"yes"},"constructor":{"prototype":{"polluted":"yes"}}';
    const problems: string[] = [];
    await onEach(withBody(), async (route) => {
      const text = JSON.stringify(calls.bodyOf(route) ?? {})
        .replace(/^\{/, `{${poison},"settings":{${poison}},`)
        .replace(/,\}$/, '}');
      const path = route.path.slice('/api/v1'.length).replaceAll(/:([^/]+)/g, (_, name) => ids[name] ?? owner.userId);
      const { status } = await owner.client.send(route.method, path, text);
      if (status >= 500 && status !== 503) problems.push(`${route.path} answered ${status}`);
      if (({} as { polluted?: string }).polluted !== undefined) problems.push(`${route.path} polluted`);
    });
    const { status } = await owner.client.get(
      '/workspaces?__proto__[polluted]=yes&constructor[prototype][polluted]=yes',
    );
    expect(status).toBe(200);
    expect(({} as { polluted?: string }).polluted).toBeUndefined();
    expect(problems).toEqual([]);
  }, 180_000);

  /** All that is the victim's, as text, but for when something was last used. */
  async function ofVictim(): Promise<Record<string, string>> {
    const tables = await db.query<{ name: string }>(
      `select table_name as name from information_schema.columns
        where table_schema = 'public' and column_name = 'organization_id' and table_name not in ('sessions') order by 1`,
    );
    const one = ({ name }: { name: string }) =>
      `select '${name}' as name, coalesce(string_agg(t::text, chr(10) order by t::text), '') as rows
         from "${name}" t where organization_id = '${victim.organizationId}'`;
    const rows = await db.query<{ name: string; rows: string }>(tables.map(one).join(' union all '));
    return Object.fromEntries(rows.map(({ name, rows }) => [name, rows]));
  }
});

describe('headers that lie about who asks', () => {
  const lies = {
    'x-forwarded-for': '10.9.9.9',
    'x-real-ip': '10.9.9.9',
    'true-client-ip': '10.9.9.9',
    'cf-connecting-ip': '10.9.9.9',
    forwarded: 'for=10.9.9.9;host=evil.example;proto=https',
    'x-forwarded-host': 'evil.example',
    'x-original-url': '/api/v1/platform/mails',
    'x-rewrite-url': '/api/v1/platform/mails',
    'x-http-method-override': 'DELETE',
    'x-method-override': 'DELETE',
    'x-user-id': 'victim',
    'x-organization-id': 'victim',
  };

  it('are not believed: address, method, path and person stay what they are', async () => {
    const login = await new ApiClient(api.url).post(
      '/auth/login',
      { email: victim.email, password: victim.password },
      lies,
    );
    const shown = await ApiClient.bearer(api.url, login.body.data.accessToken).get('/auth/sessions', lies);
    expect(shown.body.data.length).toBeGreaterThan(0);
    expect(JSON.stringify(shown.body)).not.toMatch(/10\.9\.9\.9|evil/);
    const me = await owner.client.get('/auth/me', { ...lies, 'x-user-id': victim.userId });
    expect(me.body.data.id ?? me.body.data.user?.id).toBe(owner.userId);
    const { status } = await owner.client.get(`/workspaces/${ids.workspaceId}`, lies);
    expect(status).toBe(200);
    expect((await owner.client.get(`/workspaces/${ids.workspaceId}`)).status).toBe(200);
  });

  it('open no key to a foreign address, nor the figures', async () => {
    const { body } = await owner.client.post('/api-keys', {
      name: 'from one place',
      permissions: ['*'],
      ipRanges: ['10.9.9.0/24'],
    });
    const key = ApiClient.apiKey(api.url, body.data.key);
    expect((await key.get('/workspaces', lies)).status).toBe(403);
    expect((await fetch(`${api.url}/metrics`, { headers: lies })).status).toBe(403);
  });

  it('behind a trusted proxy only what the proxy added counts', async () => {
    const http = { ...database.config.http, trustedProxies: ['127.0.0.0/8'], loginLimitPerMinute: 3 };
    const proxied = await startApi({ ...database.config, http });
    try {
      const statuses = [];
      // The client invents a new beginning each time; the proxy appends the address that it saw.
      for (let i = 0; i < 5; i++) {
        const invented = { 'x-forwarded-for': `198.51.100.${i}, 203.0.113.77` };
        statuses.push(
          (await new ApiClient(proxied.url).post('/auth/refresh', { refreshToken: 'wpr_x' }, invented)).status,
        );
      }
      expect(statuses).toEqual([401, 401, 401, 429, 429]);
    } finally {
      await proxied.stop();
    }
  });
});

it('keys that are guessed cost the address, over all processes, and open nothing', async () => {
  const http = { ...database.config.http, rateLimitPerMinute: 20 };
  const apis = [await startApi({ ...database.config, http }), await startApi({ ...database.config, http })];
  try {
    const guesses = Array.from({ length: 60 }, (_, index) =>
      ApiClient.apiKey(apis[index % 2]!.url, `wp_${randomBytes(24).toString('base64url')}`).get('/workspaces'),
    );
    const statuses = (await Promise.all(guesses)).map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set([401, 429]));
    expect(statuses.filter((status) => status === 401).length).toBeLessThanOrEqual(24);
  } finally {
    await Promise.all(apis.map((one) => one.stop()));
  }
});

describe('bodies made to exhaust', () => {
  const small = { name: 'x' };
  const post = (body: string | Buffer, headers: Record<string, string> = {}) =>
    fetch(`${api.url}/api/v1/workspaces`, {
      method: 'POST',
      headers: { authorization: `Bearer ${owner.accessToken}`, 'content-type': 'application/json', ...headers },
      body: body as string,
    });

  it.each([
    ['lists in lists', '['.repeat(200_000) + ']'.repeat(200_000), 400],
    ['objects in objects', `${'{"a":'.repeat(200_000)}1${'}'.repeat(200_000)}`, 400],
    ['a number of a million digits', `{"name":${'9'.repeat(1_000_000)}}`, 400],
    ['a name of five million letters', JSON.stringify({ name: 'x'.repeat(5_000_000) }), 400],
    [
      'two hundred thousand fields',
      JSON.stringify(Object.fromEntries(Array.from({ length: 200_000 }, (_, i) => [`f${i}`, i]))),
      400,
    ],
    ['fields that are equal', `{${'"name":"x",'.repeat(100_000)}"name":7}`, 400],
  ])('%s are refused in a moment', async (_, body, status) => {
    const since = performance.now();
    expect((await post(body)).status).toBe(status);
    expect(performance.now() - since).toBeLessThan(10_000);
    expect((await fetch(`${api.url}/health`)).status).toBe(200);
  });

  it('nor do lists in lists of things keep a process busy', async () => {
    const problems: string[] = [];
    for (const item of ['{}', '{"chatId":"1"}', '7', '""', '[]']) {
      const list = `[${Array.from({ length: 40_000 }, () => item).join(',')}]`;
      const since = performance.now();
      const { status } = await owner.client.post('/bulk/send', `{"profileId":"${ids.profileId}","messages":${list}}`);
      const ms = performance.now() - since;
      if (status !== 400 || ms > 5_000) problems.push(`${item} answered ${status} after ${Math.round(ms)} ms`);
    }
    expect(problems).toEqual([]);
  });

  it('a small file that unpacks to a gigabyte is not unpacked', async () => {
    const bomb = gzipSync(Buffer.alloc(200_000_000, 'a'));
    expect(bomb.length).toBeLessThan(1_000_000);
    const before = process.memoryUsage().rss;
    const answer = await post(bomb, { 'content-encoding': 'gzip' });
    expect([400, 413]).toContain(answer.status);
    expect(process.memoryUsage().rss - before).toBeLessThan(400_000_000);
    expect((await post(gzipSync(JSON.stringify(small)), { 'content-encoding': 'gzip' })).status).toBe(201);
  });
});

describe('paths that climb', () => {
  const climbs = ['..', '%2e%2e', '..%2f', '%2e%2e%2f', '..%5c', '%252e%252e%252f', '....//', '..%c0%af', '..;'];
  const targets = ['package.json', 'etc/passwd', 'data/secrets.json'];
  const raw = (path: string): Promise<{ status: number; text: string }> =>
    new Promise((resolve, reject) => {
      const asked = httpRequest(
        { host: '127.0.0.1', port: api.port, path, headers: { authorization: `Bearer ${owner.accessToken}` } },
        (response) => {
          let text = '';
          response.setEncoding('utf8').on('data', (chunk) => {
            text += chunk;
          });
          response.on('end', () => resolve({ status: response.statusCode!, text }));
        },
      );
      asked.on('error', reject);
      asked.end();
    });

  it('reach no file, neither from our pages nor from what takes an id', async () => {
    const roots = [
      '/api/docs/',
      '/api/docs-json/',
      '/api/v1/messages/',
      '/api/v1/profiles/',
      '/',
      `/api/v1/messages/${ids.messageId}/media/`,
    ];
    const problems: string[] = [];
    for (const root of roots) {
      for (const climb of climbs) {
        for (const target of targets) {
          const path = `${root}${`${climb}/`.repeat(6)}${target}`.replaceAll('//', climb.includes('//') ? '//' : '/');
          const { status, text } = await raw(path);
          if (/"dependencies"|root:.*:0:0|ENCRYPTION_KEY|jwtSecret/.test(text))
            problems.push(`${path} answered ${status}`);
          if (status >= 500 || (status === 200 && !root.startsWith('/api/docs-json')))
            problems.push(`${path} answered ${status}`);
        }
      }
    }
    expect(problems).toEqual([]);
  });

  it('nor do ids with NUL or separators in them', async () => {
    for (const id of ['%00', 'a%00.json', '..%2F..%2Fetc%2Fpasswd', 'C%3A%5Cwindows', `${ids.messageId}%00`]) {
      expect([400, 404]).toContain((await raw(`/api/v1/messages/${id}`)).status);
    }
  });
});
