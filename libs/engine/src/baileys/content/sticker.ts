import type { proto } from '@whiskeysockets/baileys';
import type { MessageContent } from '#contracts';
import type { UploadedMedia } from '../media-upload.js';
import { mediaFacts } from './media.js';
import { present } from './values.js';

type Sticker = Extract<MessageContent, { kind: 'sticker' }>;

export function stickerFrom(sticker: proto.Message.IStickerMessage): Sticker {
  return {
    kind: 'sticker',
    media: { ...mediaFacts(sticker, 'image/webp'), ...present({ widthPx: sticker.width, heightPx: sticker.height }) },
    ...(sticker.isAnimated ? { animated: true as const } : {}),
  };
}

export function stickerProto({ media, animated }: Sticker, uploaded: UploadedMedia): proto.Message.IStickerMessage {
  return {
    ...uploaded,
    mimetype: media.mimeType,
    isAnimated: animated === true,
    ...present({ width: media.widthPx, height: media.heightPx }),
  };
}
