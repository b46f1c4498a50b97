import type { Actor } from '#contracts';
import { Database, Sealer } from '#database';
import { ApiKeys, IdempotencyKeys, Workspaces } from '#domain';
import {
  type ApiAnswer,
  ApiClient,
  buildActor,
  createTestDatabase,
  type Registered,
  type TestDatabase,
} from '#testing';
import { IdempotencyScope } from '../apps/api/src/http/idempotency.js';
import { type RunningApi, startApi } from '../apps/api/src/start-api.js';

let database: TestDatabase;
let db: Database;
let api: RunningApi;
let user: Registered;
let count = 0;
const newKey = () => `key-${++count}`;

beforeAll(async () => {
  database = await createTestDatabase();
  db = await Database.open(database.config.database, 'idempotency spec');
  api = await startApi(database.config);
  user = await ApiClient.register(api.url);
});

afterAll(async () => {
  await api?.stop();
  await db?.close();
  await database?.drop();
});

function create(name: string, key: string, client = user.client): Promise<ApiAnswer> {
  return client.post('/workspaces', { name }, { 'idempotency-key': key });
}

async function howMany(name: string): Promise<number> {
  const [row] = await db.query<{ n: number }>('select count(*) as n from workspaces where name = $1', [name]);
  return row!.n;
}

describe('Idempotency-Key', () => {
  it('gives repeats the first answer, word for word, and no second effect', async () => {
    const key = newKey();
    const first = await create('once', key);
    const second = await create('once', key);
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(second.body).toEqual(first.body);
    expect(first.headers.get('idempotency-replayed')).toBeNull();
    expect(second.headers.get('idempotency-replayed')).toBe('true');
    expect(second.headers.get('x-request-id')).not.toBe(first.headers.get('x-request-id'));
    expect(await howMany('once')).toBe(1);
  });

  it('has one effect and one answer when 1,000 repeats race', async () => {
    const key = newKey();
    const answers = await Promise.all(Array.from({ length: 1000 }, () => create('raced', key)));
    const [given, early] = [
      answers.filter(({ status }) => status === 201),
      answers.filter(({ status }) => status !== 201),
    ];
    expect(given.length).toBeGreaterThan(0);
    expect(new Set(given.map(({ body }) => JSON.stringify(sorted(body)))).size).toBe(1);
    for (const { status, body, headers } of early) {
      expect([status, body.error.code]).toEqual([409, 'IDEMPOTENCY_IN_PROGRESS']);
      expect(headers.get('retry-after')).toBe('1');
    }
    expect(await howMany('raced')).toBe(1);
    expect((await create('raced', key)).body).toEqual(given[0]!.body);
  });

  it('refuses another body or route under a known key', async () => {
    const key = newKey();
    await create('mine', key);
    const otherBody = await create('other', key);
    const otherRoute = await user.client.post('/accounts', { name: 'mine' }, { 'idempotency-key': key });
    for (const { status, body } of [otherBody, otherRoute]) {
      expect([status, body.error.code]).toEqual([409, 'IDEMPOTENCY_CONFLICT']);
    }
    expect(await howMany('other')).toBe(0);
  });

  it('belongs to the caller: another key, user or organization may choose the same', async () => {
    const key = newKey();
    const program = await user.client.withKey();
    const stranger = await ApiClient.register(api.url);
    const answers = [await create('A', key), await create('B', key, program), await create('A', key, stranger.client)];
    expect(answers.map(({ status, headers }) => [status, headers.get('idempotency-replayed')])).toEqual([
      [201, null],
      [201, null],
      [201, null],
    ]);
  });

  it('is 1 to 255 printable characters', async () => {
    for (const bad of ['', 'x'.repeat(256), 'ümlaut']) {
      const { status, body } = await create('never', bad);
      expect([status, body.error.fields[0].path]).toEqual([400, 'Idempotency-Key']);
    }
    expect(await howMany('never')).toBe(0);
  });

  it('keeps refusals that repeating cannot change, and forgets those that it can', async () => {
    await create('Used name', newKey());
    const kept = newKey();
    expect((await create('Used name', kept)).body.error.code).toBe('SLUG_TAKEN');
    const again = await create('Used name', kept);
    expect([again.status, again.headers.get('idempotency-replayed')]).toEqual([409, 'true']);

    const key = newKey();
    const send = (permissions: string[]) =>
      limited.post('/api-keys', { name: 'x', permissions }, { 'idempotency-key': key });
    const limited = await user.client.withKey(['api-keys.write']);
    expect((await send(['*'])).status).toBe(403);
    const [row] = await db.query<{ n: number }>('select count(*) as n from idempotency_keys where key = $1', [key]);
    expect(row!.n).toBe(0);
    expect((await send(['api-keys.write'])).status).toBe(201);
  });

  it('does not store a secret that is shown once as plain text', async () => {
    const key = newKey();
    const send = () => user.client.post('/api-keys', { name: 'sealed' }, { 'idempotency-key': key });
    const first = await send();
    expect((await send()).body.data.key).toBe(first.body.data.key);
    const [row] = await db.query<{ text: string }>(
      'select idempotency_keys::text || encode(response_sealed, $2) as text from idempotency_keys where key = $1',
      [key, 'escape'],
    );
    expect(row!.text).not.toContain(first.body.data.key.slice(11));
  });
});

/**
 * What a death of the process leaves behind, made by doing what it did up to that point: the claim is taken as the
 * interceptor takes it, and the domain is called as the controller calls it.
 */
describe('a process that dies', () => {
  let keys: IdempotencyKeys;
  let actor: Actor;
  const body = JSON.stringify({ name: 'half' });

  beforeAll(() => {
    const { encryptionKey: current } = database.config.secrets;
    keys = new IdempotencyKeys(db, new Sealer(db, { current, previous: [] }));
    actor = buildActor(user as never, { permissions: [] });
  });

  async function claimAs(key: string): Promise<IdempotencyScope> {
    const { createHash } = await import('node:crypto');
    const bodyHash = createHash('sha256').update(body).digest('hex');
    const hash = createHash('sha256').update(`POST\n/api/v1/workspaces\n${bodyHash}`).digest();
    const claimed = await keys.claim(actor, key, hash);
    if (!('claim' in claimed)) throw new Error('The key is in use.');
    return new IdempotencyScope(keys, claimed.claim, 201, 'request of the dead process');
  }

  const lockRunsOut = (key: string) =>
    db.query(`update idempotency_keys set locked_until = now() - interval '1 ms' where key = $1`, [key]);
  const repeat = (key: string) => user.client.send('POST', '/workspaces', body, { 'idempotency-key': key });

  it('before the commit leaves nothing; a repeat waits for the lock and then acts', async () => {
    const key = newKey();
    await claimAs(key);
    expect((await repeat(key)).body.error.code).toBe('IDEMPOTENCY_IN_PROGRESS');
    await lockRunsOut(key);
    const answers = await Promise.all([1, 2, 3, 4].map(() => repeat(key)));
    expect(answers.filter(({ status }) => status === 201).length).toBeGreaterThan(0);
    expect(await howMany('half')).toBe(1);
  });

  it('after the commit leaves the answer; a repeat waits for the lock and then gets it', async () => {
    const key = newKey();
    const scope = await claimAs(key);
    const made = await new Workspaces(db).create(
      actor,
      { name: 'half', slug: 'after-the-commit' },
      scope.storing(({ id }) => ({ id })),
    );
    expect((await repeat(key)).body.error.code).toBe('IDEMPOTENCY_IN_PROGRESS');
    await lockRunsOut(key);
    const { status, body: answer, headers } = await repeat(key);
    expect([status, answer.data, headers.get('idempotency-replayed')]).toEqual([201, { id: made.id }, 'true']);
    expect(answer.meta.requestId).toBe('request of the dead process');
  });

  it('or only seems to: when it comes back after a repeat took over, it changes nothing', async () => {
    const key = newKey();
    const slow = await claimAs(key);
    await lockRunsOut(key);
    await db.query(`delete from workspaces where name = 'half'`);
    expect((await repeat(key)).status).toBe(201);

    const late = new Workspaces(db).create(
      actor,
      { name: 'half', slug: 'late' },
      slow.storing(() => 'late'),
    );
    await expect(late).rejects.toMatchObject({ code: 'IDEMPOTENCY_IN_PROGRESS' });
    const lateKey = new ApiKeys(db).create(
      actor,
      { name: 'late', permissions: [] },
      slow.storing(() => 'late'),
    );
    await expect(lateKey).rejects.toMatchObject({ code: 'IDEMPOTENCY_IN_PROGRESS' });
    expect(await howMany('half')).toBe(1);
    const [row] = await db.query<{ n: number }>(`select count(*) as n from api_keys where name = 'late'`);
    expect(row!.n).toBe(0);
  });
});

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(sorted);
  return Object.fromEntries(
    Object.entries(value)
      .sort()
      .map(([name, part]) => [name, sorted(part)]),
  );
}
