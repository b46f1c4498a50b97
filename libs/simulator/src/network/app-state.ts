import { randomBytes } from 'node:crypto';
import { type BinaryNode, proto } from '../baileys.js';
import { bytes, child, stanza } from '../wire/stanza.js';

interface Collection {
  version: number;
  patches: { version: number; data: Buffer }[];
}

/**
 * The synchronised settings of one account (archive, pin, mute, contacts…): versioned collections of encrypted patches.
 * The server cannot read them; it only orders them and refuses a patch that was made on an older version.
 */
export class AppState {
  private readonly collections = new Map<string, Collection>();
  /** The key that the phone shares with every companion. */
  key: { id: Buffer; data: Buffer } = { id: Buffer.from([0, 0, 0, 0, 0, 1]), data: randomBytes(32) };

  /** Answers one requested collection. `accepted` is true when it carried a patch that became the newest version. */
  sync(request: BinaryNode): { answer: BinaryNode; accepted: boolean } {
    const name = request.attrs.name ?? '';
    const collection = this.collection(name);
    const since = Number(request.attrs.version ?? 0);
    const patch = child(request, 'patch');
    if (!patch) return { answer: this.since(name, collection, since), accepted: false };
    if (since !== collection.version) {
      const conflict = stanza('error', { code: 409, text: 'conflict' });
      const answer = stanza('collection', { name, version: collection.version, type: 'error' }, [conflict]);
      return { answer, accepted: false };
    }
    collection.version += 1;
    collection.patches.push({ version: collection.version, data: bytes(patch) });
    return { answer: stanza('collection', { name, version: collection.version }), accepted: true };
  }

  version(name: string): number {
    return this.collection(name).version;
  }

  snapshot(): AppStateSnapshot {
    return { key: this.key, collections: [...this.collections] };
  }

  restore(saved: AppStateSnapshot): void {
    this.key = saved.key;
    for (const [name, collection] of saved.collections) this.collections.set(name, collection);
  }

  private collection(name: string): Collection {
    let collection = this.collections.get(name);
    if (!collection) {
      collection = { version: 0, patches: [] };
      this.collections.set(name, collection);
    }
    return collection;
  }

  private since(name: string, collection: Collection, since: number): BinaryNode {
    const missing = collection.patches.filter((patch) => patch.version > since);
    if (missing.length === 0) return stanza('collection', { name, version: collection.version });
    const patches = missing.map(({ version, data }) => {
      const patch = proto.SyncdPatch.decode(data);
      patch.version = proto.SyncdVersion.create({ version });
      return stanza('patch', {}, proto.SyncdPatch.encode(patch).finish());
    });
    return stanza('collection', { name, version: collection.version }, [stanza('patches', {}, patches)]);
  }
}

export interface AppStateSnapshot {
  key: { id: Buffer; data: Buffer };
  collections: [string, Collection][];
}
