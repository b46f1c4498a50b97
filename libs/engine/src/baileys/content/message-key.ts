import type { proto } from '@whiskeysockets/baileys';
import { type Address, joinAddresses, parseJid } from '../../address.js';
import { type ChatAddress, toChatJid } from '../../chat-address.js';
import type { MessageTarget } from '../../content.js';
import type { Naming } from './naming.js';

/** Who is who where a key is read: keys are written from the view of who sends them. */
export interface KeyView {
  chat: ChatAddress;
  /** Who sent the stanza with the key; null for newsletters. */
  sender: Address | null;
  fromMe: boolean;
  /** This account. */
  self: Address;
}

/** The message that a key names, from our view. Null when the key names none. */
export function targetOf(key: proto.IMessageKey | null | undefined, view: KeyView): MessageTarget | null {
  if (!key?.id) return null;
  const author = authorOf(key, view);
  return { waMessageId: key.id, fromMe: author ? isSame(author, view.self) : view.fromMe, author };
}

function authorOf(key: proto.IMessageKey, { chat, sender, fromMe, self }: KeyView): Address | null {
  if (chat.kind === 'newsletter') return null;
  if (key.fromMe) return sender;
  const named = parseJid(key.participant);
  if (named) return isSame(named, self) ? self : isSame(named, sender) ? joinAddresses(named, sender) : named;
  // In a chat of two it is the other one of the two.
  if (chat.kind !== 'user') return null;
  return fromMe ? { phone: chat.phone, lid: chat.lid } : self;
}

/** True when both name one person, by either form. */
export function isSame(a: Address | null, b: Address | null): boolean {
  if (!a || !b) return false;
  return (a.phone !== null && a.phone === b.phone) || (a.lid !== null && a.lid === b.lid);
}

/** The key of a message, as it travels in what is done to it (whatsmeow, send.go, `BuildMessageKey`). */
export function keyOf(target: MessageTarget, chat: ChatAddress, name: Naming): proto.IMessageKey {
  const { waMessageId: id, fromMe, author } = target;
  const key = { remoteJid: toChatJid(chat), fromMe, id };
  const isRoom = chat.kind === 'group' || chat.kind === 'status' || chat.kind === 'broadcast';
  return isRoom && !fromMe && author ? { ...key, participant: name(author) } : key;
}
