import { createHash, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Database } from '#database';
import type { Person } from '#simulator';
import { type ApiAnswer, ApiClient, type Registered, until } from '#testing';
import { ClamDaemon, eicar } from './clam-daemon.js';
import { Installation } from './installation.js';
import { linkProfile } from './link-profile.js';
import { loggedInMember } from './member.js';

/** Files that are uploaded: what they are taken as, where they arrive, who may have them, how much room there is. */

const ownNumber = '15550530001';

let waypost: Installation;
let clam: ClamDaemon;
let owner: Registered;
let client: ApiClient;
let stranger: ApiClient;
let profileId: string;
let lastContact = 15_550_530_100;

const fixture = (name: string) => readFile(`test/fixtures/media/${name}`);
const newContact = (): Person => {
  lastContact += 1;
  return waypost.simulator.person(String(lastContact), { name: 'Mia' });
};
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const codeOf = ({ status, body }: { status: number; body: { error?: { code: string } } }) => [status, body.error?.code];

async function upload(
  bytes: Uint8Array | string,
  name: string,
  { type = 'application/octet-stream', query = '', token = owner.accessToken } = {},
) {
  const form = new FormData();
  form.set('note', 'passed over');
  form.set('file', new Blob([bytes as never], { type }), name);
  const answer = await fetch(`${waypost.api.url}/api/v1/uploads/media${query}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body: form,
  });
  return { status: answer.status, body: (await answer.json()) as ApiAnswer['body'] };
}

async function uploaded(bytes: Uint8Array | string, name: string, type?: string) {
  const { status, body } = await upload(bytes, name, { type });
  expect([status, body.error]).toEqual([201, undefined]);
  return body.data;
}

const at = (url: string, headers: Record<string, string> = {}) =>
  fetch(`${waypost.api.url}${new URL(url, 'http://any').pathname}`, { headers });

beforeAll(async () => {
  clam = await ClamDaemon.start();
  const scan = { clamav: { host: '127.0.0.1', port: clam.port }, received: true };
  waypost = await Installation.start({ scan });
  owner = await ApiClient.register(waypost.api.url);
  ({ client } = owner);
  stranger = (await ApiClient.register(waypost.api.url)).client;
  const workspaces = await client.get('/workspaces');
  const created = await client.post('/profiles', { workspaceId: workspaces.body.data[0].id, name: 'Shop' });
  profileId = created.body.data.id;
  await linkProfile(client, profileId, waypost.simulator, { number: ownNumber, name: 'Shop' });
}, 60_000);

afterAll(async () => {
  await waypost?.stop();
  await clam?.stop();
}, 60_000);

describe('a file in one request', () => {
  it('is what its content says, under a name that fits and leads nowhere', async () => {
    const bytes = await fixture('photo.jpg');
    const data = await uploaded(bytes, '../../etc/pass\u202ewd.png', 'video/mp4');
    expect(data).toMatchObject({ type: 'IMAGE', mimeType: 'image/jpeg', size: bytes.length, status: 'clean' });
    expect(data).toMatchObject({ filename: 'passwd.jpg', sha256: sha256(bytes), key: `uploads/${data.id}` });

    const answer = await at(data.url, { range: 'bytes=10-19' });
    expect(answer.status).toBe(206);
    expect(Buffer.from(await answer.arrayBuffer()).equals(bytes.subarray(10, 20))).toBe(true);
    expect(answer.headers.get('content-disposition')).toContain('inline; filename="passwd.jpg"');
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    const small = await at(data.thumbnailUrl);
    expect(small.headers.get('content-type')).toBe('image/jpeg');
    expect(
      Buffer.from(await small.arrayBuffer())
        .subarray(0, 2)
        .toString('hex'),
    ).toBe('ffd8');
    const own = await client.send('GET', `/uploads/${data.id}/thumbnail`);
    expect([own.status, own.headers.get('content-type')]).toEqual([200, 'image/jpeg']);
  });

  it('that a browser could run is only offered for saving, and a program is not taken', async () => {
    const page = await uploaded('<html><script>alert(1)</script></html>', 'photo.png', 'image/png');
    expect(page).toMatchObject({ type: 'DOCUMENT', mimeType: 'text/html', filename: 'photo.html' });
    const answer = await at(page.url);
    expect(answer.headers.get('content-disposition')).toMatch(/^attachment/);
    expect(answer.headers.get('content-security-policy')).toContain('sandbox');
    const elf = Buffer.concat([Buffer.from('7f454c4602010100', 'hex'), Buffer.alloc(64)]);
    for (const [bytes, name] of [
      [elf, 'photo.jpg'],
      ['#!/bin/sh\nrm -rf /\n', 'notes.txt'],
      ['echo off', 'setup.bat'],
    ] as const) {
      expect(codeOf(await upload(bytes, name))).toEqual([415, 'MEDIA_TYPE_INVALID']);
    }
  });

  it('larger than its kind may be is refused, unless it is to be a document', async () => {
    const large = Buffer.concat([await fixture('photo.jpg'), randomBytes(17_000_000)]);
    const refused = await upload(large, 'large.jpg');
    expect(codeOf(refused)).toEqual([413, 'MEDIA_TOO_LARGE']);
    expect(refused.body.error.details).toEqual({ kind: 'image', maxBytes: 16 * 1024 * 1024 });
    const taken = await upload(large, 'large.jpg', { query: '?as=document' });
    expect(taken.body.data).toMatchObject({ type: 'DOCUMENT', size: large.length });
  });

  it('needs a form with a file, and the permission', async () => {
    expect(codeOf(await client.post('/uploads/media', { file: 'x' }))).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE']);
    const send = (body: FormData | string, headers: Record<string, string>) =>
      fetch(`${waypost.api.url}/api/v1/uploads/media`, { method: 'POST', body, headers }).then(async (answer) =>
        codeOf({ status: answer.status, body: (await answer.json()) as never }),
      );
    const bearer = { authorization: `Bearer ${owner.accessToken}` };
    const form = new FormData();
    form.set('other', new Blob(['x']), 'x.txt');
    expect(await send(form, bearer)).toEqual([400, 'MULTIPART_INVALID']);
    expect(await send('junk', { ...bearer, 'content-type': 'multipart/form-data' })).toEqual([
      400,
      'MULTIPART_INVALID',
    ]);
    const cut = { ...bearer, 'content-type': 'multipart/form-data; boundary=b' };
    const part = '--b\r\ncontent-disposition: form-data; name="file"; filename="x.txt"\r\n\r\nhalf';
    expect(await send(part, cut)).toEqual([400, 'MULTIPART_INVALID']);
    expect(await send(form, {})).toEqual([401, 'UNAUTHENTICATED']);
    const key = await client.post('/api-keys', { name: 'reads', permissions: ['messages.read'] });
    expect(await send(form, { 'x-api-key': key.body.data.key })).toEqual([403, 'FORBIDDEN']);
  });
});

describe('a send', () => {
  it('names an upload by its id or its address, and the other phone gets its bytes', async () => {
    const bytes = await fixture('picture.png');
    const { id, url } = await uploaded(bytes, 'picture.png');
    const sends = [
      ['/messages/image', { uploadId: id, caption: 'Look' }],
      ['/messages/image', { url }],
      ['/messages/document', { uploadId: id }],
    ] as const;
    for (const [path, content] of sends) {
      const contact = newContact();
      const sent = await client.post(path, { profileId, to: contact.number, ...content, wait: 20 });
      expect([sent.body.data?.status, sent.body.error]).toEqual(['sent', undefined]);
      const arrived = await contact.expectMessage({ id: sent.body.data.waMessageId });
      expect((await arrived.downloadMedia()).equals(bytes)).toBe(true);
    }
    expect((await client.get('/uploads/usage')).body.data.storedBytes).toBeGreaterThan(bytes.length);
  });

  it('of a template and of a bulk request can name one too, and the template keeps it', async () => {
    const bytes = await fixture('photo.jpg');
    const { id } = await uploaded(bytes, 'offer.jpg');
    const content = { uploadId: id, caption: 'For {{name}}' };
    const draft = { profileId, name: 'Offer', messageType: 'image', content };
    const template = await client.post('/templates', draft);
    expect(template.body.data.content).toEqual(content);
    const both = { ...draft, name: 'Two', content: { ...content, url: 'https://example.com/x.jpg' } };
    expect(codeOf(await client.post('/templates', both))).toEqual([400, 'VALIDATION_ERROR']);
    const contacts = [newContact(), newContact()];
    const to = contacts[0]!.number;
    const variables = { name: 'Mia' };
    const templateId = template.body.data.id;
    const sent = await client.post('/messages/template', { profileId, to, templateId, variables, wait: 20 });
    expect([sent.status, sent.body.error]).toEqual([201, undefined]);
    const bulk = await client.post('/bulk/send', {
      profileId,
      messages: [{ chatId: contacts[1]!.number, type: 'image', content: { uploadId: id, caption: 'Hi' } }],
    });
    expect(bulk.body.error).toBeUndefined();
    for (const contact of contacts) {
      const arrived = await contact.expectMessage({}, { timeoutMs: 20_000 });
      expect((await arrived.downloadMedia()).equals(bytes)).toBe(true);
    }
  });

  it('cannot name what is another organization’s', async () => {
    const { id, url } = await uploaded(await fixture('photo.jpg'), 'mine.jpg');
    const workspaces = await stranger.get('/workspaces');
    const other = await stranger.post('/profiles', { workspaceId: workspaces.body.data[0].id, name: 'Other' });
    for (const content of [{ uploadId: id }, { url }]) {
      const body = { profileId: other.body.data.id, to: '15550530999', ...content };
      // Its own profile is not linked: a linked one would be told 404 of the file.
      expect((await stranger.post('/messages/image', body)).status).toBeGreaterThanOrEqual(404);
    }
    for (const [method, path] of [
      ['GET', `/uploads/${id}`],
      ['GET', `/uploads/${id}/file`],
      ['GET', `/uploads/${id}/thumbnail`],
      ['DELETE', `/uploads/${id}`],
    ] as const) {
      expect(codeOf(await stranger.send(method, path))).toEqual([404, 'NOT_FOUND']);
    }
  });
});

it('are listed newest first, and deleted without the messages that were made of them', async () => {
  const bytes = await fixture('sound.mp3');
  const { id } = await uploaded(bytes, 'sound.mp3');
  const list = await client.get('/uploads?limit=1&kind=audio');
  expect(list.body.data).toMatchObject([{ id, type: 'AUDIO' }]);
  const contact = newContact();
  const sent = await client.post('/messages/document', { profileId, to: contact.number, uploadId: id, wait: 20 });
  expect((await client.delete(`/uploads/${id}`)).body.data).toEqual({ id, deleted: true });
  expect(codeOf(await client.get(`/uploads/${id}`))).toEqual([404, 'NOT_FOUND']);
  const kept = await at(`/api/v1/messages/${sent.body.data.messageId}/media`, {
    authorization: `Bearer ${owner.accessToken}`,
  });
  expect(sha256(Buffer.from(await kept.arrayBuffer()))).toBe(sha256(bytes));
  const gone = await client.post('/messages/document', { profileId, to: contact.number, uploadId: id });
  expect(codeOf(gone)).toEqual([404, 'NOT_FOUND']);
});

it('of others are not seen by members whose rights are limited to some places', async () => {
  const db = await Database.open(waypost.config.database, 'uploads spec');
  try {
    const at = { db, config: waypost.config, url: waypost.api.url };
    const { client: limited, userId } = await loggedInMember(at, owner.organizationId, [
      'uploads.read',
      'uploads.write',
    ]);
    const { id } = await uploaded('of the owner', 'a.txt');
    expect((await limited.get(`/uploads/${id}`)).status).toBe(200);
    await db.query('update role_assignments set profile_id = $2 where user_id = $1', [userId, profileId]);
    expect(codeOf(await limited.get(`/uploads/${id}`))).toEqual([404, 'NOT_FOUND']);
    expect((await limited.get('/uploads')).body.data).toEqual([]);
    await db.query('update uploads set created_by = $2 where id = $1', [id, userId]);
    expect((await limited.get('/uploads')).body.data).toMatchObject([{ id }]);
    expect((await limited.delete(`/uploads/${id}`)).status).toBe(200);
  } finally {
    await db.close();
  }
});

describe('the scanner', () => {
  const events = async (name: string, query = '') => {
    const { body } = await client.get(`/events?limit=200${query}`);
    return body.data.filter((event: { name: string }) => event.name === name);
  };

  it('keeps an infected upload from being given out or sent, and tells it', async () => {
    const data = await uploaded(eicar, 'invoice.txt', 'text/plain');
    expect(data).toMatchObject({ status: 'infected', url: null, found: 'Eicar-Test-Signature' });
    expect(codeOf(await client.get(`/uploads/${data.id}/file`))).toEqual([422, 'MEDIA_INFECTED']);
    const to = newContact().number;
    const sent = await client.post('/messages/document', { profileId, to, uploadId: data.id });
    expect(codeOf(sent)).toEqual([422, 'MEDIA_INFECTED']);
    const base64 = Buffer.from(eicar).toString('base64');
    expect(codeOf(await client.post('/messages/document', { profileId, to, base64 }))).toEqual([422, 'MEDIA_INFECTED']);
    const { body } = await client.get('/audit/logs?action=upload.infected');
    expect(body.data).toMatchObject([{ resourceId: data.id }]);
    expect(await events('upload.infected')).toMatchObject([{ payload: { uploadId: data.id } }]);
  });

  it('that does not answer blocks what it has not seen, and is asked again', async () => {
    clam.isUp = false;
    const data = await uploaded(randomBytes(1000), 'later.bin');
    expect(data).toMatchObject({ status: 'scan_failed', url: null });
    const to = newContact().number;
    const send = () => client.post('/messages/document', { profileId, to, uploadId: data.id });
    expect(codeOf(await send())).toEqual([503, 'MEDIA_NOT_SCANNED']);
    clam.isUp = true;
    await until(async () => (await client.get(`/uploads/${data.id}`)).body.data.status === 'clean', {
      withinMs: 30_000,
      what: 'the second scan',
    });
    expect((await send()).status).toBeLessThan(300);
  });

  it('looks at received files before they are given out, and they get a thumbnail', async () => {
    const contact = newContact();
    const waMessageId = await contact.sendImage(ownNumber, await fixture('photo.jpg'));
    const bad = await contact.sendDocument(ownNumber, Buffer.from(eicar));
    const idOf = (wa: string) =>
      until(
        async () => {
          const { body } = await client.get(`/messages/profile/${profileId}?limit=20`);
          const message = body.data.find((one: { waMessageId: string }) => one.waMessageId === wa);
          return message?.content.mediaState === 'stored' ? (message.id as string) : undefined;
        },
        { withinMs: 30_000, what: 'the received file' },
      );
    const id = await idOf(waMessageId);
    await until(async () => (await client.send('GET', `/messages/${id}/media/thumbnail`)).status === 200, {
      withinMs: 30_000,
      what: 'the thumbnail',
    });
    const infected = await idOf(bad);
    await until(async () => codeOf(await client.get(`/messages/${infected}/media`)).join() === '422,MEDIA_INFECTED', {
      withinMs: 30_000,
      what: 'the verdict',
    });
    const told = await events('message.media_infected', `&profileId=${profileId}`);
    expect(told).toMatchObject([{ payload: { messageId: infected, found: 'Eicar-Test-Signature' } }]);
  });
});

describe('the room of an organization', () => {
  const quota = (given: Record<string, number | null>) =>
    client.put(`/platform/organizations/${owner.organizationId}/quota`, given);

  afterEach(() => quota({ maxStoredBytes: null, maxUploadsPerDay: null, maxFileBytes: null }));

  it('is not gone over by many at once', async () => {
    const { uploadsToday } = (await client.get('/uploads/usage')).body.data;
    expect((await quota({ maxUploadsPerDay: uploadsToday + 3 })).body.data.own.maxUploadsPerDay).toBe(uploadsToday + 3);
    const answers = await Promise.all(Array.from({ length: 8 }, () => upload(randomBytes(500), 'x.bin')));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(3);
    const refused = answers.find(({ status }) => status !== 201)!;
    expect(codeOf(refused)).toEqual([422, 'QUOTA_EXCEEDED']);
    const limit = uploadsToday + 3;
    expect(refused.body.error.details).toEqual({ quota: 'uploadsPerDay', used: limit, limit });
  });

  it('counts a file once, and gives its bytes back', async () => {
    const stored = async () => (await client.get('/uploads/usage')).body.data.storedBytes as number;
    const before = await stored();
    const bytes = randomBytes(10_000);
    const twice = [await uploaded(bytes, 'a.bin'), await uploaded(bytes, 'b.bin')];
    expect(await stored()).toBe(before + 10_000);
    await client.delete(`/uploads/${twice[0].id}`);
    expect(await stored()).toBe(before + 10_000);
    await client.delete(`/uploads/${twice[1].id}`);
    expect(await stored()).toBe(before);
  });

  it('when it is used up refuses uploads and sends with files, never what is received', async () => {
    const { storedBytes } = (await client.get('/uploads/usage')).body.data;
    await quota({ maxStoredBytes: storedBytes });
    expect(codeOf(await upload(randomBytes(500), 'x.bin'))).toEqual([422, 'QUOTA_EXCEEDED']);
    const base64 = randomBytes(500).toString('base64');
    const to = newContact().number;
    expect(codeOf(await client.post('/messages/document', { profileId, to, base64 }))).toEqual([422, 'QUOTA_EXCEEDED']);
    const contact = newContact();
    await contact.sendDocument(ownNumber, randomBytes(700));
    await until(async () => (await client.get('/uploads/usage')).body.data.storedBytes === storedBytes + 700, {
      withinMs: 30_000,
      what: 'the received file',
    });
    await quota({ maxFileBytes: 100 });
    expect(codeOf(await upload(randomBytes(500), 'x.bin'))[1]).toMatch(/QUOTA_EXCEEDED|MEDIA_TOO_LARGE/);
  });

  it('is set by administrators of the installation alone', async () => {
    const path = `/platform/organizations/${owner.organizationId}/quota`;
    expect(codeOf(await stranger.get(path))).toEqual([403, 'FORBIDDEN']);
    expect(codeOf(await stranger.put(path, { maxUploadsPerDay: 1 }))).toEqual([403, 'FORBIDDEN']);
    expect(codeOf(await quota({ maxUploadsPerDay: -1 }))).toEqual([400, 'VALIDATION_ERROR']);
    const none = '/platform/organizations/01980000-0000-7000-8000-000000000000/quota';
    expect(codeOf(await client.get(none))).toEqual([404, 'NOT_FOUND']);
  });
});
