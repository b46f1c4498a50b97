import { areJidsSameUser, type BinaryNode, getBinaryNodeChild, getBinaryNodeChildren } from '@whiskeysockets/baileys';
import { parseJid } from '../address.js';
import { userChat } from '../chat-address.js';
import type { ReadElsewhereFact, ReceiptFact } from '../content.js';
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

/**
 * What a `receipt` stanza tells. From our own devices, `read` and `read-self` (read receipts switched off) say that the
 * owner read the chat named in `recipient` elsewhere. Retry requests and receipts of groups say nothing here.
 */
export function receiptFacts(node: BinaryNode, me: Me): ReceiptFacts {
  const { id, from, type = '', t, recipient } = node.attrs;
  const sender = parseJid(from);
  if (!sender || !id) return none;
  const waMessageIds = [id, ...listedIds(node)];
  const at = t ? new Date(Number(t) * 1000) : new Date();
  if (areJidsSameUser(from, me.id) || areJidsSameUser(from, me.lid)) {
    const chat = parseJid(recipient);
    const isRead = type === 'read' || type === 'read-self' || type === 'played-self';
    return chat && isRead ? { receipts: [], readElsewhere: [{ waMessageIds, chat: userChat(chat), at }] } : none;
  }
  const state = states[type];
  return state
    ? { receipts: [{ waMessageIds, chat: userChat(sender), by: sender, state, at }], readElsewhere: [] }
    : none;
}

function listedIds(node: BinaryNode): string[] {
  return getBinaryNodeChildren(getBinaryNodeChild(node, 'list'), 'item')
    .map((item) => item.attrs.id)
    .filter((id) => id !== undefined);
}
