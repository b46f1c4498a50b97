import {
  areJidsSameUser,
  type BinaryNode,
  decodeMessageNode,
  isJidBroadcast,
  isJidGroup,
  isJidNewsletter,
  proto,
  unpadRandomMax16,
} from '@whiskeysockets/baileys';
import { type Address, joinAddresses, parseJid } from '../address.js';
import { userChat } from '../chat-address.js';
import type { InboundFact, InboundMessage } from '../content.js';
import { contentFrom } from './content/from-message.js';
import type { DecryptedStanza, Me } from './journal.js';

/**
 * Translates a decrypted message; none when it says nothing that is stored. Pure, and the only way in: the live message
 * and the one replayed from the journal after a crash come out the same.
 */
export function translateStanza(stanza: DecryptedStanza): InboundFact[] {
  const message = proto.Message.decode(unpadRandomMax16(stanza.plaintext));
  const inner = message.deviceSentMessage?.message ?? message;
  const resent = resentByPhone(inner, stanza);
  if (resent) return resent.filter((message) => message !== null);
  const translated = contentFrom(inner);
  if (!translated) return [];
  const envelope = envelopeOf(stanza.attrs, stanza.me);
  return envelope ? [{ type: 'message', ...envelope, journalId: stanza.journalId, ...translated }] : [];
}

/** A message that could not be decrypted, or came without its content. */
export function translateFailure(attrs: Record<string, string>, me: Me, reason: string): InboundMessage | null {
  const envelope = envelopeOf(attrs, me);
  if (!envelope || attrs.category === 'peer') return null;
  const content = { kind: 'undecryptable', reason } as const;
  return {
    type: 'message',
    ...envelope,
    journalId: null,
    content,
    quotedWaMessageId: null,
    download: null,
    secret: null,
  };
}

type Envelope = Pick<InboundMessage, 'waMessageId' | 'fromMe' | 'chat' | 'author' | 'pushName' | 'sentAt'>;

/** Who wrote to whom. Null for what is not a conversation of two: groups, status, newsletters. */
function envelopeOf(attrs: Record<string, string>, me: Me): Envelope | null {
  const from = attrs.from ?? '';
  if (isJidGroup(from) || isJidBroadcast(from) || isJidNewsletter(from)) return null;
  const decoded = decodeEnvelope({ tag: 'message', attrs }, me);
  if (!decoded) return null;
  const { key, messageTimestamp, pushName } = decoded;
  const chat = chatOf(attrs, key.remoteJid, key.fromMe === true);
  if (!chat || !key.id) return null;
  return {
    waMessageId: key.id,
    fromMe: key.fromMe === true,
    chat: userChat(chat),
    author: key.fromMe ? joinAddresses(parseJid(me.id), parseJid(me.lid)) : chat,
    pushName: key.fromMe ? null : pushName || null,
    sentAt: timeOf(messageTimestamp),
  };
}

/** Null for a stanza of a form that the library refuses. */
function decodeEnvelope(node: BinaryNode, me: Me) {
  try {
    return decodeMessageNode(node, me.id, me.lid).fullMessage;
  } catch {
    return null;
  }
}

/** Both forms of the other party's address, where the stanza tells both. */
function chatOf(attrs: Record<string, string>, chatJid: string | null | undefined, fromMe: boolean): Address | null {
  const other = fromMe
    ? [attrs.peer_recipient_lid, attrs.peer_recipient_pn, attrs.recipient_lid, attrs.recipient_pn]
    : [attrs.sender_lid, attrs.sender_pn];
  const forms = other.map(parseJid);
  return forms.reduce((known, form) => joinAddresses(known, form), parseJid(chatJid));
}

/**
 * The phone's answer to our request to send messages again that arrived without content. The envelope in it is the
 * phone's own view of the chat.
 */
function resentByPhone(message: proto.IMessage, stanza: DecryptedStanza): (InboundMessage | null)[] | null {
  const response = message.protocolMessage?.peerDataOperationRequestResponseMessage;
  if (!response) return null;
  // Only our own phone may answer in our name.
  const { from, category } = stanza.attrs;
  const isOwn = areJidsSameUser(from, stanza.me.id) || areJidsSameUser(from, stanza.me.lid);
  if (category !== 'peer' || !isOwn) return [];
  return (response.peerDataOperationResult ?? []).map((result) => {
    const bytes = result.placeholderMessageResendResponse?.webMessageInfoBytes;
    if (!bytes) return null;
    const { key, message: content, messageTimestamp, pushName } = proto.WebMessageInfo.decode(bytes);
    const chat = parseJid(key?.remoteJid);
    const translated = content ? contentFrom(content) : null;
    if (!chat || !key?.id || !translated) return null;
    const fromMe = key.fromMe === true;
    return {
      type: 'message',
      journalId: stanza.journalId,
      waMessageId: key.id,
      fromMe,
      chat: userChat(chat),
      author: fromMe ? joinAddresses(parseJid(stanza.me.id), parseJid(stanza.me.lid)) : chat,
      pushName: fromMe ? null : pushName || null,
      sentAt: timeOf(messageTimestamp),
      ...translated,
    };
  });
}

/** Now, when the stanza tells none. */
function timeOf(seconds: unknown): Date {
  const value = Number(seconds);
  return value > 0 ? new Date(value * 1000) : new Date();
}
