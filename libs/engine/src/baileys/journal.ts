import { type BinaryNode, getBinaryNodeChildren } from '@whiskeysockets/baileys';
import type { JournalEntry } from '../store.js';

/** Who this device is; decides what is "from me". */
export interface Me {
  id: string;
  lid: string;
}

/** One ciphertext of an inbound message stanza, and what its journal entry will say. */
export interface InboundCipher {
  journalId: string;
  /** Of the message stanza. */
  attrs: Record<string, string>;
  /** Of its `enc` node. */
  encAttrs: Record<string, string>;
}

/** A decrypted message with everything needed to translate it, now or after a restart. */
export interface DecryptedStanza extends InboundCipher {
  plaintext: Uint8Array;
  me: Me;
}

/**
 * Remembers which stanza a ciphertext came in. Baileys hands the same buffer object to the Signal repository, so the
 * buffer is the key, and nothing needs to be removed.
 */
export class InboundCiphers {
  private readonly byBuffer = new WeakMap<Uint8Array, InboundCipher>();

  /** Takes a `message` stanza in, before Baileys handles it. */
  register(node: BinaryNode): void {
    const ciphers = getBinaryNodeChildren(node, 'enc');
    for (const [index, enc] of ciphers.entries()) {
      if (!(enc.content instanceof Uint8Array)) continue;
      const { from, participant, id } = node.attrs;
      const journalId = [from, participant ?? '', id, index, enc.attrs.count ?? ''].join('|');
      this.byBuffer.set(enc.content, { journalId, attrs: node.attrs, encAttrs: enc.attrs });
    }
  }

  find(ciphertext: Uint8Array): InboundCipher | undefined {
    return this.byBuffer.get(ciphertext);
  }
}

interface StoredEntry {
  version: 1;
  attrs: Record<string, string>;
  encAttrs: Record<string, string>;
  me: Me;
  plaintext: string;
}

export function writeEntry(stanza: DecryptedStanza): JournalEntry {
  const { attrs, encAttrs, me, plaintext } = stanza;
  const stored: StoredEntry = {
    version: 1,
    attrs,
    encAttrs,
    me,
    plaintext: Buffer.from(plaintext).toString('base64'),
  };
  return { id: stanza.journalId, waMessageId: attrs.id ?? '', bytes: Buffer.from(JSON.stringify(stored)) };
}

export function readEntry(entry: JournalEntry): DecryptedStanza {
  const stored: StoredEntry = JSON.parse(Buffer.from(entry.bytes).toString('utf8'));
  return {
    journalId: entry.id,
    attrs: stored.attrs,
    encAttrs: stored.encAttrs,
    me: stored.me,
    plaintext: Buffer.from(stored.plaintext, 'base64'),
  };
}
