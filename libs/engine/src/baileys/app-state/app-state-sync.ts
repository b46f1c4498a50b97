import { setTimeout as delay } from 'node:timers/promises';
import { type BinaryNode, getBinaryNodeChildren, type WASocket } from '@whiskeysockets/baileys';
import type { AccountFact } from '../../account-fact.js';
import { EngineError } from '../../engine.js';
import type { FactSource } from '../../facts/fact.js';
import { ask, refusedWith } from '../ask.js';
import { backoffDelay } from '../backoff.js';
import type { DecryptedStanza } from '../journal.js';
import type { LiveSocket, SocketListener } from '../live-socket.js';
import { Mutex } from '../mutex.js';
import { AppStateKeys } from './app-state-keys.js';
import {
  type CollectionName,
  type CollectionState,
  collections,
  DamagedCollection,
  emptyCollection,
  isCollection,
  MissingKey,
  type Mutation,
  type Opened,
  openPatch,
  openSnapshot,
  sealPatch,
} from './collection.js';
import { type CollectionAnswer, collectionRequest, readAnswers, syncRequest } from './collection-wire.js';
import { factOf, pairOf, pushNameOf } from './mutation-facts.js';
import type { SettingChange } from './setting-changes.js';

const stateType = 'app-state-sync-version';
/** A patch that met a newer version is made anew on top of it, so often. */
const maxConflicts = 5;
/** Pages of patches in a row; more are a server that never ends. */
const maxPages = 400;
const maxFailures = 6;
/** So long the phone may take to share its keys after linking before it is asked for them. */
const keysPatienceMs = 30_000;

/** What came of bringing one collection up to date. */
export type SyncOutcome = 'ok' | 'damaged' | 'key_missing' | 'failed';

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
          await this.accept(collection, sealed.state, stamped, 'app_state');
          return;
        }
        if (answer.errorCode !== 409) throw refusedWith('changing a setting', answer.errorCode);
        await this.fetch([collection]);
      }
      throw refusedWith('changing a setting', 409);
    });
  }

  /** Brings all collections up to date; with `anew` from nothing. */
  async resync(anew: boolean): Promise<{ collection: CollectionName; outcome: SyncOutcome }[]> {
    const outcomes = await this.order.run(() => this.fetch([...collections], anew));
    return collections.map((collection) => ({ collection, outcome: outcomes.get(collection) ?? 'failed' }));
  }

  /** Resolves when nothing is being fetched. */
  async idle(): Promise<void> {
    while (this.running) await this.running;
    await this.order.idle();
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

  /** Fetches what is wanted while the socket lives; a later socket asks for everything anyway. */
  private async drain(): Promise<void> {
    const sock = this.current;
    for (let failures = 0; this.wanted.size > 0 && failures < maxFailures && this.current === sock; ) {
      const names = [...this.wanted];
      this.wanted = new Set();
      try {
        await this.order.run(() => this.fetch(names));
        failures = 0;
      } catch (error) {
        if (error instanceof EngineError && error.code === 'not_connected') return;
        failures += 1;
        this.live.logger.warn({ err: error, collections: names }, 'the settings could not be fetched; trying again');
        for (const name of names) this.wanted.add(name);
        await delay(backoffDelay(failures, 500, 30_000), undefined, { ref: false });
      }
    }
    this.wanted = new Set();
  }

  /** Page after page until nothing is newer. In `order`. */
  private async fetch(names: CollectionName[], anew = false): Promise<Map<CollectionName, SyncOutcome>> {
    const outcomes = new Map<CollectionName, SyncOutcome>();
    let open = names.map((name) => ({ name, attempt: new Attempt(anew) }));
    for (let page = 0; open.length > 0 && page < maxPages; page += 1) {
      const asked = await Promise.all(
        open.map(async ({ name, attempt }) => collectionRequest(name, (await attempt.stateOf(this, name)).version)),
      );
      const answers = await this.query(asked);
      const unfinished: typeof open = [];
      for (const { name, attempt } of open) {
        const answer = answers.find((each) => each.name === name);
        const outcome = answer ? await this.take(answer, attempt) : 'failed';
        if (outcome === 'more') unfinished.push({ name, attempt });
        else outcomes.set(name, outcome);
      }
      open = unfinished;
    }
    return outcomes;
  }

  /** One answer; `more` when the collection is to be asked about again. */
  private async take(answer: CollectionAnswer, attempt: Attempt): Promise<SyncOutcome | 'more'> {
    const { name } = answer;
    if (answer.errorCode !== null) {
      this.live.logger.warn({ collection: name, code: answer.errorCode }, 'WhatsApp does not give out settings');
      return 'failed';
    }
    const keyOf = this.keys.lookup();
    try {
      if (answer.snapshot) {
        await this.store(name, await openSnapshot(name, answer.snapshot, keyOf, attempt.isLast), attempt);
      }
      for (const patch of answer.patches) {
        const state = await attempt.stateOf(this, name);
        if (patch.version?.version && Number(patch.version.version) <= state.version) continue;
        await this.store(name, await openPatch(name, state, patch, keyOf, attempt.isLast), attempt);
      }
    } catch (error) {
      if (error instanceof MissingKey) return this.keyIsMissing(name, error);
      if (!(error instanceof DamagedCollection) || !attempt.startAnew()) throw error;
      this.live.logger.warn({ collection: name, err: error }, 'settings do not fit together; fetching all of them');
      return 'more';
    }
    if (answer.hasMore) return 'more';
    const state = await attempt.stateOf(this, name);
    // Also that there was nothing is remembered: what comes next is new.
    if (attempt.isFirst && state.version === 0) await this.accept(name, state, [], 'history');
    return state.damaged ? 'damaged' : 'ok';
  }

  private async store(name: CollectionName, opened: Opened, attempt: Attempt): Promise<void> {
    if (opened.unreadable > 0) {
      this.live.logger.warn({ collection: name, count: opened.unreadable }, 'some settings could not be opened');
    }
    await this.accept(name, opened.state, opened.mutations, attempt.isFirst ? 'history' : 'app_state');
    attempt.took(opened.state);
  }

  /** Facts first, then that they have been seen: after a crash in between the same comes again. */
  private async accept(
    name: CollectionName,
    state: CollectionState,
    mutations: Mutation[],
    source: FactSource,
  ): Promise<void> {
    await this.learnPairs(mutations);
    const now = new Date();
    this.live.facts.add(
      ...mutations.map((each) => factOf(each, source, now)).filter((fact): fact is AccountFact => fact !== null),
    );
    if (!(await this.live.facts.certainlyStored())) throw interrupted();
    this.renameSelf(mutations);
    await this.live.auth.keys.set({ [stateType]: { [name]: state } });
  }

  private async learnPairs(mutations: Mutation[]): Promise<void> {
    const pairs = mutations.map(pairOf).filter((pair) => pair !== null);
    if (pairs.length > 0) await this.live.socket().signalRepository.lidMapping.storeLIDPNMappings(pairs);
  }

  /** Our own push name goes with every message. */
  private renameSelf(mutations: Mutation[]): void {
    const name = mutations.map(pushNameOf).findLast((each) => each !== null);
    const { me } = this.live.auth.creds;
    if (name && me && me.name !== name) this.current?.ev.emit('creds.update', { me: { ...me, name } });
  }

  /** The state to build a patch on, fetched when there is none. @throws EngineError `app_state_damaged` */
  private async upToDate(name: CollectionName): Promise<CollectionState> {
    let state = await this.read(name);
    if (!state) {
      await this.fetch([name]);
      state = (await this.read(name)) ?? emptyCollection();
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

  async read(name: CollectionName): Promise<CollectionState | null> {
    const { [name]: state } = await this.live.auth.keys.get(stateType, [name]);
    return (state as CollectionState | undefined) ?? null;
  }

  private async submit(name: CollectionName, version: number, patch: Parameters<typeof collectionRequest>[2]) {
    const [answer] = await this.query([collectionRequest(name, version, patch)]);
    if (!answer) throw refusedWith('changing a setting', 500);
    return answer;
  }

  private async query(requests: BinaryNode[]): Promise<CollectionAnswer[]> {
    const sock = this.live.socket();
    return ask('synchronising settings', async () =>
      readAnswers(await sock.query(syncRequest(requests)), {
        dispatcher: this.live.downloads,
      } as unknown as RequestInit),
    );
  }

  private async keyIsMissing(name: CollectionName, { keyId }: MissingKey): Promise<SyncOutcome> {
    this.live.logger.warn(
      { collection: name, keyId: keyId.toString('hex') },
      'the phone is asked for a key of its settings',
    );
    await this.askForKey(this.live.socket(), keyId);
    return 'key_missing';
  }

  /** Once over each socket. */
  private async askForKey(sock: WASocket, keyId: Buffer): Promise<void> {
    const id = keyId.toString('hex');
    if (this.asked.has(id)) return;
    this.asked.add(id);
    await this.keys.ask(sock, keyId);
  }
}

/** One try to bring a collection up to date: as it is known, then from nothing, then with what can be read of it. */
class Attempt {
  /** Nothing of this collection was known before: what comes was so before this device was linked. */
  isFirst = false;
  private known: CollectionState | null = null;
  private restarts = 0;

  constructor(anew: boolean) {
    if (anew) this.known = emptyCollection();
  }

  /** Damage is put up with: there is nothing gentler left to try. */
  get isLast(): boolean {
    return this.restarts > 1;
  }

  async stateOf(sync: Pick<AppStateSync, 'read'>, name: CollectionName): Promise<CollectionState> {
    if (!this.known) {
      const stored = await sync.read(name);
      this.isFirst = stored === null;
      this.known = stored ?? emptyCollection();
    }
    return this.known;
  }

  took(state: CollectionState): void {
    this.known = state;
  }

  /** False when it has been tried often enough. */
  startAnew(): boolean {
    this.restarts += 1;
    this.known = emptyCollection();
    return this.restarts <= 2;
  }
}

function changedCollections(node: BinaryNode): CollectionName[] {
  return getBinaryNodeChildren(node, 'collection')
    .map(({ attrs }) => attrs.name)
    .filter(isCollection);
}

function keysMissing(): EngineError {
  return new EngineError(
    'app_state_keys_missing',
    'The phone has not shared the keys of its settings yet. It does so soon after linking, when it is online.',
    { retryable: true, outcome: 'not_sent' },
  );
}

function interrupted(): EngineError {
  return new EngineError('not_connected', 'The profile is not connected to WhatsApp.', {
    retryable: true,
    outcome: 'unknown',
  });
}
