import type { DurableStore } from './durable-store.js';
import { decodeKey } from './key-codec.js';
import { type Holder, KeyMemory } from './key-memory.js';

/** Types that are read again and again. Others (pre-keys are used once) are read from the store each time. */
const kept = new Set([
  'session',
  'sender-key',
  'sender-key-memory',
  'identity-key',
  'device-list',
  'user-devices',
  'lid-mapping',
  'tctoken',
]);

/** Baileys changes these in place after reading them. */
const changedInPlace = new Set(['device-list', 'user-devices', 'sender-key-memory']);

/** What a value takes besides its own size: the entry, its name, the objects that it is made of. */
const overheadBytes = 200;
/** A parsed session takes about so many times its encoded form. */
const growth = 2;

interface Entry {
  /** Null: known to be absent. */
  value: unknown;
  bytes: number;
}

/** A value that Baileys may change without harm to ours. */
export function ownCopy(type: string, value: unknown): unknown {
  return changedInPlace.has(type) ? structuredClone(value) : value;
}

/**
 * The committed keys of one profile: warm ones in memory, all of them in the store. We are the only writer (the lease says
 * so), therefore "not there" may be remembered too. What is changed and not committed yet is in KeyWriter.
 */
export class KeyCache implements Holder {
  /** By type and id, the one that was not used for longest first. */
  private readonly warm = new Map<string, Entry>();
  private writes = 0;

  constructor(
    private readonly store: DurableStore,
    private readonly memory: KeyMemory = new KeyMemory(),
  ) {}

  /** Undefined: not known here; null: known to be absent. */
  recall(type: string, id: string): unknown {
    const name = `${type}/${id}`;
    const entry = this.warm.get(name);
    if (entry === undefined) return undefined;
    this.warm.delete(name);
    this.warm.set(name, entry);
    return entry.value;
  }

  /** Reads from the store, and remembers. @throws StoreFailure; it never answers "nothing" for what it could not read */
  async fetch(type: string, ids: string[]): Promise<Map<string, unknown>> {
    const { writes } = this;
    const stored = await this.store.run((store) => store.getKeys(type, ids));
    const found = new Map<string, unknown>();
    for (const id of ids) {
      const bytes = stored.get(id);
      const value = bytes ? decodeKey(type, bytes) : null;
      found.set(id, value);
      // A write in the meantime may know better than what we just read.
      if (writes === this.writes) this.remember(type, id, ownCopy(type, value), bytes?.length ?? 0);
    }
    return found;
  }

  /** The value is committed; `size` is that of its encoded form. Null: it was deleted. */
  remember(type: string, id: string, value: unknown, size: number): void {
    if (!kept.has(type)) return;
    const name = `${type}/${id}`;
    const bytes = overheadBytes + growth * size;
    const before = this.warm.get(name)?.bytes ?? 0;
    this.warm.delete(name);
    this.warm.set(name, { value: value ?? null, bytes });
    this.memory.account(this, bytes - before);
  }

  /** Something is about to be written: what is being read at this moment may be old by the time it comes. */
  changing(): void {
    this.writes += 1;
  }

  /** What memory says is not certain any more. */
  forget(): void {
    this.writes += 1;
    this.warm.clear();
    this.memory.forget(this);
  }

  drop(): number {
    const [oldest] = this.warm;
    if (!oldest) return 0;
    const [name, { bytes }] = oldest;
    this.warm.delete(name);
    return bytes;
  }
}
