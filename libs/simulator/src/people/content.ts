import { proto, type WireMessage } from '../baileys.js';

/** What kind of message it is, in words. */
export type ContentKind =
  | 'text'
  | 'image'
  | 'video'
  | 'audio'
  | 'document'
  | 'sticker'
  | 'reaction'
  | 'location'
  | 'contact'
  | 'poll'
  | 'edit'
  | 'revoke'
  | 'protocol'
  | 'other';

/** The pointer to an encrypted file, with the key that opens it. */
export interface MediaReference {
  kind: 'image' | 'video' | 'audio' | 'document' | 'sticker';
  directPath: string;
  url: string;
  mimetype: string;
  mediaKey: Uint8Array;
  fileSha256: Uint8Array;
  fileEncSha256: Uint8Array;
  fileLength: number;
  fileName?: string;
  ptt?: boolean;
}

export interface Content {
  kind: ContentKind;
  /** The text, or the caption, or the emoji of a reaction. */
  text?: string;
  media?: MediaReference;
  /** The id of the message that is quoted, reacted to, edited or revoked. */
  refersTo?: string;
}

const WRAPPERS = [
  'ephemeralMessage',
  'viewOnceMessage',
  'viewOnceMessageV2',
  'documentWithCaptionMessage',
  'editedMessage',
] as const;

/** The message inside its wrappers. */
export function unwrap(message: WireMessage): WireMessage {
  for (const name of WRAPPERS) {
    const inner = message[name]?.message;
    if (inner) return unwrap(inner);
  }
  return message;
}

/** Reads a decrypted message. */
export function contentOf(message: WireMessage): Content {
  const inner = unwrap(message);
  if (inner.conversation) return { kind: 'text', text: inner.conversation };
  if (inner.extendedTextMessage) {
    const { text, contextInfo } = inner.extendedTextMessage;
    return { kind: 'text', text: text ?? '', ...quoted(contextInfo) };
  }
  return mediaContent(inner) ?? referringContent(inner) ?? plainContent(inner);
}

type MediaPart = proto.Message.IImageMessage &
  proto.Message.IDocumentMessage &
  proto.Message.IAudioMessage & { caption?: string | null };

function mediaContent(message: WireMessage): Content | undefined {
  for (const kind of ['image', 'video', 'audio', 'document', 'sticker'] as const) {
    const part = message[`${kind}Message`] as MediaPart | null | undefined;
    if (!part) continue;
    const media: MediaReference = {
      kind,
      directPath: part.directPath ?? '',
      url: part.url ?? '',
      mimetype: part.mimetype ?? '',
      mediaKey: part.mediaKey ?? new Uint8Array(),
      fileSha256: part.fileSha256 ?? new Uint8Array(),
      fileEncSha256: part.fileEncSha256 ?? new Uint8Array(),
      fileLength: Number(part.fileLength ?? 0),
      ...(part.fileName ? { fileName: part.fileName } : {}),
      ...(part.ptt ? { ptt: true } : {}),
    };
    return { kind, media, ...(part.caption ? { text: part.caption } : {}), ...quoted(part.contextInfo) };
  }
  return undefined;
}

function referringContent(message: WireMessage): Content | undefined {
  const { reactionMessage, protocolMessage } = message;
  if (reactionMessage) {
    return { kind: 'reaction', text: reactionMessage.text ?? '', refersTo: reactionMessage.key?.id ?? undefined };
  }
  if (!protocolMessage) return undefined;
  const Type = proto.Message.ProtocolMessage.Type;
  const refersTo = protocolMessage.key?.id ?? undefined;
  if (protocolMessage.type === Type.REVOKE) return { kind: 'revoke', refersTo };
  if (protocolMessage.type === Type.MESSAGE_EDIT && protocolMessage.editedMessage) {
    return { ...contentOf(protocolMessage.editedMessage), kind: 'edit', refersTo };
  }
  return { kind: 'protocol' };
}

function plainContent(message: WireMessage): Content {
  if (message.locationMessage) return { kind: 'location', text: message.locationMessage.name ?? undefined };
  if (message.contactMessage) return { kind: 'contact', text: message.contactMessage.displayName ?? undefined };
  if (message.contactsArrayMessage) return { kind: 'contact' };
  const poll = message.pollCreationMessage ?? message.pollCreationMessageV2 ?? message.pollCreationMessageV3;
  if (poll) return { kind: 'poll', text: poll.name ?? undefined };
  return { kind: 'other' };
}

const quoted = (context: proto.IContextInfo | null | undefined): { refersTo?: string } =>
  context?.stanzaId ? { refersTo: context.stanzaId } : {};

/** The message type attribute of a stanza. */
export function stanzaType(message: WireMessage): 'text' | 'media' | 'reaction' {
  if (message.reactionMessage) return 'reaction';
  return mediaContent(message) ? 'media' : 'text';
}
