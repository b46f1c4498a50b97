import type { NewEvent } from '#contracts';
import { Database, readEvents } from '#database';
import { LeaseLost } from '#engine';
import { createTestDatabase, type TestDatabase } from '#testing';
import { OwnedForSpec } from './owned-profile.for-spec.js';
import { type OwnedItem, SharedTransaction } from './shared-transaction.js';

describe('a transaction that several profiles share', () => {
  let database: TestDatabase;
  let db: Database;
  let groups: string[][];
  let shared: SharedTransaction<string>;

  beforeAll(async () => {
    database = await createTestDatabase();
    db = await Database.open(database.config.database, 'shared transaction spec');
  });

  beforeEach(() => {
    groups = [];
    shared = new SharedTransaction(db, async (tx, items) => {
      groups.push(items.map(({ item }) => item));
      if (items.some(({ item }) => item === 'poison')) await tx.query('select 1 / 0');
      return items.map(eventOf);
    });
  });

  afterAll(async () => {
    await db.close();
    await database.drop();
  });

  const eventOf = ({ owned, item }: OwnedItem<string>): NewEvent => ({
    organizationId: owned.lease.organizationId,
    profileId: owned.lease.profileId,
    name: 'conversation.read',
    actor: { kind: 'whatsapp' },
    payload: { conversationId: item, count: 1 },
  });
  const several = async (count: number) => {
    const found: OwnedForSpec[] = [];
    // One after the other: a claim takes whatever is free.
    for (let index = 0; index < count; index += 1) found.push(await OwnedForSpec.build(db));
    return found;
  };
  const told = async ({ lease }: OwnedForSpec) =>
    (await readEvents(db, lease.profileId, 0, 100))
      .filter(({ name }) => name === 'conversation.read')
      .map(({ payload }) => (payload as { conversationId: string }).conversationId);

  it('takes on what comes while another commits, and tells each stream its own', async () => {
    const profiles = await several(4);
    await Promise.all(profiles.map((owned, index) => shared.add(owned, `of ${index}`)));
    expect(groups).toEqual([['of 0'], ['of 1', 'of 2', 'of 3']]);
    expect(await Promise.all(profiles.map(told))).toEqual([['of 0'], ['of 1'], ['of 2'], ['of 3']]);
  });

  it('refuses a lost lease, and writes the others', async () => {
    const [first, lost, other] = (await several(3)) as [OwnedForSpec, OwnedForSpec, OwnedForSpec];
    await db.query('update profile_leases set epoch = epoch + 1 where profile_id = $1', [lost.lease.profileId]);
    const outcomes = await Promise.allSettled([first, lost, other].map((owned) => shared.add(owned, 'x')));
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(outcomes[1]).toMatchObject({ reason: expect.any(LeaseLost) });
    expect(await told(lost)).toEqual([]);
    expect(await told(other)).toEqual(['x']);
  });

  it('fails only what cannot be written', async () => {
    const [first, bad, other] = (await several(3)) as [OwnedForSpec, OwnedForSpec, OwnedForSpec];
    const outcomes = await Promise.allSettled([
      shared.add(first, 'a'),
      shared.add(bad, 'poison'),
      shared.add(other, 'b'),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(await told(other)).toEqual(['b']);
  });

  it('is not held up by a profile that somebody has locked', async () => {
    const [locked, ...others] = (await several(3)) as [OwnedForSpec, ...OwnedForSpec[]];
    let waiting: Promise<void> = Promise.resolve();
    await db.system(async (tx) => {
      await tx.query('select 1 from profile_leases where profile_id = $1 for update', [locked.lease.profileId]);
      waiting = shared.add(locked, 'at last');
      await Promise.all(others.map((owned) => shared.add(owned, 'at once')));
      expect(await told(locked)).toEqual([]);
    });
    await waiting;
    expect(await told(locked)).toEqual(['at last']);
  });
});
