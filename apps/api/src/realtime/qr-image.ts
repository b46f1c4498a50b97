import { toDataURL } from 'qrcode';

/** A QR code as a PNG data URL, of the size that the older product's clients show. */
export function qrImage(text: string): Promise<string> {
  return toDataURL(text, { width: 256, margin: 2 });
}
