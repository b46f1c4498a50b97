import { setImmediate as nextTurn } from 'node:timers/promises';
import type { JournalEntry } from '../store.js';
import { type DurableStore, StoreFailure } from './durable-store.js';
import { type KeyCache, ownCopy } from './key-cache.js';
import { encodeKey } from './key-codec.js';

/** Values by type and id; null deletes. */
export type KeyChanges = Record<string, Record<string, unknown>>;

/** What is written in one go. */
export interface KeyCommit {
  keys: KeyChanges;
  journal: JournalEntry[];
}

/** Changes that go to the store together. */
interface Batch extends KeyCommit {
  committed: Promise<void>;
  resolve(): void;
  reject(error: unknown): void;
}

/**
 * Writes the keys of one profile, in batches that grow with the load: while one commits, the next gathers. A change is
 * visible to `read` from the moment it is staged, so that the next transaction builds on it without waiting for the disk;
 * it counts as done only when `stage` resolves. Commits are strictly one after the other.
 *
 * When a commit fails for good, everything that was staged is void, because each builds on the one before: it is forgotten
 * here, and whatever began before then can stage nothing more (`epoch`). None of it has left the process (wire-order.ts).
 */
export class KeyWriter {
  /** Staged and not committed, by type and id. */
  private readonly staged = new Map<string, { value: unknown }>();
  private gathering: Batch | null = null;
  private running: Promise<void> | null = null;
  /** Rises when what was staged became void. */
  epoch = 0;
  /** How many times inbound messages were staged. */
  received = 0;
  /** The commit of the last of them, until it is there. */
  inbound: Promise<void> | null = null;
  /** Inbound messages that wait for a commit that has not begun. */
  get journalled(): number {
    return this.gathering?.journal.length ?? 0;
  }

  constructor(
    private readonly cache: KeyCache,
    private readonly store: DurableStore,
    /** Gives the credentials when they changed since they were last given. */
    private readonly credentials: { take(): Uint8Array | null; giveBack(): void },
    /** Told of every commit that succeeded. It must not throw. */
    private readonly committed: (commit: KeyCommit) => void = () => undefined,
  ) {}

  /** The newest values, committed or not; those that do not exist are left out. */
  async read(type: string, ids: string[]): Promise<Record<string, unknown>> {
    const found: Record<string, unknown> = {};
    const missing: string[] = [];
    for (const id of ids) {
      const value = this.known(type, id);
      if (value === undefined) missing.push(id);
      else if (value !== null) found[id] = ownCopy(type, value);
    }
    if (missing.length === 0) return found;
    for (const [id, stored] of await this.cache.fetch(type, missing)) {
      const value = this.staged.has(`${type}/${id}`) ? ownCopy(type, this.known(type, id)) : stored;
      if (value !== null) found[id] = value;
    }
    return found;
  }

  /**
   * Takes changes on; resolves after their commit, which also writes credentials that have changed.
   * @param epoch the writer's when the work began that made them
   */
  stage(change: KeyCommit, epoch = this.epoch): Promise<void> {
    if (epoch !== this.epoch) {
      return Promise.reject(new StoreFailure('what this builds on was not committed'));
    }
    this.gathering ??= newBatch();
    const batch = this.gathering;
    for (const [type, values] of Object.entries(change.keys)) {
      const ofType = batch.keys[type] ?? {};
      batch.keys[type] = ofType;
      for (const [id, value] of Object.entries(values)) {
        const own = ownCopy(type, value ?? null);
        ofType[id] = own;
        this.staged.set(`${type}/${id}`, { value: own });
      }
    }
    batch.journal.push(...change.journal);
    if (change.journal.length > 0) {
      this.received += 1;
      this.inbound = batch.committed;
    }
    this.cache.changing();
    this.run();
    return batch.committed;
  }

  /** Resolves when everything that was staged until now is committed or void. */
  async idle(): Promise<void> {
    while (this.running) await this.running;
  }

  private known(type: string, id: string): unknown {
    const staged = this.staged.get(`${type}/${id}`);
    return staged ? staged.value : this.cache.recall(type, id);
  }

  private run(): void {
    this.running ??= this.drain().finally(() => {
      this.running = null;
      if (this.gathering) this.run();
    });
  }

  private async drain(): Promise<void> {
    // What is done in the same turn of the event loop goes together.
    await nextTurn();
    while (this.gathering) {
      const batch = this.gathering;
      this.gathering = null;
      await this.write(batch);
    }
  }

  private async write(batch: Batch): Promise<void> {
    const credentials = this.credentials.take();
    let keys: EncodedKeys;
    try {
      keys = encodeAll(batch.keys);
      const change = {
        ...(credentials ? { credentials } : {}),
        ...(Object.keys(keys).length > 0 ? { keys } : {}),
        ...(batch.journal.length > 0 ? { journal: batch.journal } : {}),
      };
      if (Object.keys(change).length > 0) await this.store.run((store) => store.commit(change));
    } catch (error) {
      if (credentials) this.credentials.giveBack();
      this.discard(batch, error);
      return;
    }
    for (const [type, values] of Object.entries(batch.keys)) {
      for (const [id, value] of Object.entries(values)) {
        const name = `${type}/${id}`;
        this.cache.remember(type, id, value, keys[type]![id]?.length ?? 0);
        if (this.staged.get(name)?.value === value) this.staged.delete(name);
      }
    }
    if (this.inbound === batch.committed) this.inbound = null;
    batch.resolve();
    this.committed(batch);
  }

  /** Whether it was written is not known: what memory says is no longer certain. */
  private discard(batch: Batch, error: unknown): void {
    this.epoch += 1;
    this.inbound = null;
    this.staged.clear();
    this.cache.forget();
    batch.reject(error);
    this.gathering?.reject(error);
    this.gathering = null;
  }
}

function newBatch(): Batch {
  let resolve = (): void => undefined;
  let reject = (_: unknown): void => undefined;
  const committed = new Promise<void>((resolved, rejected) => {
    resolve = resolved;
    reject = rejected;
  });
  // Whoever staged something hears of it; one that was thrown out of its work in between does not.
  committed.catch(() => undefined);
  return { keys: {}, journal: [], committed, resolve, reject };
}

type EncodedKeys = Record<string, Record<string, Uint8Array | null>>;

function encodeAll(keys: KeyChanges): EncodedKeys {
  const encoded: EncodedKeys = {};
  for (const [type, values] of Object.entries(keys)) {
    const bytes: Record<string, Uint8Array | null> = {};
    for (const [id, value] of Object.entries(values)) bytes[id] = value == null ? null : encodeKey(type, value);
    encoded[type] = bytes;
  }
  return encoded;
}
