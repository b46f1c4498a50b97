import type { proto } from '@whiskeysockets/baileys';
import type { MessageContent } from '#contracts';
import { toChatJid } from '../../chat-address.js';
import type { QuotedMessage } from '../../content.js';
import { interactiveText } from '../../interactive-text.js';
import { contactsProto } from './contacts.js';
import { locationProto } from './location.js';
import type { Naming } from './naming.js';

/** Points at the quoted message, and carries what the recipient sees of it. */
export function quoteContext(quoted: QuotedMessage, name: Naming): proto.IContextInfo {
  return {
    stanzaId: quoted.waMessageId,
    participant: name(quoted.author),
    quotedMessage: shown(quoted.content),
    ...(quoted.isStatus ? { remoteJid: toChatJid({ kind: 'status' }) } : {}),
  };
}

/** Its text, or its kind with the caption; never its file. */
function shown(content: MessageContent): proto.IMessage {
  switch (content.kind) {
    case 'text':
      return { conversation: content.text };
    case 'image':
      return { imageMessage: { mimetype: content.media.mimeType, caption: content.caption } };
    case 'video': {
      const video = { mimetype: content.media.mimeType, caption: content.caption, gifPlayback: content.gif };
      return content.round ? { ptvMessage: video } : { videoMessage: video };
    }
    case 'audio':
      return { audioMessage: { mimetype: content.media.mimeType, ptt: content.voice } };
    case 'document':
      return { documentMessage: { mimetype: content.media.mimeType, fileName: content.media.fileName } };
    case 'sticker':
      return { stickerMessage: { mimetype: content.media.mimeType } };
    case 'location':
      return locationProto(content);
    case 'live_location':
      return { liveLocationMessage: { degreesLatitude: content.latitude, degreesLongitude: content.longitude } };
    case 'contacts':
      return contactsProto(content);
    case 'poll':
      return {
        pollCreationMessage: { name: content.question, options: content.options.map((optionName) => ({ optionName })) },
      };
    case 'event':
      return { eventMessage: { name: content.name } };
    case 'group_invite':
      return { groupInviteMessage: { groupName: content.groupName, caption: content.caption } };
    case 'buttons':
    case 'list':
    case 'carousel':
      return { conversation: interactiveText(content) };
    case 'choice':
      return { conversation: content.title };
    case 'album':
    case 'unsupported':
    case 'undecryptable':
      return { conversation: '' };
  }
}
