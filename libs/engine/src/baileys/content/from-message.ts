import { getContentType, type proto } from '@whiskeysockets/baileys';
import type { MediaKind, MessageContent } from '#contracts';
import { audioFrom } from './audio.js';
import { choiceFrom } from './choice.js';
import { contactsFrom } from './contacts.js';
import { quotedIdFrom, saidFrom } from './context.js';
import { documentFrom } from './document.js';
import { eventFrom } from './event.js';
import { groupInviteFrom } from './group-invite.js';
import { imageFrom } from './image.js';
import { interactiveFrom } from './interactive.js';
import { liveLocationFrom, locationFrom } from './location.js';
import { downloadToken, type MediaProto } from './media.js';
import { pollFrom } from './poll.js';
import { stickerFrom } from './sticker.js';
import { textFrom } from './text.js';
import { unwrap } from './unwrap.js';
import { videoFrom } from './video.js';

export interface TranslatedContent {
  content: MessageContent;
  quotedWaMessageId: string | null;
  download: Uint8Array | null;
  /** Of a message that can be voted on, answered or edited. */
  secret: Uint8Array | null;
}

type Found = { content: MessageContent; download?: Uint8Array | null };

/** Parts that are about other messages or about the session and say nothing by themselves. */
const carriesNothing = new Set<string | undefined>([
  undefined,
  'protocolMessage',
  'senderKeyDistributionMessage',
  'messageHistoryBundle',
  'messageHistoryNotice',
  'stickerSyncRmrMessage',
  'reactionMessage',
  'encReactionMessage',
  'pollUpdateMessage',
  'encEventResponseMessage',
  'pinInChatMessage',
  'keepInChatMessage',
  'secretEncryptedMessage',
  'encCommentMessage',
]);

/** What an end-to-end message says, in our words; null when it carries nothing of its own. */
export function contentFrom(message: proto.IMessage): TranslatedContent | null {
  const unwrapped = unwrap(message);
  const inner = unwrapped.message;
  const type = getContentType(inner);
  if (carriesNothing.has(type)) return null;
  const { content, download } = found(inner) ?? { content: { kind: 'unsupported', type: type! } };
  const animated = content.kind === 'sticker' && unwrapped.within.has('lottieStickerMessage');
  const { messageSecret } = unwrapped.info;
  return {
    content: { ...content, ...(animated ? { animated } : {}), ...saidFrom(unwrapped) } as MessageContent,
    download: download ?? null,
    quotedWaMessageId: quotedIdFrom(inner),
    secret: messageSecret?.length ? messageSecret : null,
  };
}

function found(message: proto.IMessage): Found | null {
  return mediaIn(message) ?? plainIn(message);
}

function mediaIn(message: proto.IMessage): Found | null {
  const { imageMessage, videoMessage, ptvMessage, audioMessage, documentMessage, stickerMessage } = message;
  if (imageMessage) return withFile('image', imageMessage, imageFrom(imageMessage));
  if (videoMessage) return withFile('video', videoMessage, videoFrom(videoMessage));
  if (ptvMessage) return withFile('video', ptvMessage, videoFrom(ptvMessage, true));
  if (audioMessage) return withFile('audio', audioMessage, audioFrom(audioMessage));
  if (documentMessage) return withFile('document', documentMessage, documentFrom(documentMessage));
  return stickerMessage ? withFile('sticker', stickerMessage, stickerFrom(stickerMessage)) : null;
}

function plainIn(message: proto.IMessage): Found | null {
  const { locationMessage, liveLocationMessage, eventMessage, groupInviteMessage, albumMessage } = message;
  const content =
    textFrom(message) ??
    (locationMessage && locationFrom(locationMessage)) ??
    (liveLocationMessage && liveLocationFrom(liveLocationMessage)) ??
    contactsFrom(message) ??
    pollFrom(message) ??
    (eventMessage && eventFrom(eventMessage)) ??
    (groupInviteMessage && groupInviteFrom(groupInviteMessage)) ??
    (albumMessage && albumFrom(albumMessage)) ??
    choiceFrom(message) ??
    interactiveFrom(message);
  return content ? { content } : null;
}

const withFile = (kind: MediaKind, part: MediaProto, content: MessageContent): Found => ({
  content,
  download: downloadToken(kind, part),
});

const albumFrom = ({ expectedImageCount, expectedVideoCount }: proto.Message.IAlbumMessage): MessageContent => ({
  kind: 'album',
  imageCount: expectedImageCount ?? 0,
  videoCount: expectedVideoCount ?? 0,
});
