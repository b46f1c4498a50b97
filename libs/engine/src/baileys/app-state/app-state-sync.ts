import { setTimeout as delay } from 'node:timers/promises';
import { type BinaryNode, getBinaryNodeChildren, type WASocket } from '@whiskeysockets/baileys';
import { EngineError } from '../../engine.js';
import { refusedWith } from '../ask.js';
import { backoffDelay } from '../backoff.js';
import { StoreFailure } from '../durable-store.js';
import type { DecryptedStanza } from '../journal.js';
import type { LiveSocket, SocketListener } from '../live-socket.js';
import { Mutex } from '../mutex.js';
import { AppStateKeys } from './app-state-keys.js';
import {
  type CollectionName,
  type CollectionState,
  collections,
  emptyCollection,
  isCollection,
  sealPatch,
} from './collection.js';
import { CollectionFetcher, type SyncOutcome } from './collection-fetcher.js';
import { collectionRequest } from './collection-wire.js';
import type { SettingChange } from './setting-changes.js';

/** A patch that met a newer version is made anew on top of it, so often. */
const maxConflicts = 5;
/** So often in a row fetching may fail; then it rests until the next socket, or the next change. */
const maxFailures = 6;
/** So long the phone may take to share its keys after linking before it is asked for them. */
const keysPatienceMs = 30_000;

/**
 * The settings that all devices of the account share: archive, pin, mute, labels, contacts and so on. Baileys has a part
 * like this; this one replaces it, because that one
 * - writes that it has seen a change before anybody has stored it (a crash in between loses the change for ever), where
 *   here the facts are stored first and the version after them, and what comes twice says the same;
 * - does not notice that a patch was refused as made on an old version, and goes on with a sum that nobody shares;
 * - drops patches that do not fit, and what they said;
 * - holds the lock of the Signal keys while it waits for the network.
 */
export class AppStateSync implements SocketListener {
  readonly keys: AppStateKeys;
  private readonly fetcher: CollectionFetcher;
  private readonly order = new Mutex();
  private wanted = new Set<CollectionName>();
  private running: Promise<void> | null = null;
  /** Keys that the phone was asked for over this socket. */
  private asked = new Set<string>();
  private keysTimer: NodeJS.Timeout | null = null;
  private current: WASocket | null = null;
  private isFirstLogin = false;

  constructor(private readonly live: LiveSocket) {
    this.keys = new AppStateKeys(live.auth);
    this.fetcher = new CollectionFetcher(live, this.keys, (keyId) => this.askForKey(live.socket(), keyId));
  }

  attach(sock: WASocket): void {
    this.current = sock;
    this.asked = new Set();
    const { auth } = this.live;
    this.isFirstLogin = auth.isLinked && !auth.creds.accountSyncCounter;
    // The library fetches all settings at its first login only, and holds back every event until then; not after that.
    if (auth.isLinked) auth.creds.accountSyncCounter ||= 1;
    sock.ws.prependListener('CB:notification', (node: BinaryNode) => {
      if (node.attrs.type !== 'server_sync') return;
      this.want(...changedCollections(node));
      // Nothing is left in it for the library to do but the acknowledgement. (It remembers the children of an array.)
      delete node.content;
    });
    sock.ev.on('connection.update', ({ connection }) => {
      if (connection === 'open') void this.opened(sock);
      if (connection === 'close') this.forgetTimer();
    });
  }

  /** Inside the transaction that decrypts a message. */
  async takeKeys(stanza: DecryptedStanza): Promise<() => void> {
    const hasKeys = await this.keys.take(stanza);
    return () => {
      if (hasKeys) this.keysArrived();
    };
  }

  /**
   * Makes a change and tells it to the sink, as if it had been made on the phone.
   * @throws EngineError `app_state_keys_missing`, `app_state_damaged`, `conflict`, or as `ask`
   */
  push({ collection, mutations }: SettingChange): Promise<void> {
    const stamped = mutations.map((mutation) => ({ ...mutation, value: { ...mutation.value, timestamp: Date.now() } }));
    return this.order.run(async () => {
      for (let conflicts = 0; conflicts <= maxConflicts; conflicts += 1) {
        const keys = await this.keys.newest();
        if (!keys) throw keysMissing();
        const state = await this.upToDate(collection);
        const sealed = sealPatch(collection, state, stamped, keys);
        const answer = await this.submit(collection, state.version, sealed.patch);
        if (answer.errorCode === null) {
          await this.fetcher.accept(collection, sealed.state, stamped, 'app_state');
          return;
        }
        if (answer.errorCode !== 409) throw refusedWith('changing a setting', answer.errorCode);
        await this.fetcher.fetch([collection]);
      }
      throw refusedWith('changing a setting', 409);
    });
  }

  /** Brings all collections up to date; with `anew` from nothing. */
  async resync(anew: boolean): Promise<{ collection: CollectionName; outcome: SyncOutcome }[]> {
    const outcomes = await this.order.run(() => this.fetcher.fetch([...collections], anew));
    return collections.map((collection) => ({ collection, outcome: outcomes.get(collection) ?? 'failed' }));
  }

  private async opened(sock: WASocket): Promise<void> {
    try {
      if ((await this.keys.newest()) || !this.isFirstLogin) {
        await this.askForLostKey(sock);
        this.want(...collections);
        return;
      }
    } catch (error) {
      this.live.logger.warn({ err: error }, 'the settings of the phone are not looked at');
      return;
    }
    // Just linked: the phone shares its keys in a moment.
    if (this.current !== sock) return;
    this.forgetTimer();
    this.keysTimer = setTimeout(() => this.want(...collections), keysPatienceMs);
    this.keysTimer.unref();
  }

  /** The one to seal with is known by name only: nothing would ever ask for it. */
  private async askForLostKey(sock: WASocket): Promise<void> {
    const lost = await this.keys.lost();
    if (lost) await this.askForKey(sock, lost);
  }

  private keysArrived(): void {
    this.forgetTimer();
    this.want(...collections);
  }

  private forgetTimer(): void {
    if (this.keysTimer) clearTimeout(this.keysTimer);
    this.keysTimer = null;
  }

  private want(...names: CollectionName[]): void {
    for (const name of names) this.wanted.add(name);
    this.running ??= this.drain().finally(() => {
      this.running = null;
    });
  }

  private async drain(): Promise<void> {
    for (let failures = 0; this.wanted.size > 0; ) {
      const names = [...this.wanted];
      const sock = this.current;
      this.wanted = new Set();
      try {
        await this.order.run(() => this.fetcher.fetch(names));
        failures = 0;
      } catch (error) {
        // The next socket asks for all of them.
        if (this.current !== sock || isDisconnected(error)) continue;
        failures += 1;
        this.live.logger.warn({ err: error, collections: names, failures }, 'the settings could not be fetched');
        if (failures >= maxFailures) continue;
        this.want(...names);
        await delay(backoffDelay(failures, 500, 5_000), undefined, { ref: false });
      }
    }
  }

  /** The state to build a patch on, fetched when there is none. @throws EngineError `app_state_damaged` */
  private async upToDate(name: CollectionName): Promise<CollectionState> {
    let state = await this.fetcher.read(name);
    if (!state) {
      await this.fetcher.fetch([name]);
      state = (await this.fetcher.read(name)) ?? emptyCollection();
    }
    if (state.damaged) {
      throw new EngineError(
        'app_state_damaged',
        'The settings on the phone do not fit together; they can only be read.',
        {
          retryable: false,
          outcome: 'not_sent',
        },
      );
    }
    return state;
  }

  private async submit(name: CollectionName, version: number, patch: Parameters<typeof collectionRequest>[2]) {
    const [answer] = await this.fetcher.query([collectionRequest(name, version, patch)]);
    if (!answer) throw refusedWith('changing a setting', 500);
    return answer;
  }

  /** Once over each socket. */
  private async askForKey(sock: WASocket, keyId: Buffer): Promise<void> {
    const id = keyId.toString('hex');
    if (this.asked.has(id)) return;
    this.asked.add(id);
    await this.keys.ask(sock, keyId);
  }
}

function changedCollections(node: BinaryNode): CollectionName[] {
  return getBinaryNodeChildren(node, 'collection')
    .map(({ attrs }) => attrs.name)
    .filter(isCollection);
}

const isDisconnected = (error: unknown): boolean =>
  error instanceof StoreFailure || (error instanceof EngineError && error.code === 'not_connected');

function keysMissing(): EngineError {
  return new EngineError(
    'app_state_keys_missing',
    'The phone has not shared the keys of its settings yet. It does so soon after linking, when it is online.',
    { retryable: true, outcome: 'not_sent' },
  );
}
