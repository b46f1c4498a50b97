import sharp from 'sharp';

/** A JPEG of this side, with something on it. */
export function drawnImage(side: number, format: 'jpeg' | 'png' = 'jpeg'): Promise<Buffer> {
  const background = { r: 20, g: 120, b: 200 };
  return sharp({ create: { width: side, height: side, channels: 3, background } })
    .toFormat(format)
    .toBuffer();
}
