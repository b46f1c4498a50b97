import { DEFAULT_CONNECTION_CONFIG, isJidStatusBroadcast, type SocketConfig } from '@whiskeysockets/baileys';
import { type DurableStore, StoreFailure } from './durable-store.js';
import {
  type DecryptedStanza,
  type InboundCipher,
  type InboundCiphers,
  type Me,
  readEntry,
  writeEntry,
} from './journal.js';
import type { KeyTransactions } from './key-transactions.js';

type MakeRepository = SocketConfig['makeSignalRepository'];

/** What happens with the ciphertexts of inbound messages. */
export interface InboundCipherEvents {
  /** Decrypted, and committed with its ratchet. */
  decrypted(stanza: DecryptedStanza): void;
  /**
   * Could not be decrypted, and was not known from before. WhatsApp is asked to send it again when this resolves; the
   * messages that follow wait for it.
   */
  undecryptable(cipher: InboundCipher, reason: string): Promise<void>;
  /** Had been decrypted before; WhatsApp delivered it again. */
  servedFromJournal(cipher: InboundCipher): void;
}

export interface JournallingParts {
  keys: KeyTransactions;
  store: DurableStore;
  ciphers: InboundCiphers;
  me(): Me;
  /**
   * Called with each decrypted message inside the transaction that commits it, to write more into the same commit. What
   * it answers is called after the commit.
   */
  committing?(stanza: DecryptedStanza): Promise<() => void>;
  events: InboundCipherEvents;
}

/** A message without content, padded as WhatsApp pads: Baileys reads it as "decrypted, nothing in it". */
const emptyMessage = Buffer.from([1]);
/** libsignal's words for a message that was decrypted before. */
const alreadyUsed = 'Key used already or never filled';

/**
 * The stock Signal repository over our transactions, with the inbox journal: the plaintext of an inbound message is
 * committed together with the ratchet and the used pre-key, before the receipt leaves. After a crash nothing that
 * WhatsApp believes delivered is missing, and what it delivers again (its key is gone) is answered from the journal.
 */
export function makeJournallingRepository(parts: JournallingParts): MakeRepository {
  return (auth, logger, lookUpLids) => {
    parts.keys.installInto(auth.keys);
    const stock = DEFAULT_CONNECTION_CONFIG.makeSignalRepository(auth, logger, lookUpLids);
    return {
      ...stock,
      decryptMessage: (options) => decrypt(parts, options.ciphertext, () => stock.decryptMessage(options)),
      decryptGroupMessage: (options) => decrypt(parts, options.msg, () => stock.decryptGroupMessage(options)),
    };
  };
}

async function decrypt(
  parts: JournallingParts,
  ciphertext: Uint8Array,
  stock: () => Promise<Uint8Array>,
): Promise<Uint8Array> {
  const cipher = parts.ciphers.find(ciphertext);
  if (!cipher) return stock();
  try {
    const { result, committed } = await parts.keys.receive(async () => {
      const stanza: DecryptedStanza = { ...cipher, plaintext: await stock(), me: parts.me() };
      parts.keys.journal(writeEntry(stanza));
      return { stanza, after: await parts.committing?.(stanza) };
    });
    // Not awaited: the library goes on to the next message, and its receipt for this one waits (wire-order.ts). When the
    // commit fails the socket ends, and WhatsApp delivers the message again.
    void committed.then(
      () => {
        parts.events.decrypted(result.stanza);
        result.after?.();
      },
      () => undefined,
    );
    return result.stanza.plaintext;
  } catch (error) {
    return answerFailure(parts, cipher, error);
  }
}

async function answerFailure(parts: JournallingParts, cipher: InboundCipher, error: unknown): Promise<Uint8Array> {
  // The store failed, not the cipher: the socket is closed already, so what Baileys makes of it reaches nobody.
  if (error instanceof StoreFailure) throw error;
  // The first delivery may be on its way to the store.
  await parts.keys.settled();
  const known = await parts.store.run((store) => store.findJournal(cipher.journalId));
  if (known) {
    parts.events.servedFromJournal(cipher);
    return readEntry(known).plaintext;
  }
  // A status that nobody can read would be refused, delivered first again for ever, and hold back the rest of the queue.
  if (isJidStatusBroadcast(cipher.attrs.from ?? '')) return emptyMessage;
  const reason = error instanceof Error ? error.message : String(error);
  if (!reason.includes(alreadyUsed)) await parts.events.undecryptable(cipher, reason);
  throw error;
}
