import type { proto } from '@whiskeysockets/baileys';
import type { OutgoingContent, QuotedMessage, SendableContent } from '../../content.js';
import { EngineError } from '../../engine.js';
import type { UploadedMedia } from '../media-upload.js';
import type { MediaUploads } from '../media-uploads.js';
import { audioProto } from './audio.js';
import { documentProto } from './document.js';
import { imageProto } from './image.js';
import { quoteContext } from './quote.js';
import { stickerProto } from './sticker.js';
import { textProto } from './text.js';
import { videoProto } from './video.js';

export interface MediaContext {
  uploads: Pick<MediaUploads, 'upload'>;
}

type Media = Extract<SendableContent, { kind: 'image' | 'video' | 'audio' | 'document' | 'sticker' }>;

/** Builds the end-to-end message. Its media is uploaded by stream, or was before. */
export async function buildProto(outgoing: OutgoingContent, { uploads }: MediaContext): Promise<proto.IMessage> {
  const { content, quoted, openMedia } = outgoing;
  if (content.kind === 'text') return textProto(content, quoted);
  if (!isPlainMedia(content)) throw notSupported(content.kind);
  const { sha256, mediaId } = content.media;
  const uploaded = await uploads.upload(content.kind, {
    sha256,
    open: async () => {
      if (!openMedia) throw new Error('the message has media, but no way to its bytes');
      return openMedia(mediaId);
    },
  });
  const message = mediaProto(content, uploaded);
  return quoted ? withQuote(message, quoted) : message;
}

const isPlainMedia = (content: SendableContent): content is Media =>
  ['image', 'video', 'audio', 'document', 'sticker'].includes(content.kind);

function mediaProto(content: Media, uploaded: UploadedMedia): proto.IMessage {
  switch (content.kind) {
    case 'image':
      return { imageMessage: imageProto(content, uploaded) };
    case 'video':
      return content.round
        ? { ptvMessage: videoProto(content, uploaded) }
        : { videoMessage: videoProto(content, uploaded) };
    case 'audio':
      return { audioMessage: audioProto(content, uploaded) };
    case 'document':
      return { documentMessage: documentProto(content, uploaded) };
    case 'sticker':
      return { stickerMessage: stickerProto(content, uploaded) };
  }
}

function withQuote(message: proto.IMessage, quoted: QuotedMessage): proto.IMessage {
  const [part] = Object.values(message) as { contextInfo?: proto.IContextInfo }[];
  if (part) part.contextInfo = quoteContext(quoted);
  return message;
}

const notSupported = (kind: string): EngineError =>
  new EngineError('not_supported', `This engine does not send ${kind} messages.`, {
    retryable: false,
    outcome: 'not_sent',
  });
