import { errors, type MessageAction } from '#contracts';
import { type Address, type ChatAddress, parseChat, type SendableContent, whatsAppCapabilities } from '#engine';
import type { TakenMedia } from '../media/media-intake.js';
import type { MediaForm } from '../media/preparation/prepared-media.js';

/** A message that somebody wants to send. Every API makes these; the sender knows nothing else. */
export interface MessageDraft {
  to: ChatAddress;
  content: SendableContent;
  /** The files that the content names. Several drafts may share one. */
  media?: TakenMedia | TakenMedia[];
  /** Of a status: who may see it. */
  audience?: Address[];
  /** The message to answer, by our id or WhatsApp's. */
  quoted?: string;
  /** Earliest moment of sending; absent: now. */
  notBefore?: Date;
  /** So long after it went out the next of its batch may at the earliest, also when both are late; absent: at once. */
  pauseMs?: number;
}

/** Something that somebody wants done to a message that is there. */
export interface ActionDraft {
  /** Our id of the message, or WhatsApp's. */
  target: string;
  action: MessageAction;
  /** Earliest moment of sending; absent: now. */
  notBefore?: Date;
}

/**
 * Reads a recipient.
 * @throws errors.recipientInvalid at the given field
 */
export function recipientOf(given: string, field: string): ChatAddress {
  const chat = parseChat(given);
  if (chat) return chat;
  const message =
    'must be a phone number with country code, not beginning with 0 (plus and spaces allowed), or <phone>@s.whatsapp.net, <phone>@c.us, <lid>@lid, <id>@g.us, <id>@newsletter or status@broadcast';
  throw errors.recipientInvalid({ fields: [{ path: field, message }] });
}

/** @throws errors.validation when the text is empty, too long for WhatsApp, or not storable. */
export function textContent(text: string, field = 'text'): SendableContent {
  if (text.trim() === '') throw invalid(field, 'must not be empty');
  return { kind: 'text', text: sendableText(text, field) };
}

/** @throws errors.validation when the caption is too long for WhatsApp or not storable. */
export function mediaContent(
  form: MediaForm,
  taken: TakenMedia,
  options: { caption?: string } = {},
  captionField = 'caption',
): SendableContent {
  const media = {
    mediaId: taken.mediaId,
    mimeType: taken.mimeType,
    sizeBytes: taken.sizeBytes,
    sha256: taken.sha256,
    ...(taken.fileName === null ? {} : { fileName: taken.fileName }),
    ...taken.shown,
  };
  const caption = options.caption ? { caption: sendableText(options.caption, captionField) } : {};
  switch (form) {
    case 'image':
    case 'document':
      return { kind: form, media, ...caption };
    case 'video':
      return { kind: 'video', media, ...caption };
    case 'gif':
      return { kind: 'video', media, ...caption, gif: true };
    case 'round_video':
      return { kind: 'video', media, round: true };
    case 'audio':
    case 'voice':
      return { kind: 'audio', media, voice: form === 'voice' };
    case 'sticker':
      return { kind: 'sticker', media, ...(taken.isAnimated ? { animated: true } : {}) };
  }
}

/** Text that WhatsApp takes and PostgreSQL can hold: no NUL, no half of a surrogate pair. */
function sendableText(text: string, field: string): string {
  const { maxTextLength } = whatsAppCapabilities;
  if (text.length > maxTextLength) throw invalid(field, `must be at most ${maxTextLength} characters`);
  if (text.includes('\0')) throw invalid(field, 'must not contain the character NUL');
  if (/\p{Surrogate}/u.test(text)) throw invalid(field, 'must be valid Unicode: it contains half of a surrogate pair');
  return text;
}

function invalid(path: string, message: string) {
  return errors.validation({ fields: [{ path, message }] });
}
