import { proto, type WireMessage } from '../baileys.js';
import { nativeFlowOf } from './native-flow.js';

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
  | 'vote'
  | 'event'
  | 'event-response'
  | 'invite'
  | 'buttons'
  | 'list'
  | 'template'
  | 'choice'
  | 'album'
  | 'pin'
  | 'keep'
  | 'disappearing'
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
  'viewOnceMessageV2Extension',
  'documentWithCaptionMessage',
  'editedMessage',
  'associatedChildMessage',
  'groupStatusMessage',
  'groupStatusMessageV2',
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

export type MediaPart = proto.Message.IImageMessage &
  proto.Message.IVideoMessage &
  proto.Message.IDocumentMessage &
  proto.Message.IAudioMessage & { caption?: string | null };

/** The part of a message that points to a file, and of which kind the file is. A round video is a video. */
export function mediaPart(message: WireMessage): { kind: MediaReference['kind']; part: MediaPart } | undefined {
  for (const kind of ['image', 'video', 'audio', 'document', 'sticker'] as const) {
    const part = message[`${kind}Message`] as MediaPart | null | undefined;
    if (part) return { kind, part };
  }
  return message.ptvMessage ? { kind: 'video', part: message.ptvMessage as MediaPart } : undefined;
}

/** The files above the words of the cards of a carousel, card by card. */
export function cardFiles(message: WireMessage): (MediaReference | undefined)[] {
  const cards = unwrap(message).interactiveMessage?.carouselMessage?.cards ?? [];
  return cards.map(({ header }) => mediaContent({ ...header } as WireMessage)?.media);
}

function mediaContent(message: WireMessage): (Content & { media: MediaReference }) | undefined {
  const found = mediaPart(message);
  if (!found) return undefined;
  const { kind, part } = found;
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

/** What is about another message: it changes that one and is no line of its own. */
function referringContent(message: WireMessage): Content | undefined {
  const { reactionMessage, protocolMessage, pollUpdateMessage, encEventResponseMessage, pinInChatMessage } = message;
  const about = (key: proto.IMessageKey | null | undefined): { refersTo?: string } =>
    key?.id ? { refersTo: key.id } : {};
  if (reactionMessage) return { kind: 'reaction', text: reactionMessage.text ?? '', ...about(reactionMessage.key) };
  if (pollUpdateMessage) return { kind: 'vote', ...about(pollUpdateMessage.pollCreationMessageKey) };
  if (encEventResponseMessage)
    return { kind: 'event-response', ...about(encEventResponseMessage.eventCreationMessageKey) };
  if (pinInChatMessage) return { kind: 'pin', ...about(pinInChatMessage.key) };
  if (message.keepInChatMessage) return { kind: 'keep', ...about(message.keepInChatMessage.key) };
  return protocolMessage ? protocolContent(protocolMessage) : undefined;
}

function protocolContent(protocol: proto.Message.IProtocolMessage): Content {
  const Type = proto.Message.ProtocolMessage.Type;
  const refersTo = protocol.key?.id ?? undefined;
  if (protocol.type === Type.REVOKE && refersTo) return { kind: 'revoke', refersTo };
  if (protocol.type === Type.EPHEMERAL_SETTING) return { kind: 'disappearing' };
  if (protocol.type === Type.MESSAGE_EDIT && protocol.editedMessage) {
    return { ...contentOf(protocol.editedMessage), kind: 'edit', refersTo };
  }
  return { kind: 'protocol' };
}

/** The poll of a message, in whichever of its forms. */
export const pollOf = (message: WireMessage): proto.Message.IPollCreationMessage | undefined =>
  message.pollCreationMessage ??
  message.pollCreationMessageV2 ??
  message.pollCreationMessageV3 ??
  message.pollCreationMessageV5 ??
  undefined;

/** The buttons of a template, in whichever of its forms. */
export const templateOf = (message: WireMessage): proto.Message.TemplateMessage.IHydratedFourRowTemplate | undefined =>
  message.templateMessage?.hydratedTemplate ?? message.templateMessage?.hydratedFourRowTemplate ?? undefined;

function plainContent(message: WireMessage): Content {
  const { locationMessage, liveLocationMessage, contactMessage, eventMessage, groupInviteMessage } = message;
  if (locationMessage) return of('location', locationMessage.name, locationMessage.contextInfo);
  if (liveLocationMessage) return of('location', liveLocationMessage.caption, liveLocationMessage.contextInfo);
  if (contactMessage) return of('contact', contactMessage.displayName, contactMessage.contextInfo);
  if (message.contactsArrayMessage) return of('contact', message.contactsArrayMessage.displayName);
  if (eventMessage) return of('event', eventMessage.name, eventMessage.contextInfo);
  if (groupInviteMessage) return of('invite', groupInviteMessage.caption, groupInviteMessage.contextInfo);
  if (message.albumMessage) return of('album');
  const poll = pollOf(message);
  return poll ? of('poll', poll.name, poll.contextInfo) : choiceContent(message);
}

/** Buttons and lists, which businesses send, and what people choose from them. */
function choiceContent(message: WireMessage): Content {
  const { buttonsMessage, listMessage, listResponseMessage, buttonsResponseMessage, templateButtonReplyMessage } =
    message;
  if (buttonsMessage) return of('buttons', buttonsMessage.contentText, buttonsMessage.contextInfo);
  if (listMessage) return of('list', listMessage.description ?? listMessage.title, listMessage.contextInfo);
  const flow = nativeFlowOf(message);
  if (flow) return of(flow.kind, flow.text, message.interactiveMessage?.contextInfo);
  const template = templateOf(message);
  if (template) return of('template', template.hydratedContentText);
  if (listResponseMessage) return of('choice', listResponseMessage.title, listResponseMessage.contextInfo);
  if (buttonsResponseMessage) {
    return of('choice', buttonsResponseMessage.selectedDisplayText, buttonsResponseMessage.contextInfo);
  }
  if (templateButtonReplyMessage) {
    return of('choice', templateButtonReplyMessage.selectedDisplayText, templateButtonReplyMessage.contextInfo);
  }
  const flowAnswer = message.interactiveResponseMessage;
  return flowAnswer ? of('choice', flowAnswer.body?.text, flowAnswer.contextInfo) : of('other');
}

const of = (kind: ContentKind, text?: string | null, context?: proto.IContextInfo | null): Content => ({
  kind,
  ...(text ? { text } : {}),
  ...quoted(context),
});

const quoted = (context: proto.IContextInfo | null | undefined): { refersTo?: string } =>
  context?.stanzaId ? { refersTo: context.stanzaId } : {};

/** The message type attribute of a stanza, as clients set it (Baileys, Socket/messages-send.js). */
export function stanzaType(message: WireMessage): 'text' | 'media' | 'reaction' | 'poll' | 'event' {
  const inner = unwrap(message);
  if (inner.reactionMessage) return 'reaction';
  if (pollOf(inner) || inner.pollUpdateMessage) return 'poll';
  if (inner.eventMessage) return 'event';
  return mediaContent(inner) ? 'media' : 'text';
}

/** The attributes of a stanza that say what kind of message is inside (Baileys, `sendMessage`; whatsmeow, send.go). */
export function stanzaAttributes(message: WireMessage, isOwnTarget = true): { type: string; edit?: string } {
  const { kind } = contentOf(message);
  const type = stanzaType(message);
  if (kind === 'edit') return { type, edit: '1' };
  if (kind === 'pin') return { type, edit: '2' };
  // 7 deletes an own message, 8 is an admin's deletion of somebody else's.
  return kind === 'revoke' ? { type, edit: isOwnTarget ? '7' : '8' } : { type };
}
