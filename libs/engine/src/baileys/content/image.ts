import type { Readable } from 'node:stream';
import type { proto } from '@whiskeysockets/baileys';
import type { MessageContent } from '#contracts';
import { mediaFacts, present } from './media.js';

type Image = Extract<MessageContent, { kind: 'image' }>;

export function imageFrom(image: proto.Message.IImageMessage): Image {
  return {
    kind: 'image',
    media: { ...mediaFacts(image, 'image/jpeg'), ...present({ widthPx: image.width, heightPx: image.height }) },
    ...present({ caption: image.caption }),
  };
}

export function imageToBaileys({ media, caption }: Image, stream: Readable) {
  return {
    image: { stream },
    mimetype: media.mimeType,
    ...present({ caption, width: media.widthPx, height: media.heightPx }),
  };
}
