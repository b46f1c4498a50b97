import sharp from 'sharp';

/** Edge of the picture that phones show before the file is loaded, pixels: that of WhatsApp's own clients. */
const EDGE_PX = 72;
/** More pixels than any camera makes: what claims more is a bomb. */
export const MOST_PIXELS = 120_000_000;

/** A small JPEG of a picture, base64. */
export async function thumbnailOf(picture: string | Buffer): Promise<string> {
  const { data } = await sharp(picture, { limitInputPixels: MOST_PIXELS, pages: 1 })
    .rotate()
    .resize(EDGE_PX, EDGE_PX, { fit: 'inside', withoutEnlargement: true })
    .flatten({ background: '#ffffff' })
    .jpeg({ quality: 60 })
    .toBuffer({ resolveWithObject: true });
  return data.toString('base64');
}
