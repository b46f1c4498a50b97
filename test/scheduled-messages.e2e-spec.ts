import { type ChildProcess, fork } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '#config';
import type { Person } from '#simulator';
import { ApiClient, type Registered, until } from '#testing';
import { Installation } from './installation.js';
import { linkProfile } from './link-profile.js';

/** Messages that are sent later: judged by what the other phone got, and how often. */

const ownNumber = '15550710001';
const friendNumber = '15550710002';

let waypost: Installation;
let owner: Registered;
let profileId: string;
let friend: Person;

beforeAll(async () => {
  waypost = await Installation.start();
  friend = waypost.simulator.person(friendNumber, { name: 'Ana' });
  owner = await ApiClient.register(waypost.api.url);
  profileId = (await owner.client.post('/profiles', { name: 'Shop' })).body.data.id;
  await linkProfile(owner.client, profileId, waypost.simulator, { number: ownNumber, name: 'Shop' });
}, 60_000);

afterAll(async () => {
  await waypost?.stop();
}, 60_000);

const inMs = (ms: number) => new Date(Date.now() + ms).toISOString();
const schedule = (body: object) =>
  owner.client.post('/messages/schedule', { profileId, to: friendNumber, type: 'text', ...body });
const text = (words: string, more: object = {}) => ({ content: { text: words }, scheduledAt: inMs(1500), ...more });
const get = async (id: string) => (await owner.client.get(`/messages/scheduled/${id}`)).body.data;
const sent = (id: string) =>
  until(
    async () => {
      const shown = await get(id);
      return ['sent', 'failed', 'expired'].includes(shown.status) ? shown : null;
    },
    { what: 'the scheduled message to be sent', withinMs: 30_000 },
  );

it('reaches the other phone at its time, once, with the file that was there when it was scheduled', async () => {
  const base64 = (await readFile('test/fixtures/media/photo.jpg')).toString('base64');
  const made = await schedule({ type: 'image', content: { base64, caption: 'later' }, scheduledAt: inMs(2000) });
  expect(made.status).toBe(201);
  expect(made.body.data).toMatchObject({ status: 'pending', type: 'image', timeZone: 'UTC', sentCount: 0 });
  const { lastMessage, sentCount, nextAt } = await sent(made.body.data.id);
  expect([sentCount, nextAt]).toEqual([1, null]);
  expect(Date.parse(lastMessage.queuedAt)).toBeGreaterThanOrEqual(Date.parse(made.body.data.scheduledAt));
  const message = (await owner.client.get(`/messages/${lastMessage.messageId}`)).body.data;
  const arrived = await friend.expectMessage({ id: message.waMessageId });
  expect(arrived.text).toBe('later');
  expect((await arrived.downloadMedia()).equals(Buffer.from(base64, 'base64'))).toBe(true);
});

it('can be looked at, changed and cancelled while it waits', async () => {
  const far = { scheduledAt: '2027-03-27T09:00:00', timeZone: 'Europe/Berlin', recurrence: 'FREQ=DAILY;COUNT=3' };
  const { id } = (await schedule({ ...text('daily'), ...far })).body.data;
  expect((await get(id)).nextOccurrences).toEqual([
    '2027-03-27T08:00:00.000Z',
    '2027-03-28T07:00:00.000Z',
    '2027-03-29T07:00:00.000Z',
  ]);
  const preview = await owner.client.post('/messages/schedule/preview', { ...far, count: 2 });
  expect(preview.body.data.occurrences).toHaveLength(2);
  const changed = await owner.client.send('PATCH', `/messages/schedule/${id}`, {
    ...{ type: 'poll', content: { question: 'When?', options: ['now', 'later'] }, recurrence: null },
  });
  expect(changed.body.data).toMatchObject({ type: 'poll', recurrence: null, nextAt: '2027-03-27T08:00:00.000Z' });
  expect(changed.body.data.content).toMatchObject({ question: 'When?' });
  const list = async (query: string) =>
    (await owner.client.get(`/messages/schedule/${profileId}?${query}`)).body.data.map((one: { id: string }) => one.id);
  expect(await list('status=pending')).toContain(id);
  const cancelled = await owner.client.delete(`/messages/schedule/${id}`);
  expect([cancelled.status, cancelled.body.data.status]).toEqual([200, 'cancelled']);
  expect(await list('status=pending')).not.toContain(id);
  expect(await list('status=cancelled&limit=1')).toEqual([id]);
  for (const again of [
    await owner.client.delete(`/messages/schedule/${id}`),
    await owner.client.send('PATCH', `/messages/schedule/${id}`, { to: friendNumber }),
  ]) {
    expect([again.status, again.body.error.code]).toEqual([409, 'SCHEDULE_ENDED']);
  }
});

it.each<[string, object, string]>([
  ['the past', { scheduledAt: '2020-01-01T00:00:00Z' }, 'scheduledAt'],
  ['no time', { scheduledAt: 'tomorrow' }, 'scheduledAt'],
  ['no zone', { timeZone: 'Mars/Olympus' }, 'timeZone'],
  ['seconds', { recurrence: 'FREQ=SECONDLY' }, 'recurrence'],
  ['what never is', { recurrence: 'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30' }, 'recurrence'],
  ['an empty text', { content: { text: ' ' } }, 'content.text'],
  ['a poll with one option', { type: 'poll', content: { question: 'q', options: ['a'] } }, 'content.options'],
  ['no kind', { type: 'smell' }, 'type'],
  ['a group as a person', { to: 'nobody' }, 'to'],
])('refuses %s', async (_, body, path) => {
  const answer = await schedule({ ...text('x'), ...body });
  expect([answer.status, answer.body.error.fields[0].path]).toEqual([400, path]);
});

it('is not seen, changed or made by those who may not', async () => {
  const { id } = (await schedule(text('mine', { scheduledAt: '2027-01-01T00:00:00Z' }))).body.data;
  const stranger = (await ApiClient.register(waypost.api.url)).client;
  expect((await stranger.get(`/messages/scheduled/${id}`)).status).toBe(404);
  expect((await stranger.delete(`/messages/schedule/${id}`)).status).toBe(404);
  expect((await stranger.get(`/messages/schedule/${profileId}`)).status).toBe(404);
  const reader = await owner.client.withKey(['messages.read']);
  expect((await reader.delete(`/messages/schedule/${id}`)).status).toBe(403);
  expect(
    (await reader.post('/messages/schedule', { profileId, to: friendNumber, type: 'text', ...text('x') })).status,
  ).toBe(403);
  expect((await reader.get(`/messages/scheduled/${id}`)).status).toBe(200);
  await owner.client.delete(`/messages/schedule/${id}`);
});

it('is sent once although workers die at that moment', async () => {
  const words = Array.from({ length: 24 }, (_, index) => `kill ${index}`);
  const made = await Promise.all(
    words.map((each, index) => schedule(text(each, { scheduledAt: inMs(4000 + index * 150) }))),
  );
  const ids = made.map(({ body }) => body.data.id as string);
  const isAllQueued = async () => {
    const { data } = (await owner.client.get(`/messages/schedule/${profileId}?status=pending&limit=200`)).body;
    return data.length === 0;
  };
  // Beside the worker of the installation others work and die.
  let kills = 0;
  while (!(await isAllQueued())) {
    const worker = await startWorkerProcess(waypost.config);
    const dead = new Promise((resolve) => worker.once('exit', resolve));
    worker.kill('SIGKILL');
    await dead;
    kills += 1;
  }
  expect(kills).toBeGreaterThan(0);
  for (const id of ids) expect((await sent(id)).sentCount).toBe(1);
  const seen = () => friend.inbox().filter((message) => message.text?.startsWith('kill '));
  await until(() => seen().length >= words.length, { what: 'the friend to get all', withinMs: 60_000 });
  expect(
    seen()
      .map((message) => message.text)
      .sort(),
  ).toEqual([...words].sort());
}, 120_000);

/** Resolves when it works. */
async function startWorkerProcess(config: Config): Promise<ChildProcess> {
  const { NODE_OPTIONS: _own, ...env } = process.env;
  const child = fork(join(process.cwd(), 'dist/apps/worker/src/main.js'), [], {
    execArgv: ['--no-warnings'],
    silent: true,
    env: {
      ...env,
      DATABASE_URL: config.database.url,
      JWT_SECRET: config.auth.jwtSecret,
      ENCRYPTION_KEY: config.secrets.encryptionKey,
      INTERNAL_SECRET: config.secrets.internalSecret,
      DATA_DIR: config.storage.dataDir,
      WORKER_PORT: '0',
      LOG_LEVEL: 'warn',
    },
  });
  return new Promise((resolve, reject) => {
    child.once('message', () => resolve(child));
    child.once('exit', (code) => reject(new Error(`the worker ended with ${code}`)));
  });
}
