import { proto, unpadRandomMax16 } from '@whiskeysockets/baileys';
import type { AccountFact } from '../account-fact.js';
import { parseJid } from '../address.js';
import type { InboundAction, InboundFact, InboundMessage } from '../content.js';
import { isSame, targetOf } from './content/message-key.js';
import { editWith, type Reading, read } from './content/reading.js';
import { type Envelope, envelopeOf, envelopeOfInfo, selfOf } from './envelope.js';
import type { DecryptedStanza, Me } from './journal.js';
import type { SealedAnswer } from './sealed-answers.js';

/** What the phone says about its history: where a part of it is. */
export interface HistoryNotice {
  type: 'history';
  journalId: string;
  notification: proto.Message.IHistorySyncNotification;
}

/** What a stanza comes to. */
export type Translated = InboundFact | SealedAnswer | HistoryNotice | { type: 'account'; fact: AccountFact };

/** How newsletters come: not encrypted, and not padded. */
export const plainEncoding = 'plaintext';
/** `edit` of a stanza: an admin deletes what somebody else wrote (whatsmeow, types/message.go). */
const adminRevoke = '8';
/** `edit` of a post: it is another version of the one with its id, or none any more. */
const postEdit = '3';

/**
 * Translates a decrypted message; nothing when it says nothing that is stored. Pure, and the only way in: the live
 * message and the one replayed from the journal after a crash come out the same.
 */
export function translateStanza(stanza: DecryptedStanza): Translated[] {
  const { attrs, me, journalId } = stanza;
  const isPlain = stanza.encAttrs.type === plainEncoding;
  const message = proto.Message.decode(isPlain ? stanza.plaintext : unpadRandomMax16(stanza.plaintext));
  const inner = message.deviceSentMessage?.message ?? message;
  const own = fromOwnDevice(inner, stanza);
  if (own) return own;
  const envelope = envelopeOf(attrs, me);
  if (!envelope) return [];
  if (envelope.chat.kind === 'newsletter') {
    const changed = changedPost(inner, attrs.edit, envelope, journalId);
    if (changed) return changed;
  }
  const reading = read(withSecretOf(inner, message));
  return reading ? told(reading, envelope, me, journalId, attrs.edit) : [];
}

/** What was sent from another device of ours has its secret outside of what it wraps. */
function withSecretOf(inner: proto.IMessage, outer: proto.IMessage): proto.IMessage {
  if (inner === outer || inner.messageContextInfo || !outer.messageContextInfo) return inner;
  return { ...inner, messageContextInfo: outer.messageContextInfo };
}

/** A message that could not be decrypted, or came without its content. */
export function translateFailure(attrs: Record<string, string>, me: Me, reason: string): InboundMessage | null {
  const envelope = envelopeOf(attrs, me);
  if (!envelope || attrs.category === 'peer') return null;
  const content = { kind: 'undecryptable', reason } as const;
  const nothing = { quotedWaMessageId: null, download: null, secret: null };
  return { type: 'message', ...envelope, journalId: null, content, ...nothing };
}

function told(
  reading: Reading,
  envelope: Envelope,
  me: Me,
  journalId: string | null,
  edit: string | undefined,
): Translated[] {
  if (reading.type === 'content') return [{ ...reading, type: 'message', ...envelope, journalId }];
  if (reading.type === 'timer') {
    const { chat, sentAt: at } = envelope;
    return [
      {
        type: 'account',
        fact: { type: 'chat_timer_changed', chat, seconds: reading.seconds, at, source: 'notification' },
      },
    ];
  }
  const { chat, author: sender, fromMe } = envelope;
  const target = targetOf(reading.key, { chat, sender, fromMe, self: selfOf(me) });
  if (!target) return [];
  if (reading.type === 'sealed') {
    const { purpose, payload } = reading;
    const named = parseJid(reading.key?.participant);
    return [{ type: 'sealed', ...envelope, journalId, target, purpose, payload, named }];
  }
  const action: InboundAction = { type: 'action', ...envelope, journalId, target, action: reading.action };
  return mayDo(action, edit) ? [action] : [];
}

/** Only who wrote a message may edit it, or delete it for everyone; the deletion by an admin the server has judged. */
export function mayDo({ action, target, author, chat }: InboundAction, edit: string | undefined): boolean {
  if (action.kind !== 'edit' && action.kind !== 'revoke') return true;
  if (chat.kind === 'newsletter' || isSame(target.author, author)) return true;
  return action.kind === 'revoke' && chat.kind === 'group' && edit === adminRevoke;
}

/**
 * A post that was changed comes again under its own id, with another content or none (whatsmeow, send.go,
 * `sendNewsletter`). Null when the stanza is no such change.
 */
function changedPost(
  message: proto.IMessage,
  edit: string | undefined,
  envelope: Envelope,
  journalId: string,
): InboundAction[] | null {
  const target = { waMessageId: envelope.waMessageId, fromMe: envelope.fromMe, author: null };
  const action = (what: InboundAction['action']) => [
    { type: 'action' as const, ...envelope, journalId, target, action: what },
  ];
  if (edit === adminRevoke) return action({ kind: 'revoke' });
  if (edit !== postEdit) return null;
  const changed = editWith(message);
  return changed ? action(changed) : [];
}

/** What only our own phone may say, among our devices. Null for what is not of that kind. */
function fromOwnDevice(message: proto.IMessage, stanza: DecryptedStanza): Translated[] | null {
  const { historySyncNotification, peerDataOperationRequestResponseMessage } = message.protocolMessage ?? {};
  if (!historySyncNotification && !peerDataOperationRequestResponseMessage) return null;
  const { attrs, me, journalId } = stanza;
  if (attrs.category !== 'peer' || !isSame(parseJid(attrs.from), selfOf(me))) return [];
  if (historySyncNotification) return [{ type: 'history', journalId, notification: historySyncNotification }];
  return resentByPhone(peerDataOperationRequestResponseMessage!, me, journalId);
}

/** The phone's answer to our request for messages that came without content. The envelope is the phone's own view. */
function resentByPhone(
  response: proto.Message.IPeerDataOperationRequestResponseMessage,
  me: Me,
  journalId: string,
): Translated[] {
  return (response.peerDataOperationResult ?? []).flatMap((result) => {
    const bytes = result.placeholderMessageResendResponse?.webMessageInfoBytes;
    return bytes ? translateInfo(proto.WebMessageInfo.decode(bytes), me, journalId) : [];
  });
}

/** A message as a phone keeps it. */
export function translateInfo(info: proto.IWebMessageInfo, me: Me, journalId: string | null): Translated[] {
  const envelope = envelopeOfInfo(info, me);
  const reading = info.message ? read(info.message) : null;
  if (!envelope || !reading) return [];
  return told(withSecret(reading, info.messageSecret), envelope, me, journalId, undefined);
}

/** Phones keep the secret beside the message. */
function withSecret(reading: Reading, secret: Uint8Array | null | undefined): Reading {
  return reading.type === 'content' && !reading.secret && secret?.length ? { ...reading, secret } : reading;
}
