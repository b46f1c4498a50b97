import { requireFromBaileys } from '../versions.js';

/** One Signal session with one device. Its ratchet is stepped in place. */
export interface SessionEntry {
  serialize(): unknown;
}

interface SessionEntryClass {
  deserialize(data: unknown): SessionEntry;
}

/** The parts of libsignal that we replace. */
export interface Libsignal {
  SessionCipher: {
    prototype: {
      doDecryptWhisperMessage(message: Uint8Array, session: SessionEntry | undefined): Promise<Buffer>;
      queueJob<T>(job: () => Promise<T>): Promise<T>;
    };
  };
  SessionBuilder: {
    prototype: { storage: Record<string, unknown>; initOutgoing(device: unknown): Promise<void> };
  };
}

/** The very instance that Baileys uses. */
export const libsignal: Libsignal = requireFromBaileys('libsignal');

export const classOf = (session: SessionEntry): SessionEntryClass =>
  session.constructor as unknown as SessionEntryClass;
