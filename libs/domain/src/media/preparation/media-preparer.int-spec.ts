import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileTypeFromFile } from 'file-type';
import sharp from 'sharp';
import { examine } from '../ffmpeg/examine.js';
import { type Ffmpeg, findFfmpeg } from '../ffmpeg/find-ffmpeg.js';
import { MediaPreparer } from './media-preparer.js';
import type { MediaForm } from './prepared-media.js';

describe('media preparation', () => {
  let ffmpeg: Ffmpeg;
  let preparer: MediaPreparer;
  let without: MediaPreparer;
  let folder: string;

  beforeAll(async () => {
    ffmpeg = (await findFfmpeg(undefined))!;
    preparer = await MediaPreparer.open({ atOnce: 1 });
    without = await MediaPreparer.open({ ffmpegPath: '/no/such/program', atOnce: 1 });
  });
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'prepare-spec-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** Films and sounds to work on, drawn by ffmpeg itself. */
  function draw(name: string, ...args: string[]): string {
    const path = join(folder, name);
    execFileSync(ffmpeg.path, ['-hide_banner', '-loglevel', 'error', '-y', ...args, path]);
    return path;
  }
  const film = ['-f', 'lavfi', '-i', 'testsrc=size=320x200:rate=10:duration=2'];
  const tone = (seconds: number) => ['-f', 'lavfi', '-i', `sine=frequency=440:duration=${seconds}`];

  async function prepare(form: MediaForm, path: string, by: MediaPreparer = preparer) {
    const type = await fileTypeFromFile(path);
    const file = { path, mimeType: type?.mime ?? 'text/plain', sizeBytes: (await stat(path)).size };
    return by.prepare(form, file, folder);
  }

  it('a JPEG stays as it is, byte for byte, and is shown upright', async () => {
    const path = join(folder, 'in.jpg');
    await sharp({ create: { width: 300, height: 200, channels: 3, background: '#c33' } })
      .withMetadata({ orientation: 6 })
      .jpeg()
      .toFile(path);
    const prepared = await prepare('image', path);
    expect(prepared).toMatchObject({ path, mimeType: 'image/jpeg', facts: { widthPx: 200, heightPx: 300 } });
    const preview = await sharp(Buffer.from(prepared.facts.thumbnail!, 'base64')).metadata();
    expect(preview).toMatchObject({ format: 'jpeg', width: 48, height: 72 });
  });

  it('a WebP becomes a JPEG, which every phone shows', async () => {
    const path = join(folder, 'in.webp');
    await sharp({ create: { width: 64, height: 48, channels: 4, background: '#3c38' } })
      .webp()
      .toFile(path);
    const prepared = await prepare('image', path);
    expect(prepared).toMatchObject({ mimeType: 'image/jpeg', facts: { widthPx: 64, heightPx: 48 } });
    expect((await fileTypeFromFile(prepared.path))?.mime).toBe('image/jpeg');
  });

  it('a picture that is cut off says so', async () => {
    const path = join(folder, 'in.png');
    const whole = await sharp({ create: { width: 300, height: 300, channels: 3, background: '#123' } })
      .png()
      .toBuffer();
    await writeFile(path, whole.subarray(0, whole.length / 3));
    await expect(prepare('image', path)).rejects.toMatchObject({ code: 'MEDIA_UNREADABLE' });
  });

  it.each([
    ['mp3', ['-ac', '2']],
    ['wav', []],
    ['m4a', ['-c:a', 'aac']],
    ['ogg', ['-c:a', 'libopus', '-ac', '2']],
  ])('a voice note is Ogg Opus in mono, with 64 bars: from %s', async (extension, args) => {
    const prepared = await prepare('voice', draw(`in.${extension}`, ...tone(3), ...args));
    expect(prepared).toMatchObject({ mimeType: 'audio/ogg; codecs=opus', facts: { durationSeconds: 3 } });
    const heard = await examine(ffmpeg, { path: prepared.path, mimeType: 'audio/ogg' });
    expect(heard.audio).toEqual({ codec: 'opus', isMono: true });
    const { waveform } = prepared.facts;
    expect(waveform).toHaveLength(64);
    expect(Math.max(...waveform!)).toBe(100);
    expect(Math.min(...waveform!)).toBeGreaterThanOrEqual(0);
  });

  it('the bars follow the loudness', async () => {
    const path = draw('in.wav', ...tone(4), '-af', "volume='if(lt(t,2),0.1,1)':eval=frame");
    const { waveform } = (await prepare('voice', path)).facts;
    const mean = (bars: number[]) => bars.reduce((sum, bar) => sum + bar, 0) / bars.length;
    expect(mean(waveform!.slice(0, 30)) * 5).toBeLessThan(mean(waveform!.slice(34)));
  });

  it('audio that phones do not play becomes AAC, what they play stays', async () => {
    const wav = await prepare('audio', draw('in.wav', ...tone(2)));
    expect(wav).toMatchObject({ mimeType: 'audio/mp4', facts: { durationSeconds: 2 } });
    const path = draw('in.mp3', ...tone(2));
    expect(await prepare('audio', path)).toMatchObject({ path, mimeType: 'audio/mpeg', facts: { durationSeconds: 2 } });
  });

  it('a film has a preview, its size and how long it lasts', async () => {
    const path = draw('in.mp4', ...film, '-c:v', 'libx264', '-pix_fmt', 'yuv420p');
    const prepared = await prepare('video', path);
    expect(prepared).toMatchObject({
      path,
      mimeType: 'video/mp4',
      facts: { widthPx: 320, heightPx: 200, durationSeconds: 2 },
    });
    expect((await sharp(Buffer.from(prepared.facts.thumbnail!, 'base64')).metadata()).width).toBe(72);
  });

  it('a film that phones do not play is made one that they do', async () => {
    const prepared = await prepare('video', draw('in.webm', ...film, '-c:v', 'libvpx'));
    expect(prepared.mimeType).toBe('video/mp4');
    const made = await examine(ffmpeg, { path: prepared.path, mimeType: 'video/mp4' });
    expect(made.video).toMatchObject({ codec: 'h264', widthPx: 320, heightPx: 200 });
  });

  it.each(['gif', 'webp'])('what moves is sent as a film that plays by itself: from %s', async (extension) => {
    const gif = draw('in.gif', ...film);
    const path = join(folder, `moving.${extension}`);
    if (extension === 'gif') await writeFile(path, await readFile(gif));
    else await sharp(gif, { animated: true }).webp().toFile(path);
    const prepared = await prepare('gif', path);
    expect(prepared).toMatchObject({ mimeType: 'video/mp4', facts: { widthPx: 320, heightPx: 200 } });
  });

  it('a round video is the square in the middle', async () => {
    const prepared = await prepare('round_video', draw('in.mp4', ...film, '-c:v', 'libx264', '-pix_fmt', 'yuv420p'));
    expect(prepared.facts).toMatchObject({ widthPx: 480, heightPx: 480, durationSeconds: 2 });
  });

  it('a sticker is 512 pixels square, see-through around the picture, and small', async () => {
    const path = join(folder, 'in.png');
    const noise = { type: 'gaussian', mean: 128, sigma: 60 } as const;
    await sharp({ create: { width: 600, height: 300, channels: 3, background: '#36c', noise } })
      .png()
      .toFile(path);
    const prepared = await prepare('sticker', path);
    expect(prepared).toMatchObject({ mimeType: 'image/webp', isAnimated: false });
    expect(await sharp(prepared.path).metadata()).toMatchObject({ format: 'webp', width: 512, height: 512 });
    expect((await stat(prepared.path)).size).toBeLessThanOrEqual(100 * 1024);
    const corner = await sharp(prepared.path)
      .ensureAlpha()
      .extract({ left: 0, top: 0, width: 1, height: 1 })
      .raw()
      .toBuffer();
    expect(corner[3]).toBe(0);
  });

  it('an animated sticker goes on moving, within the size that WhatsApp takes', async () => {
    const gif = draw('in.gif', '-f', 'lavfi', '-i', 'mandelbrot=size=500x300:rate=12', '-t', '3');
    const prepared = await prepare('sticker', gif);
    expect(prepared).toMatchObject({ mimeType: 'image/webp', isAnimated: true });
    const made = await sharp(prepared.path, { animated: true }).metadata();
    expect(made).toMatchObject({ width: 512, pageHeight: 512, loop: 0 });
    expect(made.pages).toBeGreaterThan(5);
    const lastsMs = made.delay!.reduce((sum, delay) => sum + delay, 0);
    expect(lastsMs).toBeGreaterThan(2_700);
    expect(lastsMs).toBeLessThan(3_400);
    expect((await stat(prepared.path)).size).toBeLessThanOrEqual(500 * 1024);
  });

  it('says what to install where there is no ffmpeg, and takes what needs none', async () => {
    expect(without.conversions).toMatchObject({ ffmpeg: null, voice: false, gif: false, sticker: true });
    for (const [form, path] of [
      ['voice', draw('in.mp3', ...tone(1))],
      ['gif', draw('in.gif', ...film)],
      ['round_video', draw('in.mp4', ...film, '-c:v', 'libx264')],
    ] as const) {
      await expect(prepare(form, path, without)).rejects.toMatchObject({
        code: 'MEDIA_CONVERSION_UNAVAILABLE',
        message: expect.stringContaining('FFMPEG_PATH'),
      });
    }
    const ogg = await prepare('voice', draw('in.ogg', ...tone(2), '-c:a', 'libopus'), without);
    expect(ogg).toMatchObject({ mimeType: 'audio/ogg; codecs=opus', facts: { durationSeconds: 2 } });
    expect(ogg.facts.waveform).toBeUndefined();
  });

  it('a playlist that calls itself a film opens no file of this machine', async () => {
    const secret = join(folder, 'secret.wav');
    draw('secret.wav', ...tone(1));
    const path = join(folder, 'in.mp4');
    await writeFile(path, `#EXTM3U\n#EXTINF:1,\nfile://${secret}\n#EXT-X-ENDLIST\n`);
    const file = { path, mimeType: 'video/mp4', sizeBytes: 100 };
    await expect(preparer.prepare('video', file, folder)).rejects.toMatchObject({ code: 'MEDIA_UNREADABLE' });
    await expect(preparer.prepare('voice', file, folder)).rejects.toMatchObject({ code: 'MEDIA_UNREADABLE' });
  });

  it('ends the program when the caller gives up', async () => {
    const path = draw('in.wav', ...tone(600));
    const giveUp = new AbortController();
    const work = preparer.prepare('voice', { path, mimeType: 'audio/wav', sizeBytes: 1 }, folder, giveUp.signal);
    giveUp.abort(new Error('given up'));
    await expect(work).rejects.toThrow('given up');
  });
});
