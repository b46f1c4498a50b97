import type { proto } from '@whiskeysockets/baileys';
import type { MessageContent, Said } from '#contracts';
import { parseJid } from '../../address.js';
import type { QuotedMessage } from '../../content.js';
import type { Naming } from './naming.js';
import { quoteContext } from './quote.js';
import type { Unwrapped } from './unwrap.js';
import { positive } from './values.js';

/** The parts of a message that hold content; each may have a context. */
type Part = { contextInfo?: proto.IContextInfo | null; viewOnce?: boolean | null } | null | undefined;

/** WhatsApp puts the context of a message into its content. */
export function contextOf(message: proto.IMessage): proto.IContextInfo {
  for (const part of Object.values(message) as Part[]) {
    if (part?.contextInfo) return part.contextInfo;
  }
  return {};
}

/** The id of the message that this one answers. */
export function quotedIdFrom(message: proto.IMessage): string | null {
  return contextOf(message).stanzaId || null;
}

/** What is said besides, by any kind. */
export function saidFrom({ message, within }: Unwrapped): Said {
  const { mentionedJid, forwardingScore, isForwarded, expiration } = contextOf(message);
  const mentions = (mentionedJid ?? []).map(parseJid).filter((address) => address !== null);
  const forwarded = positive(forwardingScore) ?? (isForwarded ? 1 : undefined);
  const seconds = positive(expiration);
  return {
    ...(mentions.length > 0 ? { mentions } : {}),
    ...(forwarded ? { forwardingScore: forwarded } : {}),
    ...(isViewOnce(message, within) ? { viewOnce: true as const } : {}),
    ...(seconds ? { disappearsInSeconds: seconds } : {}),
  };
}

/** The wrapper alone says nothing: buttons travel in it too, for old clients. */
function isViewOnce(message: proto.IMessage, within: Unwrapped['within']): boolean {
  const media: Part = message.imageMessage ?? message.videoMessage ?? message.audioMessage ?? message.ptvMessage;
  if (!media) return false;
  return (
    media.viewOnce === true ||
    within.has('viewOnceMessage') ||
    within.has('viewOnceMessageV2') ||
    within.has('viewOnceMessageV2Extension')
  );
}

/** The context of a message that is sent; null when there is nothing to say. */
export function contextFor(content: MessageContent, quoted: QuotedMessage | undefined, name: Naming) {
  const { mentions, forwardingScore, disappearsInSeconds } = content;
  const context: proto.IContextInfo = {
    ...(quoted ? quoteContext(quoted, name) : {}),
    ...(mentions?.length ? { mentionedJid: mentions.map(name) } : {}),
    ...(forwardingScore ? { forwardingScore, isForwarded: true } : {}),
    ...(disappearsInSeconds ? { expiration: disappearsInSeconds } : {}),
  };
  return Object.keys(context).length > 0 ? context : null;
}

/** Puts the context into the content part of the message. */
export function withContext(message: proto.IMessage, context: proto.IContextInfo | null): proto.IMessage {
  if (!context) return message;
  const [name] = Object.keys(message).filter((key) => key.endsWith('Message'));
  const part = name && (message[name as keyof proto.IMessage] as Part);
  return part ? { ...message, [name]: { ...part, contextInfo: { ...part.contextInfo, ...context } } } : message;
}
