import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { newId, type OrganizationId } from '#contracts';
import { DiskStorage } from '#storage';
import { OutboundClient } from '../outbound/outbound-client.js';
import { MediaIntake } from './media-intake.js';
import { MediaPreparer } from './preparation/media-preparer.js';
import type { MediaForm } from './preparation/prepared-media.js';
import { Scratch } from './scratch.js';

const fixtures = 'test/fixtures/media';
const base64Of = async (name: string) => (await readFile(join(fixtures, name))).toString('base64');

const fail = () => Promise.reject(new Error('There are no uploads.'));
const owner = { organizationId: newId<OrganizationId>() };

describe('MediaIntake', () => {
  let dataDir: string;
  let storage: DiskStorage;
  let outbound: OutboundClient;
  let intake: MediaIntake;
  let server: Server;
  let origin: string;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'waypost-intake-'));
    storage = await DiskStorage.open(dataDir);
    outbound = OutboundClient.open({ allowedRanges: ['127.0.0.0/8'] });
    const preparer = await MediaPreparer.open({ atOnce: 2 });
    // No uploads here, room for all, and nobody scans: test/uploads.e2e-spec.ts has them.
    const known = { ofUpload: fail, ofLink: async () => null, assertRoom: async () => {}, scanned: async () => null };
    intake = new MediaIntake({ storage, outbound, preparer, scratch: await Scratch.open(dataDir), known });
    server = createServer(async (request, response) => {
      const name = request.url!.split('/').at(-1)!;
      if (name === 'endless.mp4') {
        response.write(await readFile(join(fixtures, 'clip.mp4')));
        const more = () =>
          response.write(Buffer.alloc(1_000_000)) ? setImmediate(more) : response.once('drain', more);
        return more();
      }
      const file = await readFile(join(fixtures, name)).catch(() => null);
      response.statusCode = file ? 200 : 404;
      response.setHeader('content-type', 'image/jpeg');
      response.end(file);
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    server.closeAllConnections();
    server.close();
    await outbound.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  it.each<[MediaForm, string, string]>([
    ['image', 'photo.jpg', 'image/jpeg'],
    ['image', 'picture.png', 'image/png'],
    ['video', 'clip.mp4', 'video/mp4'],
    ['video', 'clip.3gp', 'video/3gpp'],
    ['audio', 'voice.ogg', 'audio/ogg; codecs=opus'],
    ['audio', 'sound.mp3', 'audio/mpeg'],
    ['audio', 'sound.m4a', 'audio/x-m4a'],
    ['audio', 'sound.aac', 'audio/aac'],
    ['document', 'page.pdf', 'application/pdf'],
    ['document', 'letter.docx', 'application/vnd.openxmlformats-officedocument.wordprocessingml.document'],
    ['document', 'photo.jpg', 'image/jpeg'],
  ])('takes %s %s as %s, as it is, by base64 and by URL', async (form, name, mimeType) => {
    const original = await readFile(join(fixtures, name));
    const byBase64 = await intake.take(owner, { form, base64: await base64Of(name), fileName: name });
    expect(byBase64).toMatchObject({ mimeType, fileName: name, sizeBytes: original.length });
    expect((await buffer(await storage.open(byBase64.storageKey))).equals(original)).toBe(true);

    // The server says image/jpeg about everything; it is not believed.
    const byUrl = await intake.take(owner, { form, url: `${origin}/files/${name}` });
    expect(byUrl).toMatchObject({ mimeType, fileName: name, sha256: byBase64.sha256 });
    expect(byUrl.mediaId).not.toBe(byBase64.mediaId);
    expect(await readdir(join(dataDir, 'scratch'))).toEqual([]);
  });

  it.each<[MediaForm, string, string]>([
    ['image', 'picture.webp', 'image/jpeg'],
    ['image', 'animation.gif', 'image/jpeg'],
    ['video', 'clip.mov', 'video/mp4'],
    ['video', 'clip.webm', 'video/mp4'],
    ['gif', 'animation.gif', 'video/mp4'],
    ['round_video', 'clip.mp4', 'video/mp4'],
    ['audio', 'sound.wav', 'audio/mp4'],
    ['audio', 'audio-only.mp4', 'audio/mp4'],
    ['voice', 'sound.mp3', 'audio/ogg; codecs=opus'],
    ['sticker', 'animation.gif', 'image/webp'],
    ['sticker', 'photo.jpg', 'image/webp'],
  ])('makes a %s of %s: %s', async (form, name, mimeType) => {
    const taken = await intake.take(owner, { form, base64: await base64Of(name) });
    expect(taken.mimeType).toBe(mimeType);
    const bytes = await buffer(await storage.open(taken.storageKey));
    expect(bytes.length).toBe(taken.sizeBytes);
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(taken.sha256);
    // The same file is the same bytes again, so storage and WhatsApp have it once.
    expect((await intake.take(owner, { form, base64: await base64Of(name) })).sha256).toBe(taken.sha256);
  });

  it('knows what phones show before the file is loaded', async () => {
    const photo = await intake.take(owner, { form: 'image', base64: await base64Of('photo.jpg') });
    expect(photo.shown).toMatchObject({
      widthPx: expect.any(Number),
      heightPx: expect.any(Number),
      thumbnail: expect.stringMatching(/^\/9j\//),
    });
    const voice = await intake.take(owner, { form: 'voice', base64: await base64Of('voice.ogg') });
    expect(voice.shown).toEqual({ durationSeconds: expect.any(Number), waveform: expect.any(Array) });
  });

  it.each<[MediaForm, string]>([
    ['image', 'clip.mp4'],
    ['image', 'page.pdf'],
    ['image', 'sound.mp3'],
    ['video', 'photo.jpg'],
    ['video', 'voice.ogg'],
    ['audio', 'clip.webm'],
    ['audio', 'picture.png'],
    ['voice', 'clip.mp4'],
    ['sticker', 'page.pdf'],
    ['gif', 'photo.jpg'],
  ])('refuses as %s what is really %s, whatever the caller and the server say', async (form, name) => {
    const lie = { fileName: 'photo.jpg', mimeType: 'image/jpeg' };
    const refused = { code: 'MEDIA_TYPE_INVALID', status: 415 };
    await expect(intake.take(owner, { form, base64: await base64Of(name), ...lie })).rejects.toMatchObject(refused);
    await expect(intake.take(owner, { form, url: `${origin}/${name}`, ...lie })).rejects.toMatchObject(refused);
    expect(await readdir(join(dataDir, 'scratch'))).toEqual([]);
  });

  it('refuses a picture that is cut off, and keeps none of it', async () => {
    const whole = await readFile(join(fixtures, 'photo.jpg'));
    const base64 = whole.subarray(0, Math.floor(whole.length / 2)).toString('base64');
    await expect(intake.take(owner, { form: 'sticker', base64 })).rejects.toMatchObject({
      code: 'MEDIA_UNREADABLE',
      fields: [{ path: 'base64' }],
    });
    expect(await readdir(join(dataDir, 'media', 'incoming'))).toEqual([]);
  });

  it.each([
    ['a script', '#!/bin/sh\necho hello'],
    ['HTML', '<!doctype html><script>alert(1)</script>'],
    ['SVG', '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'],
    ['a JPEG header alone in text', 'JFIF'],
    ['nothing', ''],
  ])('refuses %s as an image', async (_, content) => {
    const base64 = `data:image/png;base64,${Buffer.from(content).toString('base64')}`;
    await expect(intake.take(owner, { form: 'image', base64 })).rejects.toMatchObject({ code: 'MEDIA_TYPE_INVALID' });
  });

  it.each([
    ['plain words', undefined, 'text/plain'],
    ['a,b\n1,2\n', 'text/csv', 'text/csv'],
    ['plain words', 'image/png', 'text/plain'],
    ['plain words', 'text/html; charset=utf-8', 'text/html'],
    ['plain words', 'nonsense', 'text/plain'],
    ['\0\u0001binary', undefined, 'application/octet-stream'],
    ['\0\u0001binary', 'application/x-own-format', 'application/x-own-format'],
  ])('names document content %j claimed as %s by %s', async (content, claimed, mimeType) => {
    const base64 = Buffer.from(content).toString('base64');
    await expect(intake.take(owner, { form: 'document', base64, mimeType: claimed })).resolves.toMatchObject({
      mimeType,
    });
  });

  it('takes base64 with a data URI, line breaks, or the URL-safe alphabet', async () => {
    const plain = await base64Of('photo.jpg');
    const original = await intake.take(owner, { form: 'image', base64: plain });
    const forms = [
      `data:image/jpeg;base64,${plain}`,
      `data:image/jpeg;name=x.jpg;base64,${plain}`,
      plain.replace(/.{76}/g, '$&\r\n'),
      plain.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', ''),
    ];
    for (const base64 of forms)
      expect((await intake.take(owner, { form: 'image', base64 })).sha256).toBe(original.sha256);
  });

  it.each(['not base64!', 'data:image/png,abc', 'data:image/png;base64', 'AAAAA', 'AA=A', `${'A'.repeat(70_000)}*`])(
    'says that %.30j is not base64',
    async (base64) => {
      await expect(intake.take(owner, { form: 'document', base64 })).rejects.toMatchObject({
        code: 'VALIDATION_ERROR',
        fields: [{ path: 'base64' }],
      });
    },
  );

  it('refuses what is too large, from base64 and from a URL that never ends, and keeps none of it', async () => {
    const jpeg = await readFile(join(fixtures, 'photo.jpg'));
    const large = Buffer.concat([jpeg, Buffer.alloc(16 * 1024 * 1024)]).toString('base64');
    const tooLarge = { code: 'MEDIA_TOO_LARGE', status: 413 };
    await expect(intake.take(owner, { form: 'image', base64: large })).rejects.toMatchObject({
      ...tooLarge,
      fields: [{ path: 'base64' }],
    });
    await expect(intake.take(owner, { form: 'video', url: `${origin}/endless.mp4` })).rejects.toMatchObject({
      ...tooLarge,
      fields: [{ path: 'url' }],
    });
    expect(await readdir(join(dataDir, 'media', 'incoming'))).toEqual([]);
  });

  it('wants exactly one source', async () => {
    const missing = { code: 'MEDIA_SOURCE_MISSING', status: 400 };
    await expect(intake.take(owner, { form: 'image' })).rejects.toMatchObject(missing);
    await expect(intake.take(owner, { form: 'image', url: origin, base64: 'AAAA' })).rejects.toMatchObject(missing);
  });

  it('says why a URL gave nothing, at the field', async () => {
    await expect(intake.take(owner, { form: 'image', url: `${origin}/missing.jpg` })).rejects.toMatchObject({
      code: 'MEDIA_FETCH_FAILED',
      fields: [{ path: 'url' }],
    });
    await expect(intake.take(owner, { form: 'image', url: 'http://10.0.0.1/x.jpg' })).rejects.toMatchObject({
      code: 'URL_NOT_ALLOWED',
      fields: [{ path: 'url' }],
    });
    await expect(intake.take(owner, { form: 'image', url: 'file:///etc/passwd' })).rejects.toMatchObject({
      code: 'URL_NOT_ALLOWED',
    });
  });
});
