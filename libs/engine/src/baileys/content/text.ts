import type { proto } from '@whiskeysockets/baileys';
import type { MessageContent } from '#contracts';
import type { QuotedMessage } from '../../content.js';
import { quoteContext } from './quote.js';

type Text = Extract<MessageContent, { kind: 'text' }>;

/** Plain text; a link preview of the sender is dropped, its text is not. */
export function textFrom(message: proto.IMessage): Text | null {
  const text = message.conversation || message.extendedTextMessage?.text;
  return text ? { kind: 'text', text } : null;
}

/** Without a link preview: making one would fetch the page from our machine. */
export function textProto(content: Text, quoted?: QuotedMessage): proto.IMessage {
  const contextInfo = quoted ? { contextInfo: quoteContext(quoted) } : {};
  return { extendedTextMessage: { text: content.text, ...contextInfo } };
}
