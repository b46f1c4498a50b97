import type { proto } from '@whiskeysockets/baileys';
import type { MessageContent } from '#contracts';
import { toJid } from '../../address.js';
import type { QuotedMessage } from '../../content.js';

/** The id of the message that this one answers. */
export function quotedIdFrom(message: proto.IMessage): string | null {
  for (const part of Object.values(message)) {
    const id = (part as { contextInfo?: proto.IContextInfo | null } | null)?.contextInfo?.stanzaId;
    if (id) return id;
  }
  return null;
}

/** Points at the quoted message, and carries what the recipient sees of it. */
export function quoteContext(quoted: QuotedMessage): proto.IContextInfo {
  return {
    stanzaId: quoted.waMessageId,
    participant: toJid(quoted.author),
    quotedMessage: shown(quoted.content),
  };
}

/** Its text, or its kind with the caption; never its file. */
function shown(content: MessageContent): proto.IMessage {
  switch (content.kind) {
    case 'text':
      return { conversation: content.text };
    case 'image':
      return { imageMessage: { mimetype: content.media.mimeType, caption: content.caption } };
    case 'video':
      return { videoMessage: { mimetype: content.media.mimeType, caption: content.caption } };
    case 'audio':
      return { audioMessage: { mimetype: content.media.mimeType, ptt: content.voice } };
    case 'document':
      return { documentMessage: { mimetype: content.media.mimeType, fileName: content.media.fileName } };
    default:
      return { conversation: '' };
  }
}
