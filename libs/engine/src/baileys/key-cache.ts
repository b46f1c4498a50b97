import type { JournalEntry } from '../store.js';
import type { DurableStore } from './durable-store.js';
import { decodeKey, encodeKey } from './key-codec.js';
import { Mutex } from './mutex.js';

/** Values by type and id; null deletes. */
export type KeyChanges = Record<string, Record<string, unknown>>;

/** What is written in one go. */
export interface KeyCommit {
  keys: KeyChanges;
  journal: JournalEntry[];
}

/** How many values of each type stay in memory. Types that are not listed are read from the store each time. */
const capacity: Record<string, number> = {
  session: 256,
  'sender-key': 64,
  'sender-key-memory': 32,
  'identity-key': 256,
  'device-list': 256,
  'user-devices': 256,
  'lid-mapping': 512,
  tctoken: 256,
};

/** Baileys changes these in place after reading them. */
const changedInPlace = new Set(['device-list', 'user-devices', 'sender-key-memory']);

/**
 * The keys of one profile: warm ones in memory, all of them in the store. A write reaches the store first and memory
 * after its commit, so memory never knows more than what survives a crash. We are the only writer (the lease says so),
 * therefore "not there" may be remembered too.
 */
export class KeyCache {
  private readonly warm = new Map<string, Map<string, unknown>>();
  private readonly writing = new Mutex();
  private writes = 0;

  constructor(
    private readonly store: DurableStore,
    /** Gives the credentials when they changed since they were last given. */
    private readonly credentials: { take(): Uint8Array | null; giveBack(): void },
    /** Told of every commit that succeeded. */
    private readonly committed: (commit: KeyCommit) => void = () => undefined,
  ) {}

  async read(type: string, ids: string[]): Promise<Record<string, unknown>> {
    const found: Record<string, unknown> = {};
    const missing: string[] = [];
    for (const id of ids) {
      const value = this.recall(type, id);
      if (value === undefined) missing.push(id);
      else if (value !== null) found[id] = changedInPlace.has(type) ? structuredClone(value) : value;
    }
    if (missing.length === 0) return found;
    const writesBefore = this.writes;
    const stored = await this.store.run((store) => store.getKeys(type, missing));
    for (const id of missing) {
      const bytes = stored.get(id);
      const value = bytes ? decodeKey(type, bytes) : null;
      if (value !== null) found[id] = value;
      // A write in the meantime may know better than what we just read.
      if (writesBefore === this.writes)
        this.remember(type, id, changedInPlace.has(type) ? structuredClone(value) : value);
    }
    return found;
  }

  /** Writes keys, journal and changed credentials in one commit. Commits of a profile are strictly one after the other. */
  write(commit: KeyCommit): Promise<void> {
    return this.writing.run(() => this.writeNow(commit));
  }

  private async writeNow(commit: KeyCommit): Promise<void> {
    const credentials = this.credentials.take();
    const hasKeys = Object.keys(commit.keys).length > 0;
    if (!credentials && !hasKeys && commit.journal.length === 0) return;
    const change = {
      ...(credentials ? { credentials } : {}),
      ...(hasKeys ? { keys: encodeAll(commit.keys) } : {}),
      ...(commit.journal.length > 0 ? { journal: commit.journal } : {}),
    };
    this.writes += 1;
    try {
      await this.store.run((store) => store.commit(change));
    } catch (error) {
      if (credentials) this.credentials.giveBack();
      // Whether it was written is not known: what memory says of these keys is no longer certain.
      for (const [type, values] of Object.entries(commit.keys)) {
        for (const id of Object.keys(values)) this.warm.get(type)?.delete(id);
      }
      throw error;
    }
    this.writes += 1;
    for (const [type, values] of Object.entries(commit.keys)) {
      for (const [id, value] of Object.entries(values)) {
        this.remember(type, id, changedInPlace.has(type) ? structuredClone(value) : value);
      }
    }
    this.committed(commit);
  }

  /** Undefined: not known here; null: known to be absent. */
  private recall(type: string, id: string): unknown {
    const values = this.warm.get(type);
    const value = values?.get(id);
    if (value === undefined) return undefined;
    values!.delete(id);
    values!.set(id, value);
    return value;
  }

  private remember(type: string, id: string, value: unknown): void {
    const limit = capacity[type];
    if (limit === undefined) return;
    const values = this.warm.get(type) ?? new Map<string, unknown>();
    this.warm.set(type, values);
    values.delete(id);
    values.set(id, value ?? null);
    if (values.size > limit) values.delete(values.keys().next().value!);
  }
}

function encodeAll(keys: KeyChanges): Record<string, Record<string, Uint8Array | null>> {
  const encoded: Record<string, Record<string, Uint8Array | null>> = {};
  for (const [type, values] of Object.entries(keys)) {
    const bytes: Record<string, Uint8Array | null> = {};
    for (const [id, value] of Object.entries(values)) bytes[id] = value == null ? null : encodeKey(value);
    encoded[type] = bytes;
  }
  return encoded;
}
