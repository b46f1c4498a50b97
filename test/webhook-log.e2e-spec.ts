import { newId } from '#contracts';
import { type ApiAnswer, type ApiClient, type ReceivedCall, until, WebhookReceiver } from '#testing';
import { MailServer } from './mail-server.js';
import { buildChat, receiveIn } from './webhook-chats.js';
import { WebhookWorld } from './webhook-world.js';

/** The log of deliveries, and what can be done when an endpoint was away. */
let mailServer: MailServer;
let world: WebhookWorld;
let client: ApiClient;
let profileId: string;
let receiver: WebhookReceiver;

beforeAll(async () => {
  mailServer = await MailServer.start();
  world = await WebhookWorld.start({ mail: { smtpUrl: `smtp://127.0.0.1:${mailServer.port}`, from: 'w@example.com' } });
  client = await world.owner.client.withKey(['webhooks.read', 'webhooks.write', 'events.read']);
}, 60_000);
afterAll(async () => {
  await world?.stop();
  await mailServer?.stop();
});
beforeEach(async () => {
  receiver = await WebhookReceiver.start();
  profileId = await world.profile();
});
afterEach(() => receiver.close());

const create = (body: object = {}) =>
  client.post('/webhooks', { profileId, url: `${receiver.url}/hook`, events: ['*'], ...body });
const created = async (body: object = {}) => (await create(body)).body.data as { id: string; secret: string };
const linked = (pushName: string) =>
  world.happen(profileId, 'profile.linked', { phoneNumber: '628123456789', lid: null, pushName });
const names = (calls: ReceivedCall[]) => calls.map(({ body }) => body.data.pushName as string);
const ended = (id: string, state: string, count: number) =>
  until(
    async () => {
      const { body } = await client.get(`/webhooks/${id}/deliveries?state=${state}&limit=200`);
      return body.data.length === count ? (body.data as { id: string }[]) : undefined;
    },
    { what: `${count} deliveries to be ${state}` },
  );
const chat = () => buildChat(world, profileId);

describe('the log of deliveries', () => {
  it('can be searched, and shows what a call carries to who may read events', async () => {
    const { id } = await created();
    const eventId = await linked('one');
    await ended(id, 'succeeded', 1);
    const began = new Date(Date.now() + 1).toISOString();
    await until(() => Date.now() > Date.parse(began));
    await world.happen(profileId, 'send_policy.updated', { revision: 2, policy: {} });
    const all = await ended(id, 'succeeded', 2);
    const list = async (query: string) =>
      ((await client.get(`/webhooks/${id}/deliveries?${query}`)).body.data as { event: string }[]).map(
        (one) => one.event,
      );
    expect(await list('event=profile.linked')).toEqual(['profile.linked']);
    expect(await list(`eventId=${eventId}`)).toEqual(['profile.linked']);
    expect(await list(`from=${began}`)).toEqual(['send_policy.updated']);
    expect(await list(`to=${began}&state=succeeded`)).toEqual(['profile.linked']);
    expect(await list('state=pending')).toEqual([]);
    const path = `/webhooks/${id}/deliveries/${all[1]!.id}`;
    expect((await client.get(path)).body.data).toMatchObject({
      payload: { type: 'profile.linked', data: { pushName: 'one' } },
      calls: [{ attempt: 1, status: 200 }],
    });
    const blind = await world.owner.client.withKey(['webhooks.read']);
    expect((await blind.get(path)).body.data).toMatchObject({ payload: null, calls: [{ status: 200 }] });
    for (const query of ['event=eaten', 'from=yesterday', 'eventId=5', 'state=lost']) {
      expect([query, (await client.get(`/webhooks/${id}/deliveries?${query}`)).status]).toEqual([query, 400]);
    }
  });

  it('counts what came of the calls', async () => {
    const { id } = await created();
    const chats = [await chat(), await chat(), await chat()];
    receiver.answer((call) => ({ status: call.body.data.text === 'bad' ? 500 : 200 }));
    await receiveIn(world, chats[0]!, { text: 'bad' });
    await receiveIn(world, chats[1]!);
    await receiveIn(world, chats[2]!);
    await ended(id, 'succeeded', 2);
    const figures = await until(async () => {
      const { body } = await client.get(`/webhooks/${id}/statistics`);
      return body.data.total.attempts === 3 && body.data;
    });
    expect(figures).toMatchObject({
      pending: 1,
      total: { succeeded: 2, exhausted: 0, cancelled: 0, attempts: 3, failedAttempts: 1, successRate: 2 / 3 },
    });
    expect(figures.total.callMs.p99).toBeGreaterThan(0);
    expect(figures.total.delayMs.p50).toBeGreaterThan(0);
    await client.put(`/webhooks/${id}`, { enabled: false });
    const off = (await client.get(`/webhooks/${id}/statistics?interval=day`)).body.data;
    expect(off).toMatchObject({ pending: 0, total: { cancelled: 1 }, series: [{ succeeded: 2, cancelled: 1 }] });
    for (const query of ['from=2020-01-01', 'to=2020-01-01&from=2021-01-01', 'interval=year']) {
      expect([query, (await client.get(`/webhooks/${id}/statistics?${query}`)).status]).toEqual([query, 400]);
    }
  });
});

describe('delivering again', () => {
  const redelivered = (id: string, redeliveryId: string) =>
    until(async () => {
      const { data } = (await client.get(`/webhooks/${id}/redeliveries/${redeliveryId}`)).body;
      return data.state === 'completed' && data;
    });

  it('repeats one delivery under its id, whatever became of it', async () => {
    const { id } = await created();
    await linked('once');
    const [delivery] = await ended(id, 'succeeded', 1);
    const again = await client.post(`/webhooks/${id}/deliveries/${delivery!.id}/redeliver`);
    expect([again.status, again.body.data]).toMatchObject([202, { id: delivery!.id, redeliveries: 1 }]);
    const calls = await receiver.expect(2);
    expect(new Set(calls.map(({ headers }) => headers['webhook-id']))).toEqual(new Set([delivery!.id]));
    expect(calls[0]!.rawBody).toBe(calls[1]!.rawBody);
    const detail = await until(async () => {
      const { data } = (await client.get(`/webhooks/${id}/deliveries/${delivery!.id}`)).body;
      return data.state === 'succeeded' && data;
    });
    expect(detail).toMatchObject({ attempts: 2, calls: [{ attempt: 1 }, { attempt: 2 }] });

    receiver.answer({ status: 500 });
    await linked('waits');
    const waiting = await until(async () => {
      const [one] = (await client.get(`/webhooks/${id}/deliveries`)).body.data;
      return one.attempts === 1 && one;
    });
    receiver.answer({ status: 200 });
    // It would be tried in five seconds; now it is tried at once.
    expect((await client.post(`/webhooks/${id}/deliveries/${waiting.id}/redeliver`)).status).toBe(202);
    await receiver.expect(4, { withinMs: 4000 });
    await ended(id, 'succeeded', 2);

    await world.db.query('delete from events where id = $1', [waiting.eventId]);
    const gone = await client.post(`/webhooks/${id}/deliveries/${waiting.id}/redeliver`);
    expect([gone.status, gone.body.error.code]).toEqual([409, 'EVENT_GONE']);
    await client.put(`/webhooks/${id}`, { enabled: false });
    const off = await client.post(`/webhooks/${id}/deliveries/${delivery!.id}/redeliver`);
    expect([off.status, off.body.error.code]).toEqual([409, 'WEBHOOK_DISABLED']);
    expect((await client.post(`/webhooks/${id}/deliveries/${newId()}/redeliver`)).status).toBe(409);
  });

  it('repeats all of a time that failed, in their order', async () => {
    const { id } = await created({ events: ['profile.linked'] });
    const from = new Date(Date.now() - 1000).toISOString();
    receiver.answer({ status: 410 });
    for (const name of ['a', 'b', 'c']) await linked(name);
    await until(async () => (await client.get(`/webhooks/${id}`)).body.data.enabled === false);
    receiver.answer({ status: 200 });
    expect((await client.post(`/webhooks/${id}/redeliveries`, { from })).status).toBe(409);
    await client.put(`/webhooks/${id}`, { enabled: true });
    const begun = receiver.calls.length;
    const asked = await client.post(`/webhooks/${id}/redeliveries`, { from, events: ['profile.linked'] });
    expect([asked.status, asked.body.data]).toMatchObject([202, { states: ['exhausted', 'cancelled'], queued: 0 }]);
    expect(await redelivered(id, asked.body.data.id)).toMatchObject({ queued: 3, skipped: 0 });
    await ended(id, 'succeeded', 3);
    expect(names(receiver.calls.slice(begun))).toEqual(['a', 'b', 'c']);
    const finished = await client.delete(`/webhooks/${id}/redeliveries/${asked.body.data.id}`);
    expect([finished.status, finished.body.error.code]).toEqual([409, 'REDELIVERY_FINISHED']);
    expect((await client.get(`/webhooks/${id}/redeliveries`)).body.data).toHaveLength(1);
    for (const body of [
      {},
      { from: 'then' },
      { from, to: from },
      { from, states: ['pending'] },
      { from, events: ['x'] },
    ]) {
      expect([body, (await client.post(`/webhooks/${id}/redeliveries`, body)).status]).toEqual([body, 400]);
    }
  });

  it('brings what was missed before what happens next, in order, and tells the people and other webhooks', async () => {
    const { id } = await created({ events: ['profile.linked'] });
    const watcher = await WebhookReceiver.start();
    await created({ url: watcher.url, events: ['webhook.disabled'] });
    receiver.answer({ status: 410 });
    for (const name of ['a', 'b']) await linked(name);
    const off = await until(async () => {
      const { data } = (await client.get(`/webhooks/${id}`)).body;
      return !data.enabled && data;
    });
    expect(off).toMatchObject({ disabledReason: 'endpoint_gone', disabledAt: expect.any(String) });
    const [told] = await watcher.expect(1);
    expect(told!.body).toMatchObject({ type: 'webhook.disabled', data: { webhookId: id, reason: 'endpoint_gone' } });
    const [mail] = await until(() => {
      const mails = mailServer.to(world.owner.email).filter(({ raw }) => raw.includes(id));
      return mails.length > 0 ? mails : undefined;
    });
    expect(mail!.raw).toContain('was switched off');
    await watcher.close();

    for (const name of ['c', 'd']) await linked(name);
    receiver.answer({ status: 200 });
    const begun = receiver.calls.length;
    const on = await client.put(`/webhooks/${id}`, { enabled: true, deliverMissed: true });
    expect(on.body.data).toMatchObject({ enabled: true, disabledReason: null, disabledAt: null });
    await linked('e');
    await ended(id, 'succeeded', 4);
    // 'a' was answered with 410, so it was given up, not cancelled: it is repeated only on request.
    expect(names(receiver.calls.slice(begun))).toEqual(['b', 'c', 'd', 'e']);
    await ended(id, 'exhausted', 1);

    await client.put(`/webhooks/${id}`, { enabled: false });
    await linked('f');
    await client.put(`/webhooks/${id}`, { enabled: true });
    await linked('g');
    await ended(id, 'succeeded', 5);
    expect(names(receiver.calls.slice(begun + 4))).toEqual(['g']);
  });

  it('is refused to who may only read', async () => {
    const { id } = await created();
    const reader = await world.owner.client.withKey(['webhooks.read']);
    const answers: ApiAnswer[] = [
      await reader.post(`/webhooks/${id}/redeliveries`, { from: new Date(0).toISOString() }),
      await reader.post(`/webhooks/${id}/deliveries/${newId()}/redeliver`),
      await reader.delete(`/webhooks/${id}/redeliveries/${newId()}`),
      await reader.post(`/webhooks/${id}/rotate-secret`),
    ];
    expect(answers.map(({ status }) => status)).toEqual([403, 403, 403, 403]);
    expect((await reader.get(`/webhooks/${id}/redeliveries/${newId()}`)).status).toBe(404);
  });
});
