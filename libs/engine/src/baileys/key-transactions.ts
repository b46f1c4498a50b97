import { AsyncLocalStorage } from 'node:async_hooks';
import type { SignalKeyStoreWithTransaction } from '@whiskeysockets/baileys';
import type { JournalEntry } from '../store.js';
import type { KeyChanges, KeyWriter } from './key-writer.js';
import { Mutex } from './mutex.js';
import { keptOf, withoutIndex } from './token-index.js';

interface Transaction {
  owner: KeyTransactions;
  isOpen: boolean;
  /** The writer's when it began. */
  epoch: number;
  /** Its changes may be committed piece by piece, as it goes on. */
  isDivisible: boolean;
  /** Of what was committed on the way. */
  committed: Promise<void> | null;
  seen: Map<string, Map<string, unknown>>;
  changes: KeyChanges;
  journal: JournalEntry[];
  /** A read that failed. Callers inside the library may swallow it, so it is kept here and the commit refuses. */
  failure: unknown;
}

/** A moment in the life of a profile's keys. */
export interface Mark {
  epoch: number;
  received: number;
}

/**
 * The transaction that the current code runs in. One instance for the whole process: on Node 20 every promise carries
 * every enabled AsyncLocalStorage, so one for each socket (as Baileys has it) makes each message dearer the more numbers
 * a process holds.
 */
const current = new AsyncLocalStorage<Transaction>();

/** Most inbound messages that may be decrypted and not committed: what is more waits, in the order of its arrival. */
const mostUncommitted = 200;

/**
 * Replaces the transactions that Baileys wraps around a key store (see `installInto`). What is better:
 * - One lock for all transactions of a profile. Baileys locks by label, but sends and decrypts use different labels and
 *   write the same sessions: with a slow store ratchet steps get lost. The lock is free again when the changes are staged,
 *   so that those of many transactions share a commit; each still resolves after its own.
 * - The journal of inbound messages and changed credentials go into the same commit.
 * - A read that failed makes the transaction fail, even when the library takes it for "no session".
 * - Work that a transaction left behind (not awaited) writes by itself afterwards, instead of into nothing.
 * - One AsyncLocalStorage for the process.
 * - Baileys' list of all privacy tokens is not kept (token-index.ts).
 */
export class KeyTransactions {
  private readonly lock = new Mutex();

  constructor(private readonly writer: KeyWriter) {}

  /** Puts these transactions in the place of the ones that Baileys made; the object is shared by all its parts. */
  installInto(keys: object): void {
    const replacement: SignalKeyStoreWithTransaction = {
      get: (type, ids) => this.get(type, ids) as never,
      set: (data) => this.set(data as KeyChanges),
      isInTransaction: () => this.transactionHere() !== undefined,
      transaction: (work, label) => this.transaction(work, label),
    };
    Object.assign(keys, replacement);
  }

  async get(type: string, wanted: string[]): Promise<Record<string, unknown>> {
    const ids = withoutIndex(wanted, type);
    const transaction = this.transactionHere();
    if (!transaction) return this.writer.read(type, ids);
    const seen = transaction.seen.get(type) ?? new Map<string, unknown>();
    transaction.seen.set(type, seen);
    const missing = ids.filter((id) => !seen.has(id));
    if (missing.length > 0) {
      try {
        const found = await this.writer.read(type, missing);
        for (const id of missing) if (!seen.has(id)) seen.set(id, found[id] ?? null);
      } catch (error) {
        transaction.failure ??= error;
        throw error;
      }
    }
    const result: Record<string, unknown> = {};
    for (const id of ids) {
      const value = seen.get(id);
      if (value != null) result[id] = value;
    }
    return result;
  }

  async set(given: KeyChanges): Promise<void> {
    const data = keptOf(given);
    if (Object.keys(data).length === 0) return;
    const transaction = this.transactionHere();
    if (!transaction) return this.write(data);
    for (const [type, values] of Object.entries(data)) {
      const seen = transaction.seen.get(type) ?? new Map<string, unknown>();
      transaction.seen.set(type, seen);
      const changes = transaction.changes[type] ?? {};
      transaction.changes[type] = changes;
      for (const [id, value] of Object.entries(values)) {
        seen.set(id, value ?? null);
        changes[id] = value ?? null;
      }
    }
  }

  /** Runs `work` and commits what it changed; resolves after the commit. Inside another transaction it joins that one. */
  async transaction<T>(work: () => Promise<T>, label: string): Promise<T> {
    if (this.transactionHere()) return work();
    // Writing an address mapping reads nothing, and a transaction may wait for one that another caller looks up: it must
    // not wait for the lock.
    const stage = () => this.stageAfter(work, true);
    const { result, committed } = await (label === 'lid-mapping' ? stage() : this.lock.run(stage));
    await committed;
    return result;
  }

  /**
   * Takes an inbound message on: `work` decrypts and journals it, and its changes belong together. Resolves when they are
   * staged, not committed, so that the messages behind it are decrypted meanwhile and share its commit; what tells anybody
   * of it waits for that by itself (`beforeWire`).
   */
  async receive<T>(work: () => Promise<T>): Promise<{ result: T; committed: Promise<void> }> {
    const { result, committed } = await this.lock.run(() => this.stageAfter(work, false));
    if (this.writer.journalled > mostUncommitted) await committed;
    return { result, committed: committed ?? Promise.resolve() };
  }

  /**
   * Something is about to leave the process. It may tell of what the transaction at hand has changed so far, which is
   * therefore staged, and of any inbound message that was taken on since `begin`. Resolves when all of that is committed;
   * null when there is nothing to wait for.
   */
  beforeWire(begin: Mark): Promise<void> | null {
    const transaction = this.transactionHere();
    const staged = transaction?.isDivisible ? this.stage(transaction) : null;
    return staged ?? (this.writer.received > begin.received ? this.writer.inbound : null);
  }

  /** The commit of the inbound messages that were taken on, as far as it is not there yet. */
  get uncommitted(): Promise<void> | null {
    return this.writer.inbound;
  }

  /** Where the changes stand now. */
  get mark(): Mark {
    return { epoch: this.writer.epoch, received: this.writer.received };
  }

  /** Whether something that was there at the mark, or came since, is void. */
  isVoidSince({ epoch }: Mark): boolean {
    return epoch !== this.writer.epoch;
  }

  /** Adds an inbound message to the commit of the transaction that decrypts it. */
  journal(entry: JournalEntry): void {
    const transaction = this.transactionHere();
    if (!transaction) throw new Error('An inbound message can only be journalled inside a transaction.');
    transaction.journal.push(entry);
  }

  /** Resolves when everything asked for until now is committed or has failed. */
  async idle(): Promise<void> {
    await this.lock.idle();
    await this.writer.idle();
  }

  /** Resolves when everything that transactions have changed until now is committed or void. */
  settled(): Promise<void> {
    return this.writer.idle();
  }

  /** Commits what waits outside of the keys (credentials). */
  flush(): Promise<void> {
    return this.write({});
  }

  private async write(keys: KeyChanges): Promise<void> {
    // In an object: the lock is not held for the commit.
    const { committed } = await this.lock.run(async () => ({ committed: this.writer.stage({ keys, journal: [] }) }));
    await committed;
  }

  private async stageAfter<T>(
    work: () => Promise<T>,
    isDivisible: boolean,
  ): Promise<{ result: T; committed: Promise<void> | null }> {
    const transaction: Transaction = {
      owner: this,
      isOpen: true,
      epoch: this.writer.epoch,
      isDivisible,
      committed: null,
      seen: new Map(),
      changes: {},
      journal: [],
      failure: undefined,
    };
    let result: T;
    try {
      result = await current.run(transaction, work);
    } catch (error) {
      throw transaction.failure ?? error;
    } finally {
      transaction.isOpen = false;
      // Timers that were set meanwhile hold on to the transaction: Baileys remembers each address for three days with one.
      transaction.seen.clear();
    }
    if (transaction.failure !== undefined) throw transaction.failure;
    return { result, committed: this.stage(transaction) ?? transaction.committed };
  }

  private stage(transaction: Transaction): Promise<void> | null {
    const { changes, journal } = transaction;
    if (Object.keys(changes).length === 0 && journal.length === 0) return null;
    transaction.changes = {};
    transaction.journal = [];
    transaction.committed = this.writer.stage({ keys: changes, journal }, transaction.epoch);
    return transaction.committed;
  }

  private transactionHere(): Transaction | undefined {
    const transaction = current.getStore();
    return transaction?.owner === this && transaction.isOpen ? transaction : undefined;
  }
}
