import { getContentType, normalizeMessageContent, type proto } from '@whiskeysockets/baileys';
import type { MessageContent } from '#contracts';
import { audioFrom } from './audio.js';
import { documentFrom } from './document.js';
import { imageFrom } from './image.js';
import { downloadToken } from './media.js';
import { quotedIdFrom } from './quote.js';
import { stickerFrom } from './sticker.js';
import { textFrom } from './text.js';
import { videoFrom } from './video.js';

export interface TranslatedContent {
  content: MessageContent;
  quotedWaMessageId: string | null;
  download: Uint8Array | null;
  /** Of a message that can be voted on, answered or edited. */
  secret: Uint8Array | null;
}

/** Parts that are about other messages or about the session and say nothing by themselves. */
const carriesNothing = new Set<string | undefined>([undefined, 'protocolMessage', 'senderKeyDistributionMessage']);

/** What an end-to-end message says, in our words; null when it carries nothing of its own. */
export function contentFrom(message: proto.IMessage): TranslatedContent | null {
  const inner = normalizeMessageContent(message) ?? {};
  const type = getContentType(inner);
  if (carriesNothing.has(type)) return null;
  const { content, download } = translate(inner, type!);
  const secret = message.messageContextInfo?.messageSecret ?? inner.messageContextInfo?.messageSecret;
  return { content, download, quotedWaMessageId: quotedIdFrom(inner), secret: secret?.length ? secret : null };
}

function translate(message: proto.IMessage, type: string): { content: MessageContent; download: Uint8Array | null } {
  const text = textFrom(message);
  if (text) return { content: text, download: null };
  const { imageMessage, audioMessage, documentMessage, stickerMessage } = message;
  const video = message.videoMessage ?? message.ptvMessage;
  if (imageMessage) return { content: imageFrom(imageMessage), download: downloadToken('image', imageMessage) };
  if (video) return { content: videoFrom(video), download: downloadToken('video', video) };
  if (audioMessage) return { content: audioFrom(audioMessage), download: downloadToken('audio', audioMessage) };
  if (documentMessage) {
    return { content: documentFrom(documentMessage), download: downloadToken('document', documentMessage) };
  }
  if (stickerMessage) {
    return { content: stickerFrom(stickerMessage), download: downloadToken('sticker', stickerMessage) };
  }
  return { content: { kind: 'unsupported', type }, download: null };
}
