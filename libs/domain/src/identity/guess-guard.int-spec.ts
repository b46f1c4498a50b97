import type { CatalogueError } from '#contracts';
import { Database } from '#database';
import { createTestDatabase, type TestDatabase } from '#testing';
import { type Guesser, GuessGuard } from './guess-guard.js';

let test: TestDatabase;
let db: Database;
let guard: GuessGuard;

beforeAll(async () => {
  test = await createTestDatabase();
  db = await Database.open(test.config.database, 'guess spec');
  guard = new GuessGuard(db);
});
afterAll(async () => {
  await db?.close();
  await test?.drop();
});
beforeEach(() => db.query('delete from guess_counters'));

const from = (given: Partial<Guesser> = {}): Guesser => ({
  account: 'ana',
  network: '203.0.113.7',
  known: null,
  ...given,
});

/** Seconds to wait; 0 when the guess was counted. */
async function guess(guesser: Guesser): Promise<number> {
  return guard.count('password', guesser).then(
    () => 0,
    (error: CatalogueError) => {
      expect(error.code).toBe('TOO_MANY_ATTEMPTS');
      return error.retryAfterSeconds!;
    },
  );
}

async function guesses(count: number, guesser: (n: number) => Guesser): Promise<void> {
  for (let n = 0; n < count; n++) expect([n, await guess(guesser(n))]).toEqual([n, 0]);
}

/** As if the time had gone by. */
const later = (seconds: number) =>
  db.query(
    `update guess_counters set blocked_until = blocked_until - make_interval(secs => $1),
            expires_at = expires_at - make_interval(secs => $1)`,
    [seconds],
  );

it('doubles the wait with each wrong guess, up to a quarter of an hour, and forgets in an hour', async () => {
  await guesses(9, () => from());
  const waits: number[] = [];
  for (let n = 0; n < 8; n++) {
    expect(await guess(from())).toBe(0);
    waits.push(await guess(from()));
    await later(waits.at(-1)!);
  }
  expect(waits).toEqual([30, 60, 120, 240, 480, 900, 900, 900]);
  await later(3600);
  await guesses(9, () => from());
});

it('counts an account from everywhere, and lets devices and networks that it knows by', async () => {
  await guesses(30, (n) => from({ network: `198.51.100.${n}` }));
  expect(await guess(from({ network: '198.51.100.99' }))).toBe(60);
  expect(await guess(from({ known: 'a device' }))).toBe(0);
  expect(await guess(from({ account: 'ben', network: '198.51.100.99' }))).toBe(0);
  await guard.forgive('ana');
  expect(await guess(from({ network: '198.51.100.99' }))).toBe(0);
  // A device that is known guesses no more often than others.
  await guesses(9, () => from({ known: 'a device' }));
  expect(await guess(from({ known: 'a device' }))).toBeGreaterThan(0);
});

it('counts a network over all accounts', async () => {
  await guesses(100, (n) => from({ account: `person ${n}` }));
  expect(await guess(from({ account: 'one more' }))).toBe(60);
  expect(await guess(from({ account: 'one more', network: '203.0.113.8' }))).toBe(0);
});

it('takes back what was right, and nothing of what others did', async () => {
  for (let n = 0; n < 200; n++) await (await guard.count('password', from())).wasRight();
  await guesses(9, () => from());
  await (await guard.count('password', from())).wasRight();
  await guesses(9, () => from());
  // Nine and nine wrong ones from here, of thirty.
  await guesses(11, (n) => from({ network: `198.51.100.${n}` }));
  expect(await guess(from({ network: '198.51.100.77' }))).toBe(0);
  expect(await guess(from({ network: '198.51.100.78' }))).toBeGreaterThan(0);
});

it('refuses a guess in all counters or in none, and counts kinds apart', async () => {
  await guesses(10, () => from());
  const [before] = await db.query('select sum(failures) as n from guess_counters');
  for (let n = 0; n < 20; n++) await guess(from());
  expect((await db.query('select sum(failures) as n from guess_counters'))[0]).toEqual(before);
  await guard.count('code', from());
});

it('counts a hundred at once as a hundred', async () => {
  const waits = await Promise.all(Array.from({ length: 100 }, () => guess(from())));
  expect(waits.filter((seconds) => seconds === 0)).toHaveLength(10);
});

it('keeps no name of anybody', async () => {
  await guess(from({ account: 'ana.prado@example.com' }));
  await guard.mayMail('ana.prado@example.com');
  const rows = await db.query<{ key: string }>('select key from guess_counters');
  expect(rows.map(({ key }) => key).join()).not.toContain('prado');
});
