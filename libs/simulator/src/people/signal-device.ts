import {
  Curve,
  encodeWAMessage,
  generateRegistrationId,
  generateSignalPubKey,
  type KeyPair,
  makeLibSignalRepository,
  proto,
  type SignalDataSet,
  type SignalKeys,
  type SignalRepository,
  signedKeyPair,
  silentLogger,
  unpadRandomMax16,
  type WireMessage,
} from '../baileys.js';
import type { DeviceKeys, KeyBundle } from '../network/keys.js';

/** A phone's private keys. */
export interface PhoneIdentity {
  identity: KeyPair;
  signedPreKey: ReturnType<typeof signedKeyPair>;
  registrationId: number;
}

/** As libsignal keeps the sessions with one address. */
interface SessionRecord {
  _sessions: Record<string, { indexInfo: { used: number } }>;
}

/** What is encrypted for a room, and the key to it. */
export interface RoomCiphertext {
  ciphertext: Uint8Array;
  key: Uint8Array;
}

export interface SignalSnapshot {
  identity: PhoneIdentity;
  keys: [string, unknown][];
}

export function newPhoneIdentity(): PhoneIdentity {
  const identity = Curve.generateKeyPair();
  return { identity, signedPreKey: signedKeyPair(identity, 1), registrationId: generateRegistrationId() };
}

/**
 * The Signal cipher of a phone inside the simulator: the same repository that Baileys uses, over a map in memory. All
 * work is done one at a time per device, in order. Its key bundle has no one-time key, so it can be handed out any
 * number of times. The keys are made when they are first needed, since that costs milliseconds each.
 */
export class SignalDevice implements DeviceKeys {
  private readonly store = new Map<string, unknown>();
  private queue: Promise<unknown> = Promise.resolve();
  private own?: PhoneIdentity;
  /** Called when the phone has made its keys. */
  onIdentity?: (identity: PhoneIdentity) => void;
  private cipher?: SignalRepository;
  /** After a restore: the addresses whose session was opened anew since. */
  private renewed?: Set<string>;

  get identity(): PhoneIdentity {
    if (!this.own) {
      this.own = newPhoneIdentity();
      this.onIdentity?.(this.own);
    }
    return this.own;
  }

  takeBundle(): KeyBundle {
    const { identity, signedPreKey, registrationId } = this.identity;
    return {
      registrationId,
      identity: Buffer.from(identity.public),
      signedPreKey: {
        id: signedPreKey.keyId,
        publicKey: Buffer.from(signedPreKey.keyPair.public),
        signature: Buffer.from(signedPreKey.signature),
      },
    };
  }

  /** Encrypts for the device at a LID address, over a new session if there is none or `renew` asks for one. */
  encrypt(
    jid: string,
    message: WireMessage,
    bundle: () => KeyBundle | undefined,
    renew = false,
  ): Promise<{ type: 'pkmsg' | 'msg'; ciphertext: Uint8Array }> {
    return this.exclusive(async () => {
      const isStale = this.renewed !== undefined && !this.renewed.has(jid);
      if (renew || isStale || !(await this.repository.validateSession(jid)).exists) {
        await this.openSession(jid, bundle());
        this.renewed?.add(jid);
      }
      return this.repository.encryptMessage({ jid, data: encodeWAMessage(message) });
    });
  }

  /** Decrypts what came from the device at a LID address. Rejects when the session does not fit. */
  decrypt(jid: string, type: 'pkmsg' | 'msg', ciphertext: Uint8Array): Promise<proto.Message> {
    return this.exclusive(async () => {
      const open = () => this.repository.decryptMessage({ jid, type, ciphertext });
      const padded = type === 'msg' ? await this.inOneSession(jid, open) : await open();
      return proto.Message.decode(unpadRandomMax16(padded));
    });
  }

  /**
   * Encrypts once for a whole room. `from` is this device's own address. Gives the ciphertext and the message that hands
   * the key to those who do not have it.
   */
  encryptForRoom(room: string, from: string, message: WireMessage): Promise<RoomCiphertext> {
    return this.exclusive(async () => {
      const data = encodeWAMessage(message);
      const { ciphertext, senderKeyDistributionMessage } = await this.repository.encryptGroupMessage({
        group: room,
        meId: from,
        data,
      });
      return { ciphertext, key: senderKeyDistributionMessage };
    });
  }

  /** The message that hands the own key of a room out once more. */
  roomKey(room: string, from: string): Promise<Uint8Array> {
    return this.exclusive(() => this.repository.getSenderKeyDistributionMessage({ group: room, meId: from }));
  }

  /** Decrypts what the device at `author` sent to a room. Rejects when its key is not known. */
  decryptInRoom(room: string, author: string, ciphertext: Uint8Array): Promise<proto.Message> {
    return this.exclusive(async () => {
      const padded = await this.repository.decryptGroupMessage({ group: room, authorJid: author, msg: ciphertext });
      return proto.Message.decode(unpadRandomMax16(padded));
    });
  }

  /** Learns the key with which the device at `author` sends to a room. */
  learnRoomKey(author: string, item: proto.Message.ISenderKeyDistributionMessage): Promise<void> {
    return this.exclusive(() => this.repository.processSenderKeyDistributionMessage({ authorJid: author, item }));
  }

  /** Begins anew in a room: the next message there is encrypted with a fresh key. */
  dropRoomKey(room: string, from: string): Promise<void> {
    return this.exclusive(async () => {
      const address = this.repository.jidToSignalProtocolAddress(from);
      const [user = '', device = '0'] = address.split('.');
      this.store.delete(`sender-key/${room}::${user}::${device}`);
    });
  }

  snapshot(): SignalSnapshot | undefined {
    return this.own && { identity: this.own, keys: [...this.store] };
  }

  /**
   * Takes saved keys and sessions over. They may be older than what the other side has seen, so sending begins with a
   * new session for each address: an old counter would be refused without a way to ask again.
   */
  restore(saved: SignalSnapshot): void {
    this.own = saved.identity;
    this.renewed = new Set();
    for (const [name, value] of saved.keys) this.store.set(name, value);
  }

  /** Begins anew with keys of its own, as WhatsApp does when it is installed again. */
  reinstall(): void {
    this.store.clear();
    this.own = undefined;
    this.cipher = undefined;
    this.renewed = undefined;
  }

  /** Loses every session, as a phone does that was restored from a backup. */
  forgetSessions(): void {
    for (const name of this.store.keys()) if (name.startsWith('session/')) this.store.delete(name);
  }

  /** Loses the keys of every room, its own and those of others. */
  forgetRoomKeys(): void {
    for (const name of this.store.keys()) if (name.startsWith('sender-key/')) this.store.delete(name);
  }

  /**
   * Tries the sessions with an address one at a time. libsignal tries them all on one record and steps the ratchet of
   * each before it knows that the message belongs to another; the damaged ones would be stored with the right one.
   */
  private async inOneSession<T>(jid: string, open: () => Promise<T>): Promise<T> {
    const name = `session/${this.repository.jidToSignalProtocolAddress(jid)}`;
    const record = this.store.get(name) as SessionRecord | undefined;
    const sessions = Object.entries(record?._sessions ?? {});
    if (!record || sessions.length < 2) return open();
    sessions.sort(([, a], [, b]) => b.indexInfo.used - a.indexInfo.used);
    let failure: unknown;
    for (const [key, session] of sessions) {
      this.store.set(name, { ...record, _sessions: { [key]: session } });
      try {
        const opened = await open();
        const { _sessions: advanced } = this.store.get(name) as SessionRecord;
        this.store.set(name, { ...record, _sessions: { ...record._sessions, ...advanced } });
        return opened;
      } catch (error) {
        failure = error;
      }
    }
    this.store.set(name, record);
    throw failure;
  }

  private async openSession(jid: string, bundle: KeyBundle | undefined): Promise<void> {
    if (!bundle) throw new Error(`no keys are known for ${jid}`);
    const { oneTimeKey, signedPreKey } = bundle;
    await this.repository.injectE2ESession({
      jid,
      session: {
        registrationId: bundle.registrationId,
        identityKey: generateSignalPubKey(bundle.identity),
        signedPreKey: {
          keyId: signedPreKey.id,
          publicKey: generateSignalPubKey(signedPreKey.publicKey),
          signature: signedPreKey.signature,
        },
        preKey: oneTimeKey && { keyId: oneTimeKey.id, publicKey: generateSignalPubKey(oneTimeKey.publicKey) },
      },
    });
  }

  private get repository(): SignalRepository {
    if (!this.cipher) {
      const { identity, signedPreKey, registrationId } = this.identity;
      const creds = { signedIdentityKey: identity, signedPreKey, registrationId };
      this.cipher = makeLibSignalRepository({ creds, keys: this.keys() }, silentLogger);
    }
    return this.cipher;
  }

  private exclusive<T>(work: () => Promise<T>): Promise<T> {
    const result = this.queue.then(work);
    this.queue = result.catch(() => undefined);
    return result;
  }

  private keys(): SignalKeys {
    const { store } = this;
    const keys = {
      async get(type: string, ids: string[]): Promise<Record<string, unknown>> {
        const found: Record<string, unknown> = {};
        for (const id of ids) {
          const value = store.get(`${type}/${id}`);
          if (value !== undefined) found[id] = value;
        }
        return found;
      },
      async set(data: SignalDataSet): Promise<void> {
        for (const [type, values] of Object.entries(data)) {
          for (const [id, value] of Object.entries(values)) {
            if (value === null || value === undefined) store.delete(`${type}/${id}`);
            else store.set(`${type}/${id}`, value);
          }
        }
      },
      isInTransaction: () => false,
      transaction: <T>(work: () => Promise<T>): Promise<T> => work(),
    };
    return keys as SignalKeys;
  }
}
