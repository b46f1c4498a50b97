import { type BinaryNode, getBinaryNodeChild, getBinaryNodeChildren } from '@whiskeysockets/baileys';
import { type Address, joinAddresses, parseJid } from '../address.js';
import { type ChatAddress, parseChatJid, userChat } from '../chat-address.js';
import type { ReadElsewhereFact, ReceiptFact } from '../content.js';
import { isSame } from './content/message-key.js';
import { selfOf } from './envelope.js';
import type { Me } from './journal.js';

export interface ReceiptFacts {
  receipts: ReceiptFact[];
  readElsewhere: ReadElsewhereFact[];
}

const none: ReceiptFacts = { receipts: [], readElsewhere: [] };

/** Receipt types that say something about our messages; no type means delivered. */
const states: Record<string, ReceiptFact['state']> = {
  '': 'delivered',
  inactive: 'delivered',
  read: 'read',
  played: 'played',
};

/** From our own devices: the owner read or played it there. `read-self` when read receipts are switched off. */
const ownReads = new Set(['read', 'read-self', 'played', 'played-self']);

/**
 * What a `receipt` stanza tells (whatsmeow, receipt.go, `parseReceipt`). In a room `participant` says who got it; the
 * server may also list several at once. Retry requests say nothing here.
 */
export function receiptFacts(node: BinaryNode, me: Me): ReceiptFacts {
  const { id, from, participant, type = '', t, recipient } = node.attrs;
  const chat = parseChatJid(from);
  if (!chat || !id) return none;
  const at = timeOf(t);
  const self = selfOf(me);
  const by = chat.kind === 'user' ? chat : both(participant, node.attrs.participant_pn, node.attrs.participant_lid);
  if (chat.kind !== 'user' && !by) return { receipts: listed(node, chat, type), readElsewhere: [] };
  const waMessageIds = [id, ...listedIds(node)];
  if (isSame(by, self)) {
    const where = chat.kind === 'user' ? parseChatJid(recipient) : chat;
    return where && ownReads.has(type) ? { receipts: [], readElsewhere: [{ waMessageIds, chat: where, at }] } : none;
  }
  const state = states[type];
  const person = { phone: by!.phone, lid: by!.lid };
  // Through a broadcast list one is told in the chat with each.
  const told = chat.kind === 'broadcast' ? userChat(person) : chat;
  return state ? { receipts: [{ waMessageIds, chat: told, by: person, state, at }], readElsewhere: [] } : none;
}

/** Of many members at once: one list for each message. */
function listed(node: BinaryNode, chat: ChatAddress, type: string): ReceiptFact[] {
  const state = states[type];
  if (!state) return [];
  return getBinaryNodeChildren(node, 'participants').flatMap(({ attrs: { key }, content }) => {
    const users = Array.isArray(content) ? content : [];
    return users.flatMap(({ attrs: { jid, t } }): ReceiptFact[] => {
      const by = parseJid(jid);
      return key && by ? [{ waMessageIds: [key], chat, by, state, at: timeOf(t) }] : [];
    });
  });
}

function listedIds(node: BinaryNode): string[] {
  return getBinaryNodeChildren(getBinaryNodeChild(node, 'list'), 'item')
    .map((item) => item.attrs.id)
    .filter((id) => id !== undefined);
}

function both(...jids: (string | undefined)[]): Address | null {
  return jids.map(parseJid).reduce((known, form) => joinAddresses(known, form), null);
}

function timeOf(seconds: string | undefined): Date {
  return seconds ? new Date(Number(seconds) * 1000) : new Date();
}
