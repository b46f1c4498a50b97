import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ApiClient, Registered } from '#testing';
import { until } from '#testing';
import { ApiWithoutEngine } from './api-without-engine.js';

/** Sending, reading and conversing over HTTP: what is accepted, refused and shown. */

let waypost: ApiWithoutEngine;
let owner: Registered;
let client: ApiClient;
let stranger: Registered;
let profileId: string;
let files: Server;
let filesUrl: string;

const file = (name: string) => readFile(`test/fixtures/media/${name}`);
const friend = '+1 555 030 0002';

beforeAll(async () => {
  waypost = await ApiWithoutEngine.start();
  owner = await waypost.register();
  client = await owner.client.withKey();
  stranger = await waypost.register();
  profileId = await waypost.profile(owner);
  files = createServer(async (request, response) => {
    if (request.url === '/page') {
      response.setHeader('content-type', 'text/html');
      return response.end('<html><head><title>Tea shop</title></head></html>');
    }
    const bytes = await file(request.url!.slice(1)).catch(() => null);
    response.writeHead(bytes ? 200 : 404).end(bytes);
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => files.once('listening', resolve));
  filesUrl = `http://127.0.0.1:${(files.address() as AddressInfo).port}`;
}, 60_000);

afterAll(async () => {
  files.close();
  await waypost.stop();
});

const countMessages = async () =>
  (
    await waypost.db.query<{ count: number }>('select count(*) from messages where organization_id = $1', [
      owner.organizationId,
    ])
  )[0]!.count;
const sendText = async (text: string, more: object = {}) =>
  (await client.post('/messages/text', { profileId, to: friend, text, ...more })).body.data;

describe('sending', () => {
  it('queues a text for a profile that is offline, and says so', async () => {
    const sent = await client.post('/messages/text', { profileId, to: friend, text: 'Grüße 👋' });
    expect(sent.status).toBe(202);
    expect(sent.body.data).toMatchObject({ success: true, status: 'queued', error: null });
    expect(sent.body.data.warning).toContain('waits until the profile is connected');
    const message = await client.get(`/messages/${sent.body.data.messageId}`);
    expect(message.body.data).toMatchObject({
      ...{ type: 'text', body: 'Grüße 👋', content: { text: 'Grüße 👋' }, status: 'queued', direction: 'outgoing' },
      ...{ chatId: '15550300002@s.whatsapp.net', to: { phone: '15550300002' }, from: null },
      ...{ waMessageId: sent.body.data.waMessageId, messageId: sent.body.data.waMessageId },
    });
  });

  it('shows what a link leads to when it is asked to, and only then', async () => {
    const text = `look: ${filesUrl}/page`;
    const contentOf = async (more: object) => {
      const { messageId } = await sendText(text, more);
      return (await client.get(`/messages/${messageId}`)).body.data.content;
    };
    const expected = { preview: { url: `${filesUrl}/page`, title: 'Tea shop' } };
    expect(await contentOf({ linkPreview: true })).toMatchObject(expected);
    expect(await contentOf({})).not.toHaveProperty('preview');
    expect(await contentOf({ linkPreview: false })).not.toHaveProperty('preview');
  });

  it('answers with how it ended, when that comes within the wait', async () => {
    const connected = await waypost.profile(owner, { connected: true });
    const ended = async (state: 'sent' | 'failed', reason: string | null) => {
      const answering = client.post('/messages/text', { profileId: connected, to: friend, text: state, wait: 20 });
      const [{ id }] = await until(async () => {
        const rows = await waypost.db.query<{ id: string }>(
          'select message_id as id from outbox where profile_id = $1',
          [connected],
        );
        return rows.length > 0 ? (rows as [{ id: string }]) : null;
      });
      await waypost.settle([id], state, reason);
      return answering;
    };
    const sent = await ended('sent', null);
    expect(sent.status).toBe(201);
    expect(sent.body.data).toMatchObject({ success: true, status: 'sent', error: null, warning: null });
    const failed = await ended('failed', 'recipient_not_on_whatsapp');
    expect(failed.status).toBe(201);
    expect(failed.body.data).toMatchObject({ success: false, status: 'failed', error: 'recipient_not_on_whatsapp' });
  });

  it('answers 202 when the wait is over, and at once with wait 0', async () => {
    const connected = await waypost.profile(owner, { connected: true });
    for (const wait of [0, 1]) {
      const sent = await client.post('/messages/text', { profileId: connected, to: friend, text: 'x', wait });
      expect(sent.status).toBe(202);
      expect(sent.body.data).toMatchObject({ status: 'queued', warning: null });
    }
  });

  it('misses no outcome, however soon after the commit it comes', async () => {
    const connected = await waypost.profile(owner, { connected: true });
    let stopped = false;
    const engine = (async () => {
      while (!stopped) {
        const rows = await waypost.db.query<{ id: string }>(
          'select message_id as id from outbox where profile_id = $1',
          [connected],
        );
        if (rows.length > 0)
          await waypost.settle(
            rows.map((row) => row.id),
            'sent',
          );
        await new Promise(setImmediate);
      }
    })();
    const sends = Array.from({ length: 40 }, (_, i) =>
      client.post('/messages/text', { profileId: connected, to: friend, text: `fast ${i}`, wait: 20 }),
    );
    const answers = await Promise.all(sends);
    stopped = true;
    await engine;
    expect(answers.map((answer) => [answer.status, answer.body.data.status])).toEqual(answers.map(() => [201, 'sent']));
  });

  it('acts once for one Idempotency-Key, also when the repeats are simultaneous', async () => {
    const before = await countMessages();
    const headers = { 'Idempotency-Key': randomUUID() };
    const body = { profileId, to: friend, text: 'only once' };
    const first = await client.post('/messages/text', body, headers);
    const again = await Promise.all([1, 2, 3].map(() => client.post('/messages/text', body, headers)));
    for (const answer of again) {
      expect(answer.status).toBe(202);
      expect(answer.body).toEqual(first.body);
      expect(answer.headers.get('Idempotency-Replayed')).toBe('true');
    }
    const other = await client.post('/messages/text', { ...body, text: 'something else' }, headers);
    expect([other.status, other.body.error.code]).toEqual([409, 'IDEMPOTENCY_CONFLICT']);
    const racing = { 'Idempotency-Key': randomUUID() };
    const raced = await Promise.all([1, 2, 3, 4].map(() => client.post('/messages/text', body, racing)));
    expect(raced.every((answer) => answer.status === 202 || answer.status === 409)).toBe(true);
    expect(await countMessages()).toBe(before + 2);
  });

  it('answers a message, by our id or by WhatsApp’s', async () => {
    const question = await sendText('a question');
    for (const quotedMessageId of [question.messageId, question.waMessageId]) {
      const answer = await client.post('/messages/reply', {
        profileId,
        to: friend,
        text: 'an answer',
        quotedMessageId,
      });
      expect(answer.status).toBe(202);
      const stored = await client.get(`/messages/${answer.body.data.messageId}`);
      expect(stored.body.data.quotedMessageId).toBe(question.waMessageId);
    }
    const elsewhere = await client.post('/messages/reply', {
      profileId,
      to: '+1 555 030 0099',
      text: 'x',
      quotedMessageId: question.messageId,
    });
    expect([elsewhere.status, elsewhere.body.error.code]).toEqual([404, 'QUOTED_MESSAGE_NOT_FOUND']);
  });

  it('reaches one conversation by every form of a number', async () => {
    const forms = ['+1 (555) 030-0077', '15550300077', '15550300077@c.us', '15550300077@s.whatsapp.net'];
    const sent = await Promise.all(forms.map((to) => client.post('/messages/text', { profileId, to, text: to })));
    expect(new Set(sent.map((answer) => answer.body.data.conversationId)).size).toBe(1);
  });

  it.each([
    ['image', 'photo.jpg', 'image/jpeg', { caption: 'look' }],
    ['video', 'clip.mp4', 'video/mp4', { caption: 'watch' }],
    ['audio', 'voice.ogg', 'audio/ogg; codecs=opus', { ptt: true }],
    ['document', 'page.pdf', 'application/pdf', { filename: 'Résumé.pdf', caption: 'read' }],
  ])('takes %s by base64 and by URL, and gives the file back', async (kind, name, mimetype, more) => {
    const bytes = await file(name);
    for (const source of [{ base64: bytes.toString('base64') }, { url: `${filesUrl}/${name}` }]) {
      const sent = await client.post(`/messages/${kind}`, { profileId, to: friend, ...more, ...source });
      expect(sent.status).toBe(202);
      const { messageId } = sent.body.data;
      const { body } = await client.get(`/messages/${messageId}`);
      const { filename: _, ...shown } = more as { filename?: string };
      expect(body.data).toMatchObject({
        type: kind,
        hasMedia: true,
        content: { mimetype, sizeBytes: bytes.length, ...shown },
      });
      expect(body.data.content.url).toBe(`/api/v1/messages/${messageId}/media`);
      const media = await raw(body.data.content.url);
      expect(media.status).toBe(200);
      expect(media.headers.get('content-type')).toBe(mimetype);
      expect(Buffer.from(await media.arrayBuffer()).equals(bytes)).toBe(true);
    }
  });

  it.each([
    ['text', { text: undefined }, 'text'],
    ['text', { text: '' }, 'text'],
    ['text', { text: '   ' }, 'text'],
    ['text', { text: 7 }, 'text'],
    ['text', { text: 'x'.repeat(65_537) }, 'text'],
    ['text', { text: 'nul \0 inside' }, 'text'],
    ['text', { text: 'half \ud800 pair' }, 'text'],
    ['text', { profileId: undefined }, 'profileId'],
    ['text', { profileId: 'profile-123' }, 'profileId'],
    ['text', { to: undefined }, 'to'],
    ['text', { to: 42 }, 'to'],
    ['text', { to: 'x'.repeat(101) }, 'to'],
    ['text', { wait: -1 }, 'wait'],
    ['text', { wait: 31 }, 'wait'],
    ['text', { wait: '5' }, 'wait'],
    ['text', { quotedMessageId: {} }, 'quotedMessageId'],
    ['text', { quotedMessageId: 'x'.repeat(129) }, 'quotedMessageId'],
    ['reply', {}, 'quotedMessageId'],
    ['image', { url: 7 }, 'url'],
    ['image', { base64: ['x'] }, 'base64'],
    ['image', { base64: 'AA==', caption: 5 }, 'caption'],
    ['image', { base64: '%%%%' }, 'base64'],
    ['audio', { base64: 'AA==', ptt: 'yes' }, 'ptt'],
    ['document', { base64: 'AA==', filename: 9 }, 'filename'],
    ['typing', { state: 'singing' }, 'state'],
    ['typing', { duration: 25_001 }, 'duration'],
    ['mark-read', {}, 'chatId'],
    ['mark-read', { chatId: friend, messageIds: 'X' }, 'messageIds'],
    ['mark-read', { chatId: friend, messageIds: [7] }, 'messageIds'],
  ])('refuses %s with a wrong field: %#', async (route, given, path) => {
    const before = await countMessages();
    const { status, body } = await client.post(`/messages/${route}`, { profileId, to: friend, text: 'x', ...given });
    expect(status).toBe(400);
    expect(body).toMatchObject({ success: false, error: { code: 'VALIDATION_ERROR' } });
    expect(body.error.fields.map((field: { path: string }) => field.path)).toEqual([path]);
    expect(await countMessages()).toBe(before);
  });

  it.each([
    ['text', { to: 'Ana' }, 400, 'RECIPIENT_INVALID'],
    ['text', { to: '123' }, 400, 'RECIPIENT_INVALID'],
    ['text', { to: '120363001122334455@broadcast' }, 400, 'RECIPIENT_INVALID'],
    ['text', { to: 'neighbours@g.us' }, 400, 'RECIPIENT_INVALID'],
    ['text', { quotedMessageId: 'NOSUCH' }, 404, 'QUOTED_MESSAGE_NOT_FOUND'],
    ['text', { profileId: randomUUID() }, 404, 'NOT_FOUND'],
    ['image', { profileId: randomUUID(), base64: 'AA==' }, 404, 'NOT_FOUND'],
    ['image', {}, 400, 'MEDIA_SOURCE_MISSING'],
    ['image', { url: 'https://example.com/x.jpg', base64: 'AA==' }, 400, 'MEDIA_SOURCE_MISSING'],
    ['image', { base64: 'AAAA' }, 415, 'MEDIA_TYPE_INVALID'],
    ['image', { url: 'http://10.0.0.1/x.jpg' }, 422, 'URL_NOT_ALLOWED'],
    ['image', { url: 'http://169.254.169.254/latest/meta-data' }, 422, 'URL_NOT_ALLOWED'],
    ['image', { url: 'file:///etc/passwd' }, 422, 'URL_NOT_ALLOWED'],
    ['image', { base64: 'A'.repeat(24_000_000) }, 413, 'MEDIA_TOO_LARGE'],
    ['document', { base64: 'A'.repeat(30_100_000) }, 413, 'BODY_TOO_LARGE'],
    ['typing', {}, 409, 'PROFILE_NOT_CONNECTED'],
    ['typing', { profileId: randomUUID() }, 404, 'NOT_FOUND'],
    ['mark-read', { chatId: '15550309999' }, 404, 'NOT_FOUND'],
    ['mark-read', { chatId: '120363001122334455@g.us' }, 404, 'NOT_FOUND'],
    ['mark-read', { chatId: 'nobody' }, 400, 'RECIPIENT_INVALID'],
  ])('answers a wrong %s (%#) by its error', async (route, given, status, code) => {
    const before = await countMessages();
    const answer = await client.post(`/messages/${route}`, { profileId, to: friend, text: 'x', ...given });
    expect([answer.status, answer.body.error.code]).toEqual([status, code]);
    expect(await countMessages()).toBe(before);
  });

  it('says that an unreachable or missing file could not be fetched', async () => {
    for (const url of [`${filesUrl}/missing.jpg`, 'http://127.0.0.1:1/x.jpg']) {
      const { status, body } = await client.post('/messages/image', { profileId, to: friend, url });
      expect([status, body.error.code, body.error.fields[0].path]).toEqual([422, 'MEDIA_FETCH_FAILED', 'url']);
    }
  });

  it('refuses a profile that was never linked', async () => {
    const unlinked = await waypost.profile(owner, { phoneNumber: undefined });
    for (const [route, more] of [
      ['text', {}],
      ['image', { url: `${filesUrl}/photo.jpg` }],
      ['typing', {}],
    ] as const) {
      const { status, body } = await client.post(`/messages/${route}`, {
        profileId: unlinked,
        to: friend,
        text: 'x',
        ...more,
      });
      expect([status, body.error.code]).toEqual([409, 'PROFILE_NOT_LINKED']);
    }
  });

  it('takes every example of the document as it stands', async () => {
    const { paths } = (await (await fetch(`${waypost.api.url}/api/docs-json`)).json()) as {
      paths: Record<string, { post: { requestBody: { content: { 'application/json': { example: object } } } } }>;
    };
    // The video's example is a URL of the internet, which a test does not ask for.
    for (const route of ['/messages/text', '/messages/image', '/messages/audio', '/messages/document', '/bulk/send']) {
      const { example } = paths[`/api/v1${route}`]!.post.requestBody.content['application/json'];
      const { status, body } = await client.post(route, { ...example, profileId });
      expect([route, status, body.error]).toEqual([route, 202, undefined]);
    }
  });

  it('takes what older clients send: unknown fields, and null for what is absent', async () => {
    const nulls = { quotedMessageId: null, wait: null, tags: ['x'], extra: { deep: true } };
    const sent = await client.post('/messages/text', { profileId, to: friend, text: 'x', ...nulls });
    expect(sent.status).toBe(202);
  });
});

describe('reading', () => {
  it('pages a profile’s messages by cursor and by offset, filtered by kind and direction', async () => {
    const mine = await waypost.profile(owner);
    const ids: string[] = [];
    for (let i = 0; i < 5; i++) {
      const sent = await client.post('/messages/text', { profileId: mine, to: friend, text: `t${i}` });
      ids.unshift(sent.body.data.messageId);
    }
    const [{ conversationId }] = (await client.get(`/messages/profile/${mine}`)).body.data;
    const received = await waypost.receive(conversationId, 'incoming');
    const first = await client.get(`/messages/profile/${mine}?limit=4`);
    expect(first.body.data.map((m: { id: string }) => m.id)).toEqual([received.id, ...ids.slice(0, 3)]);
    const second = await client.get(`/messages/profile/${mine}?limit=4&cursor=${first.body.meta.nextCursor}`);
    expect(second.body.data.map((m: { id: string }) => m.id)).toEqual(ids.slice(3));
    expect(second.body.meta.nextCursor).toBeNull();
    const byOffset = await client.get(`/messages/profile/${mine}?limit=4&offset=4`);
    expect(byOffset.body.data).toEqual(second.body.data);
    const incoming = await client.get(`/messages/profile/${mine}?direction=incoming&type=text`);
    expect(incoming.body.data).toMatchObject([
      { id: received.id, status: 'received', from: { phone: '15550300002' }, to: null },
    ]);
    expect((await client.get(`/messages/profile/${mine}?type=image`)).body.data).toEqual([]);
  });

  it('reads a conversation backwards and forwards without gap or repeat', async () => {
    const mine = await waypost.profile(owner);
    const ids: string[] = [];
    let conversationId = '';
    for (let i = 0; i < 7; i++) {
      const { body } = await client.post('/messages/text', { profileId: mine, to: friend, text: `t${i}` });
      ids.push(body.data.messageId);
      conversationId = body.data.conversationId;
    }
    for (const path of [`/conversations/${conversationId}/messages`, `/messages/conversation/${conversationId}`]) {
      const read = async (query: string) => {
        const { data } = (await client.get(`${path}?limit=3&${query}`)).body;
        return { ids: data.messages.map((m: { id: string }) => m.id), more: data.hasMore, cursor: data.nextCursor };
      };
      const newest = await read('');
      expect(newest).toMatchObject({ ids: ids.slice(4), more: true });
      const older = await read(`cursor=${newest.cursor}`);
      expect(older).toMatchObject({ ids: ids.slice(1, 4), more: true });
      expect(await read(`cursor=${older.cursor}`)).toEqual({ ids: ids.slice(0, 1), more: false, cursor: null });
      expect(await read(`before=${ids[2]}`)).toEqual({ ids: ids.slice(0, 2), more: false, cursor: null });
      const newer = await read(`after=${ids[0]}`);
      expect(newer).toMatchObject({ ids: ids.slice(1, 4), more: true });
      expect(await read(`cursor=${newer.cursor}`)).toEqual({ ids: ids.slice(4), more: false, cursor: null });
      const both = await client.get(`${path}?before=${ids[0]}&after=${ids[1]}`);
      expect([both.status, both.body.error.code]).toEqual([400, 'VALIDATION_ERROR']);
    }
  });

  it('serves files in ranges, to be cached, and never as something that runs in our origin', async () => {
    const page = '<!doctype html><script>alert(1)</script>';
    const sent = await client.post('/messages/document', {
      ...{ profileId, to: friend, filename: 'naïve "page".html', mimetype: 'text/html' },
      base64: Buffer.from(page).toString('base64'),
    });
    const path = `/api/v1/messages/${sent.body.data.messageId}/media`;
    const whole = await raw(path);
    expect(whole.headers.get('content-disposition')).toBe(
      `attachment; filename="na_ve page.html"; filename*=UTF-8''na%C3%AFve%20page.html`,
    );
    expect(whole.headers.get('content-security-policy')).toMatch(/^sandbox;/);
    expect(whole.headers.get('x-content-type-options')).toBe('nosniff');
    const range = async (header: string) => {
      const answer = await raw(path, { range: header });
      return [answer.status, answer.headers.get('content-range'), answer.status < 300 && (await answer.text())];
    };
    expect(await range('bytes=2-8')).toEqual([206, `bytes 2-8/${page.length}`, page.slice(2, 9)]);
    expect(await range('bytes=-9')).toEqual([206, `bytes 31-39/${page.length}`, page.slice(-9)]);
    expect(await range('bytes=10-')).toEqual([206, `bytes 10-39/${page.length}`, page.slice(10)]);
    expect(await range('bytes=0-1,3-4')).toEqual([200, null, page]);
    expect(await range('lines=1-2')).toEqual([200, null, page]);
    expect(await range('bytes=40-')).toEqual([416, 'bytes */40', false]);
    const known = await raw(path, { 'if-none-match': whole.headers.get('etag')! });
    expect(known.status).toBe(304);
    const text = await sendText('no file');
    const none = await client.get(`/messages/${text.messageId}/media`);
    expect([none.status, none.body.error.code]).toEqual([404, 'MEDIA_NOT_AVAILABLE']);
  });
});

describe('conversations', () => {
  it('lists the inbox newest first, by cursor and by offset, with unread counts and last messages', async () => {
    const mine = await waypost.profile(owner);
    const chats: string[] = [];
    for (let i = 0; i < 5; i++) {
      const { body } = await client.post('/messages/text', { profileId: mine, to: `1555030010${i}`, text: `to ${i}` });
      chats.unshift(body.data.conversationId);
    }
    await waypost.receive(chats[4]!, 'back to the top');
    const order = [chats[4], ...chats.slice(0, 4)];
    const list = async (query: string) => (await client.get(`/conversations?profileId=${mine}&${query}`)).body.data;
    const first = await list('limit=3');
    expect(first).toMatchObject({ total: 5 });
    expect(first.conversations[0]).toMatchObject({
      ...{ id: chats[4], unreadCount: 1, type: 'user', jid: '15550300100@s.whatsapp.net', contactPhone: '15550300100' },
      lastMessage: { body: 'back to the top', direction: 'incoming' },
    });
    const second = await list(`limit=3&cursor=${first.nextCursor}`);
    const seen = [...first.conversations, ...second.conversations].map((chat: { id: string }) => chat.id);
    expect(seen).toEqual(order);
    expect(second.nextCursor).toBeNull();
    const ids = (page: { conversations: { id: string }[] }) => page.conversations.map((chat) => chat.id);
    expect(ids(await list('limit=3&offset=3'))).toEqual(order.slice(3));
    expect(await list('unread=true')).toMatchObject({ total: 1, conversations: [{ id: chats[4] }] });
    expect(ids(await list('unread=false&type=user'))).toEqual(order);
  });

  it('marks a conversation read, tells the log, and says that WhatsApp could not be told', async () => {
    const mine = await waypost.profile(owner);
    const { body } = await client.post('/messages/text', { profileId: mine, to: friend, text: 'hello' });
    const { conversationId } = body.data;
    const received = [await waypost.receive(conversationId, 'one'), await waypost.receive(conversationId, 'two')];
    const waIds = received.map((message) => message.waMessageId);

    const read = await client.put(`/conversations/${conversationId}/read`);
    expect(read.status).toBe(200);
    const untold = {
      success: true,
      conversationId,
      receiptSent: false,
      reason: 'PROFILE_NOT_CONNECTED',
      messageIds: waIds,
    };
    expect(read.body.data).toMatchObject({ ...untold, count: 2 });
    expect((await client.get(`/conversations/${conversationId}`)).body.data.unreadCount).toBe(0);
    expect((await client.get(`/messages/${received[0]!.id}`)).body.data.isRead).toBe(true);
    const { body: log } = await client.get(`/events?profileId=${mine}&after=1`);
    expect(log.data).toMatchObject([{ name: 'conversation.read', payload: { conversationId, count: 2 } }]);

    const again = await client.put(`/conversations/${conversationId}/read`);
    expect(again.body.data).toMatchObject({ count: 0, messageIds: [], receiptSent: false, reason: null });
    // The receipt can be repeated by naming the messages.
    const chatId = `${friend.replace(/\D/g, '')}@c.us`;
    const repeated = await client.post('/messages/mark-read', {
      profileId: mine,
      chatId,
      messageIds: [...waIds, 'NOSUCH'],
    });
    expect(repeated.body.data).toMatchObject({ ...untold, count: 0, chatId: '15550300002@s.whatsapp.net' });
    expect((await client.get(`/events?profileId=${mine}&after=2`)).body.data).toEqual([]);
  });

  it('marks named messages of a chat read', async () => {
    const mine = await waypost.profile(owner);
    const { body } = await client.post('/messages/text', { profileId: mine, to: friend, text: 'hello' });
    const one = await waypost.receive(body.data.conversationId, 'one');
    await waypost.receive(body.data.conversationId, 'two');
    const read = await client.post('/messages/mark-read', {
      profileId: mine,
      chatId: friend,
      messageIds: [one.waMessageId],
    });
    expect(read.body.data).toMatchObject({ count: 1, messageIds: [one.waMessageId] });
    expect((await client.get(`/conversations/${body.data.conversationId}`)).body.data.unreadCount).toBe(1);
    const all = await client.post('/messages/mark-read', { profileId: mine, chatId: friend });
    expect(all.body.data.count).toBe(1);
  });

  it.each([
    '?limit=0',
    '?limit=201',
    '?offset=-1',
    '?profileId=x',
    '?cursor=bm9uc2Vuc2U',
    '?unread=maybe',
    '?type=room',
    '',
  ])('refuses the query %j', async (query) => {
    const given = query.includes('profileId') || query === '' ? query : `${query}&profileId=${profileId}`;
    const { status, body } = await client.get(`/conversations${given}`);
    expect([status, body.success]).toEqual([400, false]);
  });
});

describe('who may', () => {
  it('shows nothing of another organization', async () => {
    const sent = await sendText('private');
    const { messageId, conversationId } = sent;
    const theirs = stranger.client;
    for (const path of [
      `/messages/${messageId}`,
      `/messages/${messageId}/media`,
      `/messages/profile/${profileId}`,
      `/messages/conversation/${conversationId}`,
      `/conversations/${conversationId}`,
      `/conversations/${conversationId}/messages`,
      `/conversations?profileId=${profileId}`,
    ]) {
      const { status, body } = await theirs.get(path);
      expect([path, status, body.error?.code]).toEqual([path, 404, 'NOT_FOUND']);
    }
    const before = await countMessages();
    for (const [path, more] of [
      ['/messages/text', {}],
      ['/messages/image', { url: `${filesUrl}/photo.jpg` }],
      ['/messages/typing', {}],
      ['/messages/mark-read', { chatId: friend }],
    ] as const) {
      const { status } = await theirs.post(path, { profileId, to: friend, text: 'x', ...more });
      expect([path, status]).toEqual([path, 404]);
    }
    expect((await theirs.put(`/conversations/${conversationId}/read`)).status).toBe(404);
    expect(await countMessages()).toBe(before);
  });

  it('holds keys to their permissions', async () => {
    const reader = await owner.client.withKey(['messages.read', 'conversations.read']);
    const sender = await owner.client.withKey(['messages.send']);
    const { messageId, conversationId } = await sendText('x');
    const text = { profileId, to: friend, text: 'x' };
    expect((await reader.post('/messages/text', text)).status).toBe(403);
    expect((await reader.put(`/conversations/${conversationId}/read`)).status).toBe(403);
    expect((await reader.post('/messages/mark-read', { profileId, chatId: friend })).status).toBe(403);
    expect((await reader.get(`/messages/${messageId}`)).status).toBe(200);
    expect((await sender.post('/messages/text', text)).status).toBe(202);
    expect((await sender.get(`/messages/${messageId}`)).status).toBe(403);
    expect((await sender.get(`/conversations?profileId=${profileId}`)).status).toBe(403);
  });
});

function raw(path: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${waypost.api.url}${path}`, { headers: { authorization: `Bearer ${owner.accessToken}`, ...headers } });
}
