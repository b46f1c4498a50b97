import sharp from 'sharp';

/** Edge of the picture that phones show before the file is loaded, pixels: that of WhatsApp's own clients. */
const EDGE_PX = 72;
/** More pixels than any camera makes: what claims more is a bomb. */
export const MOST_PIXELS = 120_000_000;

/** A small JPEG of a picture, base64. */
export async function thumbnailOf(picture: string | Buffer): Promise<string> {
  return (await reduced(picture, { edgePx: EDGE_PX, quality: 60 })).toString('base64');
}

/** A JPEG of a picture that fits into a square of so many pixels. */
export async function reduced(
  picture: string | Buffer,
  { edgePx, quality }: { edgePx: number; quality: number },
): Promise<Buffer> {
  return sharp(picture, { limitInputPixels: MOST_PIXELS, pages: 1 })
    .rotate()
    .resize(edgePx, edgePx, { fit: 'inside', withoutEnlargement: true })
    .flatten({ background: '#ffffff' })
    .jpeg({ quality })
    .toBuffer();
}
