import type { Capabilities } from './engine.js';

const MIB = 1024 * 1024;

/**
 * Limits of WhatsApp's own clients: text 65,536 characters; image 16 MiB, video and audio 16 MiB through linked
 * devices' fast path (larger ones go as documents), documents 2 GiB of which we take 100 MiB by default.
 */
export const whatsAppCapabilities: Capabilities = {
  maxTextLength: 65_536,
  media: {
    image: { maxBytes: 16 * MIB, mimeTypes: ['image/jpeg', 'image/png', 'image/webp', 'image/gif'] },
    video: { maxBytes: 64 * MIB, mimeTypes: ['video/mp4', 'video/3gpp', 'video/quicktime', 'video/webm'] },
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
};
