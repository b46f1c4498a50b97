import { join } from 'node:path';
import sharp from 'sharp';
import { errors } from '#contracts';
import { type Examined, examine } from '../ffmpeg/examine.js';
import type { Ffmpeg } from '../ffmpeg/find-ffmpeg.js';
import { runFfmpeg } from '../ffmpeg/run-ffmpeg.js';
import { withoutFfmpeg } from './prepare-audio.js';
import { readingPicture } from './prepare-image.js';
import type { PreparedMedia, ScratchFile, ShownFacts } from './prepared-media.js';
import { MOST_PIXELS, thumbnailOf } from './thumbnail.js';

/** WhatsApp's own clients record a round video of a minute at most. */
const LONGEST_ROUND_SECONDS = 60;
const ROUND_EDGE_PX = 480;
/** A GIF that plays is small: WhatsApp's own are not wider either. */
const GIF_EDGE_PX = 640;
const FILM_EDGE_PX = 1280;

/** Phones play these containers with these codecs. */
const playableTypes = new Set(['video/mp4', 'video/3gpp']);
const playableCodecs = new Set(['h264', 'hevc', 'mpeg4', 'h263']);

/** H.264 that every phone decodes, and an index at the front so that it plays while it loads. */
const h264 = ['-c:v', 'libx264', '-preset', 'veryfast', '-crf', '24', '-pix_fmt', 'yuv420p', '-threads', '1'];
const mp4 = ['-movflags', '+faststart', '-map_metadata', '-1', '-f', 'mp4'];
const aac = ['-c:a', 'aac', '-b:a', '96k', '-ac', '2'];
/** Not larger than this, and even, as H.264 wants it. */
const within = (edge: number) =>
  `scale='trunc(min(1,${edge}/max(iw,ih))*iw/2)*2':'trunc(min(1,${edge}/max(iw,ih))*ih/2)*2'`;

const timeoutMs = (sizeBytes: number): number => 120_000 + sizeBytes / 50;

interface Means {
  folder: string;
  ffmpeg: Ffmpeg | null;
  signal?: AbortSignal;
}

/** A film: as it is where phones play it, else as MP4 with H.264. Without ffmpeg it has no preview and no duration. */
export async function prepareVideo(file: ScratchFile, means: Means): Promise<PreparedMedia> {
  const { ffmpeg } = means;
  if (!ffmpeg) {
    if (!playableTypes.has(file.mimeType)) throw withoutFfmpeg(`Films of type ${file.mimeType} have to be converted.`);
    return { path: file.path, mimeType: file.mimeType, facts: {} };
  }
  const film = await filmOf(file, ffmpeg, means.signal);
  const isFine = playableTypes.has(file.mimeType) && playableCodecs.has(film.video.codec);
  if (isFine) return { path: file.path, mimeType: file.mimeType, facts: await shown(file, film, ffmpeg, means) };
  return made(file, ['-vf', within(FILM_EDGE_PX), '-map', '0:v:0', '-map', '0:a:0?', ...h264, ...aac], ffmpeg, means);
}

/** Plays in a loop without sound: from a GIF, an animated WebP or a film. */
export async function prepareGif(file: ScratchFile, means: Means): Promise<PreparedMedia> {
  const { ffmpeg } = means;
  if (!ffmpeg) throw withoutFfmpeg('A GIF is sent as a film.');
  const source = file.mimeType === 'image/webp' ? await asGif(file, means.folder) : file;
  await filmOf(source, ffmpeg, means.signal);
  return made(source, ['-vf', within(GIF_EDGE_PX), '-map', '0:v:0', '-an', ...h264], ffmpeg, means);
}

/** A round video: the square in the middle of a film. */
export async function prepareRoundVideo(file: ScratchFile, means: Means): Promise<PreparedMedia> {
  const { ffmpeg } = means;
  if (!ffmpeg) throw withoutFfmpeg('A round video has to be cut square.');
  const { durationSeconds } = await filmOf(file, ffmpeg, means.signal);
  if ((durationSeconds ?? 0) > LONGEST_ROUND_SECONDS + 1) {
    throw errors.mediaTypeInvalid({ message: `A round video is at most ${LONGEST_ROUND_SECONDS} seconds long.` });
  }
  const square = `crop='min(iw,ih)':'min(iw,ih)',scale=${ROUND_EDGE_PX}:${ROUND_EDGE_PX},setsar=1`;
  return made(file, ['-vf', square, '-map', '0:v:0', '-map', '0:a:0?', ...h264, ...aac], ffmpeg, means);
}

type Film = Examined & { video: NonNullable<Examined['video']> };

async function filmOf(file: ScratchFile, ffmpeg: Ffmpeg, signal?: AbortSignal): Promise<Film> {
  const film = await examine(ffmpeg, file, signal);
  if (!film.video) throw errors.mediaUnreadable({ message: 'There is no film in this file, or it is damaged.' });
  return film as Film;
}

async function made(file: ScratchFile, output: string[], ffmpeg: Ffmpeg, means: Means): Promise<PreparedMedia> {
  const path = join(means.folder, 'film.mp4');
  const { signal } = means;
  await runFfmpeg(ffmpeg, {
    input: file,
    output: [...output, ...mp4, path],
    timeoutMs: timeoutMs(file.sizeBytes),
    signal,
  });
  const result = { ...file, path, mimeType: 'video/mp4' };
  const facts = await shown(result, await filmOf(result, ffmpeg, signal), ffmpeg, means);
  return { path, mimeType: result.mimeType, facts };
}

/** Its first picture, as a file in the folder. */
export async function frameOf(file: ScratchFile, means: Means & { ffmpeg: Ffmpeg }): Promise<string> {
  const frame = join(means.folder, 'frame.png');
  const output = ['-map', '0:v:0', '-frames:v', '1', '-vf', within(320), '-f', 'image2', frame];
  await runFfmpeg(means.ffmpeg, { input: file, output, timeoutMs: 30_000, signal: means.signal });
  return frame;
}

async function shown(file: ScratchFile, film: Film, ffmpeg: Ffmpeg, means: Means): Promise<ShownFacts> {
  const frame = await frameOf(file, { ...means, ffmpeg });
  const { widthPx, heightPx } = film.video;
  return {
    widthPx,
    heightPx,
    ...(film.durationSeconds === null ? {} : { durationSeconds: Math.max(1, Math.round(film.durationSeconds)) }),
    thumbnail: await thumbnailOf(frame),
  };
}

/** ffmpeg does not read animated WebP. */
function asGif(file: ScratchFile, folder: string): Promise<ScratchFile> {
  const path = join(folder, 'animation.gif');
  return readingPicture(async () => {
    await sharp(file.path, { animated: true, limitInputPixels: MOST_PIXELS }).gif().toFile(path);
    return { ...file, path, mimeType: 'image/gif' };
  });
}
