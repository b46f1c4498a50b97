import { randomBytes } from 'node:crypto';
import { newId } from '#contracts';
import { claimLeases, Database, LeasedProfileStore, Sealer, settleJournal } from '#database';
import { LeaseLost } from '#engine';
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
    }
    expect((await store.listUnrecorded(2)).map((entry) => entry.id)).toEqual(['c', 'a']);
    await db.system((tx) => settleJournal(tx, [{ profileId: profile.profileId, journalId: 'c' }]));
    expect((await store.listUnrecorded(10)).map((entry) => entry.id)).toEqual(['a', 'b']);
    expect(await store.findJournal('c')).toEqual({ id: 'c', waMessageId: 'Wc', bytes: bytes('c') });
  });

  it('lists the entries of one commit in their order, before those of the next', async () => {
    const entries = (ids: string[]) => ids.map((id) => ({ id, waMessageId: `W${id}`, bytes: bytes(id) }));
    const backwards = Array.from({ length: 60 }, (_, index) => String(99 - index));
    await store.commit({ journal: entries(backwards) });
    await store.commit({ journal: entries(['01', '00']) });
    expect((await store.listUnrecorded(100)).map((entry) => entry.id)).toEqual([...backwards, '01', '00']);
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
    await db.system((tx) => settleJournal(tx, [{ profileId: profile.profileId, journalId: 'recorded' }]));
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

  describe('beside those of other profiles', () => {
    const another = async () => {
      const { profileId, organizationId } = await buildProfile(db, { desiredState: 'connected' });
      const options = { hostId: newId<string>(), limit: 100, leaseSeconds: 30, freeForSeconds: 0, held: [] };
      const lease = (await claimLeases(db, options)).find((each) => each.profileId === profileId)!;
      return { lease, store: new LeasedProfileStore(db, await sealer.forOrganization(organizationId), lease) };
    };
    const several = async (count: number) => {
      const found = [];
      // One after the other: a claim takes whatever is free.
      for (let index = 0; index < count; index += 1) found.push(await another());
      return found;
    };
    const session = (value: string) => ({ keys: { session: { a: bytes(value) } } });
    const sessionOf = async (of: LeasedProfileStore) => (await of.getKeys('session', ['a'])).get('a')?.toString();

    it('writes and reads what is asked for at the same moment, each with its own', async () => {
      const stores = [store, ...(await several(3)).map((each) => each.store)];
      await Promise.all(
        stores.flatMap((each, index) => [1, 2, 3].map((turn) => each.commit(session(`${index}${turn}`)))),
      );
      expect(await Promise.all(stores.map(sessionOf))).toEqual(['03', '13', '23', '33']);
    });

    it('refuses those that lost their lease, and writes the others', async () => {
      const others = await several(4);
      const lost = others.slice(0, 2);
      await db.query('update profile_leases set epoch = epoch + 1 where profile_id = any($1::uuid[])', [
        lost.map(({ lease }) => lease.profileId),
      ]);
      const outcomes = await Promise.allSettled(others.map((each) => each.store.commit(session('x'))));
      const failed = expect.objectContaining({ reason: expect.any(LeaseLost) });
      expect(outcomes).toEqual([
        failed,
        failed,
        ...others.slice(2).map(() => ({ status: 'fulfilled', value: undefined })),
      ]);
      expect(await Promise.all(others.map((each) => sessionOf(each.store)))).toEqual([undefined, undefined, 'x', 'x']);
    });

    it('does not let a former owner write under the lease of the new one', async () => {
      const former = await another();
      const [row] = await db.query<{ epoch: number }>(
        'update profile_leases set epoch = epoch + 1 where profile_id = $1 returning epoch',
        [former.lease.profileId],
      );
      const lease = { ...former.lease, epoch: row!.epoch };
      const present = new LeasedProfileStore(db, await sealer.forOrganization(lease.organizationId), lease);
      const busy = store.commit(session('busy'));
      const outcomes = await Promise.allSettled([
        present.commit(session('new')),
        former.store.commit(session('old')),
        present.commit({ keys: { session: { b: bytes('new') } } }),
      ]);
      await busy;
      expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
      expect(await sessionOf(present)).toBe('new');
    });

    it('is not held up by a profile that somebody has locked', async () => {
      const others = await several(5);
      const [locked] = others;
      let waiting: Promise<unknown> = Promise.resolve();
      await db.system(async (tx) => {
        await tx.query('select 1 from profile_leases where profile_id = $1 for update', [locked!.lease.profileId]);
        waiting = locked!.store.commit(session('later')).then(() => locked!.store.commit(session('at last')));
        await Promise.all(others.slice(1).map((each) => each.store.commit(session('at once'))));
        await Promise.all(others.slice(1).map((each) => each.store.commit(session('again'))));
      });
      await waiting;
      expect(await sessionOf(locked!.store)).toBe('at last');
    });
  });
});
