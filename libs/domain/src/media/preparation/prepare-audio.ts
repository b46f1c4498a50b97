import { join } from 'node:path';
import { errors } from '#contracts';
import { type Examined, examine } from '../ffmpeg/examine.js';
import type { Ffmpeg } from '../ffmpeg/find-ffmpeg.js';
import { runFfmpeg } from '../ffmpeg/run-ffmpeg.js';
import { oggSeconds } from './ogg-duration.js';
import type { PreparedMedia, ScratchFile } from './prepared-media.js';
import { WAVEFORM_RATE, Waveform } from './waveform.js';

/** What phones play as audio. Anything else becomes AAC. */
const playable = new Set([
  'audio/mpeg',
  'audio/mp4',
  'audio/x-m4a',
  'audio/aac',
  'audio/amr',
  'audio/ogg',
  'audio/opus',
]);
const plain = (mimeType: string): string => mimeType.split(';')[0]!.trim();
/** Phones play voice notes of this form only. */
const VOICE_TYPE = 'audio/ogg; codecs=opus';

/** The same file gives the same bytes, so that it is stored and uploaded once: no random numbers, no names of versions. */
const alike = ['-map_metadata', '-1', '-fflags', '+bitexact', '-flags:a', '+bitexact'];

/** Slowest conversion that is waited for: a machine under load still does ten times the speed of sound. */
const timeoutMs = (sizeBytes: number): number => 60_000 + sizeBytes / 20;

/** Audio as a file that is played: as it is where phones play it, else as AAC. */
export async function prepareAudio(
  file: ScratchFile,
  folder: string,
  ffmpeg: Ffmpeg | null,
  signal?: AbortSignal,
): Promise<PreparedMedia> {
  const isFine = playable.has(plain(file.mimeType));
  if (!ffmpeg) {
    if (!isFine) throw withoutFfmpeg(`Audio of type ${file.mimeType} would have to be converted.`);
    return { path: file.path, mimeType: file.mimeType, facts: await toldByOgg(file) };
  }
  const { durationSeconds } = await soundOf(file, ffmpeg, signal);
  const facts = durationSeconds === null ? {} : { durationSeconds: Math.max(1, Math.round(durationSeconds)) };
  if (isFine) return { path: file.path, mimeType: file.mimeType, facts };
  const path = join(folder, 'audio.m4a');
  const output = [
    '-map',
    '0:a:0',
    '-vn',
    '-c:a',
    'aac',
    '-b:a',
    '128k',
    '-movflags',
    '+faststart',
    ...alike,
    '-f',
    'mp4',
    path,
  ];
  await runFfmpeg(ffmpeg, { input: file, output, timeoutMs: timeoutMs(file.sizeBytes), signal });
  return { path, mimeType: 'audio/mp4', facts };
}

/**
 * A voice note: Ogg Opus, mono, 48 kHz, with the 64 bars that WhatsApp draws. Without ffmpeg an Ogg Opus file is taken as
 * it is and has no bars.
 */
export async function prepareVoice(
  file: ScratchFile,
  folder: string,
  ffmpeg: Ffmpeg | null,
  signal?: AbortSignal,
): Promise<PreparedMedia> {
  const isOgg = /^audio\/(ogg|opus)$/.test(plain(file.mimeType)) || file.mimeType === VOICE_TYPE;
  if (!ffmpeg) {
    if (!isOgg) throw withoutFfmpeg('A voice note has to be Ogg Opus.');
    return { path: file.path, mimeType: VOICE_TYPE, facts: await toldByOgg(file) };
  }
  const { audio } = await soundOf(file, ffmpeg, signal);
  const isFine = isOgg && audio.codec === 'opus' && audio.isMono;
  const path = isFine ? file.path : join(folder, 'voice.ogg');
  const waveform = new Waveform();
  const sound = ['-map', '0:a:0', '-vn', '-ac', '1'];
  await runFfmpeg(ffmpeg, {
    input: file,
    output: [
      ...(isFine ? [] : [...sound, '-ar', '48000', '-c:a', 'libopus', '-b:a', '32k', ...alike, '-f', 'ogg', path]),
      ...[...sound, '-ar', String(WAVEFORM_RATE), '-c:a', 'pcm_s16le', '-f', 's16le', 'pipe:1'],
    ],
    timeoutMs: timeoutMs(file.sizeBytes),
    signal,
    onOutput: (chunk) => waveform.add(chunk),
  });
  if (waveform.durationSeconds === 0) throw errors.mediaUnreadable({ message: 'There is no sound in this file.' });
  return {
    path,
    mimeType: VOICE_TYPE,
    facts: { durationSeconds: Math.max(1, Math.round(waveform.durationSeconds)), waveform: waveform.bars() },
  };
}

type Sound = Examined & { audio: NonNullable<Examined['audio']> };

async function soundOf(file: ScratchFile, ffmpeg: Ffmpeg, signal?: AbortSignal): Promise<Sound> {
  const sound = await examine(ffmpeg, file, signal);
  // The cover of a record is a film too, for ffmpeg; but then the file does not call itself one.
  if (sound.video && file.mimeType.startsWith('video/')) {
    const message = `The content is ${file.mimeType}, a film. Send it as what it is, or as a document.`;
    throw errors.mediaTypeInvalid({ message });
  }
  if (!sound.audio) throw errors.mediaUnreadable({ message: 'There is no sound in this file, or it is damaged.' });
  return sound as Sound;
}

async function toldByOgg(file: ScratchFile): Promise<{ durationSeconds?: number }> {
  const seconds = /ogg|opus/.test(file.mimeType) ? await oggSeconds(file.path) : null;
  return seconds === null ? {} : { durationSeconds: Math.max(1, Math.round(seconds)) };
}

export function withoutFfmpeg(why: string) {
  const message = `${why} This installation has no ffmpeg: install it and set FFMPEG_PATH, or send the file as a document.`;
  return errors.mediaConversionUnavailable({ message });
}
