import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Person } from '#simulator';
import { ApiClient, type ApiClient as Client, until } from '#testing';
import { Installation } from './installation.js';
import { linkProfile } from './link-profile.js';

/** Files through the whole product: prepared, uploaded once, fetched when wanted, and what becomes of those that do not come. */

const ownNumber = '15550520001';

let waypost: Installation;
let client: Client;
let accessToken: string;
let profileId: string;
let lastContact = 15_550_520_100;

const file = (name: string) => readFile(`test/fixtures/media/${name}`);
const newContact = (): Person => {
  lastContact += 1;
  return waypost.simulator.person(String(lastContact), { name: 'Mia' });
};
const get = (url: string, headers: Record<string, string> = {}) => fetch(new URL(url, waypost.api.url), { headers });
const own = () => ({ authorization: `Bearer ${accessToken}` });

interface Message {
  id: string;
  waMessageId: string;
  statusReason: string | null;
  content: { url: string | null; mediaState: string; mediaProblem?: string; actualType?: string; mimetype: string };
}

async function messageOf(waMessageId: string): Promise<Message | undefined> {
  const { body } = await client.get(`/messages/profile/${profileId}?limit=20`);
  return body.data.find((one: Message) => one.waMessageId === waMessageId);
}

const reached = (waMessageId: string, state: string) =>
  until(
    async () => {
      const message = await messageOf(waMessageId);
      return message?.content.mediaState === state ? message : undefined;
    },
    { withinMs: 40_000, what: `the file of ${waMessageId} to be ${state}` },
  );

/** Lets downloads that wait for their next try begin at once. */
const hurry = () => waypost.hurryDownloads();

beforeAll(async () => {
  waypost = await Installation.start();
  const registered = await ApiClient.register(waypost.api.url);
  ({ client, accessToken } = registered);
  const workspaces = await client.get('/workspaces');
  const created = await client.post('/profiles', { workspaceId: workspaces.body.data[0].id, name: 'Shop' });
  profileId = created.body.data.id;
  await linkProfile(client, profileId, waypost.simulator, { number: ownNumber, name: 'Shop' });
}, 60_000);

afterAll(async () => {
  await waypost.stop();
}, 60_000);

describe('sending', () => {
  it('a voice note of any audio arrives as one, with its bars', async () => {
    const contact = newContact();
    const base64 = (await file('sound.mp3')).toString('base64');
    const sent = await client.post('/messages/audio', { profileId, to: contact.number, base64, ptt: true, wait: 20 });
    expect(sent.body.data.status).toBe('sent');
    const { audioMessage } = (await contact.expectMessage({ id: sent.body.data.waMessageId })).message;
    expect(audioMessage).toMatchObject({ ptt: true, mimetype: 'audio/ogg; codecs=opus' });
    expect(audioMessage!.waveform).toHaveLength(64);
    expect(audioMessage!.seconds).toBeGreaterThan(0);
  });

  it('a picture has its preview and size on the other phone', async () => {
    const contact = newContact();
    const base64 = (await file('photo.jpg')).toString('base64');
    const sent = await client.post('/messages/image', { profileId, to: contact.number, base64, wait: 20 });
    const { imageMessage } = (await contact.expectMessage({ id: sent.body.data.waMessageId })).message;
    expect(imageMessage!.jpegThumbnail!.length).toBeGreaterThan(100);
    expect(imageMessage!.width).toBeGreaterThan(0);
  });

  it('one picture to many people is uploaded once', async () => {
    const contacts = Array.from({ length: 15 }, newContact);
    const before = waypost.simulator.stats['media.uploads'] ?? 0;
    const base64 = (await file('picture.png')).toString('base64');
    const sends = contacts.map((contact) =>
      client.post('/messages/image', { profileId, to: contact.number, base64, wait: 30 }),
    );
    for (const sent of await Promise.all(sends)) expect(sent.body.data.status).toBe('sent');
    expect(waypost.simulator.stats['media.uploads']! - before).toBe(1);
    for (const contact of contacts) {
      const arrived = await contact.expectMessage({});
      expect((await arrived.downloadMedia()).equals(await file('picture.png'))).toBe(true);
    }
  });
});

describe('a received file', () => {
  it('of which WhatsApp has no more is fetched from the phone', async () => {
    const contact = newContact();
    await client.put('/settings/media', { download: 'on_demand' });
    const bytes = await file('photo.jpg');
    const id = await contact.sendImage(ownNumber, bytes);
    const message = await reached(id, 'on_demand');
    contact.files.expire(id);
    await client.put('/settings/media', { download: 'on_arrival' });
    const answer = await get(message.content.url!, own());
    expect(Buffer.from(await answer.arrayBuffer()).equals(bytes)).toBe(true);
    await reached(id, 'stored');
  });

  it('that the phone does not have either is expired, in a sentence', async () => {
    const contact = newContact();
    const phone = waypost.simulator.person(ownNumber);
    phone.files.answer = 'not-found';
    await client.put('/settings/media', { download: 'on_demand' });
    const id = await contact.sendImage(ownNumber, await file('photo.jpg'));
    const message = await reached(id, 'on_demand');
    contact.files.expire(id);
    const answer = await get(message.content.url!, own());
    expect(answer.status).toBe(404);
    expect(await answer.json()).toMatchObject({
      error: { code: 'MEDIA_NOT_AVAILABLE', message: expect.stringContaining('Ask the sender') },
    });
    await client.put('/settings/media', { download: 'on_arrival' });
    expect(await reached(id, 'expired')).toMatchObject({
      statusReason: 'media_expired',
      content: { url: null, mediaProblem: expect.stringContaining('Ask the sender') },
    });
    phone.files.answer = 'upload';
  });

  it.each(['alter', 'cut'] as const)('that came damaged (%s) is given up as such after some tries', async (how) => {
    const contact = newContact();
    await client.put('/settings/media', { download: 'on_demand' });
    const id = await contact.sendImage(ownNumber, randomBytes(100_000));
    const message = await reached(id, 'on_demand');
    await contact.files.damage(id, how);
    await client.put('/settings/media', { download: 'on_arrival' });
    const asking = get(message.content.url!, own());
    const given = await until(
      async () => {
        await hurry();
        const now = await messageOf(id);
        return now?.content.mediaState === 'damaged' ? now : undefined;
      },
      { withinMs: 40_000, what: 'the file to be given up' },
    );
    expect(given).toMatchObject({ statusReason: 'media_damaged', content: { url: null } });
    expect((await asking).status).toBeGreaterThanOrEqual(400);
  });

  it('that is something else than its sender told is kept as what it is, and never run', async () => {
    const contact = newContact();
    const id = await contact.sendImage(ownNumber, Buffer.from('<html><script>alert(1)</script></html>'));
    const message = await reached(id, 'stored');
    expect(message.content.actualType).toBe('text/plain');
    const answer = await get(message.content.url!, own());
    expect(answer.headers.get('content-type')).toContain('text/plain');
    expect(answer.headers.get('content-disposition')).toMatch(/^attachment/);
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    expect(answer.headers.get('content-security-policy')).toContain('sandbox');
  });

  it('waits until somebody asks for it when it is larger than the organization wants', async () => {
    const contact = newContact();
    expect((await client.put('/settings/media', { maxBytes: 1000 })).body.data).toMatchObject({
      source: 'organization',
      download: 'on_arrival',
      maxBytes: 1000,
    });
    const small = await contact.sendImage(ownNumber, randomBytes(900));
    const large = await contact.sendImage(ownNumber, randomBytes(1100));
    await reached(small, 'stored');
    const message = await reached(large, 'on_demand');
    expect(message.content.mediaProblem).toContain('when somebody asks');
    expect((await get(message.content.url!, own())).status).toBe(200);
    await reached(large, 'stored');
    await client.put('/settings/media', { maxBytes: 100_000_000 });
  });

  it('is fetched as said for its profile, until that is taken back', async () => {
    const contact = newContact();
    const policy = `/profiles/${profileId}/media-settings`;
    expect((await client.put(policy, { kinds: ['audio'] })).body.data).toMatchObject({
      source: 'profile',
      kinds: ['audio'],
      maxBytes: 100_000_000,
    });
    await reached(await contact.sendImage(ownNumber, await file('photo.jpg')), 'on_demand');
    expect((await client.delete(policy)).body.data).toMatchObject({ source: 'organization' });
    await reached(await contact.sendImage(ownNumber, await file('picture.png')), 'stored');
  });
});

describe('a signed link', () => {
  let url: string;
  let bytes: Buffer;

  beforeAll(async () => {
    const contact = newContact();
    bytes = await file('photo.jpg');
    const id = await contact.sendImage(ownNumber, bytes);
    const { id: messageId } = await reached(id, 'stored');
    const { status, body } = await client.get(`/messages/${messageId}/media/link?expiresIn=60`);
    expect(status).toBe(200);
    url = new URL(body.data.url).pathname;
  });

  it('opens one file without credentials, also in parts', async () => {
    const whole = await get(url);
    expect(whole.status).toBe(200);
    expect(whole.headers.get('content-type')).toBe('image/jpeg');
    expect(Buffer.from(await whole.arrayBuffer()).equals(bytes)).toBe(true);
    const part = await get(url, { range: 'bytes=10-19' });
    expect(part.status).toBe(206);
    expect(Buffer.from(await part.arrayBuffer()).equals(bytes.subarray(10, 20))).toBe(true);
  });

  it('opens nothing when anything in it was changed, and nothing after its time', async () => {
    const [path, token] = [url.slice(0, url.lastIndexOf('/') + 1), url.slice(url.lastIndexOf('/') + 1)];
    const [mediaId, until, mac] = token.split('.');
    const others = [
      `${mediaId}.${Number(until) + 1000}.${mac}`,
      `${mediaId!.replace(/.$/, (last) => (last === '0' ? '1' : '0'))}.${until}.${mac}`,
      `${mediaId}.${until}.${mac!.slice(0, -2)}AA`,
      `${mediaId}.${Date.now() - 1}.${mac}`,
      'nonsense',
    ];
    for (const other of others) expect((await get(path + other)).status).toBe(404);
  });
});
