import { join } from 'node:path';
import sharp from 'sharp';
import { errors } from '#contracts';
import type { PreparedMedia, ScratchFile } from './prepared-media.js';
import { MOST_PIXELS, thumbnailOf } from './thumbnail.js';

/** What every phone shows as a picture. */
const asItIs = new Set(['image/jpeg', 'image/png']);
/** What is made into one. Not SVG: it is a program more than a picture, and may name other files. */
const readable = new Set([...asItIs, 'image/webp', 'image/gif', 'image/avif', 'image/tiff']);

export const isReadablePicture = (mimeType: string): boolean => readable.has(mimeType);

/** A picture: JPEG and PNG stay as they are, byte for byte; others become JPEG. */
export async function prepareImage(file: ScratchFile, folder: string): Promise<PreparedMedia> {
  return readingPicture(async () => {
    const isFine = asItIs.has(file.mimeType);
    const path = isFine ? file.path : join(folder, 'picture.jpg');
    if (!isFine) {
      await sharp(file.path, { limitInputPixels: MOST_PIXELS, pages: 1 })
        .rotate()
        .flatten({ background: '#ffffff' })
        .jpeg({ quality: 88, mozjpeg: true })
        .toFile(path);
    }
    const { autoOrient } = await sharp(path, { limitInputPixels: MOST_PIXELS }).metadata();
    return {
      path,
      mimeType: isFine ? file.mimeType : 'image/jpeg',
      facts: { widthPx: autoOrient.width, heightPx: autoOrient.height, thumbnail: await thumbnailOf(path) },
    };
  });
}

/** The library's failures on a picture are the picture's. @throws errors.mediaUnreadable */
export async function readingPicture<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOSPC' || code === 'EDQUOT') throw cause;
    throw errors.mediaUnreadable({ message: 'The picture cannot be read. It is damaged or too large.', cause });
  }
}
