import { proto } from '../../baileys.js';
import { emptyHash, type MutationKeys, type Operation, rehash, valueMacOf } from './mutation-keys.js';

const { SyncdOperation } = proto.SyncdMutation;

/** One synchronised setting: which, and its value. */
export interface SettingEntry {
  /** What it is about, for instance `["archive", "<chat>"]`. */
  index: string[];
  value: proto.ISyncActionValue;
}

/** A setting that changed: `value` is absent when the entry was taken out. */
export interface SettingMutation {
  index: string[];
  value?: proto.ISyncActionValue;
  /** Version of the kind of action, as clients send it. */
  actionVersion: number;
}

interface Held extends SettingEntry {
  valueMac: Buffer;
}

/** A patch that must not be believed. */
export class BadPatch extends Error {}

/**
 * What a phone knows of one collection: its entries in the clear, and the hash that must agree with every other device
 * of the account. Patches of companions are checked here with all their MACs.
 */
export class PhoneCollection {
  version = 0;
  private hash = emptyHash();
  private entries = new Map<string, Held>();

  constructor(
    readonly name: string,
    private readonly keyOf: (id: Buffer) => MutationKeys | undefined,
  ) {}

  get all(): SettingEntry[] {
    return [...this.entries.values()];
  }

  find(index: string[]): SettingEntry | undefined {
    const wanted = JSON.stringify(index);
    for (const entry of this.entries.values()) if (JSON.stringify(entry.index) === wanted) return entry;
    return undefined;
  }

  /** Takes over a patch of another device. Throws `BadPatch` when any MAC is wrong; nothing has changed then. */
  apply(patch: proto.ISyncdPatch, version: number): SettingMutation[] {
    const keys = this.keys(patch.keyId);
    const mutations = patch.mutations ?? [];
    const macs = mutations.map((mutation) => valueMacOf(blobOf(mutation.record?.value)));
    const patchMac = keys.patchMac(patch.snapshotMac ?? new Uint8Array(), macs, version, this.name);
    if (!patchMac.equals(bytesOf(patch.patchMac))) throw new BadPatch('its own MAC is wrong');
    const opened = mutations.map((mutation) => this.open(mutation));
    const next = this.after(opened);
    const snapshotMac = keys.snapshotMac(next.hash, version, this.name);
    if (!snapshotMac.equals(bytesOf(patch.snapshotMac))) throw new BadPatch('the hash of the collection disagrees');
    this.entries = next.entries;
    this.hash = next.hash;
    this.version = version;
    return opened.map(({ operation, index, value, actionVersion }) => ({
      index,
      value: operation === 'set' ? value : undefined,
      actionVersion,
    }));
  }

  /** Starts anew from the records that the server keeps. Records that do not open are left out. */
  load(records: proto.ISyncdRecord[], version: number): void {
    this.entries = new Map();
    this.hash = emptyHash();
    const opened = records.flatMap((record) => {
      try {
        return [this.open({ operation: SyncdOperation.SET, record })];
      } catch {
        return [];
      }
    });
    const macs = records.map((record) => valueMacOf(blobOf(record.value)));
    this.entries = this.after(opened).entries;
    this.hash = rehash(this.hash, [], macs);
    this.version = version;
  }

  /** A patch with these changes, for the next version. It counts once the server has taken it: see `apply`. */
  make(changes: SettingMutation[], keys: MutationKeys): proto.ISyncdPatch {
    const version = this.version + 1;
    const opened: Opened[] = [];
    const mutations = changes.map((change) => {
      const { mutation, plain } = sealed(change, keys);
      opened.push(plain);
      return mutation;
    });
    const { hash } = this.after(opened);
    const snapshotMac = keys.snapshotMac(hash, version, this.name);
    const macs = opened.map(({ valueMac }) => valueMac);
    return {
      mutations,
      snapshotMac,
      patchMac: keys.patchMac(snapshotMac, macs, version, this.name),
      keyId: { id: keys.id },
    };
  }

  private open(mutation: proto.ISyncdMutation): Opened {
    const operation: Operation = mutation.operation === SyncdOperation.REMOVE ? 'remove' : 'set';
    const keys = this.keys(mutation.record?.keyId);
    const blob = blobOf(mutation.record?.value);
    try {
      const action = proto.SyncActionData.decode(keys.open(operation, blob));
      const indexMac = keys.indexMac(action.index ?? new Uint8Array());
      if (!indexMac.equals(blobOf(mutation.record?.index))) throw new Error('the MAC of an index is wrong');
      const index = JSON.parse(Buffer.from(action.index ?? []).toString()) as string[];
      return {
        ...{ operation, index, indexMac, valueMac: valueMacOf(blob) },
        value: action.value ?? {},
        actionVersion: action.version ?? 0,
      };
    } catch (error) {
      throw new BadPatch((error as Error).message);
    }
  }

  private after(opened: Opened[]): { entries: Map<string, Held>; hash: Buffer } {
    const entries = new Map(this.entries);
    const removed: Buffer[] = [];
    const added: Buffer[] = [];
    for (const { operation, index, indexMac, valueMac, value } of opened) {
      const key = indexMac.toString('base64');
      const earlier = entries.get(key);
      if (earlier) removed.push(earlier.valueMac);
      if (operation === 'remove') entries.delete(key);
      else {
        added.push(valueMac);
        entries.set(key, { index, value, valueMac });
      }
    }
    return { entries, hash: rehash(this.hash, removed, added) };
  }

  private keys(id: proto.IKeyId | null | undefined): MutationKeys {
    const found = this.keyOf(bytesOf(id?.id));
    if (!found) throw new BadPatch(`nobody knows the key ${bytesOf(id?.id).toString('hex')}`);
    return found;
  }
}

interface Opened {
  operation: Operation;
  index: string[];
  indexMac: Buffer;
  valueMac: Buffer;
  value: proto.ISyncActionValue;
  actionVersion: number;
}

function sealed(change: SettingMutation, keys: MutationKeys): { mutation: proto.ISyncdMutation; plain: Opened } {
  const operation: Operation = change.value ? 'set' : 'remove';
  const index = Buffer.from(JSON.stringify(change.index));
  const value = change.value ?? {};
  const data = proto.SyncActionData.encode({ index, value, padding: new Uint8Array(), version: change.actionVersion });
  const blob = keys.seal(operation, data.finish());
  const indexMac = keys.indexMac(index);
  return {
    mutation: {
      operation: operation === 'set' ? SyncdOperation.SET : SyncdOperation.REMOVE,
      record: { index: { blob: indexMac }, value: { blob }, keyId: { id: keys.id } },
    },
    plain: {
      ...{ operation, indexMac, value, index: change.index, valueMac: valueMacOf(blob) },
      actionVersion: change.actionVersion,
    },
  };
}

const bytesOf = (value: Uint8Array | null | undefined): Buffer => Buffer.from(value ?? []);
const blobOf = (part: { blob?: Uint8Array | null } | null | undefined): Buffer => bytesOf(part?.blob);
