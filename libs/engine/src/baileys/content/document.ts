import type { Readable } from 'node:stream';
import type { proto } from '@whiskeysockets/baileys';
import type { MessageContent } from '#contracts';
import { mediaFacts, present } from './media.js';

type Document = Extract<MessageContent, { kind: 'document' }>;

export function documentFrom(document: proto.Message.IDocumentMessage): Document {
  return {
    kind: 'document',
    media: {
      ...mediaFacts(document, 'application/octet-stream'),
      ...present({ fileName: document.fileName || document.title }),
    },
    ...present({ caption: document.caption }),
  };
}

export function documentToBaileys({ media, caption }: Document, stream: Readable) {
  return {
    document: { stream },
    mimetype: media.mimeType,
    fileName: media.fileName ?? 'file',
    ...present({ caption }),
  };
}
