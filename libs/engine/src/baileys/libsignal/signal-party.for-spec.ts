import {
  DEFAULT_CONNECTION_CONFIG,
  generateSignalPubKey,
  initAuthCreds,
  type SignalAuthState,
  type SignalKeyStoreWithTransaction,
} from '@whiskeysockets/baileys';
import { baileysLogger } from '../baileys-logger.js';
import { silentLogger } from '../test-profile.for-spec.js';

/** A device with the stock Signal repository over a plain map. */
export class SignalParty {
  readonly creds = initAuthCreds();
  private readonly values = new Map<string, unknown>();
  readonly keys: SignalKeyStoreWithTransaction = {
    get: async (type, ids) =>
      Object.fromEntries(
        ids.filter((id) => this.values.has(`${type}/${id}`)).map((id) => [id, this.values.get(`${type}/${id}`)]),
      ) as never,
    set: async (data) => {
      for (const [type, values] of Object.entries(data)) {
        for (const [id, value] of Object.entries(values ?? {})) {
          if (value === null) this.values.delete(`${type}/${id}`);
          else this.values.set(`${type}/${id}`, value);
        }
      }
    },
    isInTransaction: () => false,
    transaction: (work) => work(),
  };
  readonly repository = DEFAULT_CONNECTION_CONFIG.makeSignalRepository(
    this as SignalAuthState,
    baileysLogger(silentLogger),
  );

  constructor(readonly jid: string) {}

  /** Opens a new session to `other`, as a client does that fetched its keys. */
  async openSession(other: SignalParty): Promise<void> {
    const { registrationId, signedIdentityKey, signedPreKey } = other.creds;
    await this.repository.injectE2ESession({
      jid: other.jid,
      session: {
        registrationId,
        identityKey: generateSignalPubKey(signedIdentityKey.public),
        signedPreKey: {
          keyId: signedPreKey.keyId,
          publicKey: generateSignalPubKey(signedPreKey.keyPair.public),
          signature: signedPreKey.signature,
        },
      },
    });
  }

  encrypt(to: SignalParty, text: string) {
    return this.repository.encryptMessage({ jid: to.jid, data: Buffer.from(text) });
  }

  async decrypt(from: SignalParty, message: { type: 'pkmsg' | 'msg'; ciphertext: Uint8Array }): Promise<string> {
    const plain = await this.repository.decryptMessage({ jid: from.jid, ...message });
    return Buffer.from(plain).toString();
  }
}
