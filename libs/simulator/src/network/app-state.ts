import { randomBytes } from 'node:crypto';
import { type BinaryNode, proto } from '../baileys.js';
import { bytes, child, stanza } from '../wire/stanza.js';

/** The collections there are, each for settings of one urgency (Baileys `ALL_WA_PATCH_NAMES`). */
export const COLLECTIONS = [
  'critical_block',
  'critical_unblock_low',
  'regular_high',
  'regular_low',
  'regular',
] as const;

export type CollectionName = (typeof COLLECTIONS)[number];

/** At most so many patches in one answer; `has_more_patches` says that there are more. */
const PATCHES_PER_ANSWER = 25;
/** A snapshot is made after so many patches; older patches than two snapshots ago are forgotten. */
const SNAPSHOT_EVERY = 50;

interface Patch {
  version: number;
  data: Buffer;
}

interface Collection {
  version: number;
  patches: Patch[];
  /** What the patches amount to: the newest record of each index. */
  records: Map<string, Buffer>;
  /** MAC and key of the newest patch: those of a snapshot made now. */
  mac: Buffer;
  keyId: Buffer;
  /** The newest snapshot that lies on the media host. */
  snapshot?: { version: number; reference: Buffer };
}

/** A key that the phone shares with every companion; the last one is in use. */
export interface SettingsKey {
  id: Buffer;
  data: Buffer;
  /** Milliseconds since 1970. */
  at: number;
}

export type Submission = 'accepted' | 'conflict' | 'malformed';

/**
 * The synchronised settings of one account (archive, pin, mute, contacts…): versioned collections of encrypted patches.
 * The server cannot read them; it only orders them, refuses a patch that was made on an older version, and from time to
 * time puts the records together into a snapshot for devices that begin from nothing.
 */
export class AppState {
  private readonly collections = new Map<string, Collection>();
  /** The phone's keys, the newest last. The server has no use for them; they are here because they live as long. */
  keys: SettingsKey[] = [{ id: Buffer.from([0, 0, 0, 0, 0, 1]), data: randomBytes(32), at: 0 }];
  /** Called when a collection has grown enough for a new snapshot. */
  onSnapshotDue?: (name: CollectionName) => void;

  /** Answers one requested collection. `accepted` is true when it carried a patch that became the newest version. */
  sync(request: BinaryNode): { answer: BinaryNode; accepted: boolean; problem?: string } {
    const name = collectionName(request.attrs.name);
    if (!name) return { answer: refused(request, 400, 'bad-request'), accepted: false, problem: 'unknown collection' };
    const since = Number(request.attrs.version ?? 0);
    const patch = child(request, 'patch');
    if (!patch) return { answer: this.since(name, since, request.attrs.return_snapshot === 'true'), accepted: false };
    const outcome = this.submit(name, since, bytes(patch));
    const { version } = this.collection(name);
    if (outcome === 'accepted') return { answer: stanza('collection', { name, version }), accepted: true };
    if (outcome === 'malformed') {
      return { answer: refused(request, 400, 'bad-request'), accepted: false, problem: 'a patch without mutations' };
    }
    return { answer: this.conflict(name, since), accepted: false };
  }

  /** Takes a patch made on version `since`. `mutations` are those that lie outside the patch, if any do. */
  submit(name: CollectionName, since: number, data: Buffer, mutations?: proto.ISyncdMutation[]): Submission {
    const collection = this.collection(name);
    if (since !== collection.version) return 'conflict';
    let patch: proto.SyncdPatch;
    try {
      patch = proto.SyncdPatch.decode(data);
    } catch {
      return 'malformed';
    }
    const changes = mutations ?? patch.mutations;
    if (changes.length === 0 || !patch.snapshotMac || !patch.keyId?.id) return 'malformed';
    collection.version += 1;
    patch.version = proto.SyncdVersion.create({ version: collection.version });
    collection.patches.push({
      version: collection.version,
      data: Buffer.from(proto.SyncdPatch.encode(patch).finish()),
    });
    collection.mac = Buffer.from(patch.snapshotMac);
    collection.keyId = Buffer.from(patch.keyId.id);
    for (const { operation, record } of changes) {
      const key = Buffer.from(record?.index?.blob ?? []).toString('base64');
      if (operation === proto.SyncdMutation.SyncdOperation.REMOVE) collection.records.delete(key);
      else collection.records.set(key, Buffer.from(proto.SyncdRecord.encode(record ?? {}).finish()));
    }
    const grown = collection.version - (collection.snapshot?.version ?? 0);
    if (grown >= SNAPSHOT_EVERY) this.onSnapshotDue?.(name);
    return 'accepted';
  }

  version(name: CollectionName): number {
    return this.collection(name).version;
  }

  /** The patches after a version, oldest first; nothing when they reach back further than what is kept. */
  patchesSince(name: CollectionName, since: number): Patch[] | undefined {
    const { patches, version } = this.collection(name);
    const missing = patches.filter((patch) => patch.version > since);
    return missing.length === version - since ? missing : undefined;
  }

  records(name: CollectionName): proto.SyncdRecord[] {
    return [...this.collection(name).records.values()].map((record) => proto.SyncdRecord.decode(record));
  }

  /** The whole collection as one message, for a device that begins from nothing. */
  wholeSnapshot(name: CollectionName): { version: number; data: Uint8Array } {
    const { version, mac, keyId } = this.collection(name);
    const data = proto.SyncdSnapshot.encode({
      version: { version },
      records: this.records(name),
      mac,
      keyId: { id: keyId },
    }).finish();
    return { version, data };
  }

  /** A snapshot has been left at the media host, where `reference` points. */
  keepSnapshot(name: CollectionName, version: number, reference: Uint8Array): void {
    const collection = this.collection(name);
    collection.snapshot = { version, reference: Buffer.from(reference) };
    collection.patches = collection.patches.filter((patch) => patch.version > version - SNAPSHOT_EVERY);
  }

  snapshot(): AppStateSnapshot {
    const collections = [...this.collections].map(([name, { records, ...rest }]): SavedCollection => {
      return { name, ...rest, records: [...records] };
    });
    return { keys: this.keys, collections };
  }

  restore(saved: AppStateSnapshot): void {
    this.keys = saved.keys;
    for (const { name, records, ...rest } of saved.collections) {
      this.collections.set(name, { ...rest, records: new Map(records) });
    }
  }

  private collection(name: string): Collection {
    let collection = this.collections.get(name);
    if (!collection) {
      collection = {
        version: 0,
        patches: [],
        records: new Map(),
        mac: Buffer.alloc(0),
        keyId: Buffer.alloc(0),
      };
      this.collections.set(name, collection);
    }
    return collection;
  }

  /**
   * What a device lacks. One that begins from nothing and asks for it gets the newest snapshot and the patches after it.
   * So does one that is further behind than the patches that are kept; what the real service does then is not known.
   */
  private since(name: CollectionName, since: number, wantsSnapshot: boolean): BinaryNode {
    const { snapshot, version } = this.collection(name);
    const missing = this.patchesSince(name, since);
    if (snapshot && ((wantsSnapshot && snapshot.version > since) || !missing)) {
      const rest = this.patchesSince(name, snapshot.version) ?? [];
      return this.answer(name, rest, [stanza('snapshot', {}, snapshot.reference)]);
    }
    if (!missing || version === since) return stanza('collection', { name, version });
    return this.answer(name, missing);
  }

  /** The newest version is another: the device gets what it lacks and may try again (whatsmeow, WA Web `ConflictHasMore`). */
  private conflict(name: CollectionName, since: number): BinaryNode {
    const answer = this.answer(name, this.patchesSince(name, since) ?? []);
    const error = stanza('error', { code: 409, text: 'conflict' });
    return {
      ...answer,
      attrs: { ...answer.attrs, type: 'error' },
      content: [error, ...(answer.content as BinaryNode[])],
    };
  }

  private answer(name: CollectionName, patches: Patch[], before: BinaryNode[] = []): BinaryNode {
    const page = patches.slice(0, PATCHES_PER_ANSWER);
    const more = patches.length > page.length;
    const { version } = this.collection(name);
    const nodes = page.map(({ data }) => stanza('patch', {}, data));
    return stanza('collection', { name, version, has_more_patches: String(more) }, [
      ...before,
      ...(nodes.length ? [stanza('patches', {}, nodes)] : []),
    ]);
  }
}

const collectionName = (name: string | undefined): CollectionName | undefined =>
  COLLECTIONS.find((one) => one === name);

const refused = (request: BinaryNode, code: number, text: string): BinaryNode =>
  stanza('collection', { name: request.attrs.name, type: 'error' }, [stanza('error', { code, text })]);

interface SavedCollection extends Omit<Collection, 'records'> {
  name: string;
  records: [string, Buffer][];
}

export interface AppStateSnapshot {
  keys: SettingsKey[];
  collections: SavedCollection[];
}
