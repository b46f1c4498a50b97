import { toDataURL } from 'qrcode';

/** Pictures that are kept: drawing one takes a hundred times longer than handing it out. */
const rememberedPictures = 100;
const pictures = new Map<string, Promise<string>>();

/** A QR code as a PNG data URL, large enough for a phone's camera. Drawn once for all who ask for the same text. */
export function qrImage(text: string): Promise<string> {
  let picture = pictures.get(text);
  if (picture === undefined) {
    picture = toDataURL(text, { errorCorrectionLevel: 'L', margin: 2, width: 400 });
    pictures.set(text, picture);
    if (pictures.size > rememberedPictures) pictures.delete(pictures.keys().next().value!);
  }
  return picture;
}
