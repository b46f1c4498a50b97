import { mkdtemp, readFile, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import S3rver from 's3rver';
import type { OrganizationId } from '#contracts';
import { Database, Sealer } from '#database';
import { MailOutbox } from '#domain';
import type { Person } from '#simulator';
import { ApiClient, type Registered, until } from '#testing';
import { Installation } from './installation.js';
import { linkProfile } from './link-profile.js';
import { MailServer } from './mail-server.js';

/** Mail servers and buckets that organizations and the installation set, as far as other people and the bucket see it. */

const friendNumber = '15550700002';
const MASK = '********';

let waypost: Installation;
let db: Database;
/** The first who registers administers the installation. */
let admin: Registered;
let owner: Registered;
let viewer: ApiClient;
let friend: Person;
let mailServer: MailServer;
let s3Folder: string;
let s3: S3rver;
let endpoint: string;

beforeAll(async () => {
  waypost = await Installation.start();
  db = await Database.open(waypost.config.database, 'settings spec');
  admin = await ApiClient.register(waypost.api.url);
  owner = await ApiClient.register(waypost.api.url);
  viewer = await owner.client.withKey(['profiles.read']);
  friend = waypost.simulator.person(friendNumber, { name: 'Ana' });
  mailServer = await MailServer.start();
  s3Folder = await mkdtemp(join(tmpdir(), 'waypost-s3-'));
  const configureBuckets = ['first', 'second', 'common'].map((name) => ({ name, configs: [] }));
  s3 = new S3rver({ port: 0, address: '127.0.0.1', silent: true, directory: s3Folder, configureBuckets });
  endpoint = `http://127.0.0.1:${((await s3.run()) as AddressInfo).port}`;
}, 60_000);

afterAll(async () => {
  await waypost?.stop();
  await db?.close();
  await mailServer?.stop();
  await s3?.close();
  await rm(s3Folder, { recursive: true, force: true });
}, 60_000);

const bucket = (name: string) => ({
  type: 's3',
  s3Endpoint: endpoint,
  s3Bucket: name,
  s3AccessKey: 'S3RVER',
  s3SecretKey: 'S3RVER',
  s3ForcePathStyle: true,
});

async function objectsIn(Bucket: string): Promise<string[]> {
  const credentials = { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' };
  const client = new S3Client({ endpoint, region: 'us-east-1', forcePathStyle: true, credentials });
  const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket }));
  return Contents.map(({ Key }) => Key!);
}

/** A mail as any part of the product causes one. */
async function causeMail(organizationId: string, to: string, minutes = 60): Promise<void> {
  const outbox = new MailOutbox(Sealer.open(db, waypost.config.secrets));
  const mail = await outbox.prepare({
    organizationId: organizationId as OrganizationId,
    kind: 'invitation',
    to,
    subject: 'You were invited',
    text: 'Open https://waypost.example.com/join/abc to join.',
    link: 'https://waypost.example.com/join/abc',
    expiresAt: new Date(Date.now() + minutes * 60_000),
  });
  await db.system((tx) => mail.queue(tx));
}

const mailTo = async (to: string) => {
  const { body } = await admin.client.get('/platform/mails?limit=200');
  return body.data.find((mail: { to: string }) => mail.to === to);
};

describe('mails', () => {
  const smtp = () => ({ host: '127.0.0.1', port: mailServer.port, from: 'Waypost <waypost@example.com>' });

  it('wait while there is no mail server, and show their link to administrators of the installation alone', async () => {
    await causeMail(owner.organizationId, 'held@example.com');
    const held = await until(async () => {
      const mail = await mailTo('held@example.com');
      return mail?.state === 'held' && mail;
    });
    const opened = await admin.client.get(`/platform/mails/${held.id}`);
    expect(opened.body.data).toMatchObject({
      to: 'held@example.com',
      subject: 'You were invited',
      link: 'https://waypost.example.com/join/abc',
    });
    for (const client of [owner.client, viewer]) {
      expect((await client.get('/platform/mails')).status).toBe(403);
      expect((await client.get(`/platform/mails/${held.id}`)).status).toBe(403);
    }
  });

  it('go out through the server of the organization as soon as it has one, and their content is forgotten', async () => {
    expect((await owner.client.get('/settings/smtp')).body.data).toMatchObject({ source: 'none', host: null });
    const saved = await owner.client.put('/settings/smtp', smtp());
    expect(saved.body.data).toEqual({ source: 'organization', ...smtp(), secure: false, user: null, pass: null });
    await until(() => mailServer.to('held@example.com').length > 0);
    const [mail] = mailServer.to('held@example.com');
    expect(mail!.raw).toContain('Subject: You were invited');
    expect(mail!.raw).toContain('https://waypost.example.com/join/abc');
    const { id } = await until(async () => {
      const found = await mailTo('held@example.com');
      return found.state === 'sent' && found;
    });
    expect((await admin.client.get(`/platform/mails/${id}`)).body.data).toMatchObject({ link: null, text: null });
    expect((await admin.client.post(`/platform/mails/${id}/retry`)).status).toBe(409);
  });

  it('go out through the server of the installation for organizations without one', async () => {
    expect((await owner.client.put('/platform/settings/smtp', smtp())).status).toBe(403);
    await admin.client.put('/platform/settings/smtp', { ...smtp(), from: 'Everyone <all@example.com>' });
    expect((await owner.client.delete('/settings/smtp')).body.data).toMatchObject({ source: 'installation' });
    await causeMail(owner.organizationId, 'common@example.com');
    await until(() => mailServer.to('common@example.com').length > 0);
    expect(mailServer.to('common@example.com')[0]!.raw).toContain('From: Everyone <all@example.com>');
  });

  it('are given up at once when the recipient is refused for good, and can be sent again', async () => {
    mailServer.refuseWith = 550;
    await causeMail(owner.organizationId, 'nobody@example.com');
    const failed = await until(async () => {
      const mail = await mailTo('nobody@example.com');
      return mail?.state === 'failed' && mail;
    });
    expect(failed).toMatchObject({ attempts: 1, lastError: expect.stringContaining('550') });
    mailServer.refuseWith = undefined;
    expect((await admin.client.post(`/platform/mails/${failed.id}/retry`)).body.data.state).toBe('queued');
    await until(() => mailServer.to('nobody@example.com').length > 0);
  });

  it('are tried again when the server has a moment of weakness', async () => {
    mailServer.refuseWith = 451;
    await causeMail(owner.organizationId, 'later@example.com');
    const waiting = await until(async () => {
      const mail = await mailTo('later@example.com');
      return mail?.lastError && mail;
    });
    expect(waiting).toMatchObject({ state: 'queued', attempts: 1 });
    mailServer.refuseWith = undefined;
    // The pause before the next try is over.
    await db.query(`update mails set next_attempt_at = now() where recipient = 'later@example.com'`);
    db.wake('mails', waiting.id);
    await until(() => mailServer.to('later@example.com').length > 0);
  });

  it('never show a password, and give a stored one to no other server', async () => {
    // Without TLS a password is not sent, so this server is saved and not used.
    const withPassword = { ...smtp(), user: 'mailer', pass: 'secret' };
    expect((await owner.client.put('/settings/smtp', withPassword)).body.data.pass).toBe(MASK);
    const kept = await owner.client.put('/settings/smtp', {
      ...smtp(),
      user: 'mailer',
      pass: MASK,
      from: 'b@example.com',
    });
    expect(kept.body.data).toMatchObject({ pass: MASK, from: 'b@example.com' });
    const elsewhere = await owner.client.put('/settings/smtp', { ...smtp(), user: 'mailer', port: 2525 });
    expect([elsewhere.status, elsewhere.body.error.fields?.[0]?.path]).toEqual([400, 'pass']);
    const [row] = await db.query<{ text: string }>('select row_to_json(s)::text as text from organization_settings s');
    expect(row!.text).not.toContain('secret"');
    const test = await owner.client.post('/settings/smtp/test');
    expect(test.body.data).toEqual({ success: false, message: 'The mail server offers no TLS.' });
    await owner.client.delete('/settings/smtp');
  });

  it('can be tested, with a mail to oneself, before anything is saved', async () => {
    const test = await owner.client.post('/settings/smtp/test?sendTo=me@example.com', { candidate: smtp() });
    expect([test.status, test.body.data.success]).toEqual([200, true]);
    expect(mailServer.to('me@example.com')).toHaveLength(1);
    const nothing = await owner.client.post('/settings/smtp/test', { candidate: { ...smtp(), port: 1 } });
    expect(nothing.body.data).toEqual({ success: false, message: 'Nothing listens at this address and port.' });
  });

  it('are sent to no address inside', async () => {
    for (const host of ['169.254.169.254', '10.0.0.1', '::1', '0.0.0.0']) {
      const body = { ...smtp(), host };
      const answers = [
        await owner.client.put('/settings/smtp', body),
        await owner.client.post('/settings/smtp/test', { candidate: body }),
        await admin.client.put('/platform/settings/smtp', body),
      ];
      expect(answers.map(({ body: { error } }) => error?.code)).toEqual(Array(3).fill('URL_NOT_ALLOWED'));
    }
  });

  it('refuse settings that are none, and callers who may not', async () => {
    for (const wrong of [
      {},
      { ...smtp(), port: 0 },
      { ...smtp(), host: 'a b' },
      { ...smtp(), from: 'a\r\nBcc: b@c.de' },
    ]) {
      expect((await owner.client.put('/settings/smtp', wrong)).status).toBe(400);
    }
    expect((await viewer.get('/settings/smtp')).status).toBe(403);
    expect((await viewer.put('/settings/smtp', smtp())).status).toBe(403);
  });
});

describe('media', () => {
  let profileId: string;

  beforeAll(async () => {
    const { client } = owner;
    const workspaces = await client.get('/workspaces');
    const created = await client.post('/profiles', { workspaceId: workspaces.body.data[0].id, name: 'Shop' });
    profileId = created.body.data.id;
    await linkProfile(client, profileId, waypost.simulator, { number: '15550700001', name: 'Shop' });
  }, 60_000);

  async function sendFile(kind: 'image' | 'document', name: string): Promise<{ messageId: string; bytes: Buffer }> {
    const bytes = await readFile(`test/fixtures/media/${name}`);
    const base64 = bytes.toString('base64');
    const sent = await owner.client.post(`/messages/${kind}`, { profileId, to: friendNumber, base64, wait: 20 });
    expect(sent.body.data.status).toBe('sent');
    const arrived = await friend.expectMessage({ id: sent.body.data.waMessageId });
    expect((await arrived.downloadMedia()).equals(bytes)).toBe(true);
    return { messageId: sent.body.data.messageId, bytes };
  }

  async function fetchMedia(messageId: string): Promise<Buffer> {
    const { url } = (await owner.client.get(`/messages/${messageId}`)).body.data.content;
    const headers = { authorization: `Bearer ${owner.accessToken}` };
    return Buffer.from(await (await fetch(new URL(url, waypost.api.url), { headers })).arrayBuffer());
  }

  it('go to the bucket of the organization, come back from there, and stay where they are when it changes', async () => {
    expect((await owner.client.get('/settings/storage')).body.data).toMatchObject({
      source: 'environment',
      type: 'local',
    });
    const onDisk = await sendFile('image', 'photo.jpg');
    const saved = await owner.client.put('/settings/storage', bucket('first'));
    expect(saved.body.data).toEqual({
      ...bucket('first'),
      source: 'organization',
      s3Region: 'us-east-1',
      s3AccessKey: MASK,
      s3SecretKey: MASK,
    });
    const inFirst = await until(async () => {
      const sent = await sendFile('image', 'picture.png');
      return (await objectsIn('first')).length > 0 ? sent : null;
    });
    await owner.client.put('/settings/storage', bucket('second'));
    const inSecond = await until(async () => {
      const sent = await sendFile('document', 'picture.webp');
      return (await objectsIn('second')).length > 0 ? sent : null;
    });
    for (const { messageId, bytes } of [onDisk, inFirst, inSecond]) {
      expect((await fetchMedia(messageId)).equals(bytes)).toBe(true);
    }
    expect((await objectsIn('first')).every((key) => key.startsWith('media/'))).toBe(true);
  }, 60_000);

  it('that arrive go to the bucket too', async () => {
    const bytes = await readFile('test/fixtures/media/voice.ogg');
    const before = (await objectsIn('second')).length;
    const id = await friend.sendAudio('15550700001', bytes, { ptt: true });
    const messageId = await until(async () => {
      const { body } = await owner.client.get(`/messages/profile/${profileId}?limit=5`);
      const found = body.data.find((message: { waMessageId: string }) => message.waMessageId === id);
      return found?.content.url && found.id;
    });
    expect((await fetchMedia(messageId)).equals(bytes)).toBe(true);
    expect((await objectsIn('second')).length).toBe(before + 1);
  }, 30_000);

  it('go to the bucket of the installation for organizations without one', async () => {
    expect((await owner.client.put('/platform/settings/storage', bucket('common'))).status).toBe(403);
    const saved = await admin.client.put('/platform/settings/storage', bucket('common'));
    expect(saved.body.data).toMatchObject({ source: 'installation', s3Bucket: 'common' });
    const back = await owner.client.put('/settings/storage', { type: 'local' });
    expect(back.body.data).toMatchObject({ source: 'installation', s3Bucket: 'common' });
    expect((await admin.client.put('/platform/settings/storage', { type: 'local' })).body.data).toMatchObject({
      source: 'environment',
      type: 'local',
    });
  });

  it('are not sent to a bucket that cannot be written to', async () => {
    const missing = await owner.client.put('/settings/storage', bucket('missing-bucket'));
    expect([missing.status, missing.body.error.code]).toEqual([422, 'STORAGE_REFUSED']);
    const test = await owner.client.post('/settings/storage/test', { candidate: bucket('missing-bucket') });
    expect(test.body.data).toMatchObject({ success: false, bucketMissing: true, bucketCreated: false });
    const made = await owner.client.post('/settings/storage/test?createBucket=true', { candidate: bucket('made-now') });
    expect(made.body.data).toMatchObject({ success: true, bucketMissing: true, bucketCreated: true });
    expect((await owner.client.get('/settings/storage')).body.data).toMatchObject({ type: 'local' });
  });

  it('are sent to no address inside, and stored keys to no other bucket', async () => {
    for (const s3Endpoint of ['http://169.254.169.254', 'http://[::1]:9000', 'http://10.1.2.3', 'file:///etc']) {
      const body = { ...bucket('first'), s3Endpoint };
      const answers = [
        await owner.client.put('/settings/storage', body),
        await owner.client.post('/settings/storage/test', { candidate: body }),
      ];
      expect(answers.map(({ body: { error } }) => error?.code)).toEqual(Array(2).fill('URL_NOT_ALLOWED'));
    }
    await owner.client.put('/settings/storage', bucket('first'));
    const stolen = { ...bucket('second'), s3AccessKey: MASK, s3SecretKey: MASK };
    expect((await owner.client.put('/settings/storage', stolen)).status).toBe(400);
    const kept = { ...bucket('first'), s3AccessKey: undefined, s3SecretKey: MASK };
    expect((await owner.client.put('/settings/storage', kept)).status).toBe(200);
    await owner.client.put('/settings/storage', { type: 'local' });
  });

  it('refuse settings that are none, and callers who may not', async () => {
    for (const wrong of [{}, { type: 's3' }, { type: 'ftp' }, { ...bucket('A_B') }]) {
      expect((await owner.client.put('/settings/storage', wrong)).status).toBe(400);
    }
    for (const path of ['/settings/storage', '/settings/storage/test']) {
      expect((await viewer.send(path.endsWith('test') ? 'POST' : 'PUT', path, bucket('first'))).status).toBe(403);
    }
    expect((await viewer.get('/settings/storage')).status).toBe(403);
  });
});
