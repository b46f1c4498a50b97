import type { EventActor, ProfileId } from '#contracts';
import { Database, type Tx } from '#database';
import { type BuiltProfile, buildProfile, createTestDatabase, type TestDatabase } from '#testing';
import { addContacts, type GivenContact } from './add-contacts.js';

const by: EventActor = { kind: 'system' };
const AT_ONCE = 500;

let test: TestDatabase;
let db: Database;
let profile: BuiltProfile;

beforeAll(async () => {
  test = await createTestDatabase();
  db = await Database.open(test.config.database, 'spec');
  profile = await buildProfile(db);
});
afterAll(async () => {
  await db?.close();
  await test?.drop();
});

const someone = (n: number, tags: string[]): GivenContact => ({
  address: { phone: `62812${String(n).padStart(8, '0')}`, lid: null },
  name: `Person ${n}`,
  tags,
});

const add = (tx: Tx, given: GivenContact[]) => addContacts(tx, profile, 'import', by, given);

const tagsOf = (profileId: ProfileId) =>
  db.query<{ tag: string; count: number }>(
    'select tag, count(*) as count from contact_tags where profile_id = $1 group by tag order by tag',
    [profileId],
  );

it('costs the same however large the address book is, whatever the statistics of the database say', async () => {
  const batches = Array.from({ length: 10 }, (_, batch) =>
    Array.from({ length: AT_ONCE }, (_, index) => someone(batch * AT_ONCE + index, ['lead', index % 2 ? 'a' : 'b'])),
  );
  const read: Record<string, number>[] = [];
  for (const batch of batches) {
    await db.system(async (tx) => {
      await add(tx, batch);
      const rows = await tx.query<{ name: string; rows: number }>(
        `select relname as name, seq_tup_read + idx_tup_fetch as rows from pg_stat_xact_user_tables
          where relname in ('persons', 'identities', 'contacts', 'contact_tags')`,
      );
      read.push(Object.fromEntries(rows.map((row) => [row.name, row.rows])));
      // Otherwise the next transaction counts on.
      await tx.query('select pg_stat_force_next_flush()');
    });
  }
  for (const rows of Object.values(read.at(-1)!)) expect(rows).toBeLessThan(5 * AT_ONCE);
  expect(await tagsOf(profile.profileId)).toEqual([
    { tag: 'a', count: 2500 },
    { tag: 'b', count: 2500 },
    { tag: 'lead', count: 5000 },
  ]);
});

it('writes a tag as the profile does, and a new one in one way', async () => {
  profile = await buildProfile(db);
  await db.system((tx) => add(tx, [someone(1, ['VIP'])]));
  await db.system((tx) => add(tx, [someone(2, ['vip', 'New']), someone(3, ['NEW', 'Vip']), someone(1, ['vip'])]));
  expect(await tagsOf(profile.profileId)).toEqual([
    { tag: 'New', count: 2 },
    { tag: 'VIP', count: 3 },
  ]);
});
