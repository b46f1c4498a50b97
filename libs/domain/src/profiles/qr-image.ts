import { toBuffer } from 'qrcode';

/** Pictures that are kept: several screens show the same one. */
const rememberedPictures = 100;
const pictures = new Map<string, Promise<string>>();

/** Grey and without PNG's row filters, which cost five times as much as all the rest and gain nothing here. */
const png = { colorType: 0, filterType: 0, deflateStrategy: 0 } as const;

/** A QR code as a PNG data URL, large enough for a phone's camera. Drawn once for all who ask for the same text. */
export function qrImage(text: string): Promise<string> {
  let picture = pictures.get(text);
  if (picture === undefined) {
    picture = draw(text);
    pictures.set(text, picture);
    if (pictures.size > rememberedPictures) pictures.delete(pictures.keys().next().value!);
  }
  return picture;
}

async function draw(text: string): Promise<string> {
  const file = await toBuffer(text, { errorCorrectionLevel: 'L', margin: 2, width: 400, rendererOpts: png });
  return `data:image/png;base64,${file.toString('base64')}`;
}
