import type { BinaryNode, proto } from '@whiskeysockets/baileys';
import { nativeFlowNode } from './interactive.js';
import { unwrap } from './unwrap.js';

/** What the stanza around a message says of it in the open. */
export interface StanzaExtras {
  additionalAttributes: Record<string, string>;
  additionalNodes: BinaryNode[];
}

/**
 * The attributes and nodes by which the server knows what kind of message passes (Baileys, Socket/messages-send.js,
 * `sendMessage`; whatsmeow, send.go, `getEditAttribute` and `pollType`).
 */
export function stanzaExtras(message: proto.IMessage): StanzaExtras {
  const { message: inner } = unwrap(message);
  const edit = editAttribute(inner);
  return { additionalAttributes: edit ? { edit } : {}, additionalNodes: nodesFor(inner) };
}

function editAttribute({ protocolMessage, pinInChatMessage }: proto.IMessage): string | null {
  if (pinInChatMessage) return '2';
  if (protocolMessage?.editedMessage) return '1';
  if (!protocolMessage?.key) return null;
  return protocolMessage.key.fromMe ? '7' : '8';
}

function nodesFor(inner: proto.IMessage): BinaryNode[] {
  const meta = (attrs: Record<string, string>): BinaryNode[] => [{ tag: 'meta', attrs }];
  if (inner.pollCreationMessage || inner.pollCreationMessageV3) return meta({ polltype: 'creation' });
  if (inner.pollUpdateMessage) return meta({ polltype: 'vote' });
  if (inner.eventMessage) return meta({ event_type: 'creation' });
  return inner.interactiveMessage ? [nativeFlowNode] : [];
}

/** The `type` of a stanza (whatsmeow, send.go, `getTypeFromMessage`). For what does not go through the library. */
export function stanzaType(message: proto.IMessage): string {
  const { message: inner } = unwrap(message);
  if (inner.reactionMessage) return 'reaction';
  if (inner.pollCreationMessage || inner.pollCreationMessageV3 || inner.pollUpdateMessage) return 'poll';
  if (inner.eventMessage) return 'event';
  return mediaType(message) ? 'media' : 'text';
}

/** The `mediatype` (whatsmeow, send.go, `getMediaTypeFromMessage`); null for what has none. */
export function mediaType(message: proto.IMessage): string | null {
  const { message: inner } = unwrap(message);
  if (inner.extendedTextMessage?.title) return 'url';
  if (inner.imageMessage) return 'image';
  if (inner.stickerMessage) return 'sticker';
  if (inner.documentMessage) return 'document';
  if (inner.audioMessage) return inner.audioMessage.ptt ? 'ptt' : 'audio';
  if (inner.videoMessage) return inner.videoMessage.gifPlayback ? 'gif' : 'video';
  if (inner.ptvMessage) return 'ptv';
  if (inner.contactMessage) return 'vcard';
  return inner.contactsArrayMessage ? 'contact_array' : null;
}
