import { classOf, libsignal, type SessionEntry } from './library.js';

type Decrypt = (this: unknown, message: Uint8Array, session: SessionEntry | undefined) => Promise<Buffer>;

const restored = Symbol.for('waypost.libsignal.session-restore');

/**
 * Makes a failed decryption leave the session as it was.
 *
 * libsignal 6.0.0 steps the ratchet before it checks the authentication code. With several sessions for one device each
 * is tried in turn; when a later one fits, the damaged ones are stored with it, and the next message on them cannot be
 * read any more. Baileys provokes it: the first send after a start opens a new session while answers are in flight.
 */
export function installSessionRestore(): void {
  const prototype = libsignal.SessionCipher.prototype;
  const original = prototype.doDecryptWhisperMessage as Decrypt & { [restored]?: true };
  if (original[restored]) return;
  const restoring: Decrypt & { [restored]?: true } = async function (message, session) {
    const before = session?.serialize();
    try {
      return await original.call(this, message, session);
    } catch (error) {
      if (session) restore(session, before);
      throw error;
    }
  };
  restoring[restored] = true;
  prototype.doDecryptWhisperMessage = restoring;
}

function restore(session: SessionEntry, before: unknown): void {
  const fresh = classOf(session).deserialize(before);
  for (const key of Object.keys(session)) delete (session as unknown as Record<string, unknown>)[key];
  Object.assign(session, fresh);
}
