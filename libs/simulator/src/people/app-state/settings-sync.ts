import { proto } from '../../baileys.js';
import type { MediaHost } from '../../media/host.js';
import type { Account } from '../../network/account.js';
import { COLLECTIONS, type CollectionName } from '../../network/app-state.js';
import type { Companion } from '../../network/companion.js';
import type { Problems } from '../../network/problems.js';
import { announceSettings } from '../../network/settings-notice.js';
import { MutationKeys } from './mutation-keys.js';
import { BadPatch, PhoneCollection, type SettingMutation } from './phone-collection.js';
import type { SettingChange } from './setting-changes.js';

/** More mutations than this do not travel in the patch: they lie beside it on the media host. */
const INLINE_MUTATIONS = 50;

export interface SettingsParts {
  account: Account;
  media: MediaHost;
  problems: Problems;
  /** A companion has changed settings, and its patch was right. */
  onChanges(collection: CollectionName, changes: SettingMutation[]): void;
}

/**
 * The phone's half of the synchronised settings: takes over what companions change after checking every MAC, makes
 * patches of its own, and hands the keys to companions.
 */
export class SettingsSync {
  private readonly collections = new Map<CollectionName, PhoneCollection>();
  private readonly keys = new Map<string, MutationKeys>();
  private work: Promise<void> = Promise.resolve();

  constructor(private readonly parts: SettingsParts) {
    for (const name of COLLECTIONS) {
      this.collections.set(name, new PhoneCollection(name, (id) => this.keyOf(id)));
    }
    parts.account.appState.onSnapshotDue = (name) => void this.exclusive(() => this.leaveSnapshot(name));
  }

  /** What the phone knows of a collection. */
  collection(name: CollectionName): PhoneCollection {
    const found = this.collections.get(name);
    if (!found) throw new Error(`no collection ${name}`);
    return found;
  }

  /** Catches up with what companions have changed. */
  pull(): Promise<void> {
    return this.exclusive(() => {
      for (const name of COLLECTIONS) this.catchUp(name);
    });
  }

  /** Changes settings of one collection in one patch. Resolves when the server has it and the companions are told. */
  push(changes: SettingChange[]): Promise<void> {
    return this.exclusive(async () => {
      const [first] = changes;
      if (!first) return;
      const name = first.collection;
      this.catchUp(name);
      const collection = this.collection(name);
      const since = collection.version;
      const { appState, world } = this.parts.account;
      const timestamp = world.clock.now();
      const stamped = changes.map((change) => ({ ...change, value: change.value && { ...change.value, timestamp } }));
      const patch = collection.make(stamped, this.newestKey());
      const { data, mutations } = await this.sealedPatch(patch);
      if (appState.submit(name, since, data, mutations) !== 'accepted') {
        throw new Error(`the server refused the phone's patch of ${name}`);
      }
      collection.apply(patch, since + 1);
      announceSettings(this.parts.account, name);
    });
  }

  /** Notes that a companion asked the phone for what it cannot do. */
  complain(detail: string): void {
    this.parts.problems.add('unsupported', this.parts.account.number, detail);
  }

  /** From now on patches are made with a new key, as phones do after a companion was removed. */
  rotateKey(): void {
    const { appState, world } = this.parts.account;
    const newest = appState.keys.at(-1);
    const id = Buffer.alloc(6);
    // Two bytes of device, four of a number that grows (whatsmeow `events.AppStateSyncKeyShare`): the phone is device 0.
    id.writeUInt32BE((newest?.id.readUInt32BE(2) ?? 0) + 1, 2);
    const data = MutationKeys.newSecret();
    appState.keys.push({ id, data, at: world.clock.now() });
  }

  /** The message that gives a companion the keys with these ids, or all of them. */
  keyShare(companion: Companion, ids?: Buffer[]): proto.IMessage {
    const { appState, devices } = this.parts.account;
    const fingerprint = { rawId: 4242, currentIndex: 0, deviceIndexes: [...devices.keys()] };
    if (!fingerprint.deviceIndexes.includes(companion.number)) fingerprint.deviceIndexes.push(companion.number);
    const wanted = ids
      ? ids.map((id) => appState.keys.find((key) => key.id.equals(id)) ?? { id, data: undefined, at: 0 })
      : appState.keys;
    return {
      protocolMessage: {
        type: proto.Message.ProtocolMessage.Type.APP_STATE_SYNC_KEY_SHARE,
        appStateSyncKeyShare: {
          keys: wanted.map(({ id, data, at }) => ({
            keyId: { keyId: id },
            ...(data ? { keyData: { keyData: data, fingerprint, timestamp: at } } : {}),
          })),
        },
      },
    };
  }

  private async sealedPatch(patch: proto.ISyncdPatch): Promise<{ data: Buffer; mutations?: proto.ISyncdMutation[] }> {
    const mutations = patch.mutations ?? [];
    if (mutations.length <= INLINE_MUTATIONS) return { data: Buffer.from(proto.SyncdPatch.encode(patch).finish()) };
    const externalMutations = await this.upload(proto.SyncdMutations.encode({ mutations }).finish());
    const outer = proto.SyncdPatch.encode({ ...patch, mutations: [], externalMutations }).finish();
    return { data: Buffer.from(outer), mutations };
  }

  private async leaveSnapshot(name: CollectionName): Promise<void> {
    const { appState } = this.parts.account;
    const { version, data } = appState.wholeSnapshot(name);
    const reference = proto.ExternalBlobReference.encode(await this.upload(data)).finish();
    appState.keepSnapshot(name, version, reference);
  }

  private async upload(data: Uint8Array): Promise<proto.IExternalBlobReference> {
    const { mediaKey, directPath, fileSha256, fileEncSha256, fileLength } = await this.parts.media.upload(
      data,
      'md-app-state',
    );
    return { mediaKey, directPath, fileSha256, fileEncSha256, fileSizeBytes: fileLength };
  }

  private catchUp(name: CollectionName): void {
    const { appState } = this.parts.account;
    const collection = this.collection(name);
    const patches = collection.version > 0 ? appState.patchesSince(name, collection.version) : undefined;
    if (!patches) {
      if (appState.version(name) > collection.version) this.reload(collection, name);
      return;
    }
    for (const { version, data } of patches) {
      const patch = proto.SyncdPatch.decode(data);
      try {
        this.parts.onChanges(name, collection.apply(patch, version));
      } catch (error) {
        if (!(error instanceof BadPatch)) throw error;
        const detail = `patch ${version} of ${name}: ${error.message}`;
        this.parts.problems.add('bad-patch', this.parts.account.number, detail);
        this.reload(collection, name);
        return;
      }
    }
  }

  /** The phone begins from what the server has, as after a restart. */
  private reload(collection: PhoneCollection, name: CollectionName): void {
    const { appState } = this.parts.account;
    const before = new Set(collection.all.map(({ index }) => JSON.stringify(index)));
    collection.load(appState.records(name), appState.version(name));
    const fresh = collection.all.filter(({ index }) => !before.has(JSON.stringify(index)));
    this.parts.onChanges(
      name,
      fresh.map(({ index, value }) => ({ index, value, actionVersion: 0 })),
    );
  }

  private newestKey(): MutationKeys {
    const newest = this.parts.account.appState.keys.at(-1);
    const key = newest && this.keyOf(newest.id);
    if (!key) throw new Error('the phone has no key for its settings');
    return key;
  }

  private keyOf(id: Buffer): MutationKeys | undefined {
    const name = id.toString('base64');
    let keys = this.keys.get(name);
    if (keys) return keys;
    const found = this.parts.account.appState.keys.find((key) => key.id.equals(id));
    if (!found) return undefined;
    keys = new MutationKeys(found.id, found.data);
    this.keys.set(name, keys);
    return keys;
  }

  private exclusive(work: () => Promise<void> | void): Promise<void> {
    const result = this.work.then(work);
    this.work = result.catch(() => undefined);
    return result;
  }
}
