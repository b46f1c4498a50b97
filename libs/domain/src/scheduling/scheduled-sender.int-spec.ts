import { newId, type ScheduledMessageId } from '#contracts';
import { Database, insertScheduledMessage, readEvents } from '#database';
import { parseChat } from '#engine';
import { type BuiltProfile, buildProfile, createTestDatabase, type TestDatabase, until } from '#testing';
import { createLogger } from '../platform/logger.js';
import { ScheduledSender } from './scheduled-sender.js';

let test: TestDatabase;
let db: Database;
const senders: ScheduledSender[] = [];

beforeAll(async () => {
  test = await createTestDatabase();
  db = await Database.open(test.config.database, 'scheduled spec', { warn: () => undefined });
});
afterEach(async () => {
  await Promise.all(senders.splice(0).map((sender) => sender.stop()));
});
afterAll(async () => {
  await db.close();
  await test.drop();
});

function startSender(): ScheduledSender {
  const log = createLogger({ ...test.config.log, level: 'silent' }, 'worker');
  const sender = new ScheduledSender({ db, log, expiryMs: 3_600_000 });
  senders.push(sender);
  sender.start();
  return sender;
}

interface Wishes {
  /** Seconds from now. */
  due: number;
  rule?: string;
  lateWindowSeconds?: number;
  quoted?: string;
}

async function schedule({ organizationId, profileId }: BuiltProfile, phone: string, wishes: Wishes) {
  const id = newId<ScheduledMessageId>();
  const startsAt = new Date(Date.now() + wishes.due * 1000);
  await db.system((tx) =>
    insertScheduledMessage(tx, {
      ...{ id, organizationId, profileId, createdBy: { kind: 'system' }, recipient: phone, chat: parseChat(phone)! },
      ...{ content: { kind: 'text', text: id }, type: 'text', quoted: wishes.quoted ?? null, audience: null },
      ...{ startsAt, dueAt: startsAt, timeZone: 'UTC', rule: wishes.rule ?? null },
      lateWindowSeconds: wishes.lateWindowSeconds ?? 3600,
    }),
  );
  return id;
}

const madeOf = ({ profileId }: BuiltProfile) =>
  db.query<{ text: string; count: number }>(
    `select content ->> 'text' as text, count(*) as count from messages where profile_id = $1 group by 1`,
    [profileId],
  );
const pending = ({ profileId }: BuiltProfile) =>
  db
    .query<{ count: number }>(
      'select count(*) as count from scheduled_messages where profile_id = $1 and due_at <= now()',
      [profileId],
    )
    .then(([row]) => row!.count);
const rowOf = (id: string) =>
  db
    .query<{ state: string; dueAt: Date | null; failure: { code: string } | null; missed: number }>(
      'select state, due_at as "dueAt", failure, missed_count as missed from scheduled_messages where id = $1',
      [id],
    )
    .then(([row]) => row!);

it('makes one message of each, however many workers look', async () => {
  const built = await buildProfile(db, { phoneNumber: '6281200000001' });
  const ids = await Promise.all(
    Array.from({ length: 250 }, (_, index) =>
      schedule(built, `62811${String(index % 40).padStart(6, '0')}`, { due: -1 }),
    ),
  );
  for (let count = 0; count < 4; count++) startSender();
  await until(async () => (await pending(built)) === 0, { what: 'all to be queued' });
  const made = await madeOf(built);
  expect(made.map(({ text }) => text).sort()).toEqual([...ids].sort());
  expect(made.every(({ count }) => count === 1)).toBe(true);
  const events = await db.system((tx) => readEvents(tx, built.profileId, 0, 5000));
  expect(events.filter(({ name }) => name === 'scheduled_message.queued')).toHaveLength(250);
  expect(events.filter(({ name }) => name === 'message.queued')).toHaveLength(250);
});

it('a rule goes on, what is too late is left out, and what cannot be sent says why and holds up nobody', async () => {
  const built = await buildProfile(db, { phoneNumber: '6281200000002' });
  const daily = await schedule(built, '6281100000001', { due: -5, rule: 'FREQ=DAILY;COUNT=2' });
  const late = await schedule(built, '6281100000002', { due: -120, lateWindowSeconds: 60 });
  const lateRule = await schedule(built, '6281100000003', { due: -120, lateWindowSeconds: 60, rule: 'FREQ=DAILY' });
  const answer = await schedule(built, '6281100000004', { due: -5, quoted: 'never was' });
  const fine = await schedule(built, '6281100000005', { due: -1 });
  const unlinked = await buildProfile(db);
  const without = await schedule(unlinked, '6281100000006', { due: -1, rule: 'FREQ=DAILY' });
  startSender();
  await until(async () => (await pending(built)) + (await pending(unlinked)) === 0, { what: 'all to be looked at' });

  expect((await madeOf(built)).map(({ text }) => text).sort()).toEqual([daily, fine].sort());
  expect(await rowOf(daily)).toMatchObject({ state: 'pending', failure: null });
  expect((await rowOf(daily)).dueAt!.getTime()).toBeGreaterThan(Date.now() + 86_000_000);
  expect(await rowOf(late)).toMatchObject({ state: 'expired', dueAt: null, missed: 1 });
  expect(await rowOf(lateRule)).toMatchObject({ state: 'pending', missed: 1 });
  expect(await rowOf(answer)).toMatchObject({ state: 'failed', failure: { code: 'QUOTED_MESSAGE_NOT_FOUND' } });
  expect(await rowOf(fine)).toMatchObject({ state: 'done', dueAt: null });
  expect(await rowOf(without)).toMatchObject({ state: 'pending', failure: { code: 'PROFILE_NOT_LINKED' } });
  expect((await rowOf(without)).dueAt).not.toBeNull();
});

it('is on time', async () => {
  const built = await buildProfile(db, { phoneNumber: '6281200000003' });
  startSender();
  const id = await schedule(built, '6281100000001', { due: 1.5 });
  await until(async () => (await rowOf(id)).state === 'done', { what: 'it to be queued' });
  const [made] = await db.query<{ lateMs: number }>(
    `select extract(epoch from m.created_at - s.starts_at) * 1000 as "lateMs"
       from scheduled_messages s join messages m on m.id = s.last_message_id where s.id = $1`,
    [id],
  );
  expect(Number(made!.lateMs)).toBeGreaterThanOrEqual(0);
  expect(Number(made!.lateMs)).toBeLessThan(1500);
});
