import { whatsAppCapabilities } from '#engine';
import { kindOfForm, type MediaForm } from './preparation/prepared-media.js';

const MIB = 1024 * 1024;
/** Sound may come uncompressed and shrinks on its way. */
const largestSound = 64 * MIB;
const largestPicture = 16 * MIB;

/** Most bytes that are taken to be sent as this form. */
export function largestInput(form: MediaForm): number {
  const { maxBytes } = whatsAppCapabilities.media[kindOfForm[form]];
  if (form === 'audio' || form === 'voice') return Math.max(maxBytes, largestSound);
  return form === 'sticker' ? largestPicture : maxBytes;
}
