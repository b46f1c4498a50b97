import { randomBytes } from 'node:crypto';
import { newId } from '#contracts';
import { claimLeases, Database, LeasedProfileStore, Sealer, settleJournal } from '#database';
import { type BuiltProfile, buildProfile, createTestDatabase, type TestDatabase } from '#testing';

const bytes = (text: string) => Buffer.from(text);

describe('the store of a profile', () => {
  let database: TestDatabase;
  let db: Database;
  let sealer: Sealer;
  let profile: BuiltProfile;
  let store: LeasedProfileStore;

  beforeAll(async () => {
    database = await createTestDatabase();
    db = await Database.open(database.config.database, 'engine store spec');
    sealer = new Sealer(db, { current: randomBytes(32).toString('hex'), previous: [] });
  });

  beforeEach(async () => {
    profile = await buildProfile(db, { desiredState: 'connected' });
    const options = { hostId: newId<string>(), limit: 100, leaseSeconds: 30, freeForSeconds: 0, held: [] };
    const lease = (await claimLeases(db, options)).find((each) => each.profileId === profile.profileId)!;
    store = new LeasedProfileStore(db, await sealer.forOrganization(profile.organizationId), lease);
  });

  afterAll(async () => {
    await db.close();
    await database.drop();
  });

  it('keeps, replaces and removes what one commit says, sealed', async () => {
    await store.commit({
      credentials: bytes('me'),
      keys: { session: { a: bytes('1'), b: bytes('2') }, 'pre-key': { a: bytes('3') } },
    });
    await store.commit({ keys: { session: { a: bytes('4'), b: null } } });
    expect(await store.getKeys('session', ['a', 'b', 'c'])).toEqual(new Map([['a', bytes('4')]]));
    expect(await store.getKeys('pre-key', ['a'])).toEqual(new Map([['a', bytes('3')]]));
    expect(await store.loadCredentials()).toEqual(bytes('me'));
    const rows = await db.query<{ sealed: Buffer }>('select sealed from engine_credentials where profile_id = $1', [
      profile.profileId,
    ]);
    expect(rows[0]!.sealed.includes(bytes('me'))).toBe(false);
  });

  it('knows nothing of an unknown profile, key or message', async () => {
    expect(await store.loadCredentials()).toBeNull();
    expect(await store.findJournal('j')).toBeNull();
    expect(await store.findSent('W')).toBeNull();
    expect(await store.findSentContent('W')).toBeNull();
  });

  it('lists journal entries, oldest first, until they are dealt with', async () => {
    for (const id of ['c', 'a', 'b']) {
      await store.commit({ journal: [{ id, waMessageId: `W${id}`, bytes: bytes(id) }] });
      // Entries have the time in milliseconds.
      await db.query('select pg_sleep(0.002)');
    }
    expect((await store.listUnrecorded(2)).map((entry) => entry.id)).toEqual(['c', 'a']);
    await db.system((tx) => settleJournal(tx, profile.profileId, ['c']));
    expect((await store.listUnrecorded(10)).map((entry) => entry.id)).toEqual(['a', 'b']);
    expect(await store.findJournal('c')).toEqual({ id: 'c', waMessageId: 'Wc', bytes: bytes('c') });
  });

  it('keeps what a redelivery said first', async () => {
    await store.commit({ journal: [{ id: 'j', waMessageId: 'W', bytes: bytes('first') }] });
    await store.commit({ journal: [{ id: 'j', waMessageId: 'W', bytes: bytes('again') }] });
    expect((await store.findJournal('j'))?.bytes).toEqual(bytes('first'));
  });

  it('forgets the link on reset, but not words that are not recorded yet', async () => {
    await store.commit({
      credentials: bytes('me'),
      keys: { session: { a: bytes('1') } },
      journal: [
        { id: 'recorded', waMessageId: 'W1', bytes: bytes('x') },
        { id: 'waiting', waMessageId: 'W2', bytes: bytes('y') },
      ],
    });
    await db.system((tx) => settleJournal(tx, profile.profileId, ['recorded']));
    await store.reset();
    expect(await store.loadCredentials()).toBeNull();
    expect((await store.getKeys('session', ['a'])).size).toBe(0);
    expect((await store.listUnrecorded(10)).map((entry) => entry.id)).toEqual(['waiting']);
    expect(await store.findJournal('recorded')).toBeNull();
  });

  it('cannot open a value that was copied to another place', async () => {
    await store.commit({ keys: { session: { a: bytes('1') } } });
    await db.query(`update engine_keys set key_id = 'b' where profile_id = $1`, [profile.profileId]);
    await expect(store.getKeys('session', ['b'])).rejects.toThrow(/altered or belongs elsewhere/);
  });

  it('commits many keys at once without a statement for each', async () => {
    const keys = Object.fromEntries(Array.from({ length: 812 }, (_, index) => [String(index), randomBytes(64)]));
    await store.commit({ keys: { 'pre-key': keys } });
    expect((await store.getKeys('pre-key', Object.keys(keys))).size).toBe(812);
  });
});
