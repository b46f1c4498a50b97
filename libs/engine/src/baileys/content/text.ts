import type { proto } from '@whiskeysockets/baileys';
import type { LinkPreview, MessageContent } from '#contracts';
import { encoded, present } from './values.js';

type Text = Extract<MessageContent, { kind: 'text' }>;

const opaque = 0xff;

export function textFrom(message: proto.IMessage): Text | null {
  if (message.conversation) return { kind: 'text', text: message.conversation };
  const { extendedTextMessage } = message;
  if (!extendedTextMessage?.text) return null;
  const { text, backgroundArgb, font } = extendedTextMessage;
  const preview = previewFrom(extendedTextMessage);
  return {
    kind: 'text',
    text,
    ...(preview ? { preview } : {}),
    ...(backgroundArgb ? { background: colorOf(backgroundArgb), ...present({ font }) } : {}),
  };
}

/** Always the extended form: a preview is the sender's to make, and none is fetched here. */
export function textProto({ text, preview, background, font }: Text): proto.IMessage {
  return {
    extendedTextMessage: {
      text,
      ...(preview ? previewProto(preview) : {}),
      ...(background === undefined
        ? {}
        : { backgroundArgb: argbOf(background), textArgb: 0xffffffff, font: font ?? 0 }),
    },
  };
}

function previewFrom({ matchedText, title, description, jpegThumbnail }: proto.Message.IExtendedTextMessage) {
  if (!matchedText || !title) return null;
  return { url: matchedText, title, ...present({ description, thumbnail: encoded(jpegThumbnail) }) };
}

function previewProto({ url, title, description, thumbnail }: LinkPreview): proto.Message.IExtendedTextMessage {
  return {
    matchedText: url,
    title,
    previewType: 0,
    ...present({ description }),
    ...(thumbnail ? { jpegThumbnail: Buffer.from(thumbnail, 'base64') } : {}),
  };
}

/** `#rrggbb`; the transparency that WhatsApp's number has too is always none. */
function colorOf(argb: number): string {
  return `#${(argb & 0xffffff).toString(16).padStart(6, '0')}`;
}

function argbOf(color: string): number {
  return opaque * 2 ** 24 + Number.parseInt(color.slice(1), 16);
}
