import type { Readable } from 'node:stream';
import {
  type AnyMediaMessageContent,
  prepareWAMessageMedia,
  type proto,
  type SocketConfig,
  type WAMediaUploadFunction,
} from '@whiskeysockets/baileys';
import type { OutgoingContent, QuotedMessage, SendableContent } from '../../content.js';
import { EngineError } from '../../engine.js';
import { audioToBaileys } from './audio.js';
import { documentToBaileys } from './document.js';
import { imageToBaileys } from './image.js';
import { quoteContext } from './quote.js';
import { textProto } from './text.js';
import { videoToBaileys } from './video.js';

export interface MediaContext {
  upload: WAMediaUploadFunction;
  logger: SocketConfig['logger'];
}

type Media = Extract<SendableContent, { kind: 'image' | 'video' | 'audio' | 'document' }>;

/** Gives up on an upload host that says nothing for so long. */
const uploadTimeoutMs = 60_000;

/** Builds the end-to-end message. Media is encrypted to a temporary file and uploaded from there, by stream. */
export async function buildProto(outgoing: OutgoingContent, context: MediaContext): Promise<proto.IMessage> {
  const { content, quoted, openMedia } = outgoing;
  if (content.kind === 'text') return textProto(content, quoted);
  if (!isPlainMedia(content)) throw notSupported(content.kind);
  const stream = await opened(openMedia, content);
  try {
    const message = await prepareWAMessageMedia(toBaileys(content, stream), {
      ...context,
      mediaUploadTimeoutMs: uploadTimeoutMs,
    });
    return quoted ? withQuote(message, quoted) : message;
  } catch (cause) {
    throw notSent('media_upload_failed', 'The media could not be uploaded.', cause);
  } finally {
    stream.destroy();
  }
}

const isPlainMedia = (content: SendableContent): content is Media =>
  ['image', 'video', 'audio', 'document'].includes(content.kind);

function toBaileys(content: Media, stream: Readable): AnyMediaMessageContent {
  switch (content.kind) {
    case 'image':
      return imageToBaileys(content, stream);
    case 'video':
      return videoToBaileys(content, stream);
    case 'audio':
      return audioToBaileys(content, stream);
    case 'document':
      return documentToBaileys(content, stream);
  }
}

function withQuote(message: proto.IMessage, quoted: QuotedMessage): proto.IMessage {
  const part = message.imageMessage ?? message.videoMessage ?? message.audioMessage ?? message.documentMessage;
  if (part) part.contextInfo = quoteContext(quoted);
  return message;
}

async function opened(openMedia: OutgoingContent['openMedia'], { media }: Media): Promise<Readable> {
  try {
    if (!openMedia) throw new Error('the message has media, but no way to its bytes');
    return await openMedia(media.mediaId);
  } catch (cause) {
    throw notSent('media_unreadable', 'The media of the message cannot be read.', cause);
  }
}

const notSent = (code: string, message: string, cause: unknown): EngineError =>
  new EngineError(code, message, { retryable: true, outcome: 'not_sent', cause });

const notSupported = (kind: string): EngineError =>
  new EngineError('not_supported', `This engine does not send ${kind} messages.`, {
    retryable: false,
    outcome: 'not_sent',
  });
