import { toDataURL } from 'qrcode';

/** A QR code's text as a PNG data URL, large enough for any phone's camera. */
export function qrImage(text: string): Promise<string> {
  return toDataURL(text, { errorCorrectionLevel: 'L', margin: 2, width: 400 });
}
