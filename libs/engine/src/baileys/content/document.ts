import type { proto } from '@whiskeysockets/baileys';
import type { MessageContent } from '#contracts';
import type { UploadedMedia } from '../media-upload.js';
import { mediaFacts, thumbnailBytes } from './media.js';
import { present } from './values.js';

type Document = Extract<MessageContent, { kind: 'document' }>;

export function documentFrom(document: proto.Message.IDocumentMessage): Document {
  return {
    kind: 'document',
    media: {
      ...mediaFacts(document, 'application/octet-stream'),
      ...present({ fileName: document.fileName || document.title, pageCount: document.pageCount }),
    },
    ...present({ caption: document.caption }),
  };
}

export function documentProto({ media, caption }: Document, uploaded: UploadedMedia): proto.Message.IDocumentMessage {
  return {
    ...uploaded,
    mimetype: media.mimeType,
    fileName: media.fileName ?? 'file',
    ...present({ caption, pageCount: media.pageCount, jpegThumbnail: thumbnailBytes(media) }),
  };
}
