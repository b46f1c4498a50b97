import { areJidsSameUser, proto, unpadRandomMax16, type WASocket } from '@whiskeysockets/baileys';
import type { AuthState } from '../auth-state.js';
import type { DecryptedStanza } from '../journal.js';
import { type KeyLookup, MissingKey } from './collection.js';
import { MutationKeys } from './mutation-keys.js';

const keyType = 'app-state-sync-key';
/** Which key to seal with. Baileys takes the one that came last, which may be an old one that we asked for. */
const newestType = 'app-state-newest-key';
const newestId = 'id';

const { APP_STATE_SYNC_KEY_SHARE, APP_STATE_SYNC_KEY_REQUEST } = proto.Message.ProtocolMessage.Type;

/** The keys of the synchronised settings, which only the phone makes and shares with this device. */
export class AppStateKeys {
  constructor(private readonly auth: AuthState) {}

  /**
   * Takes the keys out of a message of our own phone. Called inside the transaction that decrypts it, so that they are
   * committed with the ratchet: the phone sends them once.
   * @returns whether there were any
   */
  async take({ attrs, me, plaintext }: DecryptedStanza): Promise<boolean> {
    const isOwn = areJidsSameUser(attrs.from, me.id) || areJidsSameUser(attrs.from, me.lid);
    if (attrs.category !== 'peer' || !isOwn) return false;
    const message = proto.Message.decode(unpadRandomMax16(plaintext));
    const shared = (message.deviceSentMessage?.message ?? message).protocolMessage;
    if (shared?.type !== APP_STATE_SYNC_KEY_SHARE) return false;
    const keys = (shared.appStateSyncKeyShare?.keys ?? []).filter(
      ({ keyId, keyData }) => keyId?.keyId && keyData?.keyData,
    );
    if (keys.length === 0) return false;
    const ids = keys.map(({ keyId }) => base64(keyId!.keyId!));
    await this.auth.keys.set({
      [keyType]: Object.fromEntries(keys.map(({ keyData }, index) => [ids[index], keyData])),
    });
    const newest = [...ids, await this.newestId()].filter((id) => id !== null).reduce(newer);
    await this.auth.keys.set({ [newestType]: { [newestId]: newest } });
    return true;
  }

  /** The key to seal with; null while the phone has shared none. */
  async newest(): Promise<MutationKeys | null> {
    const id = await this.newestId();
    return id === null ? null : this.find(id);
  }

  /** The id of the key to seal with, when the key itself is not here. */
  async lost(): Promise<Buffer | null> {
    const id = await this.newestId();
    return id !== null && (await this.find(id)) === null ? Buffer.from(id, 'base64') : null;
  }

  /** Finds keys by id, each once. @throws MissingKey */
  lookup(): KeyLookup {
    const found = new Map<string, Promise<MutationKeys | null>>();
    return async (bytes) => {
      const id = base64(bytes ?? new Uint8Array());
      let keys = found.get(id);
      if (!keys) {
        keys = this.find(id);
        found.set(id, keys);
      }
      const known = await keys;
      if (!known) throw new MissingKey(Buffer.from(id, 'base64'));
      return known;
    };
  }

  /** Asks the phone for a key that it has not shared (whatsmeow `requestAppStateKeys`). It answers when it is online. */
  async ask(sock: WASocket, keyId: Buffer): Promise<void> {
    const jid = this.auth.me.id.replace(/:\d+@/, '@');
    const protocolMessage = { type: APP_STATE_SYNC_KEY_REQUEST, appStateSyncKeyRequest: { keyIds: [{ keyId }] } };
    await sock.relayMessage(
      jid,
      { protocolMessage },
      {
        additionalAttributes: { category: 'peer', push_priority: 'high_force' },
        additionalNodes: [{ tag: 'meta', attrs: { appdata: 'default' } }],
      },
    );
  }

  private async find(id: string): Promise<MutationKeys | null> {
    const { [id]: found } = (await this.auth.keys.get(keyType, [id])) as Record<
      string,
      proto.Message.IAppStateSyncKeyData | undefined
    >;
    return found?.keyData ? new MutationKeys(Buffer.from(id, 'base64'), found.keyData) : null;
  }

  /** A session that was taken over from Baileys has it in its credentials. */
  private async newestId(): Promise<string | null> {
    const found = (await this.auth.keys.get(newestType, [newestId]))[newestId];
    return typeof found === 'string' ? found : (this.auth.creds.myAppStateKeyId ?? null);
  }
}

/** An id is two bytes of the device that made the key and four of a number that grows (whatsmeow `types/events`). */
function newer(a: string, b: string): string {
  return epochOf(b) >= epochOf(a) ? b : a;
}

function epochOf(id: string): number {
  const bytes = Buffer.from(id, 'base64');
  return bytes.length >= 6 ? bytes.readUInt32BE(2) : -1;
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
