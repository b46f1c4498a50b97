import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import makeWASocket, { type ConnectionState, useMultiFileAuthState } from '@whiskeysockets/baileys';
import pino from 'pino';
import { Server as HttpProxy } from 'proxy-chain';
import { ZipFile } from 'yazl';
import { ApiClient, type Registered, until } from '#testing';
import { Installation } from './installation.js';
import { linkProfile } from './link-profile.js';

/** Sessions that leave, enter, and go through proxies: judged by messages that arrive without another scan. */

const passphrase = 'correct horse battery staple';

let waypost: Installation;
let owner: Registered;
let lastNumber = 15_550_600_000;
const nextNumber = () => {
  lastNumber += 1;
  return String(lastNumber);
};

beforeAll(async () => {
  waypost = await Installation.start();
  owner = await ApiClient.register(waypost.api.url);
}, 60_000);

afterAll(async () => {
  await waypost?.stop();
}, 60_000);

async function newProfile({ client }: Registered, name: string): Promise<string> {
  return (await client.post('/profiles', { name })).body.data.id;
}

const statusOf = async ({ client }: Registered, id: string) => (await client.get(`/profiles/${id}/status`)).body.data;

async function connected(person: Registered, id: string): Promise<void> {
  await person.client.post(`/profiles/${id}/connect`);
  await until(async () => (await statusOf(person, id)).status === 'connected', { what: `${id} to be connected` });
}

async function linked(person: Registered, id: string, number: string): Promise<void> {
  await linkProfile(person.client, id, waypost.simulator, { number });
}

async function talks(person: Registered, profileId: string, number: string): Promise<void> {
  const friend = waypost.simulator.person(nextNumber());
  const sent = await person.client.post('/messages/text', { profileId, to: friend.number, text: 'out', wait: 20 });
  expect(sent.body.data.status).toBe('sent');
  await friend.expectMessage({ id: sent.body.data.waMessageId });
  await friend.sendText(number, 'in');
  await until(
    async () => {
      const { data } = (await person.client.get(`/messages/profile/${profileId}`)).body;
      return data.some((message: { body: string }) => message.body === 'in');
    },
    { what: 'the answer to be stored' },
  );
}

async function exported(person: Registered, id: string): Promise<Buffer> {
  const answer = await fetch(`${waypost.api.url}/api/v1/profiles/${id}/session/export`, {
    method: 'POST',
    headers: { authorization: `Bearer ${person.accessToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({ passphrase }),
  });
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/octet-stream']);
  return Buffer.from(await answer.arrayBuffer());
}

const imported = ({ client }: Registered, id: string, file: Buffer, more: object = { passphrase }) =>
  client.post(`/profiles/${id}/session/import`, { data: file.toString('base64'), ...more });

it('moves a session to another organization, where it goes on without a scan', async () => {
  const number = nextNumber();
  const from = await newProfile(owner, 'Old home');
  await linked(owner, from, number);
  await talks(owner, from, number);

  const early = await owner.client.post(`/profiles/${from}/session/export`, { passphrase });
  expect([early.status, early.body.error.code]).toEqual([409, 'PROFILE_CONNECTED']);
  await owner.client.post(`/profiles/${from}/disconnect`);
  await until(async () => (await statusOf(owner, from)).status === 'disconnected');
  const file = await exported(owner, from);
  expect(await statusOf(owner, from)).toMatchObject({ status: 'disconnected', code: 'session_exported' });
  expect(file.toString('latin1')).not.toContain(number);

  const other = await ApiClient.register(waypost.api.url);
  const to = await newProfile(other, 'New home');
  const wrong = await imported(other, to, file, { passphrase: 'something else' });
  expect([wrong.status, wrong.body.error.code]).toEqual([422, 'SESSION_UNREADABLE']);
  const unsaid = await imported(other, to, file, {});
  expect([unsaid.status, unsaid.body.error.fields[0].path]).toEqual([400, 'passphrase']);
  const done = await imported(other, to, file);
  expect(done.body.data).toMatchObject({ status: 'disconnected', code: 'session_imported', phone: number });
  await connected(other, to);
  await talks(other, to, number);

  const again = await imported(other, to, file);
  expect([again.status, again.body.error.code]).toEqual([409, 'PROFILE_CONNECTED']);
  const second = await imported(other, await newProfile(other, 'Twice'), file);
  expect([second.status, second.body.error.code]).toEqual([409, 'PROFILE_ALREADY_LINKED']);
  const anothers = await newProfile(owner, "Another's");
  await linked(owner, anothers, nextNumber());
  await owner.client.post(`/profiles/${anothers}/logout`);
  await until(async () => (await statusOf(owner, anothers)).status === 'logged_out');
  const refused = await imported(owner, anothers, file);
  expect([refused.status, refused.body.error.fields[0].path]).toEqual([400, 'data']);
}, 60_000);

it('takes over the folder of a program that uses Baileys', async () => {
  const number = nextNumber();
  const folder = mkdtempSync(join(tmpdir(), 'waypost-baileys-'));
  await linkBareBaileys(folder, number);
  const zip = new ZipFile();
  for (const [name, content] of await settledFiles(folder)) zip.addBuffer(content, `auth/${name}`);
  zip.addBuffer(Buffer.from('x'), 'notes.txt');
  zip.end();
  const chunks: Buffer[] = [];
  for await (const chunk of zip.outputStream) chunks.push(chunk as Buffer);
  rmSync(folder, { recursive: true });

  const id = await newProfile(owner, 'From Baileys');
  const done = await imported(owner, id, Buffer.concat(chunks), {});
  expect(done.body.data).toMatchObject({ code: 'session_imported', phone: number });
  await connected(owner, id);
  await talks(owner, id, number);
}, 60_000);

it.each([
  ['neither', Buffer.from('hello')],
  ['a zip without credentials', Buffer.from('504b0506000000000000000000000000000000000000', 'hex')],
])('refuses %s', async (_what, file) => {
  const answer = await imported(owner, await newProfile(owner, 'Refused'), file, {});
  expect([answer.status, answer.body.error.code]).toEqual([422, 'SESSION_UNREADABLE']);
});

it('goes through a proxy as soon as one is set, says when it fails, and back', async () => {
  const number = nextNumber();
  const id = await newProfile(owner, 'Behind a proxy');
  await linked(owner, id, number);
  let tunnels = 0;
  const proxy = new HttpProxy({
    port: 0,
    host: '127.0.0.1',
    prepareRequestFunction: ({ username, password }) => {
      if (username !== 'way' || password !== 'secret') return { requestAuthentication: true };
      tunnels += 1;
      return {};
    },
  });
  await proxy.listen();
  const access = { protocol: 'http', host: '127.0.0.1', port: proxy.port, user: 'way' };
  const wrong = await owner.client.post(`/profiles/${id}/proxy/test`, { candidate: { ...access, password: 'no' } });
  expect(wrong.body.data).toMatchObject({ success: false, tookMs: null });
  expect(wrong.body.data.message).toContain('another user name or password');
  expect(tunnels).toBe(0);

  const saved = await owner.client.put(`/profiles/${id}/proxy`, { ...access, password: 'secret' });
  expect(saved.body.error).toBeUndefined();
  expect(saved.body.data).toEqual({ enabled: true, ...access, password: '********' });
  await until(() => tunnels > 0, { what: 'the connection to go through the proxy' });
  await until(async () => (await statusOf(owner, id)).status === 'connected');
  await talks(owner, id, number);
  expect((await owner.client.post(`/profiles/${id}/proxy/test`, {})).body.data).toMatchObject({ success: true });
  // The password goes to no other proxy than its own.
  const moved = await owner.client.put(`/profiles/${id}/proxy`, { ...access, host: '127.0.0.2' });
  expect([moved.status, moved.body.error.fields[0].path]).toEqual([400, 'password']);

  await proxy.close(true);
  await until(async () => (await statusOf(owner, id)).code === 'proxy_unreachable');
  expect((await owner.client.delete(`/profiles/${id}/proxy`)).body.data).toMatchObject({ enabled: false, host: null });
  await until(async () => (await statusOf(owner, id)).status === 'connected');
  await talks(owner, id, number);
}, 60_000);

it('refuses a proxy in a network that is not public', async () => {
  const id = await newProfile(owner, 'Private proxy');
  const answer = await owner.client.put(`/profiles/${id}/proxy`, { protocol: 'http', host: '10.0.0.1', port: 3128 });
  expect([answer.status, answer.body.error.fields[0].path]).toEqual([422, 'host']);
});

it('shows the phone the name of the device, and takes in what it is told to', async () => {
  const number = nextNumber();
  const id = await newProfile(owner, 'Listens');
  const path = `/profiles/${id}/connection-settings`;
  expect((await owner.client.get(path)).body.data).toEqual({
    deviceName: null,
    devicePlatform: 'chrome',
    listening: { groups: true, newsletters: true, status: true, broadcasts: true, ownMessages: true, media: true },
    history: 'none',
    rejectsCalls: false,
  });
  const changed = await owner.client.put(path, { deviceName: 'Front desk', devicePlatform: 'safari' });
  expect(changed.body.data).toMatchObject({ deviceName: 'Front desk', devicePlatform: 'safari' });
  await linked(owner, id, number);
  const quieter = await owner.client.put(path, { listening: { groups: false } });
  expect(quieter.body.data.listening).toMatchObject({ groups: false, newsletters: true });
  const restored = await owner.client.put(path, { deviceName: null });
  expect(restored.body.data).toMatchObject({ deviceName: null, listening: { groups: false } });
  await until(async () => (await statusOf(owner, id)).status === 'connected');
  await talks(owner, id, number);
  const refusing = await owner.client.put(path, { rejectsCalls: true });
  expect(refusing.body.data).toMatchObject({ rejectsCalls: true, listening: { groups: false } });
  const { calls } = waypost.simulator.person(nextNumber());
  const isRefused = async () => {
    const call = calls.ring(number);
    const refused = await calls.expect('reject', { id: call, timeoutMs: 2_000 }).then(
      () => true,
      () => false,
    );
    if (!refused) calls.hangUp(call);
    return refused;
  };
  await until(isRefused, { what: 'a call to be refused' });
  const invalid = await owner.client.put(path, { listening: { groups: 'no' }, history: 'all', deviceName: '\n' });
  const fields = invalid.body.error.fields.map((field: { path: string }) => field.path).sort();
  expect([invalid.status, fields]).toEqual([400, ['deviceName', 'history', 'listening.groups']]);
}, 60_000);

/** The files of a folder when nobody writes there any more: Baileys does not wait for its files. */
async function settledFiles(folder: string): Promise<[string, Buffer][]> {
  let before = '';
  await until(
    () => {
      const now = readdirSync(folder)
        .map((name) => `${name} ${statSync(join(folder, name), { throwIfNoEntry: false })?.mtimeMs}`)
        .join();
      const isQuiet = now === before;
      before = now;
      return isQuiet;
    },
    { what: 'the files to be written' },
  );
  return readdirSync(folder).map((name) => [name, readFileSync(join(folder, name))]);
}

/** Links an unmodified Baileys program that keeps its session in files, and ends it. */
async function linkBareBaileys(folder: string, number: string): Promise<void> {
  const { simulator } = waypost;
  const { state, saveCreds } = await useMultiFileAuthState(folder);
  const open = () => {
    const sock = makeWASocket({
      auth: state,
      waWebSocketUrl: simulator.url,
      logger: pino({ level: 'silent' }) as never,
    });
    sock.ev.on('creds.update', saveCreds);
    return sock;
  };
  const reached = (sock: ReturnType<typeof open>, wanted: (update: Partial<ConnectionState>) => boolean) =>
    new Promise<void>((resolve) => {
      sock.ev.on('connection.update', (update) => {
        if (update.qr) void simulator.scanQr(update.qr, number);
        if (wanted(update)) resolve();
      });
    });
  const first = open();
  await reached(first, ({ connection }) => connection === 'close');
  const second = open();
  await reached(second, ({ connection }) => connection === 'open');
  const friend = simulator.person(nextNumber());
  await friend.expectReceipt(await friend.sendText(number, 'to the old program'), 'delivered');
  await second.end(undefined);
}
