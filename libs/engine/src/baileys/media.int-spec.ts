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

  const picture = (background: string) =>
    sharp({ create: { width: 64, height: 48, channels: 3, background } })
      .png()
      .toBuffer();

  it('an image goes out with its preview, and is built once however often it is sent', async () => {
    const contact = newContact();
    const image = await picture('#c33');
    let opened = 0;
    const media = { ...facts(image, 'image/png'), widthPx: 64, heightPx: 48, thumbnail: image.toString('base64') };
    const content = { kind: 'image', media, caption: 'red' } as const;
    const openMedia = async () => {
      opened += 1;
      return Readable.from([image]);
    };
    const waMessageId = messageId();
    const to = userChat({ phone: contact.number, lid: null });
    await profile.connection.send(to, { content, openMedia }, { waMessageId });
    const received = await contact.expectMessage({ id: waMessageId });
    expect(received.message.imageMessage).toMatchObject({ caption: 'red', width: 64, height: 48 });
    expect(Buffer.from(received.message.imageMessage!.jpegThumbnail!).equals(image)).toBe(true);
    expect((await received.downloadMedia()).equals(image)).toBe(true);
    // Again after a restart, as after a crash between wire and record.
    await profile.connection.close();
    profile.reopen();
    await profile.connect();
    await profile.connection.send(to, { content, openMedia }, { waMessageId });
    await simulator.settle();
    const [first, second] = contact.inbox().filter(({ id }) => id === waMessageId);
    expect(second?.message.imageMessage?.mediaKey).toEqual(first?.message.imageMessage?.mediaKey);
    expect(opened).toBe(1);
  });

  it('a file for many people is uploaded once, also by those who send it at the same time and after a restart', async () => {
    const image = await picture('#3c3');
    const contacts = Array.from({ length: 12 }, newContact);
    const before = simulator.stats['media.uploads'] ?? 0;
    const send = async (contact: (typeof contacts)[number]) => {
      const content = { kind: 'image', media: facts(image, 'image/png') } as const;
      const to = userChat({ phone: contact.number, lid: null });
      const outgoing = { content, openMedia: async () => Readable.from([image]) };
      await profile.connection.send(to, outgoing, { waMessageId: messageId() });
    };
    await Promise.all(contacts.slice(0, 10).map(send));
    await profile.connection.close();
    profile.reopen();
    await profile.connect();
    await Promise.all(contacts.slice(10).map(send));
    expect(simulator.stats['media.uploads']! - before).toBe(1);
    for (const contact of contacts) {
      const received = await contact.expectMessage({});
      expect((await received.downloadMedia()).equals(image)).toBe(true);
    }
  });

  it('uploads anew when the time of the earlier upload is over', async () => {
    const image = await picture('#cc3');
    const [first, second] = [newContact(), newContact()];
    const send = (contact: typeof first) =>
      profile.connection.send(
        userChat({ phone: contact.number, lid: null }),
        { content: { kind: 'image', media: facts(image, 'image/png') }, openMedia: async () => Readable.from([image]) },
        { waMessageId: messageId() },
      );
    await send(first);
    for (const upload of profile.store.uploads.values()) upload.expiresAt = new Date(0);
    await profile.connection.close();
    profile.reopen();
    await profile.connect();
    await send(second);
    const [one, two] = [await first.expectMessage({}), await second.expectMessage({})];
    expect(one.message.imageMessage!.mediaKey).not.toEqual(two.message.imageMessage!.mediaKey);
  });

  it('a token for uploads that is no good any more is asked for again', async () => {
    const contact = newContact();
    const send = async (bytes: Buffer) => {
      const content = { kind: 'document', media: facts(bytes, 'application/pdf') } as const;
      const outgoing = { content, openMedia: async () => Readable.from([bytes]) };
      const waMessageId = messageId();
      await profile.connection.send(userChat({ phone: contact.number, lid: null }), outgoing, { waMessageId });
      return (await contact.expectMessage({ id: waMessageId })).downloadMedia();
    };
    await send(randomBytes(100));
    simulator.revokeUploads();
    const bytes = randomBytes(5_000_000);
    expect((await send(bytes)).equals(bytes)).toBe(true);
  });

  it('a file that cannot be read has certainly not been sent', async () => {
    const contact = newContact();
    const content = { kind: 'image', media: facts(randomBytes(10), 'image/png') } as const;
    const openMedia = async () => {
      throw new Error('the storage is down');
    };
    await expect(
      profile.connection.send(
        userChat({ phone: contact.number, lid: null }),
        { content, openMedia },
        { waMessageId: messageId() },
      ),
    ).rejects.toMatchObject({ code: 'media_unreadable', facts: { retryable: true, outcome: 'not_sent' } });
    expect(contact.inbox()).toEqual([]);
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

  it.each(['alter', 'cut', 'empty'] as const)('a file that came otherwise than it was sent (%s) fails', async (how) => {
    const contact = newContact();
    const id = await contact.sendImage(profile.number, randomBytes(200_000));
    const { download } = await until(() => profile.sink.stored.get(id));
    await contact.files.damage(id, how);
    const reading = (async () => buffer(await profile.connection.download(download!)))();
    await expect(reading).rejects.toMatchObject({ code: 'media_damaged' });
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

  describe('of which WhatsApp no longer has the file', () => {
    async function expired(bytes: Buffer) {
      const contact = newContact();
      const id = await contact.sendImage(profile.number, bytes);
      const { download, chat, author, fromMe } = await until(() => profile.sink.stored.get(id));
      contact.files.expire(id);
      await expect(profile.connection.download(download!)).rejects.toMatchObject({ code: 'media_expired' });
      const phone = simulator.person(profile.number);
      const renew = () => profile.connection.renewMedia(download!, chat, { waMessageId: id, fromMe, author });
      return { phone, renew };
    }

    it('the phone uploads it again', async () => {
      const bytes = randomBytes(70_000);
      const { renew } = await expired(bytes);
      const renewed = await renew();
      expect((await buffer(await profile.connection.download(renewed))).equals(bytes)).toBe(true);
    });

    it('says that it is gone for good when the phone does not have it either', async () => {
      const { phone, renew } = await expired(randomBytes(100));
      phone.files.answer = 'not-found';
      await expect(renew()).rejects.toMatchObject({ code: 'media_expired', facts: { retryable: false } });
      phone.files.answer = 'upload';
    });

    it('may be asked again when the phone fails', async () => {
      const { phone, renew } = await expired(randomBytes(100));
      phone.files.answer = 'error';
      await expect(renew()).rejects.toMatchObject({ code: 'media_unavailable', facts: { retryable: true } });
      phone.files.answer = 'upload';
      await renew();
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
