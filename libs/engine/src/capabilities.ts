import { whatsAppContent } from './content-capabilities.js';
import type { Capabilities } from './engine.js';

const MIB = 1024 * 1024;

/** 100 MB as the encrypted file has it too: hosts count the padding and the authentication code. */
const largestVideo = 100_000_000;

/**
 * Limits of WhatsApp's own clients: text 65,536 characters; pictures and sound 16 MiB, films 100 MB, documents 2 GB
 * (faq.whatsapp.com, "How to send media"), of which we take 100 MiB. Stickers: github.com/WhatsApp/stickers.
 */
export const whatsAppCapabilities: Capabilities = {
  maxTextLength: 65_536,
  media: {
    image: { maxBytes: 16 * MIB, mimeTypes: ['image/jpeg', 'image/png', 'image/webp', 'image/gif'] },
    video: { maxBytes: largestVideo, mimeTypes: ['video/mp4', 'video/3gpp', 'video/quicktime', 'video/webm'] },
    audio: {
      maxBytes: 16 * MIB,
      mimeTypes: [
        'audio/ogg',
        'audio/opus',
        'audio/mpeg',
        'audio/mp4',
        'audio/x-m4a',
        'audio/aac',
        'audio/amr',
        'audio/wav',
        'audio/vnd.wave',
      ],
    },
    document: { maxBytes: 100 * MIB, mimeTypes: 'any' },
    sticker: { maxBytes: MIB, mimeTypes: ['image/webp'] },
  },
  content: whatsAppContent,
};
