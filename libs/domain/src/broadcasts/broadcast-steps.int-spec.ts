import { Readable } from 'node:stream';
import { type Actor, type BroadcastId, newId, type ProfileId, type UploadId } from '#contracts';
import { Database, insertMediaObjects, insertUpload, keepExpanding, lockBroadcast, MOST_REASONS } from '#database';
import { DiskStorage, type MediaStorage } from '#storage';
import { buildActor, buildProfile, createTestDatabase, type TestDatabase } from '#testing';
import type { KnownFile } from '../uploads/known-files.js';
import { AudienceFiles, type AudienceGiven } from './audience-files.js';
import { AudienceWriter } from './audience-writer.js';
import { BroadcastControl } from './broadcast-control.js';
import { BroadcastFeeder } from './broadcast-feeder.js';
import { BroadcastPreparer } from './broadcast-preparer.js';
import { BroadcastReports } from './broadcast-reports.js';
import { BroadcastSchedule } from './broadcast-schedule.js';
import { Broadcasts } from './broadcasts.js';

/** The steps of a broadcast against PostgreSQL, without an engine. */

/** `BROADCAST_LINES=1000000 npm test -- broadcast-steps` for a large file. */
const LINES = Number(process.env.BROADCAST_LINES ?? 9_000);

let database: TestDatabase;
let db: Database;
let storage: MediaStorage;
let actor: Actor;
let profileId: ProfileId;
let file: KnownFile;

beforeAll(async () => {
  database = await createTestDatabase();
  db = await Database.open(database.config.database, 'broadcast steps');
  storage = await DiskStorage.open(database.config.storage.dataDir);
  const built = await buildProfile(db, { phoneNumber: '4915100000000' });
  actor = buildActor(built);
  profileId = built.profileId;
  await db.query(`update profile_connections set state = 'connected', code = 'connected' where profile_id = $1`, [
    profileId,
  ]);
}, 60_000);
afterAll(async () => {
  await db.close();
  await database.drop();
});

const settings = { expiryMs: 86_400_000 };
const preparer = () => new BroadcastPreparer(db, { takeAll: () => Promise.resolve([]) });
const control = () => new BroadcastControl(db, preparer(), { refresh: () => Promise.resolve() }, settings);
const files = { take: (who: Actor, parts: readonly AudienceGiven[]) => audienceFiles().take(who, parts) };
const audienceFiles = () => new AudienceFiles({ ofUpload: async () => file }, storage);
const draft = async (audience: string[] | AudienceGiven, more: object = {}): Promise<BroadcastId> => {
  const { broadcast } = await new Broadcasts(db, files, preparer()).create(actor, {
    profileId,
    name: 'Offer',
    variants: [{ name: 'A', share: 1, message: { type: 'text', text: 'Hello' } }],
    audience: [Array.isArray(audience) ? { type: 'numbers', value: audience } : audience],
    settings: { delayMin: 0, delayMax: 0, batchPause: 0, ...more },
  });
  return broadcast.id;
};

it('writes an audience down and feeds it', async () => {
  const id = await draft(Array.from({ length: 900 }, (_, i) => String(4915200000000 + i)));
  await control().start(actor, id);
  while ((await new AudienceWriter(db, storage).writeOnce()) === 'more');
  const feeder = new BroadcastFeeder(db, { linkFor: () => 'https://example.com/opt-out' }, settings);
  expect(await feeder.feedOnce()).toBe(true);
  const [row] = await db.query<{ count: number }>('select count(*)::int as count from outbox where batch_id = $1', [
    id,
  ]);
  expect(row!.count).toBe(400);
  await control().pause(actor, id);
  await control().resume(actor, id);
  await control().cancel(actor, id);
});

it('puts off until tomorrow what was given to a number and did not go within the hours of the day', async () => {
  const hour = (fromNow: number) => `${String((new Date().getUTCHours() + fromNow + 24) % 24).padStart(2, '0')}:00`;
  const open = { from: hour(-1), to: hour(2) };
  const closed = { from: hour(-3), to: hour(-1) };
  const id = await draft(['4915260000000', '4915260000001'], { dailyWindow: open });
  await control().start(actor, id);
  while ((await new AudienceWriter(db, storage).writeOnce()) === 'more');
  const feeder = new BroadcastFeeder(db, { linkFor: () => 'https://example.com/opt-out' }, settings);
  expect(await feeder.feedOnce()).toBe(true);
  const waiting = () =>
    db.query<{ isDue: boolean; opens: string; same: boolean }>(
      `select o.not_before <= now() as "isDue", to_char(o.not_before at time zone 'UTC', 'HH24:MI') as opens,
              o.not_before = m.not_before as same
         from outbox o join messages m on m.id = o.message_id where o.batch_id = $1`,
      [id],
    );
  expect(await waiting()).toEqual(Array(2).fill(expect.objectContaining({ isDue: true })));
  // The number was away, and meanwhile the hours are over.
  await db.query(`update broadcasts set settings = jsonb_set(settings, '{dailyWindow}', $2::jsonb) where id = $1`, [
    id,
    JSON.stringify(closed),
  ]);
  await db.query('update broadcast_senders set feed_at = now() where broadcast_id = $1', [id]);
  expect(await feeder.feedOnce()).toBe(true);
  expect(await waiting()).toEqual(Array(2).fill({ isDue: false, opens: closed.from, same: true }));
  await control().cancel(actor, id);
});

it('looks again in a moment at an audience whose broadcast somebody else has in hand, and sleeps when there is none', async () => {
  const id = await draft(['4915200001000']);
  const writer = new AudienceWriter(db, storage);
  expect(await writer.writeOnce()).toBe('nothing');
  await control().start(actor, id);
  await db.system(async (tx) => {
    // As the feeder does while it looks whether there is somebody to write to.
    expect(await lockBroadcast(tx, id)).toBe(true);
    expect(await writer.writeOnce()).toBe(50);
  });
  await keepExpanding(db, id, newId<string>());
  const turn = await writer.writeOnce();
  expect(turn).toEqual(expect.any(Number));
  expect(turn).toBeGreaterThan(50);
  await db.query('update broadcasts set writer_until = now() where id = $1', [id]);
  expect(await writer.writeOnce()).toBe('more');
  expect(await writer.writeOnce()).toBe('nothing');
  await control().cancel(actor, id);
});

it('tells over time what failed, and why', async () => {
  const id = await draft(Array.from({ length: 30 }, (_, i) => String(4915200002000 + i)));
  await control().start(actor, id);
  while ((await new AudienceWriter(db, storage).writeOnce()) === 'more');
  const ends = (from: number, count: number, state: string, reason: string | null, at: string) =>
    db.query(
      `update broadcast_recipients set state = $4, reason = $5, ended_at = $6, is_waiting = false
        where broadcast_id = $1 and position >= $2 and position < $2::int + $3::int`,
      [id, from, count, state, reason, at],
    );
  await ends(0, 2, 'failed', 'rejected_479', '2026-11-21T10:00:10Z');
  await ends(2, 1, 'expired', 'not_sent_in_time', '2026-11-21T10:59:59Z');
  await ends(3, 1, 'failed', null, '2026-11-21T10:30:00Z');
  await ends(4, 1, 'unknown', 'sender_deleted', '2026-11-21T11:00:00Z');
  await ends(5, 1, 'cancelled', 'broadcast_cancelled', '2026-11-21T11:00:00Z');
  // As tried again: it waits, and did not fail.
  await ends(6, 1, 'pending', 'rejected_500', '2026-11-21T11:00:00Z');
  for (let nth = 0; nth < 22; nth += 1)
    await ends(7 + nth, 1, 'failed', `rejected_${900 + nth}`, '2026-11-21T12:00:00Z');

  const { moments, figures } = await new BroadcastReports(db).stats(actor, id, 3600);
  expect(moments.map(({ at, failed, failures }) => [at.toISOString(), failed, failures.length])).toEqual([
    ['2026-11-21T10:00:00.000Z', 4, 3],
    ['2026-11-21T11:00:00.000Z', 0, 1],
    ['2026-11-21T12:00:00.000Z', 22, MOST_REASONS],
  ]);
  expect(moments[0]!.failures).toEqual([
    { reason: 'rejected_479', count: 2 },
    { reason: 'not_sent_in_time', count: 1 },
    { reason: 'unknown', count: 1 },
  ]);
  expect(moments[1]!.failures).toEqual([{ reason: 'sender_deleted', count: 1 }]);
  expect(figures.failures).toEqual(expect.arrayContaining([...moments[0]!.failures, ...moments[1]!.failures]));
  await control().cancel(actor, id);
});

describe('a file of recipients', () => {
  const given = { columns: {}, defaultCountry: null, encoding: null, delimiter: null, hasTitles: null, path: 'file' };
  const audience = (): AudienceGiven => ({ type: 'file', given: { ...given, uploadId: file.uploadId! } });
  const listed = (id: BroadcastId) =>
    db.query<{ address: string; reason: string | null; line: number; variables: object | null }>(
      'select position, address, line, reason, variables, state from broadcast_recipients where broadcast_id = $1 order by 1',
      [id],
    );

  it('is written down to the same end, whoever dies in the middle', async () => {
    await upload(
      (function* () {
        yield 'Mobile;First name;Code\n';
        for (let line = 0; line < LINES; line += 1)
          yield `+49 152 ${4_000_000 + (line % (LINES - 10))};Ada ${line};C${line}\n`;
        yield '0152 4000000;No country;x\n4,9152E+12;Rounded;x\n;Nobody;x\n"open;broken\n+4915100000000;Ourselves;x\n';
      })(),
    );
    const [whole, disturbed] = [await draft(audience()), await draft(audience())];
    await control().start(actor, whole);
    const writer = new AudienceWriter(db, storage);
    while ((await writer.writeOnce()) === 'more');
    await writer.stop();

    await control().start(actor, disturbed);
    for (let turns = 1; ; turns += 1) {
      const mortal = new AudienceWriter(db, storage);
      let isMore = true;
      for (let turn = 0; turn < turns && isMore; turn += 1) isMore = (await mortal.writeOnce()) === 'more';
      await mortal.stop();
      // Nobody waits here for the time that a dead worker's file is kept for it.
      await db.query('update broadcasts set writer_until = now() where id = $1', [disturbed]);
      if (!isMore) break;
    }
    const rows = await listed(whole);
    expect(await listed(disturbed)).toEqual(rows);
    expect(rows).toHaveLength(LINES + 5);
    expect(rows[0]).toMatchObject({ address: 'phone:491524000000', line: 2, reason: null });
    expect(rows[0]!.variables).toEqual({ first_name: 'Ada 0', code: 'C0' });
    const reasons = Object.fromEntries(rows.flatMap(({ line, reason }) => (reason === null ? [] : [[line, reason]])));
    expect(reasons).toEqual({
      ...Object.fromEntries(Array.from({ length: 10 }, (_, index) => [LINES - 8 + index, 'repeated'])),
      ...{ [LINES + 2]: 'phone_without_country', [LINES + 3]: 'phone_rounded', [LINES + 4]: 'phone_missing' },
      ...{ [LINES + 5]: 'unreadable_line', [LINES + 6]: 'own_number' },
    });
    for (const id of [whole, disturbed]) await control().cancel(actor, id);
  }, 120_000);

  it('reaches nobody when it cannot be read to its end', async () => {
    await upload(['Phone\n+4915240000001\n']);
    const id = await draft(audience());
    await control().start(actor, id);
    await storage.delete(file.stored.storageKey);
    while ((await new AudienceWriter(db, storage).writeOnce()) === 'more');
    const [row] = await db.query('select state, state_reason as reason from broadcasts where id = $1', [id]);
    expect([row, await listed(id)]).toEqual([{ state: 'failed', reason: 'file_gone' }, []]);
    await control().cancel(actor, id);
  });

  async function upload(lines: Iterable<string>): Promise<void> {
    const stored = await storage.write(Readable.from(lines, { objectMode: false }), { maxBytes: 1e9 });
    const row = { ...stored, mimeType: 'text/csv', fileName: 'people.csv', scan: null };
    const ids = { id: newId<UploadId>(), mediaId: newId<string>() };
    const { organizationId, userId: createdBy } = actor;
    await db.system(async (tx) => {
      await insertMediaObjects(tx, organizationId, [{ ...row, id: ids.mediaId }]);
      const more = { organizationId, createdBy, kind: 'document', asDocument: true, offsetBytes: 1 } as const;
      await insertUpload(tx, { ...row, ...ids, ...more, state: 'ready', expiresInSeconds: null });
    });
    file = { stored, ...row, uploadId: ids.id, open: () => storage.open(stored.storageKey) };
  }
});

describe('a broadcast that is to start once', () => {
  const scheduled = async (lateSeconds: number) => {
    const id = await draft(['4915250000000']);
    const scheduledAt = new Date(Date.now() + 3_600_000).toISOString();
    await control().schedule(actor, id, { scheduledAt, recurrence: null, lateWindowSeconds: 600 });
    await db.query('update broadcasts set scheduled_at = now() - make_interval(secs => $2) where id = $1', [
      id,
      lateSeconds,
    ]);
    await new BroadcastSchedule(db).startOnce();
    const [row] = await db.query<{ state: string; reason: string | null; missed: number }>(
      'select state, state_reason as reason, missed_count as missed from broadcasts where id = $1',
      [id],
    );
    return { id, row };
  };

  it('begins late within its window, and fails beyond it until somebody starts it', async () => {
    expect((await scheduled(500)).row).toEqual({ state: 'running', reason: null, missed: 0 });
    const { id, row } = await scheduled(700);
    expect(row).toEqual({ state: 'failed', reason: 'missed', missed: 1 });
    const told = await db.query<{ name: string }>(
      "select name from events where payload ->> 'broadcastId' = $1 order by seq",
      [id],
    );
    expect(told.map(({ name }) => name).slice(-2)).toEqual(['broadcast.missed', 'broadcast.failed']);
    expect((await control().start(actor, id)).broadcast.state).toBe('running');
  });
});

describe('a broadcast that repeats', () => {
  const childrenOf = (id: BroadcastId) =>
    db.query<{ id: BroadcastId; state: string; at: Date }>(
      'select id, state, scheduled_at as at from broadcasts where parent_id = $1 order by scheduled_at',
      [id],
    );
  const passBy = (id: BroadcastId, seconds: number) =>
    db.query(
      `update broadcasts set scheduled_at = scheduled_at - make_interval(secs => $2),
              starts_at = starts_at - make_interval(secs => $2) where id = $1`,
      [id, seconds],
    );
  const inAnHour = () => new Date(Date.now() + 3_600_000).toISOString();

  it('makes the broadcast of each occurrence once, and leaves out what comes too late', async () => {
    const id = await draft(['4915250000000']);
    const wanted = { scheduledAt: inAnHour(), recurrence: 'FREQ=HOURLY;COUNT=6', lateWindowSeconds: 600 };
    await control().schedule(actor, id, wanted);
    const schedules = [1, 2, 3].map(() => new BroadcastSchedule(db));
    expect(await Promise.all(schedules.map((one) => one.startOnce()))).toEqual([false, false, false]);

    // The first three have passed, the third of them a minute ago.
    await passBy(id, 3 * 3600 + 60);
    await Promise.all(schedules.map((one) => one.startOnce()));
    await Promise.all(schedules.map((one) => one.startOnce()));
    const [first, ...others] = await childrenOf(id);
    expect([first?.state, others]).toEqual(['running', []]);

    // The fourth is later by now than its late window.
    await passBy(id, 80 * 60);
    for (const one of schedules) await one.startOnce();
    const [row] = await db.query<object>(
      'select state, missed_count as missed, scheduled_at > now() as "isComing" from broadcasts where id = $1',
      [id],
    );
    expect([row, (await childrenOf(id)).length]).toEqual([{ state: 'scheduled', missed: 1, isComing: true }, 1]);

    await control().cancel(actor, id);
    await passBy(id, 3600);
    expect(await schedules[0]!.startOnce()).toBe(false);
    expect(await childrenOf(id)).toHaveLength(1);
    await control().cancel(actor, first!.id);
  });
});
