import { Webhook } from 'standardwebhooks';
import { newId } from '#contracts';
import { ApiClient, hostileUrls, type ReceivedCall, until, WebhookReceiver } from '#testing';
import { WebhookWorld } from './webhook-world.js';

/** Webhooks from the outside: managed over HTTP, judged by what a receiver got. Events come straight into the log. */
let world: WebhookWorld;
let client: ApiClient;
let profileId: string;
let receiver: WebhookReceiver;

beforeAll(async () => {
  world = await WebhookWorld.start();
  client = await world.owner.client.withKey(['webhooks.read', 'webhooks.write']);
});
afterAll(() => world?.stop());
beforeEach(async () => {
  receiver = await WebhookReceiver.start();
  profileId = await world.profile();
});
afterEach(() => receiver.close());

const create = (body: object = {}) =>
  client.post('/webhooks', { profileId, url: `${receiver.url}/hook`, events: ['*'], ...body });

const linked = { phoneNumber: '628123456789', lid: null, pushName: 'Ana' };
const happen = (payload: typeof linked) => world.happen(profileId, 'profile.linked', payload);
const verifies = (secret: string, { rawBody, headers }: ReceivedCall, format?: 'raw') => {
  try {
    new Webhook(secret, { format }).verify(rawBody, headers as Record<string, string>);
    return true;
  } catch {
    return false;
  }
};

it('posts what happens, signed with the secret that is shown once', async () => {
  const created = await create({ headers: { 'X-Team': 'blue' } });
  expect(created.status).toBe(201);
  expect(created.body.data).toEqual({
    id: expect.any(String),
    profileId,
    url: `${receiver.url}/hook`,
    events: ['*'],
    filters: {},
    payloadVersion: 2,
    headerNames: ['x-team'],
    enabled: true,
    disabledReason: null,
    disabledAt: null,
    previousSecretUntil: null,
    failingSince: null,
    createdAt: expect.any(String),
    updatedAt: expect.any(String),
    secret: expect.stringMatching(/^whsec_/),
  });
  const { id, secret } = created.body.data;
  await happen(linked);
  const [call] = await receiver.expect(1);
  expect(call!.path).toBe('/hook');
  expect(call!.headers['x-team']).toBe('blue');
  expect(new Webhook(secret).verify(call!.rawBody, call!.headers as Record<string, string>)).toMatchObject({
    type: 'profile.linked',
    event: 'profile.linked',
    profileId,
    data: { profileId, phoneNumber: '628123456789', phone: '628123456789', pushName: 'Ana' },
  });

  const [delivery] = (
    await until(async () => {
      const list = await client.get(`/webhooks/${id}/deliveries?state=succeeded`);
      return list.body.data.length === 1 ? list : undefined;
    })
  ).body.data;
  expect(delivery).toMatchObject({
    id: call!.headers['webhook-id'],
    event: 'profile.linked',
    state: 'succeeded',
    attempts: 1,
    lastStatus: 200,
  });
  const detail = await client.get(`/webhooks/${id}/deliveries/${delivery.id}`);
  expect(detail.body.data.calls).toEqual([
    { attempt: 1, at: expect.any(String), status: 200, error: null, durationMs: expect.any(Number), responseBody: '' },
  ]);
  for (const path of ['/webhooks', `/webhooks/${id}`]) {
    const shown = JSON.stringify((await client.get(path)).body);
    expect(shown).toContain(id);
    expect(shown).not.toContain(secret);
    expect(shown).not.toContain('blue');
  }
});

it('lists, changes, switches off and deletes', async () => {
  const { id } = (await create({ events: ['message.received'] })).body.data;
  const listed = await client.get(`/webhooks?profileId=${profileId}`);
  expect(listed.body.data.map((one: { id: string }) => one.id)).toEqual([id]);
  const changed = await client.put(`/webhooks/${id}`, {
    events: ['profile.linked'],
    headers: { authorization: 'x' },
  });
  expect(changed.body.data).toMatchObject({ events: ['profile.linked'], headerNames: ['authorization'] });

  expect((await client.put(`/webhooks/${id}`, { enabled: false })).body.data.enabled).toBe(false);
  await happen(linked);
  expect((await client.put(`/webhooks/${id}`, { enabled: true })).body.data.enabled).toBe(true);
  await happen({ ...linked, pushName: 'after' });
  const [call] = await receiver.expect(1);
  expect(call!.body.data.pushName).toBe('after');

  expect((await client.delete(`/webhooks/${id}`)).body.data).toEqual({ id, deleted: true });
  expect((await client.get(`/webhooks/${id}`)).status).toBe(404);
  await happen(linked);
  const other = (await create()).body.data;
  await happen({ ...linked, pushName: 'other' });
  await receiver.expect(1, { fits: ({ body }) => body.data.pushName === 'other' });
  expect(receiver.calls).toHaveLength(2);
  expect((await client.delete(`/webhooks/${other.id}`)).status).toBe(200);
});

it('creates once under one Idempotency-Key', async () => {
  const body = { profileId, url: receiver.url, events: ['*'] };
  const [first, second] = [
    await client.post('/webhooks', body, { 'idempotency-key': `k-${profileId}` }),
    await client.post('/webhooks', body, { 'idempotency-key': `k-${profileId}` }),
  ];
  expect(second.body.data.id).toBe(first.body.data.id);
  expect((await client.get(`/webhooks?profileId=${profileId}`)).body.data).toHaveLength(1);
});

describe('the test call', () => {
  it('says what the endpoint answered', async () => {
    const { id, secret } = (await create()).body.data;
    const tested = await client.post(`/webhooks/${id}/test`);
    expect(tested.status).toBe(200);
    expect(tested.body.data).toMatchObject({ success: true, status: 200, durationMs: expect.any(Number) });
    const [call] = receiver.calls;
    expect(call!.body).toMatchObject({ type: 'test', event: 'test', profileId });
    new Webhook(secret).verify(call!.rawBody, call!.headers as Record<string, string>);
  });

  it('says what came instead', async () => {
    const { id } = (await create()).body.data;
    receiver.answer({ status: 500, body: 'broken' });
    const refused = await client.post(`/webhooks/${id}/test`);
    expect(refused.status).toBe(422);
    expect(refused.body.error).toMatchObject({
      code: 'WEBHOOK_TEST_FAILED',
      message: 'The webhook did not accept the test event. It answered with status 500.',
      details: { status: 500, reason: 'status', responseBody: 'broken' },
    });
    await client.put(`/webhooks/${id}`, { url: 'http://127.0.0.1:9/' });
    const unreachable = await client.post(`/webhooks/${id}/test`);
    expect(unreachable.body.error.details).toMatchObject({ status: null, reason: 'connection_refused' });
  });
});

describe('secrets', () => {
  it('change over without a call that a receiver must refuse', async () => {
    const { id, secret } = (await create()).body.data;
    const rotated = await client.post(`/webhooks/${id}/rotate-secret`, { overlapHours: 2 });
    expect(rotated.status).toBe(200);
    const { secret: next, previousSecretUntil } = rotated.body.data;
    expect(Date.parse(previousSecretUntil) - Date.now()).toBeGreaterThan(3500_000);
    await client.post(`/webhooks/${id}/test`);
    const [during] = receiver.calls.slice(-1);
    expect([verifies(secret, during!), verifies(next, during!)]).toEqual([true, true]);
    expect(during!.headers['x-multiwa-signature-previous']).toMatch(/^sha256=/);
    const again = await client.post(`/webhooks/${id}/rotate-secret`, { overlapHours: 0 });
    await client.post(`/webhooks/${id}/test`);
    const [after] = receiver.calls.slice(-1);
    expect([secret, next, again.body.data.secret].map((one) => verifies(one, after!))).toEqual([false, false, true]);
    expect(after!.headers['x-multiwa-signature-previous']).toBeUndefined();
    expect(JSON.stringify((await client.get(`/webhooks/${id}`)).body)).not.toContain(again.body.data.secret);
    // One key, one new secret.
    const key = { 'idempotency-key': newId<string>() };
    const twice = [
      await client.post(`/webhooks/${id}/rotate-secret`, {}, key),
      await client.post(`/webhooks/${id}/rotate-secret`, {}, key),
    ];
    expect(twice[0]!.body.data.secret).toBe(twice[1]!.body.data.secret);
  });

  it('may be brought along, in the form of the standard or any other', async () => {
    const own = 'a-secret-of-the-older-days';
    const { id, secret } = (await create({ secret: own })).body.data;
    expect(secret).toBe(own);
    await client.post(`/webhooks/${id}/test`);
    expect(verifies(own, receiver.calls.at(-1)!, 'raw')).toBe(true);
    const standard = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
    await client.post(`/webhooks/${id}/rotate-secret`, { secret: standard });
    await client.post(`/webhooks/${id}/test`);
    expect(verifies(standard, receiver.calls.at(-1)!)).toBe(true);
    for (const wrong of ['short', 'has spaces in it, which', 'ünprintable-characters']) {
      expect((await create({ secret: wrong })).body.error.fields[0].path).toBe('secret');
    }
    for (const overlapHours of [-1, 169, 1.5, 'long']) {
      expect((await client.post(`/webhooks/${id}/rotate-secret`, { overlapHours })).status).toBe(400);
    }
  });
});

describe('what is refused', () => {
  it('private, local and reserved addresses in every notation, and nothing is stored', async () => {
    const urls = hostileUrls(1).filter((url) => !url.includes('127.0.0.1') && !isOwnLoopback(url));
    // A sample spread over the whole corpus; the guard's own spec takes all of it.
    const sample = urls.filter((_, position) => position % 97 === 0);
    for (const url of sample) {
      const { status, body } = await create({ url });
      expect([url, status, body.error.code]).toEqual([
        url,
        url.length > 2048 ? 400 : 422,
        url.length > 2048 ? 'VALIDATION_ERROR' : 'URL_NOT_ALLOWED',
      ]);
    }
    expect((await client.get(`/webhooks?profileId=${profileId}`)).body.data).toEqual([]);
  });

  it('unknown events, forbidden headers and wrong types, by field', async () => {
    const cases: [object, string][] = [
      [{ events: ['message.eaten'] }, 'events.0'],
      [{ events: [] }, 'events'],
      [{ events: 'message.received' }, 'events'],
      [{ headers: { Host: 'x' } }, 'headers.Host'],
      [{ headers: { 'webhook-id': 'x' } }, 'headers.webhook-id'],
      [{ headers: { a: 'b\nc' } }, 'headers.a'],
      [{ headers: [] }, 'headers'],
      [{ url: 5 }, 'url'],
      [{ profileId: 'none' }, 'profileId'],
    ];
    for (const [wrong, path] of cases) {
      const { status, body } = await create(wrong);
      expect([wrong, status, body.error.fields?.[0]?.path]).toEqual([wrong, 400, path]);
    }
  });

  it('callers without the permission, and strangers', async () => {
    const { id } = (await create()).body.data;
    const reader = await world.owner.client.withKey(['webhooks.read']);
    expect((await reader.get(`/webhooks/${id}`)).status).toBe(200);
    expect((await reader.delete(`/webhooks/${id}`)).status).toBe(403);
    const stranger = (await ApiClient.register(world.api.url)).client;
    for (const answer of [
      await stranger.get(`/webhooks/${id}`),
      await stranger.put(`/webhooks/${id}`, { enabled: false }),
      await stranger.delete(`/webhooks/${id}`),
      await stranger.post(`/webhooks/${id}/test`),
      await stranger.get(`/webhooks/${id}/deliveries`),
      await stranger.get(`/webhooks/${id}/statistics`),
      await stranger.get(`/webhooks/${id}/redeliveries`),
      await stranger.post(`/webhooks/${id}/redeliveries`, { from: new Date(0).toISOString() }),
      await stranger.post(`/webhooks/${id}/rotate-secret`),
      await stranger.post('/webhooks', { profileId, url: receiver.url, events: ['*'] }),
    ]) {
      expect(answer.status).toBe(404);
    }
    expect(receiver.calls).toEqual([]);
  });
});

/** Other spellings of 127.0.0.1, which this installation allows. */
function isOwnLoopback(url: string): boolean {
  return URL.canParse(url) && /^(127\.0\.0\.1|\[::ffff:7f00:1\]|.*localhost\.?)$/.test(new URL(url).hostname);
}
