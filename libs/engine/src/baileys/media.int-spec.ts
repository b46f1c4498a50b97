import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import sharp from 'sharp';
import { Simulator } from '#simulator';
import { until } from '#testing';
import { userChat } from '../chat-address.js';
import { engineFor, messageId, TestProfile } from './test-profile.for-spec.js';

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

describe('media', () => {
  let simulator: Simulator;
  let profile: TestProfile;
  let lastContact = 15_550_006_000;

  const newContact = () => {
    lastContact += 1;
    return simulator.person(String(lastContact), { name: 'Mia' });
  };
  const facts = (bytes: Uint8Array, mimeType: string) => ({
    mediaId: 'm',
    mimeType,
    sizeBytes: bytes.length,
    sha256: sha256(bytes),
  });

  beforeAll(async () => {
    simulator = await Simulator.start();
    profile = await new TestProfile(engineFor(simulator), simulator, '15550006999').connect();
  });
  afterAll(async () => {
    await profile.connection.close();
    await simulator.stop();
  });

  it('an image goes out with a preview, and is uploaded once however often it is sent', async () => {
    const contact = newContact();
    const image = await sharp({ create: { width: 64, height: 48, channels: 3, background: '#c33' } })
      .png()
      .toBuffer();
    let opened = 0;
    const content = { kind: 'image', media: facts(image, 'image/png'), caption: 'red' } as const;
    const openMedia = async () => {
      opened += 1;
      return Readable.from([image]);
    };
    const waMessageId = messageId();
    await profile.connection.send(
      userChat({ phone: contact.number, lid: null }),
      { content, openMedia },
      { waMessageId },
    );
    const received = await contact.expectMessage({ id: waMessageId });
    expect(received.message.imageMessage).toMatchObject({ caption: 'red', width: 64, height: 48 });
    expect(received.message.imageMessage?.jpegThumbnail?.length).toBeGreaterThan(100);
    // Again after a restart, as after a crash between wire and record.
    await profile.connection.close();
    profile.reopen();
    await profile.connect();
    await profile.connection.send(
      userChat({ phone: contact.number, lid: null }),
      { content, openMedia },
      { waMessageId },
    );
    await simulator.settle();
    const [first, second] = contact.inbox().filter(({ id }) => id === waMessageId);
    expect(second?.message.imageMessage?.mediaKey).toEqual(first?.message.imageMessage?.mediaKey);
    expect(opened).toBe(1);
  });

  it.each([
    { kind: 'video', mimeType: 'video/mp4', more: { caption: 'look' } },
    { kind: 'audio', mimeType: 'audio/ogg; codecs=opus', more: { voice: true } },
    { kind: 'document', mimeType: 'application/pdf', more: {} },
  ] as const)('a $kind arrives as it was', async ({ kind, mimeType, more }) => {
    const contact = newContact();
    const bytes = randomBytes(200_000);
    const content = { kind, media: { ...facts(bytes, mimeType), fileName: 'file.bin' }, ...more } as never;
    const waMessageId = messageId();
    await profile.connection.send(
      userChat({ phone: contact.number, lid: null }),
      { content, openMedia: async () => Readable.from([bytes]) },
      { waMessageId },
    );
    const received = await contact.expectMessage({ id: waMessageId });
    expect(received.kind).toBe(kind);
    const part = received.message[`${kind}Message`];
    expect(Buffer.from(part?.fileSha256 ?? []).toString('hex')).toBe(sha256(bytes));
    expect(part?.mimetype).toBe(mimeType);
  });

  it('what a contact sends can be fetched, by stream, and is what it claims to be', async () => {
    const contact = newContact();
    const bytes = randomBytes(3_000_017);
    const id = await contact.sendDocument(profile.number, bytes, {
      fileName: 'offer.pdf',
      mimetype: 'application/pdf',
    });
    const message = await until(() => profile.sink.stored.get(id));
    expect(message.content).toEqual({
      kind: 'document',
      media: {
        mediaId: null,
        mimeType: 'application/pdf',
        sizeBytes: bytes.length,
        sha256: sha256(bytes),
        fileName: 'offer.pdf',
      },
    });
    const fetched = await buffer(await profile.connection.download(message.download!));
    expect(sha256(fetched)).toBe(sha256(bytes));
  });

  it.each([0, 1, 15, 16, 17, 4_096])('also of %i bytes', async (length) => {
    const contact = newContact();
    const bytes = randomBytes(length);
    const id = await contact.sendImage(profile.number, bytes);
    const message = await until(() => profile.sink.stored.get(id));
    expect(await buffer(await profile.connection.download(message.download!))).toEqual(bytes);
  });

  it('a file that is not the one the message names fails at its end', async () => {
    const contact = newContact();
    const id = await contact.sendImage(profile.number, randomBytes(50_000));
    const { download } = await until(() => profile.sink.stored.get(id));
    const recipe = JSON.parse(Buffer.from(download!).toString());
    const forged = Buffer.from(JSON.stringify({ ...recipe, sha256: randomBytes(32).toString('base64') }));
    await expect(buffer(await profile.connection.download(forged))).rejects.toMatchObject({ code: 'media_damaged' });
    const wrongKey = Buffer.from(JSON.stringify({ ...recipe, mediaKey: randomBytes(32).toString('base64') }));
    await expect(buffer(await profile.connection.download(wrongKey))).rejects.toMatchObject({ code: 'media_damaged' });
  });

  it('a media host that cannot be reached may be asked again', async () => {
    const contact = newContact();
    const id = await contact.sendImage(profile.number, randomBytes(100));
    const { download } = await until(() => profile.sink.stored.get(id));
    const recipe = JSON.parse(Buffer.from(download!).toString());
    const elsewhere = Buffer.from(JSON.stringify({ ...recipe, url: 'https://127.0.0.1:9/' }));
    await expect(profile.connection.download(elsewhere)).rejects.toMatchObject({
      code: 'media_unavailable',
      facts: { retryable: true },
    });
  });

  it('a file that WhatsApp no longer has says so', async () => {
    const contact = newContact();
    const id = await contact.sendImage(profile.number, randomBytes(100));
    const { download } = await until(() => profile.sink.stored.get(id));
    const recipe = JSON.parse(Buffer.from(download!).toString());
    const gone = Buffer.from(JSON.stringify({ ...recipe, directPath: '/v/gone' }));
    await expect(profile.connection.download(gone)).rejects.toMatchObject({
      code: 'media_expired',
      facts: { retryable: false },
    });
  });

  it('the authority of the sandbox is trusted for the engine only', async () => {
    const contact = newContact();
    const id = await contact.sendImage(profile.number, randomBytes(100));
    const { download } = await until(() => profile.sink.stored.get(id));
    const { url } = JSON.parse(Buffer.from(download!).toString());
    await expect(fetch(url)).rejects.toThrow('fetch failed');
  });
});
