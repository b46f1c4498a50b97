import { JwtService } from '@nestjs/jwt';
import { Database } from '#database';
import { ApiClient, createTestDatabase, type Registered, type TestDatabase, until } from '#testing';
import { type RunningApi, startApi } from '../apps/api/src/start-api.js';

let database: TestDatabase;
let db: Database;
let api: RunningApi;
let nobody: ApiClient;

beforeAll(async () => {
  database = await createTestDatabase();
  db = await Database.open(database.config.database, 'identity spec');
  api = await startApi(database.config);
  nobody = new ApiClient(api.url);
});

afterAll(async () => {
  await api?.stop();
  await db?.close();
  await database?.drop();
});

const registration = (overrides: object = {}) => ({
  email: `${Math.random().toString(36).slice(2)}@example.com`,
  password: 'three green kettles',
  name: 'Ana',
  organizationName: 'Kettle & Sons',
  ...overrides,
});

async function eventsOf(client: ApiClient): Promise<{ name: string; seq: number; payload: Record<string, unknown> }[]> {
  return (await client.get('/events?limit=200')).body.data;
}

describe('register', () => {
  it('makes organization, workspace, account and owner, logs the owner in and tells the log', async () => {
    const { status, body } = await nobody.post('/auth/register', registration({ email: 'Ana.P@Example.com' }));
    expect(status).toBe(201);
    expect(body).toEqual({
      success: true,
      data: {
        accessToken: expect.any(String),
        refreshToken: expect.stringMatching(/^wpr_/),
        expiresIn: 900,
        user: {
          id: expect.any(String),
          email: 'ana.p@example.com',
          name: 'Ana',
          role: 'owner',
          organizationId: expect.any(String),
          organizationName: 'Kettle & Sons',
        },
        verificationRequired: false,
      },
      meta: { timestamp: expect.any(String), requestId: expect.any(String) },
    });
    const client = ApiClient.bearer(api.url, body.data.accessToken);
    expect((await client.get('/workspaces')).body.data).toMatchObject([{ name: 'Default', slug: 'default' }]);
    expect((await client.get('/accounts')).body.data).toMatchObject([{ name: 'Default Account' }]);
    expect((await eventsOf(client)).map(({ seq, name }) => [seq, name])).toEqual([
      [1, 'user.registered'],
      [2, 'workspace.created'],
      [3, 'account.created'],
      [4, 'session.started'],
    ]);
  });

  it.each([
    ['no e-mail address', { email: 'nobody' }, 'email'],
    ['a short password', { password: 'short' }, 'password'],
    ['a password of emoji that is short in characters', { password: '😀😀😀😀😀😀😀😀' }, 'password'],
    ['a well-known password', { password: 'Qwerty123456' }, 'password'],
    ['a repeated password', { password: 'abcabcabcabc' }, 'password'],
    ['a far too long password', { password: 'x y'.repeat(70) }, 'password'],
    ['an empty name', { name: '  ' }, 'name'],
    ['a name with control characters', { name: 'a\u0000b' }, 'name'],
    ['a number as organization', { organizationName: 7 }, 'organizationName'],
  ])('refuses %s and names the field', async (_, overrides, field) => {
    const { status, body } = await nobody.post('/auth/register', registration(overrides));
    expect([status, body.error.code]).toEqual([400, 'VALIDATION_ERROR']);
    expect(body.error.fields.map(({ path }: { path: string }) => path)).toEqual([field]);
  });

  it('gives an address to one of many who ask at once, and leaves nothing of the others', async () => {
    const wanted = registration({ organizationName: 'Only one of these' });
    const answers = await Promise.all(
      ['', 'X', 'y', ' '].map((_, i) =>
        nobody.post('/auth/register', { ...wanted, email: i % 2 ? wanted.email.toUpperCase() : wanted.email }),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409]);
    expect(answers.find(({ status }) => status === 409)?.body.error.code).toBe('EMAIL_TAKEN');
    const [row] = await db.query<{ n: number }>(
      "select count(*) as n from organizations where name = 'Only one of these'",
    );
    expect(row!.n).toBe(1);
  });

  it('when closed, lets exactly the first of the installation in', async () => {
    const closed = await createTestDatabase();
    const config = { ...closed.config, auth: { ...closed.config.auth, registration: 'closed' as const } };
    const other = await startApi(config);
    try {
      const answers = await Promise.all(
        [1, 2, 3, 4].map(() => new ApiClient(other.url).post('/auth/register', registration())),
      );
      expect(answers.map(({ status }) => status).sort()).toEqual([201, 403, 403, 403]);
      expect(answers.find(({ status }) => status === 403)?.body.error.code).toBe('REGISTRATION_CLOSED');
    } finally {
      await other.stop();
      await closed.drop();
    }
  });
});

describe('login', () => {
  let user: Registered;
  beforeAll(async () => {
    user = await ApiClient.register(api.url);
  });

  it('starts a session of its own, whatever the case of the address', async () => {
    const { status, body } = await nobody.post('/auth/login', {
      email: ` ${user.email.toUpperCase()} `,
      password: user.password,
    });
    expect(status).toBe(200);
    expect(body.data.user).toMatchObject({ id: user.userId, organizationId: user.organizationId });
    expect(JSON.stringify(body)).not.toContain('argon2');
    const me = await ApiClient.bearer(api.url, body.data.accessToken).get('/auth/me');
    expect(me.body.data).toMatchObject({ email: user.email, role: 'owner', credential: 'session' });
  });

  it('answers a wrong password, an unknown address and an inactive user alike', async () => {
    const inactive = await ApiClient.register(api.url);
    await db.query('update users set is_active = false where id = $1', [inactive.userId]);
    const answers = await Promise.all(
      [
        { email: user.email, password: 'not this one at all' },
        { email: 'unknown@example.com', password: user.password },
        { email: inactive.email, password: inactive.password },
      ].map((body) => nobody.post('/auth/login', body)),
    );
    for (const { status, body } of answers) {
      expect([status, body.error]).toEqual([
        401,
        { code: 'INVALID_CREDENTIALS', message: 'The e-mail address or password is wrong.' },
      ]);
    }
    expect((await inactive.client.get('/auth/me')).status).toBe(401);
  });

  it('works as long for an unknown address as for a known one', async () => {
    const time = async (email: string) => {
      const startedAt = performance.now();
      await nobody.post('/auth/login', { email, password: 'not this one at all' });
      return performance.now() - startedAt;
    };
    const fastest = async (email: string) => {
      const times: number[] = [];
      for (let i = 0; i < 5; i++) times.push(await time(email));
      return Math.min(...times);
    };
    const [known, unknown] = [await fastest(user.email), await fastest('unknown@example.com')];
    // Without the hash an answer takes a tenth of the time.
    expect(unknown).toBeGreaterThan(known * 0.5);
  });
});

describe('access tokens', () => {
  it('are refused when expired, of another algorithm, audience, key or user, or without a session', async () => {
    const user = await ApiClient.register(api.url);
    const other = await ApiClient.register(api.url);
    const secret = database.config.auth.jwtSecret;
    const jwt = new JwtService();
    const claims = jwt.decode(user.accessToken) as { sid: string; sub: string; iat: number; exp: number };
    const { sid, sub } = claims;
    const options = { secret, issuer: 'waypost', audience: 'waypost-api', expiresIn: 60 } as const;
    expect(claims.exp - claims.iat).toBe(database.config.auth.accessTokenSeconds);

    const forged: [string, string, string][] = [
      ['good', jwt.sign({ sid, sub }, options), ''],
      ['expired', jwt.sign({ sid, sub }, { ...options, expiresIn: -1 }), 'TOKEN_EXPIRED'],
      ['other algorithm', jwt.sign({ sid, sub }, { ...options, algorithm: 'HS512' }), 'UNAUTHENTICATED'],
      ['no algorithm', unsigned({ ...claims }), 'UNAUTHENTICATED'],
      ['other audience', jwt.sign({ sid, sub }, { ...options, audience: 'x' }), 'UNAUTHENTICATED'],
      ['other key', jwt.sign({ sid, sub }, { ...options, secret: 'x'.repeat(32) }), 'UNAUTHENTICATED'],
      ['other user', jwt.sign({ sid, sub: other.userId }, options), 'UNAUTHENTICATED'],
      ['no session', jwt.sign({ sub }, options), 'UNAUTHENTICATED'],
      ['strange session', jwt.sign({ sid: "' or 1=1", sub }, options), 'UNAUTHENTICATED'],
    ];
    for (const [name, token, code] of forged) {
      const { status, body } = await ApiClient.bearer(api.url, token).get('/auth/me');
      expect([name, status, body.error?.code ?? '']).toEqual([name, code === '' ? 200 : 401, code]);
    }
  });

  it('end with their session at once, and with no other', async () => {
    const user = await ApiClient.register(api.url);
    const second = await nobody.post('/auth/login', { email: user.email, password: user.password });
    const phone = ApiClient.bearer(api.url, second.body.data.accessToken);

    expect((await user.client.post('/auth/logout')).body.data).toMatchObject({ loggedOut: true, success: true });
    const refused = await user.client.get('/auth/me');
    expect([refused.status, refused.body.error.code]).toEqual([401, 'SESSION_REVOKED']);
    expect((await nobody.post('/auth/refresh', { refreshToken: user.refreshToken })).status).toBe(401);
    expect((await phone.get('/auth/me')).status).toBe(200);
    expect((await eventsOf(phone)).at(-1)).toMatchObject({ name: 'session.ended', payload: { reason: 'logout' } });
  });
});

describe('refresh', () => {
  const refresh = (refreshToken: string) => nobody.post('/auth/refresh', { refreshToken });

  it('gives a new pair; the chain goes on with the newest token', async () => {
    const user = await ApiClient.register(api.url);
    let token = user.refreshToken;
    for (let i = 0; i < 3; i++) {
      const { status, body } = await refresh(token);
      expect(status).toBe(200);
      expect(body.data.refreshToken).not.toBe(token);
      expect((await ApiClient.bearer(api.url, body.data.accessToken).get('/auth/me')).status).toBe(200);
      token = body.data.refreshToken;
    }
  });

  it('answers refreshes that race with one successor, and the session lives', async () => {
    const user = await ApiClient.register(api.url);
    const answers = await Promise.all(Array.from({ length: 20 }, () => refresh(user.refreshToken)));
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
    expect(new Set(answers.map(({ body }) => body.data.refreshToken)).size).toBe(1);
    expect((await refresh(answers[0]!.body.data.refreshToken)).status).toBe(200);
    expect((await user.client.get('/auth/me')).status).toBe(200);
  });

  it('ends the session when a token is used again later, and tells the log', async () => {
    const user = await ApiClient.register(api.url);
    const witness = ApiClient.bearer(
      api.url,
      (await nobody.post('/auth/login', { email: user.email, password: user.password })).body.data.accessToken,
    );
    const stolen = user.refreshToken;
    const { refreshToken, accessToken } = (await refresh(stolen)).body.data;
    await db.query(`update refresh_tokens set used_at = used_at - interval '11 seconds'`);

    const answers = await Promise.all([refresh(stolen), refresh(stolen), refresh(stolen)]);
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401]);
    expect(answers.some(({ body }) => body.error.code === 'REFRESH_TOKEN_REUSED')).toBe(true);
    expect((await refresh(refreshToken)).body.error.code).toBe('SESSION_REVOKED');
    expect((await ApiClient.bearer(api.url, accessToken).get('/auth/me')).body.error.code).toBe('SESSION_REVOKED');
    const ends = (await eventsOf(witness)).filter(({ name }) => name === 'session.ended');
    expect(ends.map(({ payload }) => payload.reason)).toEqual(['refresh_reuse']);
  });

  it('refuses unknown and expired tokens', async () => {
    const user = await ApiClient.register(api.url);
    await db.query(
      `update refresh_tokens set expires_at = now() - interval '1 s' where session_id in
        (select id from sessions where user_id = $1)`,
      [user.userId],
    );
    for (const token of [user.refreshToken, 'wpr_unknown', user.accessToken]) {
      const { status, body } = await refresh(token);
      expect([status, body.error.code]).toEqual([401, 'REFRESH_TOKEN_INVALID']);
    }
  });
});

describe('API keys', () => {
  let user: Registered;
  beforeAll(async () => {
    user = await ApiClient.register(api.url);
  });

  it('are shown once, kept as a hash, listed without the key, and note their last use', async () => {
    const created = await user.client.post('/api-keys', {
      name: 'Shop',
      permissions: ['workspaces.read'],
      expiresInDays: 30,
    });
    expect(created.status).toBe(201);
    const { key, ...rest } = created.body.data;
    expect(key).toMatch(/^wp_[0-9A-Za-z]{46}$/);
    expect(rest).toMatchObject({ name: 'Shop', prefix: key.slice(0, 11), permissions: ['workspaces.read'] });
    expect(Date.parse(rest.expiresAt) - Date.now()).toBeGreaterThan(29.9 * 86_400_000);

    expect((await ApiClient.apiKey(api.url, key).get('/workspaces')).status).toBe(200);
    const shown = await until(
      async () => {
        const { data } = (await user.client.get('/api-keys')).body;
        return data.find(({ id, lastUsedAt }: { id: string; lastUsedAt: unknown }) => id === rest.id && lastUsedAt);
      },
      { what: 'the last use to be written', withinMs: 30_000 },
    );
    expect(shown).not.toHaveProperty('key');
    const stored = await db.query<{ row: string }>('select api_keys::text as row from api_keys where id = $1', [
      rest.id,
    ]);
    expect(stored[0]!.row).not.toContain(key.slice(11));
  });

  it('are refused when mistyped, unknown, expired, or of an inactive user', async () => {
    const { key, id } = (await user.client.post('/api-keys', { name: 'k' })).body.data;
    const expect401 = async (text: string) =>
      expect((await ApiClient.apiKey(api.url, text).get('/auth/me')).status).toBe(401);
    await expect401(`${key.slice(0, -1)}${key.endsWith('0') ? '1' : '0'}`);
    await expect401(key.toLowerCase());
    await expect401('');
    await db.query(`update api_keys set expires_at = now() - interval '1 s' where id = $1`, [id]);
    await expect401(key);
  });

  it('understand the older names of scopes, and refuse unknown ones by position', async () => {
    const { body } = await user.client.post('/api-keys', {
      name: 'old',
      permissions: ['messages:write', 'message:send', 'messages:read'],
    });
    expect(body.data.permissions).toEqual(['messages.send', 'messages.read']);
    const wrong = await user.client.post('/api-keys', { name: 'x', permissions: ['messages.read', 'toString'] });
    expect([wrong.status, wrong.body.error.fields[0].path]).toEqual([400, 'permissions.1']);
    for (const permissions of [[], null, '*', [7]]) {
      expect((await user.client.post('/api-keys', { name: 'x', permissions })).status).toBe(400);
    }
  });

  it('never pass on more than the caller holds', async () => {
    const limited = await user.client.withKey(['api-keys.write', 'workspaces.read']);
    expect((await limited.post('/api-keys', { name: 'same', permissions: ['workspaces.read'] })).status).toBe(201);
    for (const permissions of [['workspaces.write'], ['*'], undefined]) {
      const { status, body } = await limited.post('/api-keys', { name: 'more', permissions });
      expect([status, body.error.code]).toEqual([403, 'FORBIDDEN']);
    }
  });

  it('lose what their user loses, with the next request', async () => {
    const { client, userId } = await ApiClient.register(api.url);
    const [all, writer] = [await client.withKey(), await client.withKey(['workspaces.write', 'workspaces.read'])];
    await db.query(`update role_assignments set system_role = 'viewer' where user_id = $1`, [userId]);
    for (const caller of [client, all, writer]) {
      expect((await caller.post('/workspaces', { name: 'No' })).status).toBe(403);
      expect((await caller.get('/workspaces')).status).toBe(200);
    }
  });

  it('are refused from the moment of their deletion, which the log tells', async () => {
    const { key, id } = (await user.client.post('/api-keys', { name: 'gone', permissions: ['workspaces.read'] })).body
      .data;
    const program = ApiClient.apiKey(api.url, key);
    expect((await program.get('/workspaces')).status).toBe(200);
    expect((await user.client.delete(`/api-keys/${id}`)).body.data).toEqual({ id, deleted: true });
    expect((await program.get('/workspaces')).status).toBe(401);
    expect((await user.client.delete(`/api-keys/${id}`)).status).toBe(404);
    expect((await eventsOf(user.client)).at(-1)).toMatchObject({
      name: 'api_key.revoked',
      payload: { apiKeyId: id, name: 'gone', prefix: key.slice(0, 11) },
    });
  });

  it('cannot log out', async () => {
    const program = await user.client.withKey();
    const { status, body } = await program.post('/auth/logout');
    expect([status, body.error.code]).toEqual([403, 'FORBIDDEN']);
  });
});

function unsigned(claims: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'none', typ: 'JWT' })}.${part(claims)}.`;
}
