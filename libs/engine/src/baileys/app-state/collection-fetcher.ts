import type { BinaryNode } from '@whiskeysockets/baileys';
import type { AccountFact } from '../../account-fact.js';
import { EngineError } from '../../engine.js';
import type { FactSource } from '../../facts/fact.js';
import { ask } from '../ask.js';
import type { LiveSocket } from '../live-socket.js';
import type { AppStateKeys } from './app-state-keys.js';
import {
  type CollectionName,
  type CollectionState,
  DamagedCollection,
  emptyCollection,
  MissingKey,
  type Mutation,
  type Opened,
  openPatch,
  openSnapshot,
} from './collection.js';
import { type CollectionAnswer, collectionRequest, readAnswers, syncRequest } from './collection-wire.js';
import { factOf, pairOf, pushNameOf } from './mutation-facts.js';

const stateType = 'app-state-sync-version';
/** Pages of patches in a row; more are a server that never ends. */
const maxPages = 400;

/** What came of bringing one collection up to date. */
export type SyncOutcome = 'ok' | 'damaged' | 'key_missing' | 'failed';

/** Brings collections up to date: asks, opens, tells what is in them, and then remembers that it was told. */
export class CollectionFetcher {
  constructor(
    private readonly live: LiveSocket,
    private readonly keys: AppStateKeys,
    /** Asks the phone for a key. */
    private readonly askForKey: (keyId: Buffer) => Promise<void>,
  ) {}

  /** Page after page until nothing is newer. One call at a time. */
  async fetch(names: CollectionName[], anew = false): Promise<Map<CollectionName, SyncOutcome>> {
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
  async accept(name: CollectionName, state: CollectionState, mutations: Mutation[], source: FactSource): Promise<void> {
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
    if (name && me && me.name !== name) this.live.socket().ev.emit('creds.update', { me: { ...me, name } });
  }

  /** What is known of a collection; null when it was never looked at. */
  async read(name: CollectionName): Promise<CollectionState | null> {
    const { [name]: state } = await this.live.auth.keys.get(stateType, [name]);
    return (state as CollectionState | undefined) ?? null;
  }

  async query(requests: BinaryNode[]): Promise<CollectionAnswer[]> {
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
    await this.askForKey(keyId);
    return 'key_missing';
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

  async stateOf(sync: Pick<CollectionFetcher, 'read'>, name: CollectionName): Promise<CollectionState> {
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

function interrupted(): EngineError {
  return new EngineError('not_connected', 'The profile is not connected to WhatsApp.', {
    retryable: true,
    outcome: 'unknown',
  });
}
