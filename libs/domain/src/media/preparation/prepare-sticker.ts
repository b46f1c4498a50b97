import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { errors } from '#contracts';
import { readingPicture } from './prepare-image.js';
import type { PreparedMedia, ScratchFile } from './prepared-media.js';
import { MOST_PIXELS } from './thumbnail.js';

/** WhatsApp's rules for stickers (github.com/WhatsApp/stickers): 512 × 512, WebP, 100 KB still, 500 KB animated, 10 s. */
const EDGE_PX = 512;
const STILL_BYTES = 100 * 1024;
const ANIMATED_BYTES = 500 * 1024;
const LONGEST_MS = 10_000;
const SHORTEST_FRAME_MS = 8;
/** Tried one after another until the file is small enough. */
const qualities = [80, 60, 40, 20, 8];
/** Every so many frames are kept, when quality alone does not do it. */
const steps = [1, 2, 3, 5];
/** Frames that are taken into memory, a megabyte each at most. */
const MOST_FRAMES = 80;

const transparent = { r: 0, g: 0, b: 0, alpha: 0 };

/** A sticker of any picture, shown whole on a transparent square; what moves goes on moving. */
export async function prepareSticker(file: ScratchFile, folder: string): Promise<PreparedMedia> {
  return readingPicture(async () => {
    const { pages = 1, width, pageHeight, height, delay = [] } = await opened(file.path, true).metadata();
    const isAnimated = pages > 1;
    const most = isAnimated ? ANIMATED_BYTES : STILL_BYTES;
    const isFine =
      file.mimeType === 'image/webp' &&
      width === EDGE_PX &&
      (pageHeight ?? height) === EDGE_PX &&
      file.sizeBytes <= most;
    const path = isFine ? file.path : join(folder, 'sticker.webp');
    if (!isFine) {
      await writeFile(path, isAnimated ? await animated(file.path, pages, delay) : await still(file.path));
      if ((await stat(path)).size > 2 * most)
        throw errors.mediaUnreadable({ message: 'The sticker cannot be made small enough.' });
    }
    return { path, mimeType: 'image/webp', facts: { widthPx: EDGE_PX, heightPx: EDGE_PX }, isAnimated };
  });
}

const opened = (path: string, animated: boolean): Sharp => sharp(path, { limitInputPixels: MOST_PIXELS, animated });

const squared = (picture: Sharp): Sharp =>
  picture.ensureAlpha().resize(EDGE_PX, EDGE_PX, { fit: 'contain', background: transparent });

async function still(path: string): Promise<Buffer> {
  const { data, info } = await squared(opened(path, false).rotate()).raw().toBuffer({ resolveWithObject: true });
  const raw = { width: info.width, height: info.height, channels: info.channels };
  return smallest(STILL_BYTES, [1], (quality) => sharp(data, { raw }).webp({ quality, effort: 4 }).toBuffer());
}

/** Frame by frame: libraries that resize the strip of frames as one picture let them run into each other. */
async function animated(path: string, pages: number, delays: number[]): Promise<Buffer> {
  const frames: Buffer[] = [];
  const shown: number[] = [];
  let ms = 0;
  // Long ones are thinned out before anything is decoded.
  const stride = Math.ceil(pages / MOST_FRAMES);
  for (let page = 0; page < pages && ms < LONGEST_MS; page += stride) {
    const frame = sharp(path, { limitInputPixels: MOST_PIXELS, page });
    frames.push(await squared(frame).png({ compressionLevel: 1 }).toBuffer());
    const sum = delays.slice(page, page + stride).reduce((total, each) => total + Math.max(each, SHORTEST_FRAME_MS), 0);
    shown.push(sum || 100 * stride);
    ms += shown.at(-1)!;
  }
  return smallest(ANIMATED_BYTES, steps, (quality, step) => {
    const kept = frames.filter((_, index) => index % step === 0);
    const delay = kept.map((_, index) => shown.slice(index * step, (index + 1) * step).reduce((a, b) => a + b, 0));
    // One frame alone is a still picture: two are needed to move.
    return sharp(kept.length > 1 ? kept : frames.slice(0, 2), { join: { animated: true } })
      .webp({ quality, effort: 3, loop: 0, delay: kept.length > 1 ? delay : shown.slice(0, 2) })
      .toBuffer();
  });
}

/** The best that is within the limit, or the smallest there is. */
async function smallest(
  most: number,
  steps: number[],
  make: (quality: number, step: number) => Promise<Buffer>,
): Promise<Buffer> {
  let best: Buffer | undefined;
  for (const step of steps) {
    for (const quality of step === 1 ? qualities : qualities.slice(-2)) {
      const made = await make(quality, step);
      if (made.length <= most) return made;
      if (!best || made.length < best.length) best = made;
    }
  }
  return best!;
}
