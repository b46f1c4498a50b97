import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { newId } from '#contracts';
import {
  claimLeases,
  Database,
  holdLease,
  type Lease,
  LeasedProfileStore,
  releaseLeases,
  renewLeases,
  revokeLease,
  Sealer,
} from '#database';
import { LeaseLost } from '#engine';
import { buildProfile, createTestDatabase, type TestDatabase, until } from '#testing';

const bytes = (text: string) => Buffer.from(text);

describe('leases', () => {
  let database: TestDatabase;
  let db: Database;
  let sealer: Sealer;

  beforeAll(async () => {
    database = await createTestDatabase();
    db = await Database.open(database.config.database, 'leases spec');
    sealer = new Sealer(db, { current: randomBytes(32).toString('hex'), previous: [] });
  });

  afterAll(async () => {
    await db.close();
    await database.drop();
  });

  /** Takes everything that is free, and gives back what is not the profile's. */
  async function claim(
    hostId: string,
    profileId: string,
    options: { held?: string[] } = {},
  ): Promise<Lease | undefined> {
    const leases = await claimLeases(db, {
      hostId,
      limit: 1000,
      leaseSeconds: 30,
      freeForSeconds: 0,
      held: options.held ?? [],
    });
    await releaseLeases(
      db,
      leases.filter((lease) => lease.profileId !== profileId),
    );
    return leases.find((lease) => lease.profileId === profileId);
  }

  const wanted = () => buildProfile(db, { desiredState: 'connected' });
  const expire = (profileId: string) =>
    db.query(`update profile_leases set expires_at = now() - interval '1 second' where profile_id = $1`, [profileId]);
  const storeOf = async (lease: Lease) =>
    new LeasedProfileStore(db, await sealer.forOrganization(lease.organizationId), lease);

  it('go to exactly one of two hosts that claim at once', async () => {
    const profiles = await Promise.all(Array.from({ length: 20 }, wanted));
    const claims = await Promise.all(
      [newId<string>(), newId<string>()].map((hostId) =>
        claimLeases(db, { hostId, limit: 1000, leaseSeconds: 30, freeForSeconds: 0, held: [] }),
      ),
    );
    const taken = claims.flat().map((lease) => lease.profileId);
    expect(taken.sort()).toEqual(profiles.map((profile) => profile.profileId).sort());
  });

  it('are not for profiles that nobody wants connected', async () => {
    const { profileId } = await buildProfile(db);
    expect(await claim(newId(), profileId)).toBeUndefined();
  });

  it('are claimed for a logout that WhatsApp does not know of, and not after it', async () => {
    const { profileId } = await buildProfile(db, { desiredState: 'logged_out', phoneNumber: '15550001111' });
    const lease = await claim(newId(), profileId);
    expect(lease).toBeDefined();
    await releaseLeases(db, [lease!]);
    await db.query(`update profile_connections set state = 'logged_out' where profile_id = $1`, [profileId]);
    expect(await claim(newId(), profileId)).toBeUndefined();
  });

  it('are claimed to close what a dead engine left open', async () => {
    const { profileId } = await buildProfile(db);
    await db.query(`update profile_connections set state = 'connected', code = 'connected' where profile_id = $1`, [
      profileId,
    ]);
    expect(await claim(newId(), profileId)).toBeDefined();
  });

  it('can be taken over when they have run out, and not before', async () => {
    const { profileId } = await wanted();
    const first = (await claim(newId(), profileId))!;
    expect(await claim(newId(), profileId)).toBeUndefined();
    await expire(profileId);
    const second = (await claim(newId(), profileId))!;
    expect(second.epoch).toBe(first.epoch + 1);
    expect(await renewLeases(db, [first], 30)).toEqual([]);
    expect(await renewLeases(db, [second], 30)).toMatchObject([{ profileId, desiredState: 'connected' }]);
  });

  it('that ran out are still renewed when nobody took them', async () => {
    const { profileId } = await wanted();
    const lease = (await claim(newId(), profileId))!;
    await expire(profileId);
    expect(await renewLeases(db, [lease], 30)).toHaveLength(1);
    expect(await claim(newId(), profileId)).toBeUndefined();
  });

  it('that a host let go in need are free for that host alone', async () => {
    const { profileId } = await wanted();
    const hostId = newId<string>();
    const lease = (await claim(hostId, profileId))!;
    expect(await claim(hostId, profileId, { held: [profileId] })).toBeUndefined();
    expect(await claim(newId(), profileId)).toBeUndefined();
    expect((await claim(hostId, profileId))!.epoch).toBe(lease.epoch + 1);
  });

  it('that ran out under another host are left to it for a while, when a host says so', async () => {
    const { profileId } = await wanted();
    const [owner, other] = [newId<string>(), newId<string>()];
    await claim(owner, profileId);
    await expire(profileId);
    const options = { limit: 1000, leaseSeconds: 30, freeForSeconds: 0, held: [], leavesOthers: true };
    const left = await claimLeases(db, { ...options, hostId: other });
    expect(left.map((lease) => lease.profileId)).not.toContain(profileId);
    await releaseLeases(db, left);
    const own = await claimLeases(db, { ...options, hostId: owner, limit: 1 });
    expect(own.map((lease) => lease.profileId)).toEqual([profileId]);
  });

  it('given back by a former owner stay with the present one', async () => {
    const { profileId } = await wanted();
    const first = (await claim(newId(), profileId))!;
    await expire(profileId);
    const second = (await claim(newId(), profileId))!;
    await releaseLeases(db, [first]);
    expect(await renewLeases(db, [second], 30)).toHaveLength(1);
  });

  it('of a former epoch can write nothing', async () => {
    const { profileId } = await wanted();
    const old = (await claim(newId(), profileId))!;
    const oldStore = await storeOf(old);
    await oldStore.commit({ credentials: bytes('old'), keys: { session: { a: bytes('1') } } });
    await expire(profileId);
    const present = (await claim(newId(), profileId))!;
    const store = await storeOf(present);
    await store.commit({ credentials: bytes('new'), keys: { session: { a: bytes('2') } } });

    const stale = [
      () => oldStore.commit({ credentials: bytes('stale') }),
      () => oldStore.commit({ keys: { session: { a: null, b: bytes('stale') } } }),
      () => oldStore.commit({ journal: [{ id: 'j', waMessageId: 'W', bytes: bytes('stale') }] }),
      () => oldStore.keepSent('W', bytes('stale'), null),
      () => oldStore.reset(),
      () => db.system((tx) => holdLease(tx, old)),
    ];
    for (const write of stale) await expect(write()).rejects.toBeInstanceOf(LeaseLost);
    expect((await store.loadCredentials())?.toString()).toBe('new');
    expect(await store.getKeys('session', ['a', 'b'])).toEqual(new Map([['a', bytes('2')]]));
    expect(await store.listUnrecorded(10)).toEqual([]);
    expect(await store.findSent('W')).toBeNull();
  });

  it('cannot be taken over while a write of their owner is under way', async () => {
    const { profileId } = await wanted();
    const old = (await claim(newId(), profileId))!;
    await expire(profileId);
    await db.system(async (tx) => {
      await holdLease(tx, old);
      expect(await claim(newId(), profileId)).toBeUndefined();
    });
    expect(await claim(newId(), profileId)).toBeDefined();
  });

  it('that a person takes away shut their owner out', async () => {
    const { profileId } = await wanted();
    const lease = (await claim(newId(), profileId))!;
    await db.system((tx) => revokeLease(tx, profileId));
    await expect((await storeOf(lease)).commit({ credentials: bytes('x') })).rejects.toBeInstanceOf(LeaseLost);
  });

  it('refuses a write whose statement began before the epoch that it meets', async () => {
    const { profileId } = await wanted();
    const lease = (await claim(newId(), profileId))!;
    const gate = new pg.Client({ connectionString: database.url });
    await gate.connect();
    await gate.query('select pg_advisory_lock(4711)');
    // The statement has its view of the rows, then waits at the gate before it locks the lease.
    const late = db.query(
      `select held.ok from (select pg_advisory_xact_lock_shared(4711)) as waiting,
              lateral (select true as ok from profile_leases
                        where profile_id = $1 and host_id = $2 and epoch = $3 for key share) as held`,
      [profileId, lease.hostId, lease.epoch],
    );
    await until(async () => {
      const { rows } = await gate.query(`select 1 from pg_locks where locktype = 'advisory' and not granted`);
      return rows.length === 1;
    });
    await db.system((tx) => revokeLease(tx, profileId));
    await gate.query('select pg_advisory_unlock(4711)');

    expect(await late).toEqual([]);
    await gate.end();
  });

  it('renews without waiting for a write that is under way', async () => {
    const { profileId } = await wanted();
    const lease = (await claim(newId(), profileId))!;
    await db.system(async (tx) => {
      await holdLease(tx, lease);
      expect(await renewLeases(db, [lease], 30)).toHaveLength(1);
    });
  });
});
