import type { proto } from '@whiskeysockets/baileys';
import type { MessageContent } from '#contracts';
import type { UploadedMedia } from '../media-upload.js';
import { mediaFacts, thumbnailBytes } from './media.js';
import { present } from './values.js';

type Image = Extract<MessageContent, { kind: 'image' }>;

export function imageFrom(image: proto.Message.IImageMessage): Image {
  return {
    kind: 'image',
    media: { ...mediaFacts(image, 'image/jpeg'), ...present({ widthPx: image.width, heightPx: image.height }) },
    ...present({ caption: image.caption }),
  };
}

export function imageProto({ media, caption }: Image, uploaded: UploadedMedia): proto.Message.IImageMessage {
  return {
    ...uploaded,
    mimetype: media.mimeType,
    ...present({ caption, width: media.widthPx, height: media.heightPx, jpegThumbnail: thumbnailBytes(media) }),
  };
}
