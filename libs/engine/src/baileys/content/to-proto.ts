import { randomBytes } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { proto } from '@whiskeysockets/baileys';
import type { MediaFacts, MediaKind } from '#contracts';
import type { OutgoingContent, SendableContent } from '../../content.js';
import { interactiveText } from '../../interactive-text.js';
import type { UploadedMedia } from '../media-upload.js';
import type { MediaSource } from '../media-uploads.js';
import { audioProto } from './audio.js';
import { contactsProto } from './contacts.js';
import { contextFor, withContext } from './context.js';
import { documentProto } from './document.js';
import { eventProto } from './event.js';
import { groupInviteProto } from './group-invite.js';
import { imageProto } from './image.js';
import { interactiveProto } from './interactive.js';
import { liveLocationProto, locationProto } from './location.js';
import type { Naming } from './naming.js';
import { pollProto } from './poll.js';
import { stickerProto } from './sticker.js';
import { textProto } from './text.js';
import { videoProto } from './video.js';

/** What building a message needs from outside. */
export interface BuildParts {
  /** Brings a file to WhatsApp, or finds it there. */
  upload(kind: MediaKind, source: MediaSource): Promise<UploadedMedia>;
  /** Where WhatsApp has a file that is passed on; null when it is gone. */
  find?(download: Uint8Array, media: MediaFacts): Promise<UploadedMedia | null>;
  name: Naming;
}

type Media = Extract<SendableContent, { media: MediaFacts }>;

const secretBytes = 32;

/** Builds the end-to-end message. Its media is uploaded by stream, or was before. */
export async function buildProto(outgoing: OutgoingContent, parts: BuildParts): Promise<proto.IMessage> {
  const { content, quoted } = outgoing;
  const message = await withoutContext(outgoing, parts);
  return onceViewed(withContext(message, contextFor(content, quoted, parts.name)), content);
}

/** Built from the row alone, without anything from outside; null for what cannot be. */
export function rebuildProto({ content, quoted }: OutgoingContent, name: Naming): proto.IMessage | null {
  if (content.kind !== 'text') return null;
  return withContext(textProto(content), contextFor(content, quoted, name));
}

async function withoutContext(outgoing: OutgoingContent, parts: BuildParts): Promise<proto.IMessage> {
  const { content } = outgoing;
  switch (content.kind) {
    case 'text':
      return textProto(content);
    case 'location':
      return locationProto(content);
    case 'live_location':
      return liveLocationProto(content);
    case 'contacts':
      return contactsProto(content);
    case 'poll':
      return pollProto(content, randomBytes(secretBytes));
    case 'event':
      return eventProto(content, randomBytes(secretBytes));
    case 'group_invite':
      return groupInviteProto(content);
    case 'buttons':
    case 'list':
      return content.fallback ? words(interactiveText(content)) : interactiveProto(content);
    case 'carousel':
      if (content.fallback) return words(interactiveText(content));
      return interactiveProto(content, await cardFiles(content, outgoing, parts));
    default:
      return mediaProto(content, await fileOf(content, outgoing, parts));
  }
}

const words = (text: string): proto.IMessage => textProto({ kind: 'text', text });

async function fileOf({ kind, media }: Media, outgoing: OutgoingContent, parts: BuildParts): Promise<UploadedMedia> {
  const there = outgoing.download && (await parts.find?.(outgoing.download, media));
  return there || parts.upload(kind, sourceOf(media, outgoing.openMedia));
}

/** One after the other: each is held in part while it goes up. */
async function cardFiles(
  { cards }: Extract<SendableContent, { kind: 'carousel' }>,
  outgoing: OutgoingContent,
  parts: BuildParts,
): Promise<(UploadedMedia | null)[]> {
  const files: (UploadedMedia | null)[] = [];
  for (const { media } of cards) {
    files.push(media ? await parts.upload(media.kind, sourceOf(media.media, outgoing.openMedia)) : null);
  }
  return files;
}

function sourceOf({ sha256, sizeBytes, mediaId }: MediaFacts, openMedia: OutgoingContent['openMedia']): MediaSource {
  return {
    sha256,
    sizeBytes,
    open: async (): Promise<Readable> => {
      if (!openMedia) throw new Error('the message has media, but no way to its bytes');
      return openMedia(mediaId);
    },
  };
}

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

/** In its wrapper, and marked as well (Baileys, Utils/messages.js). */
function onceViewed(message: proto.IMessage, { viewOnce }: SendableContent): proto.IMessage {
  if (!viewOnce) return message;
  const [[name, part] = []] = Object.entries(message);
  return { viewOnceMessage: { message: { [name!]: { ...part, viewOnce: true } } } };
}
