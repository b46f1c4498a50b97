import { createHash } from 'node:crypto';
import { type BinaryNode, getBinaryNodeChild, type WASocket } from '@whiskeysockets/baileys';
import type { DurableStore } from './durable-store.js';
import { plainEncoding } from './inbound-translation.js';
import { type DecryptedStanza, type Me, writeEntry } from './journal.js';
import type { SocketListener } from './live-socket.js';

export interface PlainMessageParts {
  store: DurableStore;
  me(): Me;
  ignores(jid: string | undefined): boolean;
  /** It is in the journal. */
  journalled(stanza: DecryptedStanza): void;
}

/**
 * Messages that are not encrypted, as those of newsletters. No ratchet is committed with them, so they are put into the
 * journal by themselves, before the library handles and thereby acknowledges them.
 */
export class PlainMessages implements SocketListener {
  private readonly underWay = new Set<Promise<void>>();

  constructor(private readonly parts: PlainMessageParts) {}

  attach(sock: WASocket): void {
    sock.ws.prependListener('CB:message', (node: BinaryNode) => this.take(node));
    const { messageMutex } = sock;
    const inOrder = messageMutex.mutex.bind(messageMutex);
    messageMutex.mutex = async (work) => {
      if (this.underWay.size > 0) await Promise.all(this.underWay);
      return inOrder(work);
    };
  }

  private take(node: BinaryNode): void {
    const stanza = plainStanza(node, this.parts.me());
    if (!stanza || this.parts.ignores(node.attrs.from)) return;
    const entry = writeEntry(stanza);
    const kept = this.parts.store
      .run((store) => store.commit({ journal: [entry] }))
      .then(() => this.parts.journalled(stanza));
    this.underWay.add(kept);
    const forget = () => this.underWay.delete(kept);
    // Who waits in the lock above gets the failure; the socket is closed by it.
    kept.then(forget, forget);
  }
}

/** Null for a stanza without such a message. A later version of a post has its id: what it says tells them apart. */
export function plainStanza(node: BinaryNode, me: Me): DecryptedStanza | null {
  const plaintext = getBinaryNodeChild(node, 'plaintext');
  if (!plaintext || !node.attrs.id) return null;
  const bytes = plaintext.content instanceof Uint8Array ? plaintext.content : Buffer.alloc(0);
  const { from, id, edit = '' } = node.attrs;
  const version = createHash('sha256').update(bytes).digest('base64url').slice(0, 16);
  const journalId = [from, '', id, edit, version].join('|');
  return { journalId, attrs: node.attrs, encAttrs: { type: plainEncoding }, plaintext: bytes, me };
}
