import type { AuthenticationCreds, SignalKeyStore } from '@whiskeysockets/baileys';
import type { Address } from '../address.js';
import { learntPairs } from './address-book.js';
import { Credentials } from './credentials.js';
import type { DurableStore } from './durable-store.js';
import type { Me } from './journal.js';
import { KeyCache } from './key-cache.js';
import { type KeyMemory, keysOfProcess } from './key-memory.js';
import { KeyTransactions } from './key-transactions.js';
import { KeyWriter } from './key-writer.js';

/** Credentials and keys of a profile: what Baileys calls the auth state, over the profile's store. */
export class AuthState {
  readonly keys: KeyTransactions;
  private readonly cache: KeyCache;
  private credentials = Credentials.fresh();

  constructor(
    private readonly store: DurableStore,
    pairsLearnt: (pairs: Address[]) => void,
    memory: KeyMemory = keysOfProcess,
  ) {
    const credentials = {
      take: () => this.credentials.take(),
      giveBack: () => this.credentials.giveBack(),
    };
    this.cache = new KeyCache(store, memory);
    const writer = new KeyWriter(this.cache, store, credentials, (commit) => pairsLearnt(learntPairs(commit.keys)));
    this.keys = new KeyTransactions(writer);
  }

  /**
   * Reads the stored credentials. When the phone had ended the link, the store is emptied for a new one.
   * @throws CredentialsUnreadable
   */
  async load(): Promise<void> {
    const bytes = await this.store.run((store) => store.loadCredentials());
    const credentials = bytes ? Credentials.parse(bytes) : Credentials.fresh();
    if (credentials.isEnded) await this.store.run((store) => store.reset());
    this.credentials = credentials.isEnded ? Credentials.fresh() : credentials;
  }

  /** A new identity for the next attempt to pair: what a failed attempt left in the old one would be taken for a login. */
  beginPairing(): void {
    this.credentials = Credentials.fresh();
  }

  get creds(): AuthenticationCreds {
    return this.credentials.creds;
  }

  get isLinked(): boolean {
    return this.credentials.isLinked;
  }

  get self(): { address: Address; pushName: string | null } | undefined {
    return this.credentials.self;
  }

  get me(): Me {
    const { me } = this.creds;
    return { id: me?.id ?? '', lid: me?.lid ?? '' };
  }

  /** Baileys wraps this in transactions of its own, which `KeyTransactions.installInto` then replaces. */
  get keysBeforeBaileys(): SignalKeyStore {
    return {
      get: (type, ids) => this.keys.get(type, ids) as never,
      set: (data) => this.keys.set(data as never),
    };
  }

  /** Baileys changed the credentials. They are written with the next commit, or by themselves. */
  changed(): Promise<void> {
    this.credentials.markChanged();
    return this.keys.flush();
  }

  /** The phone removed this device. Remembered, so that the next connect begins a new link. */
  ended(): Promise<void> {
    this.credentials.markEnded();
    return this.keys.flush();
  }

  async reset(): Promise<void> {
    await this.store.run((store) => store.reset());
    this.credentials = Credentials.fresh();
    this.forget();
  }

  /** Gives the memory of the keys back; they are in the store. */
  forget(): void {
    this.cache.forget();
  }
}
