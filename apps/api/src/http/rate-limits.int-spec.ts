import { jest } from '@jest/globals';
import { Database } from '#database';
import { createTestDatabase, type TestDatabase } from '#testing';
import { addressKey, RateLimit } from './rate-limits.js';

let test: TestDatabase;
let db: Database;
const open: RateLimit[] = [];

beforeAll(async () => {
  test = await createTestDatabase();
  db = await Database.open(test.config.database, 'rate limits spec');
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((limit) => limit.stop()));
  await db.query('truncate rate_buckets');
});
afterAll(async () => {
  await db?.close();
  await test?.drop();
});

/** A limit as another process would hold it: it knows of the others by the table alone. */
function limitOf(perMinute: number): RateLimit {
  const limit = new RateLimit(db, 'spec', perMinute);
  open.push(limit);
  return limit;
}

async function admitted(limits: RateLimit[], tries: number): Promise<number> {
  const outcomes = await Promise.allSettled(
    Array.from({ length: tries }, (_, index) => limits[index % limits.length]!.take('a')),
  );
  return outcomes.filter(({ status }) => status === 'fulfilled').length;
}

const pass = (seconds: number) =>
  db.query('update rate_buckets set refilled_at = refilled_at - make_interval(secs => $1)', [seconds]);

describe('RateLimit', () => {
  it.each([3, 40, 700])('admits %i in all, however many processes race', async (perMinute) => {
    const processes = [limitOf(perMinute), limitOf(perMinute), limitOf(perMinute)];
    const startedAt = performance.now();
    const count = await admitted(processes, perMinute * 2 + 10);
    const refilled = Math.ceil(((performance.now() - startedAt) * perMinute) / 60_000);
    // Below it by what the others hold: at most one lease each.
    expect(count).toBeGreaterThanOrEqual(perMinute - Math.floor(perMinute / 20) * 2);
    expect(count).toBeLessThanOrEqual(perMinute + refilled);
  });

  it('asks the database now and then, not for each request', async () => {
    const limit = limitOf(6000);
    let asked = 0;
    const query = db.query.bind(db);
    const spy = jest.spyOn(db, 'query').mockImplementation((...args) => {
      asked += 1;
      return query(...(args as Parameters<typeof query>));
    });
    try {
      await admitted([limit], 3000);
      expect(asked).toBe(10);
    } finally {
      spy.mockRestore();
    }
  });

  it('gives back what time brings back', async () => {
    const limit = limitOf(60);
    expect(await admitted([limit], 60)).toBe(60);
    await expect(limit.take('a')).rejects.toMatchObject({ code: 'RATE_LIMITED', retryAfterSeconds: 1 });
    await pass(30);
    const other = limitOf(60);
    const again = await admitted([other], 60);
    expect(again).toBeGreaterThanOrEqual(30);
    expect(again).toBeLessThan(34);
  });

  it('refuses without asking while it knows the bucket to be empty', async () => {
    const limit = limitOf(2);
    await admitted([limit], 2);
    await expect(limit.take('a')).rejects.toMatchObject({ retryAfterSeconds: 30 });
    const spy = jest.spyOn(db, 'query');
    try {
      for (let i = 0; i < 50; i++) await expect(limit.take('a')).rejects.toMatchObject({ code: 'RATE_LIMITED' });
      expect(spy).not.toHaveBeenCalled();
    } finally {
      spy.mockRestore();
    }
  });

  it('tells what is left and when all is back', async () => {
    expect(await limitOf(10).take('a')).toEqual({ limit: 10, remaining: 9, resetSeconds: 6 });
  });

  it('returns what it borrowed and did not use, and loses nothing of it', async () => {
    const limit = limitOf(400);
    await limit.take('a');
    const left = async () => (await db.query<{ tokens: number }>('select tokens from rate_buckets'))[0]!.tokens;
    expect(await left()).toBe(380);
    await limit.stop();
    expect(await left()).toBe(399);
  });

  it('knows keys with a limit of their own, and takes a changed one over at once', async () => {
    const limit = limitOf(1000);
    expect((await limit.take('key', 3)).limit).toBe(3);
    expect((await limit.take('key', 2)).limit).toBe(2);
    await expect(Promise.all([limit.take('key', 2), limit.take('key', 2)])).rejects.toMatchObject({
      code: 'RATE_LIMITED',
      details: { limitPerMinute: 2 },
    });
    expect((await limit.take('other')).limit).toBe(1000);
  });
});

describe('addressKey', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:db8:1:2::9', '2001:db8:1:2'],
    ['2001:db8::9', '2001:db8:0:0'],
    ['::1', '0:0:0:0'],
    [undefined, 'unknown'],
  ])('%s counts as %s', (ip, key) => {
    expect(addressKey(ip)).toBe(key);
  });
});
