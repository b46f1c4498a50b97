import type { Person } from '#simulator';
import { ApiClient, type ApiClient as Client, until } from '#testing';
import { Installation } from './installation.js';
import { linkProfile } from './link-profile.js';

/** How carefully a profile sends, through the whole product: judged by what the other phones saw, and when. */

const ownNumber = '15550600001';
const friendNumber = '15550600002';
const strangerNumber = '15550600003';

let waypost: Installation;
let client: Client;
let profileId: string;
let friend: Person;
let stranger: Person;

const policy = async (rules: object) => client.put(`/profiles/${profileId}/send-policy`, rules);
const state = async () => (await client.get(`/profiles/${profileId}/send-policy/state`)).body.data;
const send = (to: string, text: string, wait = 20) => client.post('/messages/text', { profileId, to, text, wait });
const message = async (id: string) => (await client.get(`/messages/${id}`)).body.data;
const waiting = (id: string, code: string) =>
  until(
    async () => {
      const found = await message(id);
      return found.waitingFor?.code === code ? found : null;
    },
    { what: `the message to wait for ${code}` },
  );
const logged = (name: string) =>
  until(
    async () => {
      const { body } = await client.get(`/events?profileId=${profileId}&limit=200`);
      return body.data.find((event: { name: string }) => event.name === name);
    },
    { what: `the event ${name}` },
  );

beforeAll(async () => {
  waypost = await Installation.start();
  friend = waypost.simulator.person(friendNumber, { name: 'Ana' });
  stranger = waypost.simulator.person(strangerNumber, { name: 'Ben' });
  ({ client } = await ApiClient.register(waypost.api.url));
  const workspaces = await client.get('/workspaces');
  const created = await client.post('/profiles', { workspaceId: workspaces.body.data[0].id, name: 'Shop' });
  profileId = created.body.data.id;
  await linkProfile(client, profileId, waypost.simulator, { number: ownNumber, name: 'Shop' });
  const waMessageId = await friend.sendText(ownNumber, 'hello');
  await until(async () => {
    const { body } = await client.get(`/messages/profile/${profileId}?direction=incoming&limit=1`);
    return body.data[0]?.waMessageId === waMessageId;
  });
}, 90_000);

/** No test leaves rules behind that another would wait for. */
afterEach(async () => {
  const rules = { quietHours: null, typingEnabled: false, repeatSuppressionSeconds: 0, dailyMessageLimit: null };
  await policy({ ...rules, whenLimited: 'wait', warmupEnabled: false, timeZone: 'UTC' });
});

afterAll(async () => {
  await waypost.stop();
}, 60_000);

it('keeps rules, and says where the number stands', async () => {
  const before = await client.get(`/profiles/${profileId}/send-policy`);
  expect(before.body.data).toMatchObject({ messageDelayMs: 0, dailyMessageLimit: null, circuitBreaker: true });
  const rules = { dailyMessageLimit: 500, warmupEnabled: true, timeZone: 'Asia/Jakarta' };
  const changed = await policy(rules);
  expect([changed.status, changed.body.data]).toEqual([200, expect.objectContaining(rules)]);
  expect(changed.body.data.warmupStartedAt).toEqual(expect.any(String));
  await send(friendNumber, 'counted');
  const now = await state();
  expect(now).toMatchObject({ unsolicitedToday: 0, circuit: { state: 'closed' }, timeLock: null, warmUp: { day: 0 } });
  expect(now.sentToday).toBeGreaterThan(0);
  const daily = now.limits.find(({ code }: { code: string }) => code === 'daily_limit');
  expect(daily).toMatchObject({ limit: 500, used: now.sentToday, remaining: 500 - now.sentToday });
  expect(now.next).toHaveLength(6);
  expect(now.next.every(({ hold }: { hold: unknown }) => hold === null)).toBe(true);
  const off = await policy({ dailyMessageLimit: null, warmupEnabled: false, timeZone: 'UTC' });
  expect(off.body.data).toEqual(before.body.data);
});

it.each([
  ['a limit of nothing', { dailyMessageLimit: 0 }, 'dailyMessageLimit'],
  ['an unknown time zone', { timeZone: 'Mars/Olympus' }, 'timeZone'],
  ['quiet hours without an end', { quietHours: { from: '10:00', to: '10:00' } }, 'quietHours.to'],
  ['a time that is none', { quietHours: { from: '25:00', to: '10:00' } }, 'quietHours.from'],
  ['a warm-up that leads nowhere', { warmupEnabled: true }, 'warmupEnabled'],
  ['null where a number is needed', { serviceWindowHours: null }, 'serviceWindowHours'],
])('refuses %s', async (_what, rules, path) => {
  const refused = await policy(rules);
  expect(refused.status).toBe(400);
  expect(JSON.stringify(refused.body)).toContain(path);
});

it('shows typing to the other person before the message', async () => {
  await policy({ typingEnabled: true, typingMsPerCharacter: 40, typingMaxMs: 1000 });
  const sending = send(friendNumber, 'a text of some length');
  await friend.expectTyping(ownNumber, { state: 'composing' });
  const sent = await sending;
  expect(sent.body.data.status).toBe('sent');
  await friend.expectMessage({ id: sent.body.data.waMessageId });
});

it('waits in quiet hours, says so, and goes on when they end', async () => {
  const clock = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString().slice(11, 16);
  await policy({ quietHours: { from: clock(-2), to: clock(2) }, quietHoursFor: 'everything' });
  const { body } = await send(friendNumber, 'at night', 0);
  const found = await waiting(body.data.messageId, 'quiet_hours');
  expect(found).toMatchObject({ status: 'queued', waitingFor: { sentence: expect.any(String) } });
  expect(new Date(found.waitingFor.until).getTime()).toBeGreaterThan(Date.now());
  expect((await logged('sending.held')).payload).toMatchObject({ code: 'quiet_hours', lanes: ['interactive'] });
  await policy({ quietHours: null });
  await friend.expectMessage({ id: body.data.waMessageId });
  await logged('sending.resumed');
});

it('refuses what its rules refuse', async () => {
  await policy({ repeatSuppressionSeconds: 60 });
  expect((await send(friendNumber, 'once')).status).toBe(201);
  const again = await send(friendNumber, 'once');
  expect([again.status, again.body.error.code]).toEqual([429, 'REPEAT_SUPPRESSED']);
  expect(Number(again.headers.get('retry-after'))).toBeGreaterThan(0);
  const twice = await Promise.all([send(friendNumber, 'race'), send(friendNumber, 'race')]);
  expect(twice.map(({ status }) => status).sort()).toEqual([201, 429]);
  await policy({ repeatSuppressionSeconds: 0, dailyMessageLimit: (await state()).sentToday, whenLimited: 'refuse' });
  const over = await send(friendNumber, 'one more');
  expect([over.status, over.body.error.code]).toEqual([429, 'DAILY_LIMIT_REACHED']);
});

it('writes to no stranger while WhatsApp locks the number, and goes on with everybody else', async () => {
  waypost.simulator.faults(ownNumber).restrict({ durationMs: 3_600_000 });
  expect((await logged('sending.time_locked')).payload).toMatchObject({ isNamed: true, scope: 'new' });
  const { body } = await send(strangerNumber, 'you do not know me', 0);
  const held = await waiting(body.data.messageId, 'time_lock');
  expect(held.status).toBe('queued');
  const answered = await send(friendNumber, 'still here');
  expect(answered.body.data.status).toBe('sent');
  expect(stranger.inbox()).toEqual([]);
  expect((await state()).timeLock).toMatchObject({ isNamed: true });
  waypost.simulator.faults(ownNumber).liftRestriction();
  await stranger.expectMessage({ id: body.data.waMessageId });
  await logged('sending.time_lock_ended');
});

it('stops at the first 463 of which nobody told before', async () => {
  const others = ['15550600011', '15550600012'].map((number) => waypost.simulator.person(number));
  waypost.simulator.faults(ownNumber).nackNext(463, 1);
  const refused = await send('15550600011', 'first');
  const failed = await message(refused.body.data.messageId);
  expect(failed).toMatchObject({ status: 'failed', statusReason: 'rejected_463', waitingFor: null });
  const { body } = await send('15550600012', 'second', 0);
  await waiting(body.data.messageId, 'time_lock');
  expect((await send(friendNumber, 'and you')).body.data.status).toBe('sent');
  expect(others[1]!.inbox()).toEqual([]);
});
