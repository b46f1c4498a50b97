import type { proto } from '@whiskeysockets/baileys';
import { type Address, joinAddresses, parseJid } from '../address.js';
import { parseChatJid, userChat } from '../chat-address.js';
import type { InboundMessage } from '../content.js';
import { isSame } from './content/message-key.js';
import { positive } from './content/values.js';
import type { Me } from './journal.js';

/** Who said it where and when. */
export type Envelope = Pick<
  InboundMessage,
  'waMessageId' | 'fromMe' | 'chat' | 'author' | 'pushName' | 'sentAt' | 'serverId'
>;

export function selfOf(me: Me): Address {
  return joinAddresses(parseJid(me.id), parseJid(me.lid)) ?? { phone: null, lid: null };
}

/**
 * The envelope of a `message` stanza (whatsmeow, message.go, `parseMessageSource`). Null for forms that nobody writes,
 * and for who claims to write in our name.
 */
export function envelopeOf(attrs: Record<string, string>, me: Me): Envelope | null {
  const self = selfOf(me);
  const chat = parseChatJid(attrs.from);
  if (!chat || !attrs.id) return null;
  const common = { waMessageId: attrs.id, sentAt: timeOf(attrs.t) };
  const pushName = attrs.notify || null;
  if (chat.kind === 'newsletter') {
    const fromMe = attrs.is_sender === 'true';
    const serverId = attrs.server_id ? { serverId: attrs.server_id } : {};
    return { ...common, ...serverId, fromMe, chat, author: null, pushName: null };
  }
  if (chat.kind === 'user') return inChatOfTwo(attrs, self, common, pushName);
  const author = both(attrs.participant, attrs.participant_pn, attrs.participant_lid);
  if (!author) return null;
  const fromMe = isSame(author, self);
  // A list is its owner's: others get what is said to it in the chat with them.
  const where = chat.kind === 'broadcast' && !fromMe ? userChat(author) : chat;
  return { ...common, fromMe, chat: where, author: fromMe ? self : author, pushName: fromMe ? null : pushName };
}

function inChatOfTwo(
  attrs: Record<string, string>,
  self: Address,
  common: Pick<Envelope, 'waMessageId' | 'sentAt'>,
  pushName: string | null,
): Envelope | null {
  const sender = both(attrs.from, attrs.sender_lid, attrs.sender_pn);
  if (!sender) return null;
  const fromMe = isSame(sender, self);
  if (attrs.recipient && !fromMe) return null;
  if (!fromMe) return { ...common, fromMe, chat: userChat(sender), author: sender, pushName };
  const { recipient, peer_recipient_lid, peer_recipient_pn, recipient_lid, recipient_pn } = attrs;
  const other = recipient ? both(recipient, peer_recipient_lid, peer_recipient_pn, recipient_lid, recipient_pn) : self;
  return other && { ...common, fromMe, chat: userChat(other), author: self, pushName: null };
}

/** The envelope of a message as a phone keeps it: of history, and of what it sends again. */
export function envelopeOfInfo(info: proto.IWebMessageInfo, me: Me): Envelope | null {
  const { key } = info;
  const self = selfOf(me);
  const chat = parseChatJid(key?.remoteJid);
  if (!chat || !key?.id) return null;
  const fromMe = key.fromMe === true;
  const common = { waMessageId: key.id, fromMe, sentAt: timeOf(info.messageTimestamp) };
  const pushName = fromMe ? null : info.pushName || null;
  if (chat.kind === 'newsletter') {
    const serverId = positive(info.newsletterServerId);
    return { ...common, ...(serverId ? { serverId: String(serverId) } : {}), chat, author: null, pushName: null };
  }
  if (chat.kind === 'user')
    return { ...common, chat, author: fromMe ? self : { phone: chat.phone, lid: chat.lid }, pushName };
  const author = fromMe ? self : parseJid(key.participant || info.participant);
  if (!author) return null;
  return { ...common, chat: chat.kind === 'broadcast' && !fromMe ? userChat(author) : chat, author, pushName };
}

function both(...jids: (string | undefined)[]): Address | null {
  return jids.map(parseJid).reduce((known, form) => joinAddresses(known, form), null);
}

/** Now, when nothing is told. */
function timeOf(seconds: Parameters<typeof positive>[0] | string): Date {
  const value = positive(seconds);
  return value ? new Date(value * 1000) : new Date();
}
