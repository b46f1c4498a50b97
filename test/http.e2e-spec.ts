import { connect, createServer, type Server, type Socket } from 'node:net';
import { ApiClient, createTestDatabase, type Registered, type TestDatabase, until } from '#testing';
import { type LoadSignals, Overload } from '../apps/api/src/http/overload.js';
import { type RunningApi, startApi } from '../apps/api/src/start-api.js';

let database: TestDatabase;
let wire: Wire;
let api: RunningApi;
let user: Registered;

beforeAll(async () => {
  database = await createTestDatabase();
  wire = await Wire.to(database.url);
  const { config } = database;
  api = await startApi({
    ...config,
    database: { ...config.database, url: wire.url },
    http: { ...config.http, corsOrigins: ['https://app.example.com'], bodyLimitBytes: 10_000 },
  });
  user = await ApiClient.register(api.url);
});

afterAll(async () => {
  await api?.stop();
  await wire?.close();
  await database?.drop();
});

describe('every answer', () => {
  it('carries the request id that the caller gave, or one of ours', async () => {
    const given = await user.client.get('/auth/me', { 'x-request-id': 'order-4711' });
    expect([given.headers.get('x-request-id'), given.body.meta.requestId]).toEqual(['order-4711', 'order-4711']);
    for (const bad of ['a'.repeat(129), 'with space', '"quoted"']) {
      const own = await user.client.get('/auth/me', { 'x-request-id': bad });
      expect(own.body.meta.requestId).toMatch(/^[0-9a-f-]{36}$/);
    }
  });

  it('has the security headers, and none that names our software', async () => {
    const { headers } = await fetch(`${api.url}/health`);
    expect(headers.get('content-security-policy')).toContain("script-src 'self';");
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('x-powered-by')).toBeNull();
  });

  it('admits the origins of the settings and no others', async () => {
    const preflight = (origin: string) =>
      fetch(`${api.url}/api/v1/workspaces`, {
        method: 'OPTIONS',
        headers: {
          origin,
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'authorization,idempotency-key',
        },
      });
    const admitted = await preflight('https://app.example.com');
    expect(admitted.headers.get('access-control-allow-origin')).toBe('https://app.example.com');
    expect(admitted.headers.get('access-control-allow-headers')).toContain('idempotency-key');
    expect((await preflight('https://evil.example.com')).headers.get('access-control-allow-origin')).toBeNull();
  });
});

describe('routes', () => {
  it('that do not exist are 404, wrong methods 405 with those that are right', async () => {
    const unknown = await user.client.get('/nothing');
    expect([unknown.status, unknown.body.error.code]).toEqual([404, 'ROUTE_NOT_FOUND']);
    const wrong = await user.client.send('PATCH', '/workspaces/0198c2f0-7b1a-7c3e-9d4e-5f6a7b8c9d0e', {});
    expect([wrong.status, wrong.body.error.code]).toEqual([405, 'METHOD_NOT_ALLOWED']);
    expect(wrong.headers.get('allow')).toBe('GET, PUT, DELETE');
    const undecodable = await user.client.get('/workspaces/%E0%A4%A');
    expect([undecodable.status, undecodable.body.success]).toEqual([404, false]);
  });
});

it('answers what is under way when it stops, and does not wait for clients that hold their connections open', async () => {
  const stopping = await startApi(database.config);
  const { accessToken } = await ApiClient.register(stopping.url);
  const socket = connect(stopping.port, '127.0.0.1');
  let answers = '';
  socket.setEncoding('utf8').on('data', (text) => {
    answers += text;
  });
  const ended = new Promise((resolve) => socket.on('close', resolve));
  const body = '{"name":"late"}';
  const head = ['POST /api/v1/workspaces HTTP/1.1', 'host: x', `authorization: Bearer ${accessToken}`];
  head.push('content-type: application/json', `content-length: ${body.length}`, 'expect: 100-continue', '', '');
  socket.write(head.join('\r\n'));
  await until(() => answers.includes('100 Continue'));

  const since = Date.now();
  const stopped = stopping.stop();
  socket.write(body);
  await Promise.all([ended, stopped]);
  expect(answers).toMatch(/HTTP\/1.1 201 .*"name":"late"/s);
  // Far below the time after which connections are cut.
  expect(Date.now() - since).toBeLessThan(4_000);
});

describe('bodies', () => {
  it('over the limit are refused, announced or not', async () => {
    const announced = await user.client.post('/workspaces', { name: 'x'.repeat(20_000) });
    expect([announced.status, announced.body.error.code]).toEqual([413, 'BODY_TOO_LARGE']);
    const streamed = await fetch(`${api.url}/api/v1/workspaces`, {
      method: 'POST',
      headers: { authorization: `Bearer ${user.accessToken}`, 'content-type': 'application/json' },
      body: new Blob([`{"name":"${'x'.repeat(20_000)}"}`]).stream(),
      duplex: 'half',
    } as RequestInit);
    expect(streamed.status).toBe(413);
  });

  it('cannot reach a prototype', async () => {
    const { status, body } = await user.client.post(
      '/workspaces',
      '{"name":"pollution","__proto__":{"admin":true},"settings":{"__proto__":{"admin":true},"constructor":{"prototype":{"admin":true}},"kept":1}}',
    );
    expect(status).toBe(201);
    expect(body.data.settings.kept).toBe(1);
    expect(JSON.stringify(body)).not.toContain('__proto__');
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
  });

  it.each([
    ['NUL', '{"name":"x","description":"a\\u0000b"}', 'description'],
    ['half a character', '{"name":"x","settings":{"deep":["\\ud800"]}}', 'settings.deep.0'],
    ['NUL in a key', '{"name":"x","settings":{"\\u0000":1}}', 'settings'],
  ])('with %s are refused by field', async (_, body, path) => {
    const answer = await user.client.send('POST', '/workspaces', body);
    expect([answer.status, answer.body.error.code, answer.body.error.fields[0].path]).toEqual([
      400,
      'VALIDATION_ERROR',
      path,
    ]);
  });

  it('are not asked of actions, whatever the media type of nothing', async () => {
    const again = await ApiClient.register(api.url);
    const { status } = await again.client.post('/auth/logout', undefined, {
      'content-type': 'application/x-www-form-urlencoded',
    });
    expect(status).toBe(200);
  });
});

describe('limits', () => {
  it('are told by what is left of them, in the words of both drafts', async () => {
    const limited = await startApi(withHttp({ rateLimitPerMinute: 60 }));
    try {
      const { client } = await ApiClient.register(limited.url);
      await client.get('/auth/me');
      const { headers } = await client.get('/auth/me');
      const shown = ['limit', 'remaining', 'reset'].map((name) => headers.get(`ratelimit-${name}`));
      expect(shown).toEqual(['60', '58', '2']);
      expect(headers.get('ratelimit-policy')).toBe('"minute";q=60;w=60');
      expect(headers.get('ratelimit')).toBe('"minute";r=58;t=2');
    } finally {
      await limited.stop();
    }
  });

  it('hold over all api processes together', async () => {
    const [one, other] = [
      await startApi(withHttp({ rateLimitPerMinute: 10, loginLimitPerMinute: 4 })),
      await startApi(withHttp({ rateLimitPerMinute: 10, loginLimitPerMinute: 4 })),
    ];
    try {
      const { accessToken } = await ApiClient.register(api.url);
      const clients = [ApiClient.bearer(one.url, accessToken), ApiClient.bearer(other.url, accessToken)];
      const answers = await Promise.all(Array.from({ length: 24 }, (_, index) => clients[index % 2]!.get('/auth/me')));
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(10);
      expect(answers.filter(({ status }) => status === 429)).toHaveLength(14);
      const tries = await Promise.all(
        [one, other, one, other, one, other].map(({ url }) =>
          new ApiClient(url).post('/auth/refresh', { refreshToken: 'wpr_guess' }),
        ),
      );
      expect(tries.map(({ status }) => status).sort()).toEqual([401, 401, 401, 401, 429, 429]);
    } finally {
      await Promise.all([one.stop(), other.stop()]);
    }
  });

  it('of a caller end in 429 with the time to wait, and bind nobody else', async () => {
    const limited = await startApi(withHttp({ rateLimitPerMinute: 3 }));
    try {
      const [one, other] = [await ApiClient.register(limited.url), await ApiClient.register(limited.url)];
      const statuses = [];
      for (let i = 0; i < 4; i++) statuses.push((await one.client.get('/auth/me')).status);
      expect(statuses).toEqual([200, 200, 200, 429]);
      const refused = await one.client.get('/auth/me');
      expect(refused.body.error.code).toBe('RATE_LIMITED');
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
      expect((await other.client.get('/auth/me')).status).toBe(200);
    } finally {
      await limited.stop();
    }
  });

  it('of an address bind log-ins and wrong credentials; only trusted proxies name the address', async () => {
    const guess = (url: string, address: string) =>
      new ApiClient(url).post(
        '/auth/login',
        { email: 'a@example.com', password: 'guess' },
        { 'x-forwarded-for': address },
      );
    const direct = await startApi(withHttp({ loginLimitPerMinute: 2, rateLimitPerMinute: 2 }));
    const proxied = await startApi(withHttp({ loginLimitPerMinute: 2, trustedProxies: ['127.0.0.0/8'] }));
    try {
      const statuses = [];
      for (const address of ['203.0.113.1', '203.0.113.2', '203.0.113.3']) {
        statuses.push((await guess(direct.url, address)).status);
      }
      expect(statuses).toEqual([401, 401, 429]);
      for (const address of ['203.0.113.1', '203.0.113.2', '203.0.113.3']) {
        expect((await guess(proxied.url, address)).status).toBe(401);
      }
      const keys = [];
      for (let i = 0; i < 3; i++) keys.push((await ApiClient.apiKey(direct.url, `wp_${i}`).get('/auth/me')).status);
      expect(keys).toEqual([401, 401, 429]);
    } finally {
      await direct.stop();
      await proxied.stop();
    }
  });
});

describe('a process that is too busy', () => {
  const calm: LoadSignals = { eventLoopDelayMs: 0, poolWaitMs: 0, inFlight: 0 };

  it.each([
    ['its event loop is late', { ...calm, eventLoopDelayMs: 500 }, { ...calm, eventLoopDelayMs: 300 }],
    ['connections to the database are short', { ...calm, poolWaitMs: 500 }, { ...calm, poolWaitMs: 300 }],
    ['too much is under way', { ...calm, inFlight: 500 }, { ...calm, inFlight: 300 }],
  ])('refuses what it would only answer late, because %s', async (_, busy, stillBusy) => {
    const small = await startApi(withHttp({ overloadDelayMs: 500, overloadPoolWaitMs: 500, maxInFlight: 500 }));
    try {
      const overload = small.app.get(Overload);
      // It measures no more: what it sees is what the test says.
      overload.onApplicationShutdown();
      const { client } = await ApiClient.register(small.url);
      const status = async () => (await client.get('/workspaces')).status;
      overload.observe(busy);
      // Once is no overload.
      expect(await status()).toBe(200);
      overload.observe(busy);
      overload.observe(busy);
      const refused = await client.get('/workspaces');
      expect([refused.status, refused.body.error.code]).toEqual([503, 'OVERLOADED']);
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
      for (const path of ['/health', '/health/ready', '/api/v1/health', '/metrics']) {
        expect([path, (await fetch(small.url + path)).status]).toEqual([path, 200]);
      }
      const figures = await (await fetch(`${small.url}/metrics`)).text();
      const figure = (name: string) => new RegExp(`^${name} (\\S+)$`, 'm').exec(figures)?.[1];
      expect([figure('waypost_overloaded'), figure('waypost_overload_refusals_total')]).toEqual(['1', '1']);

      // Better, but not well: it would be too busy again at once.
      for (let i = 0; i < 10; i++) overload.observe(stillBusy);
      expect(await status()).toBe(503);
      for (let i = 0; i < 10; i++) overload.observe(calm);
      expect(await status()).toBe(200);
    } finally {
      await small.stop();
    }
  });

  it('answers what it has let in, and no more than the most that may be under way', async () => {
    const small = await startApi(withHttp({ maxInFlight: 3 }));
    try {
      const { accessToken, client } = await ApiClient.register(small.url);
      const held = Array.from({ length: 3 }, () => heldRequest(small.port, accessToken));
      await Promise.all(held.map(({ letIn }) => letIn));
      const refused = await client.get('/workspaces');
      expect([refused.status, refused.body.error.code]).toEqual([503, 'OVERLOADED']);
      for (const one of held) one.finish();
      for (const { answered } of held) expect(await answered).toMatch(/^HTTP\/1.1 201/m);
      await until(async () => (await client.get('/workspaces')).status === 200, { what: 'room' });
    } finally {
      await small.stop();
    }
  });

  it('measures what it goes by', async () => {
    const measured = await startApi(withHttp({ overloadDelayMs: 100 }));
    try {
      const overload = measured.app.get(Overload);
      const busyUntil = (done: () => boolean) =>
        until(
          async () => {
            const begin = performance.now();
            while (performance.now() - begin < 300);
            return done();
          },
          { what: 'the overload to be seen' },
        );
      await busyUntil(() => overload.isOverloaded);
      await until(() => !overload.isOverloaded, { what: 'the overload to end' });
    } finally {
      await measured.stop();
    }
  });
});

describe('clients that are slow on purpose', () => {
  it.each([
    ['headers', 'GET /api/v1/workspaces HTTP/1.1\r\nhost: x\r\n'],
    [
      'a body',
      'POST /api/v1/auth/login HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{',
    ],
  ])('are cut off when %s take too long', async (_, beginning) => {
    const strict = await startApi(withHttp({ requestTimeoutSeconds: 1 }));
    try {
      const socket = connect(strict.port, '127.0.0.1');
      const closed = new Promise((resolve) => socket.on('close', resolve));
      socket.on('error', () => undefined);
      socket.resume();
      socket.write(beginning);
      const drip = setInterval(() => socket.write(' '), 100);
      await closed;
      clearInterval(drip);
    } finally {
      await strict.stop();
    }
  });
});

describe('probes and figures', () => {
  it('tell what is missing for accepted work to be done, and fail for that only when asked to', async () => {
    const ask = (query: string) => new ApiClient(api.url).get(`/health/ready${query}`);
    // Neither a worker nor an engine runs here.
    const { status, body } = await ask('');
    expect([status, body.data.status]).toEqual([200, 'degraded']);
    const states = body.data.checks.map(({ name, ok, isRequired }: Record<string, unknown>) => [name, ok, isRequired]);
    expect(states).toEqual([
      ['database', true, true],
      ['migrations', true, true],
      ['queue', false, false],
      ['storage', true, false],
      ['engine', false, false],
    ]);
    for (const { detail } of body.data.checks) expect(detail).toMatch(/^[A-Z0-9].+\.$/);
    const strict = await ask('?strict=true');
    expect([strict.status, strict.body.error.code]).toEqual([503, 'NOT_READY']);
    expect((await ask('?strict=maybe')).body.error.fields[0].path).toBe('strict');
    expect((await fetch(`${api.url}/health/ready?strict=true`)).status).toBe(503);
  });

  it('answer at the root too; figures only to whom they are for', async () => {
    for (const path of ['/health', '/health/ready', '/api/v1/health', '/api/v1/health/ready']) {
      expect([path, (await fetch(api.url + path)).status]).toEqual([path, 200]);
    }
    const text = await (await fetch(`${api.url}/metrics`)).text();
    expect(text).toContain('waypost_http_request_seconds_count{method="GET",route="/api/v1/auth/me",status="200"}');
    const proxied = await fetch(`${api.url}/metrics`, { headers: { 'x-forwarded-for': '203.0.113.1' } });
    expect(proxied.status).toBe(403);

    const guarded = await startApi(withHttp({ metricsToken: 'a token for figures' }));
    try {
      const read = (authorization: string) => fetch(`${guarded.url}/metrics`, { headers: { authorization } });
      expect((await read('Bearer wrong')).status).toBe(403);
      expect((await read('Bearer a token for figures')).status).toBe(200);
    } finally {
      await guarded.stop();
    }
  });
});

describe('Swagger UI', () => {
  it('comes from our own files alone', async () => {
    const page = await (await fetch(`${api.url}/api/docs`)).text();
    const sources = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, source]) => source!);
    expect(sources.length).toBeGreaterThan(3);
    for (const source of sources) expect([source, (await fetch(api.url + source)).status]).toEqual([source, 200]);
  });
});

describe('when the database is away', () => {
  it('requests are told to come back, readiness fails, liveness does not, and all recovers', async () => {
    wire.cut();
    const away = await user.client.get('/workspaces');
    expect([away.status, away.body.error.code]).toEqual([503, 'OVERLOADED']);
    expect(away.headers.get('retry-after')).toBe('2');
    expect(JSON.stringify(away.body)).not.toMatch(/ECONN|pg|postgres/i);
    const ready = await until(
      async () => {
        const answer = await new ApiClient(api.url).get('/health/ready');
        return answer.status === 503 && answer.body;
      },
      { what: 'readiness to fail' },
    );
    expect(ready.error.code).toBe('NOT_READY');
    const states = ready.error.details.checks.map(({ name, ok }: { name: string; ok: boolean }) => [name, ok]);
    expect(states).toEqual(
      expect.arrayContaining([
        ['database', false],
        ['migrations', false],
        ['engine', false],
      ]),
    );
    expect(JSON.stringify(ready)).not.toMatch(/ECONN|pg|postgres:/i);
    expect((await fetch(`${api.url}/health`)).status).toBe(200);

    await wire.mend();
    await until(async () => (await fetch(`${api.url}/health/ready`)).ok, { what: 'readiness' });
    expect((await user.client.get('/workspaces')).status).toBe(200);
  });
});

/** A request that was let in and whose body is still to come. */
function heldRequest(port: number, accessToken: string) {
  const socket = connect(port, '127.0.0.1');
  const body = JSON.stringify({ name: `held ${Math.random()}` });
  const head = ['POST /api/v1/workspaces HTTP/1.1', 'host: x', `authorization: Bearer ${accessToken}`];
  head.push('connection: close', 'content-type: application/json', `content-length: ${body.length}`);
  let answer = '';
  socket.setEncoding('utf8');
  const letIn = new Promise<void>((resolve) => {
    socket.on('data', (text) => {
      answer += text;
      if (answer.includes('100 Continue')) resolve();
    });
  });
  const answered = new Promise<string>((resolve) => socket.on('close', () => resolve(answer)));
  socket.write([...head, 'expect: 100-continue', '', ''].join('\r\n'));
  return { letIn, answered, finish: () => socket.write(body) };
}

function withHttp(http: object) {
  return { ...database.config, http: { ...database.config.http, ...http } };
}

/** A way to the database that can be cut. */
class Wire {
  private readonly sockets = new Set<Socket>();
  private constructor(
    private server: Server,
    private readonly target: URL,
    private readonly port: number,
  ) {}

  static async to(url: string): Promise<Wire> {
    const target = new URL(url);
    const wire = new Wire(createServer(), target, 0);
    const port = await wire.listen(0);
    return Object.assign(wire, { port });
  }

  get url(): string {
    const url = new URL(this.target);
    url.port = String(this.port);
    return url.href;
  }

  cut(): void {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
  }

  async mend(): Promise<void> {
    await this.listen(this.port);
  }

  async close(): Promise<void> {
    this.cut();
  }

  private async listen(port: number): Promise<number> {
    this.server = createServer((socket) => {
      const onward = connect(Number(this.target.port), this.target.hostname);
      for (const end of [socket, onward]) {
        this.sockets.add(end);
        end.on('error', () => undefined);
        end.on('close', () => {
          this.sockets.delete(end);
          socket.destroy();
          onward.destroy();
        });
      }
      socket.pipe(onward).pipe(socket);
    });
    await new Promise<void>((resolve) => this.server.listen(port, '127.0.0.1', resolve));
    return (this.server.address() as { port: number }).port;
  }
}
