import { createHmac } from 'node:crypto';
import { jest } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { type Actor, type LoggedEvent, newId, type WebhookId } from '#contracts';
import { appendEvents, Database, Sealer } from '#database';
import {
  type BuiltProfile,
  buildActor,
  buildProfile,
  createTestDatabase,
  type ReceivedCall,
  type TestDatabase,
  until,
  WebhookReceiver,
} from '#testing';
import { MediaLinks } from '../media/media-links.js';
import { OutboundClient } from '../outbound/outbound-client.js';
import { createLogger } from '../platform/logger.js';
import { MailOutbox } from '../platform/mail/mail-outbox.js';
import { DeliveryPlanner } from './delivery-planner.js';
import { DisableNotices } from './disable-notices.js';
import { WebhookBodies } from './webhook-bodies.js';
import { WebhookCaller } from './webhook-call.js';
import { type DelivererOptions, WebhookDeliverer } from './webhook-deliverer.js';
import type { WebhookDraft } from './webhook-draft.js';
import { WebhookLog } from './webhook-log.js';
import { WebhookMediaLinks } from './webhook-media-links.js';
import { Webhooks } from './webhooks.js';

const log = createLogger({ level: 'silent' }, 'spec');
const minute = 60_000;
const hour = 60 * minute;

let test: TestDatabase;
let db: Database;
let client: OutboundClient;
let receiver: WebhookReceiver;
let profile: BuiltProfile;
let actor: Actor;
let webhooks: Webhooks;
let caller: WebhookCaller;
let bodies: WebhookBodies;
let notices: DisableNotices;
let deliveryLog: WebhookLog;
let planner: DeliveryPlanner;
let running: WebhookDeliverer[] = [];
/** Milliseconds that the deliverers' clock is ahead of the real one. */
let ahead = 0;
const clock = () => new Date(Date.now() + ahead);

beforeAll(async () => {
  test = await createTestDatabase();
  db = await Database.open(test.config.database, 'deliverer spec', { warn: () => undefined });
  client = OutboundClient.open({ allowedRanges: ['127.0.0.0/8'] });
});
afterAll(async () => {
  await client.close();
  await db.close();
  await test.drop();
});
beforeEach(async () => {
  ahead = 0;
  receiver = await WebhookReceiver.start();
  profile = await buildProfile(db);
  actor = buildActor(profile);
  const sealer = new Sealer(db, { current: test.config.secrets.encryptionKey, previous: [] });
  caller = new WebhookCaller(client, sealer, 2000, clock);
  webhooks = new Webhooks(db, sealer, client, caller);
  const publicUrl = 'https://waypost.example';
  bodies = new WebhookBodies(db, new WebhookMediaLinks(new MediaLinks('a key of the spec'), publicUrl, clock));
  notices = new DisableNotices({ db, outbox: new MailOutbox(sealer), publicUrl });
  deliveryLog = new WebhookLog(db, bodies);
  planner = new DeliveryPlanner(db, log, {
    clock,
    onPlanned: (ids) => {
      for (const deliverer of running) deliverer.expect(ids);
    },
  });
});
afterEach(async () => {
  receiver.answer({ status: 200 });
  await Promise.all(running.splice(0).map((one) => one.stop()));
  await receiver.close();
  await db.query('update webhooks set enabled = false');
});

function deliverer(options: Partial<DelivererOptions> = {}, by = caller, saying = log): WebhookDeliverer {
  const made = new WebhookDeliverer(
    { db, caller: by, bodies, notices, log: saying },
    {
      ...{ concurrency: 20, timeoutMs: 2000, drainMs: 300, clock, random: () => 0 },
      ...options,
    },
  );
  running.push(made);
  made.start();
  return made;
}

const create = (draft: Partial<WebhookDraft> = {}) =>
  webhooks.create(actor, { profileId: profile.profileId, url: receiver.url, events: ['*'], ...draft });

/** Appends events and plans them. */
async function happen(count: number, conversationId: string | null = null): Promise<LoggedEvent[]> {
  const { organizationId, profileId } = profile;
  const events = await db.system((tx) =>
    appendEvents(
      tx,
      Array.from({ length: count }, (_, attempt) => ({
        ...{ organizationId, profileId, conversationId, actor: { kind: 'system' as const } },
        name: 'connection.qr_changed' as const,
        payload: { expiresAt: new Date().toISOString(), attempt },
      })),
    ),
  );
  while (await planner.planOnce([profileId]));
  return events;
}

/** Moves the deliverers' clock and lets them look. */
function advance(ms: number): void {
  ahead += ms;
  for (const one of running) one.expect(seenWebhooks);
}
let seenWebhooks: WebhookId[] = [];

const deliveriesOf = (id: WebhookId) => deliveryLog.deliveries(actor, id, { limit: 500 });
const settled = (id: WebhookId, count: number) =>
  until(async () => (await deliveriesOf(id)).filter((one) => one.state !== 'pending').length === count, {
    what: `${count} settled deliveries`,
  });
const tried = (id: WebhookId, tries: number) =>
  until(async () => (await deliveriesOf(id))[0]?.attempts === tries, { what: `try ${tries} to be recorded` });

describe('a delivery', () => {
  it('is signed so that the reference library of Standard Webhooks and clients of the older product accept it', async () => {
    const { webhook, secret } = await create({ headers: { Authorization: 'Bearer mine' } });
    deliverer();
    const [event] = await happen(1);
    const [call] = await receiver.expect(1);
    const { headers, rawBody, body } = call!;
    expect(new Webhook(secret).verify(rawBody, headers as Record<string, string>)).toEqual(body);
    expect(() => new Webhook(secret).verify(`${rawBody} `, headers as Record<string, string>)).toThrow();
    const hmac = createHmac('sha256', secret).update(rawBody).digest('hex');
    expect(headers['x-multiwa-signature']).toBe(`sha256=${hmac}`);
    expect(headers['x-multiwa-event']).toBe('connection.qr');
    expect(headers['content-type']).toBe('application/json');
    expect(headers.authorization).toBe('Bearer mine');
    expect(body).toMatchObject({
      type: 'connection.qr',
      event: 'connection.qr',
      timestamp: event!.occurredAt.toISOString(),
      profileId: profile.profileId,
      data: { profileId: profile.profileId, attempt: 0 },
    });
    await settled(webhook.id, 1);
  });

  it('tells of a message what a receiver needs', async () => {
    await create({ events: ['message.received'] });
    deliverer();
    const { organizationId, profileId } = profile;
    const conversationId = newId<string>();
    await db.system((tx) =>
      appendEvents(tx, [
        {
          ...{ organizationId, profileId, conversationId, name: 'message.received', actor: { kind: 'whatsapp' } },
          payload: {
            messageId: newId(),
            waMessageId: '3EB0ABCDEF',
            conversationId,
            chatId: '628123456789@s.whatsapp.net',
            from: { personId: newId(), phone: '628123456789', lid: '99887766', name: 'Ana' },
            content: {
              kind: 'image',
              caption: 'look',
              media: { mediaId: newId(), mimeType: 'image/jpeg', sizeBytes: 12, sha256: 'ab' },
            },
            quotedWaMessageId: null,
            sentAt: '2026-01-02T03:04:05.000Z',
          },
        },
      ]),
    );
    while (await planner.planOnce([profileId]));
    const [call] = await receiver.expect(1);
    expect(call!.body.data).toMatchObject({
      profileId,
      conversationId,
      waMessageId: '3EB0ABCDEF',
      chatId: '628123456789@s.whatsapp.net',
      from: '628123456789@s.whatsapp.net',
      phone: '628123456789',
      lid: '99887766',
      senderName: 'Ana',
      type: 'image',
      body: 'look',
      hasMedia: true,
      timestamp: '2026-01-02T03:04:05.000Z',
      content: { mimetype: 'image/jpeg' },
    });
    expect(call!.body.data.content.url).toContain(call!.body.data.id);
  });

  it('is tried by the schedule of the standard under one id, each try recorded, and then given up', async () => {
    const { webhook, secret } = await create();
    seenWebhooks = [webhook.id];
    receiver.answer((_, number) => ({ status: 500, body: `try ${number}` }));
    deliverer();
    await happen(1);
    const waits = [5000, 5 * minute, 30 * minute, 2 * hour, 5 * hour, 10 * hour, 14 * hour, 20 * hour, 24 * hour];
    for (const [position, wait] of waits.entries()) {
      await receiver.expect(position + 1);
      await tried(webhook.id, position + 1);
      // A second before its time nothing happens.
      advance(wait - 1000);
      expect(await db.query('select 1 from webhook_lanes where due_at <= $1', [clock()])).toEqual([]);
      advance(1100);
    }
    const calls = await receiver.expect(10);
    await settled(webhook.id, 1);
    expect(new Set(calls.map((call) => call.headers['webhook-id'])).size).toBe(1);
    expect(new Set(calls.map((call) => call.headers['webhook-timestamp'])).size).toBe(10);
    expect(new Set(calls.map((call) => call.rawBody)).size).toBe(1);
    const signatures = calls.map((call) => call.headers['webhook-signature']);
    const expected = calls.map(({ headers, rawBody }) =>
      new Webhook(secret).sign(
        headers['webhook-id'] as string,
        new Date(Number(headers['webhook-timestamp']) * 1000),
        rawBody,
      ),
    );
    expect(signatures).toEqual(expected);
    const [row] = await deliveriesOf(webhook.id);
    expect(row).toMatchObject({ state: 'exhausted', attempts: 10, lastStatus: 500 });
    const { attempts } = await deliveryLog.delivery(actor, webhook.id, row!.id);
    expect(attempts.map((one) => one.attempt)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(attempts[3]).toMatchObject({ status: 500, error: null, responseBody: 'try 4' });
  }, 30_000);

  it('takes a redirect for a failure and follows it nowhere', async () => {
    const { webhook } = await create();
    const elsewhere = await WebhookReceiver.start();
    receiver.answer({ status: 302, headers: { location: elsewhere.url } });
    deliverer();
    await happen(1);
    await tried(webhook.id, 1);
    expect((await deliveriesOf(webhook.id))[0]).toMatchObject({ state: 'pending', lastStatus: 302 });
    expect(elsewhere.calls).toEqual([]);
    await elsewhere.close();
  });

  it('records why no answer came', async () => {
    const { webhook } = await create({ url: 'http://127.0.0.1:9/' });
    deliverer();
    await happen(1);
    await tried(webhook.id, 1);
    const [row] = await deliveriesOf(webhook.id);
    const { attempts } = await deliveryLog.delivery(actor, webhook.id, row!.id);
    expect(attempts[0]).toMatchObject({ status: null, error: expect.stringMatching(/^connection_refused: /) });
  });

  it('does not reach an address that became private after the webhook was made', async () => {
    const { webhook } = await create({ url: `${receiver.url.replace('127.0.0.1', '127.0.0.2')}/` });
    const strict = OutboundClient.open({ allowedRanges: [] });
    const sealer = new Sealer(db, { current: test.config.secrets.encryptionKey, previous: [] });
    deliverer({}, new WebhookCaller(strict, sealer, 2000, clock));
    await happen(1);
    await tried(webhook.id, 1);
    const [row] = await deliveriesOf(webhook.id);
    const { attempts } = await deliveryLog.delivery(actor, webhook.id, row!.id);
    expect(attempts[0]!.error).toMatch(/^address_blocked: /);
    await strict.close();
  });
});

describe('order and isolation', () => {
  it('keeps the order within a conversation, also when tries fail, and lets others pass', async () => {
    const { webhook } = await create();
    seenWebhooks = [webhook.id];
    const [stuck, free] = [newId<string>(), newId<string>()];
    deliverer();
    let refuse: string | null = null;
    receiver.answer((call) => {
      refuse ??= call.headers['webhook-id'] as string;
      return { status: call.headers['webhook-id'] === refuse ? 500 : 200 };
    });
    const held = await happen(3, stuck);
    await tried(webhook.id, 0);
    await receiver.expect(1);
    const passing = await happen(5, free);
    await settled(webhook.id, 5);
    const ids = (calls: ReceivedCall[]) => calls.map((call) => call.headers['webhook-id']);
    const eventOf = new Map((await deliveriesOf(webhook.id)).map((one) => [one.id, one.eventId]));
    const arrived = () => ids(receiver.calls).map((id) => eventOf.get(id as string));
    expect(arrived()).toEqual([held[0]!.id, ...passing.map((event) => event.id)]);
    refuse = 'nobody';
    advance(6000);
    await settled(webhook.id, 8);
    expect(arrived().slice(6)).toEqual(held.map((event) => event.id));
  });

  it('goes through a conversation in one go, each delivery recorded before the next', async () => {
    const { webhook } = await create();
    const recorded: number[] = [];
    receiver.answer(async () => {
      const rows = await deliveriesOf(webhook.id);
      recorded.push(rows.filter(({ state }) => state === 'succeeded').length);
      return { status: 200 };
    });
    const conversation = newId<string>();
    const events = await happen(6, conversation);
    const claims = jest.spyOn(db, 'query');
    deliverer();
    await settled(webhook.id, 6);
    const claimed = claims.mock.calls.filter(([, , options]) => options?.name === 'webhook_claim_lanes').length;
    claims.mockRestore();
    expect(recorded).toEqual([0, 1, 2, 3, 4, 5]);
    expect(claimed).toBeLessThan(6);
    const eventOf = new Map((await deliveriesOf(webhook.id)).map((one) => [one.id, one.eventId]));
    const arrived = receiver.calls.map((call) => eventOf.get(call.headers['webhook-id'] as string));
    expect(arrived).toEqual(events.map((event) => event.id));
    expect(await db.query('select 1 from webhook_lanes where webhook_id = $1', [webhook.id])).toEqual([]);
  });

  it('heeds in the middle of a conversation what was changed: another address, and the switch', async () => {
    const { webhook } = await create();
    const moved = await WebhookReceiver.start();
    receiver.answer(async () => {
      await webhooks.update(actor, webhook.id, { url: moved.url });
      return { status: 200 };
    });
    moved.answer(async (_, number) => {
      if (number === 2) await webhooks.update(actor, webhook.id, { enabled: false });
      return { status: 200 };
    });
    const events = await happen(5, newId<string>());
    deliverer();
    await until(async () => !(await webhooks.get(actor, webhook.id)).enabled);
    await settled(webhook.id, 5);
    await Promise.all(running.splice(0).map((one) => one.stop()));
    expect([receiver.calls.length, moved.calls.length]).toEqual([1, 2]);
    const states = (await deliveriesOf(webhook.id)).map((one) => one.state);
    expect(states.filter((state) => state === 'cancelled').length).toBeGreaterThanOrEqual(2);
    expect(states).toHaveLength(events.length);
    await moved.close();
  });

  it('keeps order with several deliverers over many conversations', async () => {
    const { webhook } = await create();
    const conversations = Array.from({ length: 12 }, () => newId<string>());
    deliverer({ concurrency: 7 });
    deliverer({ concurrency: 7 });
    const expected = new Map<string, string[]>();
    for (let round = 0; round < 5; round++) {
      for (const conversation of conversations) {
        const events = await happen(4, conversation);
        expected.set(conversation, [...(expected.get(conversation) ?? []), ...events.map((event) => event.id)]);
      }
    }
    await settled(webhook.id, 240);
    const eventOf = new Map((await deliveriesOf(webhook.id)).map((one) => [one.id, one.eventId]));
    const arrived = receiver.calls.map((call) => eventOf.get(call.headers['webhook-id'] as string)!);
    expect(new Set(arrived).size).toBe(240);
    expect(arrived).toHaveLength(240);
    for (const ids of expected.values()) expect(arrived.filter((id) => ids.includes(id))).toEqual(ids);
  });

  it('serves a good endpoint while others hang, reset and fail', async () => {
    const bad = await Promise.all(
      [() => new Promise<never>(() => {}), () => ({ status: 500 })].map(async (answer) => {
        const one = await WebhookReceiver.start();
        one.answer(answer);
        await create({ url: one.url });
        return one;
      }),
    );
    await create({ url: 'http://127.0.0.1:9/' });
    const good = await create();
    deliverer({ concurrency: 10 });
    for (let chat = 0; chat < 60; chat++) await happen(1, newId());
    const began = Date.now();
    await settled(good.webhook.id, 60);
    // In line behind the hanging endpoint it would take 30 rounds of the 2 s time-out.
    expect(Date.now() - began).toBeLessThan(10_000);
    await Promise.all(running.splice(0).map((one) => one.stop()));
    await Promise.all(bad.map((one) => one.close()));
  }, 20_000);
});

describe('what an endpoint asks for', () => {
  it('leaves it alone as long as Retry-After says, for every conversation', async () => {
    const { webhook } = await create();
    seenWebhooks = [webhook.id];
    receiver.answer((_, number) =>
      number === 1 ? { status: 429, headers: { 'retry-after': '600' } } : { status: 200 },
    );
    deliverer();
    await happen(1, newId());
    await tried(webhook.id, 1);
    await happen(1, newId());
    advance(595_000);
    expect(
      await db.query('select 1 from webhooks where id = $1 and paused_until > $2', [webhook.id, clock()]),
    ).toHaveLength(1);
    expect(receiver.calls).toHaveLength(1);
    advance(6000);
    await settled(webhook.id, 2);
    expect(receiver.calls).toHaveLength(3);
  });

  it('switches a webhook off at once that answers 410, and says so in the log', async () => {
    const { webhook } = await create();
    receiver.answer({ status: 410 });
    deliverer();
    const conversation = newId<string>();
    await happen(3, conversation);
    await until(async () => !(await webhooks.get(actor, webhook.id)).enabled);
    expect(await webhooks.get(actor, webhook.id)).toMatchObject({ disabledReason: 'endpoint_gone' });
    expect((await deliveriesOf(webhook.id)).map((one) => one.state)).toEqual(['cancelled', 'cancelled', 'exhausted']);
    const told = await db.query('select payload from events where stream_id = $1 and name = $2', [
      profile.profileId,
      'webhook.disabled',
    ]);
    expect(told).toEqual([{ payload: { webhookId: webhook.id, url: receiver.url, reason: 'endpoint_gone' } }]);
    expect(receiver.calls).toHaveLength(1);
    // What happens while it is off is not for it, and what happens after is.
    await happen(2);
    await webhooks.update(actor, webhook.id, { enabled: true });
    receiver.answer({ status: 200 });
    await happen(1);
    await settled(webhook.id, 4);
    expect((await deliveriesOf(webhook.id))[0]!.state).toBe('succeeded');
  });

  it('switches a webhook off after five days of nothing but failures', async () => {
    const { webhook } = await create();
    seenWebhooks = [webhook.id];
    receiver.answer({ status: 500 });
    deliverer();
    await happen(1, newId());
    await tried(webhook.id, 1);
    advance(4 * 24 * hour);
    await tried(webhook.id, 2);
    expect(await webhooks.get(actor, webhook.id)).toMatchObject({ enabled: true, failingSince: expect.any(Date) });
    advance(25 * hour);
    await until(async () => !(await webhooks.get(actor, webhook.id)).enabled);
    expect(await webhooks.get(actor, webhook.id)).toMatchObject({ disabledReason: 'endpoint_failing' });
  });

  it('forgets the failures with the first success', async () => {
    const { webhook } = await create();
    seenWebhooks = [webhook.id];
    receiver.answer((_, number) => ({ status: number === 1 ? 500 : 200 }));
    deliverer();
    await happen(1);
    await tried(webhook.id, 1);
    expect((await webhooks.get(actor, webhook.id)).failingSince).not.toBeNull();
    advance(6 * 24 * hour);
    await settled(webhook.id, 1);
    expect(await webhooks.get(actor, webhook.id)).toMatchObject({ enabled: true, failingSince: null });
  });
});

describe('when things die', () => {
  it('repeats under the same id what was called but not recorded, and loses nothing', async () => {
    const { webhook } = await create();
    seenWebhooks = [webhook.id];
    const never = new Promise<never>(() => {});
    receiver.answer(async (_, number) => (number === 1 ? never : { status: 200 }));
    // Its call hangs; its claim outlives it, as after a kill.
    const dead = deliverer({ timeoutMs: 60_000 });
    await happen(2, newId());
    await receiver.expect(1);
    running = running.filter((one) => one !== dead);
    deliverer();
    advance(60_000 + 31_000);
    await settled(webhook.id, 2);
    const ids = receiver.calls.map((call) => call.headers['webhook-id']);
    expect(ids[0]).toBe(ids[1]);
    expect(new Set(ids).size).toBe(2);
    running.push(dead);
  }, 20_000);

  it('gives calls that do not end back to others when it stops', async () => {
    const { webhook } = await create();
    receiver.answer((_, number) => (number === 1 ? new Promise<never>(() => {}) : { status: 200 }));
    const first = deliverer({ timeoutMs: 60_000 });
    await happen(1);
    await receiver.expect(1);
    await first.stop();
    running = [];
    deliverer();
    await settled(webhook.id, 1);
    expect(new Set(receiver.calls.map((call) => call.headers['webhook-id'])).size).toBe(1);
  }, 20_000);

  it('keeps what it learned while the database was away', async () => {
    const { webhook } = await create();
    let answer = () => {};
    receiver.answer(
      () =>
        new Promise((resolve) => {
          answer = () => resolve({ status: 200 });
        }),
    );
    let complaints = 0;
    const saying = Object.assign(Object.create(log), { warn: () => complaints++ });
    deliverer({}, caller, saying);
    await happen(1);
    await receiver.expect(1);
    await db.query('alter table webhook_deliveries rename to webhook_deliveries_away');
    answer();
    await until(() => complaints > 0);
    await db.query('alter table webhook_deliveries_away rename to webhook_deliveries');
    await settled(webhook.id, 1);
    expect(receiver.calls).toHaveLength(1);
  });
});

describe('managing webhooks', () => {
  it('shows the secret once and never the headers', async () => {
    const { webhook, secret } = await create({ headers: { 'x-token': 'very secret' } });
    expect(Buffer.from(secret.replace('whsec_', ''), 'base64')).toHaveLength(32);
    const listed = JSON.stringify([
      await webhooks.list(actor, { limit: 10 }),
      await webhooks.get(actor, webhook.id),
      await webhooks.update(actor, webhook.id, { events: ['message.read'] }),
    ]);
    expect(listed).not.toContain(secret);
    expect(listed).not.toContain('very secret');
    expect(listed).toContain('x-token');
    const [row] = await db.query<{ text: string }>('select webhooks::text as text from webhooks where id = $1', [
      webhook.id,
    ]);
    expect(row!.text).not.toContain(Buffer.from('very secret').toString('hex'));
  });

  it('cancels what is still to be delivered when it is switched off or deleted', async () => {
    const { webhook } = await create();
    await happen(3);
    await webhooks.update(actor, webhook.id, { enabled: false });
    expect((await deliveriesOf(webhook.id)).map((one) => one.state)).toEqual(Array(3).fill('cancelled'));
    await webhooks.update(actor, webhook.id, { enabled: true });
    await happen(1);
    await webhooks.delete(actor, webhook.id);
    expect(await db.query('select 1 from webhook_queue where webhook_id = $1', [webhook.id])).toEqual([]);
    expect(await db.query('select 1 from webhook_lanes where webhook_id = $1', [webhook.id])).toEqual([]);
  });

  it('keeps organizations apart', async () => {
    const { webhook } = await create();
    const stranger = await buildProfile(db);
    const other: Actor = { ...actor, organizationId: stranger.organizationId };
    const notFound = expect.objectContaining({ code: 'NOT_FOUND' });
    await expect(webhooks.get(other, webhook.id)).rejects.toEqual(notFound);
    await expect(webhooks.update(other, webhook.id, { enabled: false })).rejects.toEqual(notFound);
    await expect(webhooks.delete(other, webhook.id)).rejects.toEqual(notFound);
    await expect(webhooks.test(other, webhook.id)).rejects.toEqual(notFound);
    await expect(deliveryLog.deliveries(other, webhook.id, { limit: 1 })).rejects.toEqual(notFound);
    await expect(create({ profileId: stranger.profileId })).rejects.toEqual(notFound);
    expect(await webhooks.list(other, { limit: 10 })).toEqual([]);
  });

  it('refuses private addresses, unknown events and forbidden headers, and stores nothing', async () => {
    await expect(create({ url: 'http://10.0.0.1/' })).rejects.toMatchObject({ code: 'URL_NOT_ALLOWED' });
    await expect(create({ events: ['message.received', 'nothing'] })).rejects.toMatchObject({
      code: 'VALIDATION_ERROR',
      fields: [{ path: 'events.1', message: expect.stringContaining('message.received') }],
    });
    await expect(create({ headers: { host: 'x' } })).rejects.toMatchObject({ code: 'VALIDATION_ERROR' });
    expect(await webhooks.list(actor, { limit: 10 })).toEqual([]);
  });

  it('calls the endpoint for a test and says what came', async () => {
    const { webhook, secret } = await create();
    expect(await webhooks.test(actor, webhook.id)).toMatchObject({ status: 200 });
    const [call] = receiver.calls;
    expect(new Webhook(secret).verify(call!.rawBody, call!.headers as Record<string, string>)).toMatchObject({
      type: 'test',
    });
    receiver.answer({ status: 503, body: 'busy' });
    await expect(webhooks.test(actor, webhook.id)).rejects.toMatchObject({
      code: 'WEBHOOK_TEST_FAILED',
      details: { status: 503, responseBody: 'busy' },
    });
  });
});
