import sharp from 'sharp';
import { EngineError } from '../engine.js';

/** WhatsApp shows pictures of people, groups and newsletters as squares of this size (Baileys, `generateProfilePicture`). */
const edgePx = 640;
/** Larger ones are not worth their memory. */
const maxPixels = 50_000_000;

/** Any image as the JPEG that WhatsApp takes as a picture. @throws EngineError `refused_as_invalid` when it is none */
export async function pictureImage(image: Uint8Array): Promise<Buffer> {
  try {
    return await sharp(image, { limitInputPixels: maxPixels })
      .rotate()
      .resize(edgePx, edgePx, { fit: 'cover' })
      .flatten({ background: '#fff' })
      .jpeg({ quality: 80 })
      .toBuffer();
  } catch (cause) {
    const facts = { retryable: false, outcome: 'not_sent', cause } as const;
    throw new EngineError('refused_as_invalid', 'This is not an image that can be read.', facts);
  }
}
