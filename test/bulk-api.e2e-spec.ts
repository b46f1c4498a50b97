import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ApiClient, Registered } from '#testing';
import { ApiWithoutEngine } from './api-without-engine.js';

/** Bulk requests over HTTP: variables, pauses, exact progress, exact cancelling. */

let waypost: ApiWithoutEngine;
let owner: Registered;
let client: ApiClient;
let profileId: string;

beforeAll(async () => {
  waypost = await ApiWithoutEngine.start();
  owner = await waypost.register();
  client = await owner.client.withKey();
  profileId = await waypost.profile(owner);
}, 60_000);
afterAll(() => waypost.stop());

const numbers = (count: number) => Array.from({ length: count }, (_, i) => `1555031${String(i).padStart(4, '0')}`);
const texts = (count: number) =>
  numbers(count).map((number, i) => ({
    chatId: `${number}@c.us`,
    type: 'text',
    content: { text: 'Hello {name}, {{ name }} number {n} of {unknown}!' },
    variables: { name: `Ana ${i}`, n: i },
  }));
const send = (body: object) => client.post('/bulk/send', { profileId, ...body });
const accepted = async (count: number, more: object = {}): Promise<string> => {
  const { status, body } = await send({ messages: texts(count), options: { delayBetweenMessages: 0 }, ...more });
  expect(status).toBe(202);
  return body.data.batchId;
};
const batch = async (batchId: string) => (await client.get(`/bulk/batch/${batchId}?profileId=${profileId}`)).body.data;
const itemsOf = async (batchId: string): Promise<string[]> =>
  (await batch(batchId)).results.map((result: { messageId: string }) => result.messageId);
const countRows = async (table: string) =>
  (
    await waypost.db.query<{ count: number }>(`select count(*) from ${table} where organization_id = $1`, [
      owner.organizationId,
    ])
  )[0]!.count;

/** As if the person had written the keyword. */
async function optOut(phone: string): Promise<void> {
  const personId = crypto.randomUUID();
  const { organizationId } = owner;
  await waypost.db.query('insert into persons (id, organization_id) values ($1, $2)', [personId, organizationId]);
  await waypost.db.query(
    `insert into identities (id, organization_id, person_id, kind, value) values ($1, $2, $3, 'phone', $4)`,
    [crypto.randomUUID(), organizationId, personId, phone],
  );
  await waypost.db.query(
    `insert into contacts (id, organization_id, profile_id, person_id, opted_out_at, opted_out_source)
     values ($1, $2, $3, $4, now(), 'keyword')`,
    [crypto.randomUUID(), organizationId, profileId, personId],
  );
}

describe('sending in bulk', () => {
  it('fills in variables, keeps the order, and queues everything at once', async () => {
    const sent = await send({ messages: texts(5), batchId: 'november', options: { delayBetweenMessages: 1000 } });
    expect(sent.status).toBe(202);
    expect(sent.body.data).toMatchObject({ batchId: 'november', status: 'processing', totalMessages: 5 });
    const status = await client.get(sent.body.data.statusUrl.replace('/api/v1', ''));
    expect(status.body.data).toMatchObject({
      ...{ batchId: 'november', id: sent.body.data.id, status: 'processing', completedAt: null },
      progress: { total: 5, pending: 5, sent: 0, failed: 0, cancelled: 0, unknown: 0, delivered: 0, read: 0 },
    });
    const { results } = status.body.data;
    expect(results.map((result: { chatId: string }) => result.chatId)).toEqual(texts(5).map(({ chatId }) => chatId));
    for (const [i, { messageId }] of results.entries()) {
      const message = await client.get(`/messages/${messageId}`);
      expect(message.body.data.body).toBe(`Hello Ana ${i}, Ana ${i} number ${i} of {unknown}!`);
      expect(message.body.data.batchId).toBe(sent.body.data.id);
    }
    const log = await client.get(`/events?profileId=${profileId}`);
    expect(log.body.data.map((event: { name: string }) => event.name)).toEqual([
      'batch.started',
      ...Array(5).fill('message.queued'),
    ]);
  });

  it.each([
    ['pauses of 3 s and up to 2 s more by itself', undefined, 3000, 5000],
    ['the given pause, with up to 2 s more', { delayBetweenMessages: 5000 }, 5000, 7000],
    ['exactly the given pause', { delayBetweenMessages: 5000, randomizeDelay: false }, 5000, 5000],
    ['no pause', { delayBetweenMessages: 0, randomizeDelay: false }, 0, 0],
  ])('sends with %s', async (_, options, least, most) => {
    const { body } = await send({ messages: texts(20), options });
    const rows = await waypost.db.query<{ at: Date; lane: number }>(
      'select not_before as at, lane from outbox where batch_id = $1 order by message_id',
      [body.data.id],
    );
    const moments = rows.map((row) => row.at.getTime());
    const pauses = moments.slice(1).map((at, i) => at - moments[i]!);
    expect(pauses.every((pause) => pause >= least && pause <= most)).toBe(true);
    expect(new Set(pauses).size > 1).toBe(least !== most);
    expect(Math.abs(moments[0]! - Date.now())).toBeLessThan(10_000);
    expect(body.data.estimatedCompletionTime).toBe(rows.at(-1)!.at.toISOString());
    expect(rows.every((row) => row.lane === 1)).toBe(true);
  });

  it('takes a thousand messages in one request', async () => {
    const started = performance.now();
    const batchId = await accepted(1000);
    expect(performance.now() - started).toBeLessThan(15_000);
    expect((await batch(batchId)).progress).toMatchObject({ total: 1000, pending: 1000 });
  });

  it('fetches a file that occurs several times once', async () => {
    const jpeg = await readFile('test/fixtures/media/photo.jpg');
    let fetched = 0;
    const files: Server = createServer((_request, response) => {
      fetched++;
      response.end(jpeg);
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => files.once('listening', resolve));
    const url = `http://127.0.0.1:${(files.address() as AddressInfo).port}/photo.jpg`;
    const messages = numbers(30).map((chatId, i) => ({
      ...{ chatId, type: 'image', content: { url, caption: 'For {name}' }, variables: { name: `Ana ${i}` } },
    }));
    const { status, body } = await send({ messages });
    files.close();
    expect([status, fetched]).toEqual([202, 1]);
    const ids = await itemsOf(body.data.batchId);
    const shown = await Promise.all(ids.slice(0, 3).map((id) => client.get(`/messages/${id}`)));
    expect(shown.map((answer) => answer.body.data.content)).toMatchObject(
      [0, 1, 2].map((i) => ({ caption: `For Ana ${i}`, mimetype: 'image/jpeg', sizeBytes: jpeg.length })),
    );
    expect(await countRows('media_objects')).toBe(1);
  });

  it('takes a batchId once for each profile', async () => {
    const reference = `r-${randomUUID()}`;
    await accepted(1, { batchId: reference });
    const before = await countRows('messages');
    const again = await send({ messages: texts(1), batchId: reference });
    expect([again.status, again.body.error.code]).toEqual([409, 'BATCH_REFERENCE_TAKEN']);
    const raced = await Promise.all([1, 2, 3].map(() => send({ messages: texts(1), batchId: `${reference}-2` })));
    expect(raced.map((answer) => answer.status).sort()).toEqual([202, 409, 409]);
    expect(await countRows('messages')).toBe(before + 1);
    const other = await waypost.profile(owner);
    expect((await client.post('/bulk/send', { profileId: other, messages: texts(1), batchId: reference })).status).toBe(
      202,
    );
  });

  it('acts once for one Idempotency-Key', async () => {
    const headers = { 'Idempotency-Key': randomUUID() };
    const before = await countRows('batches');
    const body = { profileId, messages: texts(3), batchId: `once-${randomUUID()}` };
    const first = await client.post('/bulk/send', body, headers);
    const second = await client.post('/bulk/send', body, headers);
    expect(second.body).toEqual(first.body);
    expect(await countRows('batches')).toBe(before + 1);
  });

  const one = texts(1)[0]!;
  it.each<[string, object, string[]]>([
    ['no messages', { messages: [] }, ['messages']],
    ['messages that are no list', { messages: { 0: one } }, ['messages']],
    ['1001 messages', { messages: Array(1001).fill(one) }, ['messages']],
    ['a null message', { messages: [null] }, ['messages.0']],
    ['an unknown type', { messages: [{ ...one, type: 'poem' }] }, ['messages.0.type']],
    [
      'wrong contents of several kinds, all at once',
      {
        messages: [
          { ...one, type: 'location', content: { latitude: 91, longitude: 0 } },
          one,
          { ...one, type: 'poll', content: { question: '{name}?', options: ['only'] } },
          { ...one, type: 'template', content: { templateId: randomUUID() } },
          { ...one, type: 'sticker', content: { base64: 'AAAA' } },
          { ...one, type: 'event', content: { name: '{long}', startsAt: 'tomorrow' } },
        ],
      },
      [
        ...['messages.0.content.latitude', 'messages.2.content.options'],
        ...['messages.4.content', 'messages.5.content.startsAt', 'messages.3.content.templateId'],
      ],
    ],
    [
      'words that grow too long in another kind',
      {
        messages: [
          {
            ...{ ...one, type: 'poll', variables: { name: 'x'.repeat(4000) } },
            content: { question: '{name}'.repeat(30), options: ['a', 'b'] },
          },
        ],
      },
      ['messages.0.content'],
    ],
    ['no content', { messages: [{ ...one, content: undefined }] }, ['messages.0.content']],
    ['no text', { messages: [{ ...one, content: {} }] }, ['messages.0.content.text']],
    ['no url', { messages: [{ ...one, type: 'image' }] }, ['messages.0.content.url']],
    ['a text that is a number', { messages: [{ ...one, content: { text: 5 } }] }, ['messages.0.content.text']],
    [
      'a text that grows too long',
      { messages: [{ ...one, content: { text: '{name}'.repeat(100) }, variables: { name: 'x'.repeat(4000) } }] },
      ['messages.0.content.text'],
    ],
    ['a variable that is an object', { messages: [{ ...one, variables: { name: {} } }] }, ['messages.0.variables']],
    ['variables that are a list', { messages: [{ ...one, variables: ['x'] }] }, ['messages.0.variables']],
    [
      'too many variables',
      { messages: [{ ...one, variables: Object.fromEntries(numbers(51).map((n) => [n, n])) }] },
      ['messages.0.variables'],
    ],
    [
      'wrong recipients among right ones',
      { messages: [one, { ...one, chatId: 'Ana' }, one, { ...one, chatId: '1@g.us' }] },
      ['messages.1.chatId', 'messages.3.chatId'],
    ],
    [
      'too long a pause',
      { messages: [one], options: { delayBetweenMessages: 60_001 } },
      ['options.delayBetweenMessages'],
    ],
    [
      'a pause in words',
      { messages: [one], options: { delayBetweenMessages: '3s' } },
      ['options.delayBetweenMessages'],
    ],
    ['a flag in words', { messages: [one], options: { stopOnError: 'yes' } }, ['options.stopOnError']],
    ['a batchId with spaces', { messages: [one], batchId: 'a b' }, ['batchId']],
    ['a profile that is no id', { messages: [one], profileId: 'profile-123' }, ['profileId']],
  ])('refuses %s, names the field, and stores nothing', async (_, body, paths) => {
    const before = await countRows('messages');
    const answer = await send(body);
    expect([answer.status, answer.body.error.code]).toEqual([400, 'VALIDATION_ERROR']);
    expect(answer.body.error.fields.map((field: { path: string }) => field.path)).toEqual(paths);
    expect(await countRows('messages')).toBe(before);
  });

  it('refuses everything when one file cannot be had, naming the message', async () => {
    const before = await countRows('messages');
    const image = { chatId: numbers(1)[0], type: 'image', content: { url: 'http://192.168.0.1/x.jpg' } };
    const { status, body } = await send({ messages: [one, one, image] });
    expect([status, body.error.code]).toEqual([422, 'URL_NOT_ALLOWED']);
    expect(body.error.fields[0].path).toBe('messages.2.content.url');
    expect(await countRows('messages')).toBe(before);
  });

  it('refuses an unknown and an unlinked profile', async () => {
    expect((await send({ messages: [one], profileId: randomUUID() })).status).toBe(404);
    const unlinked = await waypost.profile(owner, { phoneNumber: undefined });
    const { status, body } = await send({ messages: [one], profileId: unlinked });
    expect([status, body.error.code]).toEqual([409, 'PROFILE_NOT_LINKED']);
  });
});

describe('batches', () => {
  it('count their progress from the messages, and complete with the last one', async () => {
    const batchId = await accepted(7);
    const ids = await itemsOf(batchId);
    await waypost.claim(ids);
    await waypost.settle(ids.slice(0, 4), 'sent');
    await waypost.settle(ids.slice(0, 2), 'delivered');
    await waypost.settle(ids.slice(0, 1), 'read');
    await waypost.settle([ids[4]!], 'failed', 'recipient_not_on_whatsapp');
    await waypost.settle([ids[5]!], 'unknown', 'not_acknowledged_in_time');
    const running = await batch(batchId);
    expect(running.status).toBe('processing');
    expect(running.progress).toEqual({
      total: 7,
      sent: 4,
      failed: 1,
      pending: 1,
      cancelled: 0,
      unknown: 1,
      skipped: 0,
      delivered: 2,
      read: 1,
    });
    expect(running.results.map((result: { status: string }) => result.status)).toEqual([
      ...['read', 'delivered', 'sent', 'sent', 'failed', 'unknown', 'sending'],
    ]);
    expect(running.results[4].error).toMatchObject({ code: 'recipient_not_on_whatsapp' });
    expect(running.results[0].error).toBeNull();
    await waypost.settle([ids[6]!], 'sent');
    const done = await batch(batchId);
    expect(done).toMatchObject({ status: 'completed', progress: { total: 7, pending: 0, sent: 5 } });
    expect(done.completedAt).not.toBeNull();
  });

  it('cancel exactly what nobody has taken on', async () => {
    const batchId = await accepted(10);
    const ids = await itemsOf(batchId);
    await waypost.settle(ids.slice(0, 2), 'sent');
    await waypost.claim(ids.slice(2, 5));
    const cancelled = await client.post(`/bulk/batch/${batchId}/cancel?profileId=${profileId}`);
    expect(cancelled.status).toBe(200);
    expect(cancelled.body.data).toMatchObject({ status: 'cancelled', progress: { sent: 2, pending: 3, cancelled: 5 } });
    expect(cancelled.body.data.results[9].error).toMatchObject({ code: 'batch_cancelled' });
    const left = await waypost.db.query<{ id: string }>(
      'select message_id as id from outbox where batch_id = $1 order by 1',
      [cancelled.body.data.id],
    );
    expect(left.map((row) => row.id)).toEqual(ids.slice(2, 5));

    // What was under way ends by itself, and the batch stays cancelled.
    await waypost.settle(ids.slice(2, 5), 'sent');
    expect(await batch(batchId)).toMatchObject({
      status: 'cancelled',
      progress: { sent: 5, pending: 0, cancelled: 5 },
    });
    const again = await client.post(`/bulk/batch/${batchId}/cancel?profileId=${profileId}`);
    expect([again.status, again.body.error.code]).toEqual([409, 'BATCH_FINISHED']);
    const log = await waypost.db.query<{ name: string; count: number }>(
      `select name, count(*) from events
        where profile_id = $1 and (payload ->> 'batchId' = $2) and name like '%.cancelled' group by name order by name`,
      [profileId, cancelled.body.data.id],
    );
    expect(log).toEqual([
      { name: 'batch.cancelled', count: 1 },
      { name: 'message.cancelled', count: 5 },
    ]);
  });

  it('are cancelled once when two ask at the same time', async () => {
    const batchId = await accepted(50);
    const path = `/bulk/batch/${batchId}/cancel?profileId=${profileId}`;
    const answers = await Promise.all([client.post(path), client.post(path), client.post(path)]);
    expect(answers.map((answer) => answer.status).sort()).toEqual([200, 409, 409]);
    expect((await batch(batchId)).progress).toMatchObject({ cancelled: 50, pending: 0 });
  });

  it('that stop on errors cancel the rest at the first failure', async () => {
    const batchId = await accepted(5, { options: { delayBetweenMessages: 0, stopOnError: true } });
    const ids = await itemsOf(batchId);
    await waypost.settle(ids.slice(0, 1), 'sent');
    await waypost.settle(ids.slice(1, 2), 'failed', 'rejected_463');
    expect(await batch(batchId)).toMatchObject({ status: 'cancelled', progress: { sent: 1, failed: 1, cancelled: 3 } });
  });

  it('are listed newest first, in pages', async () => {
    const mine = await waypost.profile(owner);
    const made: string[] = [];
    for (let i = 0; i < 5; i++) {
      const { body } = await client.post('/bulk/send', { profileId: mine, messages: texts(1), batchId: `b${i}` });
      made.unshift(body.data.batchId);
    }
    const list = async (query: string) => (await client.get(`/bulk/batches?profileId=${mine}&${query}`)).body;
    const names = (body: { data: { batchId: string }[] }) => body.data.map((one) => one.batchId);
    const first = await list('limit=3');
    expect(names(first)).toEqual(made.slice(0, 3));
    expect(first.data[0]).toMatchObject({ status: 'processing', progress: { total: 1, pending: 1 } });
    expect(first.data[0].results).toBeUndefined();
    expect(names(await list(`limit=3&cursor=${first.meta.nextCursor}`))).toEqual(made.slice(3));
    expect(names(await list('limit=3&offset=3'))).toEqual(made.slice(3));
  });

  it('are found by our id without the profile, by the own name only with it', async () => {
    const name = `mine-${randomUUID()}`;
    const sent = await send({ messages: texts(1), batchId: name });
    const status = async (path: string) => (await client.get(`/bulk/batch/${path}`)).status;
    expect(await status(sent.body.data.id)).toBe(200);
    expect(await status(`${name}?profileId=${profileId}`)).toBe(200);
    expect(await status(name)).toBe(400);
    expect(await status(`${name}?profileId=${randomUUID()}`)).toBe(404);
    expect(await status(randomUUID())).toBe(404);
    expect(await status(`${'x'.repeat(500)}?profileId=${profileId}`)).toBe(404);
    expect(await status(`${name}?profileId=nonsense`)).toBe(400);
  });

  it('are nobody else’s business', async () => {
    const sent = await send({ messages: texts(1), batchId: `secret-${randomUUID()}` });
    const stranger = (await waypost.register()).client;
    for (const path of [
      `/bulk/batch/${sent.body.data.id}`,
      `/bulk/batch/${sent.body.data.batchId}?profileId=${profileId}`,
      `/bulk/batches?profileId=${profileId}`,
    ]) {
      expect([path, (await stranger.get(path)).status]).toEqual([path, 404]);
    }
    expect((await stranger.post(`/bulk/batch/${sent.body.data.id}/cancel`)).status).toBe(404);
    expect((await stranger.post('/bulk/send', { profileId, messages: texts(1) })).status).toBe(404);
    const reader = await owner.client.withKey(['messages.read']);
    expect((await reader.post('/bulk/send', { profileId, messages: texts(1) })).status).toBe(403);
    expect((await reader.post(`/bulk/batch/${sent.body.data.id}/cancel`)).status).toBe(403);
    expect((await reader.get(`/bulk/batch/${sent.body.data.id}`)).status).toBe(200);
  });
});

describe('opted-out recipients', () => {
  it('leaves out who opted out, and says so', async () => {
    const [wanted, unwanted] = texts(2);
    await optOut('628990000001');
    const messages = [wanted!, { ...unwanted!, chatId: '628990000001@c.us' }];
    const sent = await send({ messages, options: { delayBetweenMessages: 1000 } });
    expect([sent.status, sent.body.data.totalMessages]).toEqual([202, 2]);
    const { progress, results } = (await client.get(sent.body.data.statusUrl.replace('/api/v1', ''))).body.data;
    expect(progress).toMatchObject({ total: 2, pending: 1, skipped: 1 });
    expect(results[1]).toMatchObject({
      ...{ chatId: '628990000001@c.us', status: 'skipped', messageId: null },
      error: { code: 'recipient_opted_out' },
    });
    const nobody = await send({ messages: [messages[1]!] });
    expect([nobody.status, nobody.body.error.fields[0].path]).toEqual([400, 'messages']);
  });
});
