import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import {
  buildMergedTcTokenIndexWrite,
  readTcTokenIndex,
  TC_TOKEN_INDEX_KEY,
} from '@whiskeysockets/baileys/lib/Utils/tc-token-utils.js';
import { MemoryProfileStore, until } from '#testing';
import { DurableStore } from './durable-store.js';
import { KeyCache } from './key-cache.js';
import { KeyMemory } from './key-memory.js';
import { KeyTransactions } from './key-transactions.js';
import { KeyWriter } from './key-writer.js';

function setUp(totalMs = 50, keyMemory = new KeyMemory()) {
  const memory = new MemoryProfileStore();
  const trouble = { leaseLost: () => undefined, unavailable: () => undefined };
  const store = new DurableStore(memory, trouble, { totalMs, firstDelayMs: 1, maxDelayMs: 5 });
  let credentials: Uint8Array | null = null;
  const cache = new KeyCache(store, keyMemory);
  const writer = new KeyWriter(cache, store, {
    take: () => {
      const taken = credentials;
      credentials = null;
      return taken;
    },
    giveBack: () => undefined,
  });
  const changeCredentials = () => {
    credentials = Buffer.from('credentials');
  };
  return { memory, cache, keys: new KeyTransactions(writer), changeCredentials };
}

const session = (value: number) => ({ session: { contact: { steps: value } } });
const steps = async (keys: KeyTransactions): Promise<number> =>
  ((await keys.get('session', ['contact'])).contact as { steps: number } | undefined)?.steps ?? 0;

describe('transactions over the keys of a profile', () => {
  it('lose no step when a send and a decryption change one session, however slow the store is', async () => {
    const { memory, keys } = setUp();
    memory.slowDown(() => Math.random() * 3);
    const step = (label: string) =>
      keys.transaction(async () => {
        const before = await steps(keys);
        await sleep(1);
        await keys.set(session(before + 1));
      }, label);
    // Baileys labels sends with our own address and decryptions with the contact's.
    await Promise.all(Array.from({ length: 40 }, (_, index) => step(index % 2 ? 'own' : 'contact')));
    expect(await steps(keys)).toBe(40);
  });

  it('commit keys, journal and changed credentials together', async () => {
    const { memory, keys, changeCredentials } = setUp();
    await keys.transaction(async () => {
      await keys.set({ ...session(1), 'pre-key': { 7: null } });
      changeCredentials();
      keys.journal({ id: 'j', waMessageId: 'm', bytes: Buffer.from('plain') });
    }, 'contact');
    expect(memory.commits).toHaveLength(1);
    expect(memory.commits[0]).toMatchObject({
      credentials: Buffer.from('credentials'),
      keys: { session: { contact: expect.anything() }, 'pre-key': { 7: null } },
      journal: [{ id: 'j' }],
    });
  });

  it('write nothing when the work fails', async () => {
    const { memory, keys } = setUp();
    const work = keys.transaction(async () => {
      await keys.set(session(1));
      throw new Error('bad MAC');
    }, 'contact');
    await expect(work).rejects.toThrow('bad MAC');
    expect(memory.commits).toEqual([]);
    expect(await steps(keys)).toBe(0);
  });

  it('fail when a read failed, even if the library took the failure for "no session"', async () => {
    const { memory, keys } = setUp();
    memory.before = (operation) => {
      if (operation === 'read') throw new Error('the database is gone');
    };
    const work = keys.transaction(async () => {
      const found = await keys.get('session', ['contact']).catch(() => ({}));
      expect(found).toEqual({});
      await keys.set(session(1));
    }, 'contact');
    await expect(work).rejects.toThrow(/store cannot be used/);
    expect(memory.commits).toEqual([]);
  });

  it('let work that was left behind write by itself, when its transaction is over', async () => {
    const { memory, keys } = setUp();
    let leftBehind: Promise<void> = Promise.resolve();
    await keys.transaction(async () => {
      leftBehind = sleep(5).then(() => keys.set({ tctoken: { contact: { issued: true } } }));
    }, 'own');
    await leftBehind;
    expect(memory.keys.has('tctoken/contact')).toBe(true);
  });

  it("leave out Baileys' list of all privacy tokens, which grows with every contact", async () => {
    const { memory, keys } = setUp();
    const issued = (contact: string) =>
      keys.transaction(async () => {
        const list = await buildMergedTcTokenIndexWrite(keys as never, [contact]);
        await keys.set({ tctoken: { [contact]: { token: Buffer.alloc(0), senderTimestamp: 1 }, ...list } });
        await keys.set({ tctoken: list });
      }, 'own');
    await issued('1@lid');
    await keys.set({ tctoken: await buildMergedTcTokenIndexWrite(keys as never, ['2@lid']) });
    expect([...memory.keys.keys()]).toEqual(['tctoken/1@lid']);
    expect(await keys.get('tctoken', ['1@lid', TC_TOKEN_INDEX_KEY])).toEqual({ '1@lid': expect.anything() });
    expect(await readTcTokenIndex(keys as never)).toEqual([]);
  });

  it('do not wait for each other when one waits for an address mapping that another caller looks up', async () => {
    const { memory, keys } = setUp();
    let mapped = (): void => undefined;
    const mapping = new Promise<void>((resolve) => {
      mapped = resolve;
    });
    const waiting = keys.transaction(() => mapping, 'own');
    await keys.transaction(() => keys.set({ 'lid-mapping': { 1: '2' } }), 'lid-mapping');
    mapped();
    await waiting;
    expect(memory.keys.has('lid-mapping/1')).toBe(true);
  });
});

describe('commits of the keys of a profile', () => {
  it('are shared by transactions that come while one is under way, and each waits for its own', async () => {
    const { memory, keys } = setUp();
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    memory.before = (operation) => (operation === 'commit' ? held : undefined);
    let done = 0;
    const step = () =>
      keys
        .transaction(async () => keys.set(session((await steps(keys)) + 1)), 'own')
        .then(() => {
          done += 1;
        });
    const first = step();
    await sleep(5);
    const others = Promise.all(Array.from({ length: 9 }, step));
    await sleep(5);
    expect(done).toBe(0);
    release();
    await Promise.all([first, others]);
    expect(memory.commits).toHaveLength(2);
    expect(await steps(keys)).toBe(10);
  });

  it('fail with what cannot be written, and those that come after succeed', async () => {
    const { memory, keys } = setUp();
    await expect(keys.set({ session: { contact: { steps: 1n } } })).rejects.toThrow(/BigInt/);
    await keys.set(session(1));
    expect(await steps(keys)).toBe(1);
    expect(memory.commits).toHaveLength(1);
  });

  it('begin before something leaves that tells of them, but not in the middle of what belongs together', async () => {
    const { memory, keys } = setUp();
    const begin = keys.mark;
    let onTheWay: Promise<void> | null = null;
    await keys.transaction(async () => {
      expect(keys.beforeWire(begin)).toBeNull();
      await keys.set(session(1));
      onTheWay = keys.beforeWire(begin);
      await onTheWay;
      expect(memory.commits).toHaveLength(1);
    }, 'own');
    expect(onTheWay).not.toBeNull();
    const { committed } = await keys.receive(async () => {
      await keys.set(session(2));
      expect(keys.beforeWire(begin)).toBeNull();
    });
    await committed;
    expect(memory.commits).toHaveLength(2);
  });
});

describe('inbound messages', () => {
  const receiveWith = (keys: KeyTransactions) => (id: string) =>
    keys.receive(async () => {
      await keys.set(session((await steps(keys)) + 1));
      keys.journal({ id, waMessageId: id, bytes: Buffer.from('plain') });
      return id;
    });
  const holdCommits = (memory: MemoryProfileStore) => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    memory.before = (operation) => (operation === 'commit' ? held : undefined);
    return () => release();
  };

  it('are taken on while those before are committed, and share a commit; what leaves waits for it', async () => {
    const { memory, keys } = setUp();
    const release = holdCommits(memory);
    const receive = receiveWith(keys);
    const ids = ['a', 'b', 'c', 'd', 'e'];
    const begin = keys.mark;
    const taken = [];
    for (const id of ids) taken.push(await receive(id));
    const receipt = keys.beforeWire(begin);
    expect(receipt).not.toBeNull();
    // Another socket that begins now has told nobody of them. Of the next one it would, in whichever commit that is.
    const later = keys.mark;
    expect(keys.beforeWire(later)).toBeNull();
    taken.push(await receive('f'));
    expect(keys.beforeWire(later)).toBe(taken.at(-1)!.committed);
    expect(memory.commits).toEqual([]);
    release();
    await keys.beforeWire(begin);
    expect(memory.commits.length).toBeLessThanOrEqual(2);
    expect(memory.commits.flatMap(({ journal = [] }) => journal.map(({ id }) => id))).toEqual([...ids, 'f']);
    await Promise.all(taken.map(({ committed }) => committed));
    expect(await steps(keys)).toBe(6);
    expect(keys.beforeWire(begin)).toBeNull();
  });

  it('wait when too many are not committed', async () => {
    const { memory, keys } = setUp();
    const release = holdCommits(memory);
    const receive = receiveWith(keys);
    let taken = 0;
    const all = Array.from({ length: 300 }, (_, index) => receive(`m${index}`).then(() => (taken += 1)));
    await until(() => taken >= 200);
    expect(taken).toBe(200);
    release();
    await Promise.all(all);
    expect(memory.journal.size).toBe(300);
  });

  it('tell of nothing when they could not be committed, and from then on nobody goes by what was read before', async () => {
    const { memory, keys } = setUp();
    const begin = keys.mark;
    memory.before = (operation) => {
      if (operation === 'commit') throw new Error('the database is gone');
    };
    const { committed } = await receiveWith(keys)('a');
    await expect(keys.beforeWire(begin)).rejects.toThrow(/store cannot be used/);
    await expect(committed).rejects.toThrow(/store cannot be used/);
    expect(keys.isVoidSince(begin)).toBe(true);
    memory.before = () => undefined;
    expect(await steps(keys)).toBe(0);
  });

  it('leave nothing of what they read in memory with a timer that was set meanwhile', async () => {
    const { keys } = setUp();
    setFlagsFromString('--expose-gc');
    const collectGarbage = runInNewContext('gc') as () => void;
    await keys.transaction(() => keys.set({ 'pre-key': { 7: { steps: 1 } } }), 'contact');
    let timer: NodeJS.Timeout | undefined;
    const read = await keys.transaction(async () => {
      const found = await keys.get('pre-key', ['7']);
      timer = setTimeout(() => undefined, 60_000);
      return new WeakRef(found['7'] as object);
    }, 'contact');
    await sleep(1);
    collectGarbage();
    clearTimeout(timer);
    expect(read.deref()).toBeUndefined();
  });
});

describe('the key cache', () => {
  it('asks the store once for what it holds, and once for what is not there', async () => {
    const { memory, keys } = setUp();
    await keys.set(session(3));
    expect(await steps(keys)).toBe(3);
    await keys.get('session', ['nobody']);
    await keys.get('session', ['nobody', 'contact']);
    expect(memory.reads).toBe(1);
  });

  it('keeps its memory bounded, and gives up what was not used for longest', async () => {
    const { memory, keys } = setUp(50, new KeyMemory({ process: 100_000, profile: 10_000 }));
    for (let index = 0; index < 300; index += 1) await keys.set({ session: { [`c${index}`]: { steps: index } } });
    expect(await keys.get('session', ['c299'])).toEqual({ c299: { steps: 299 } });
    expect(memory.reads).toBe(0);
    expect(await keys.get('session', ['c0', 'c1', 'c299'])).toMatchObject({ c0: { steps: 0 }, c1: { steps: 1 } });
    // What is not in memory is read in one go.
    expect(memory.reads).toBe(1);
  });

  it('shares the memory of a process: the profile that was quiet for longest gives up first', async () => {
    const keyMemory = new KeyMemory({ process: 1_500, profile: 10_000 });
    const [quiet, busy] = [setUp(50, keyMemory), setUp(50, keyMemory)];
    await quiet.keys.set(session(1));
    for (let index = 0; index < 5; index += 1) await busy.keys.set({ session: { [`c${index}`]: { steps: index } } });
    await busy.keys.get('session', ['c0', 'c4']);
    expect(busy.memory.reads).toBe(0);
    for (let index = 5; index < 10; index += 1) await busy.keys.set({ session: { [`c${index}`]: { steps: index } } });
    expect(await steps(quiet.keys)).toBe(1);
    expect(quiet.memory.reads).toBe(1);
  });

  it('does not keep pre-keys in memory', async () => {
    const { memory, keys } = setUp();
    await keys.set({ 'pre-key': { 1: { public: Buffer.from('a'), private: Buffer.from('b') } } });
    const found = await keys.get('pre-key', ['1']);
    expect(found).toEqual({ 1: { public: Buffer.from('a'), private: Buffer.from('b') } });
    expect(memory.reads).toBe(1);
  });

  it('forgets what the store did not take, and whatever began on it can write nothing', async () => {
    const { memory, keys } = setUp();
    await keys.set(session(1));
    memory.before = (operation) => {
      if (operation === 'commit') throw new Error('the database is gone');
    };
    const failed = keys.set(session(2));
    let go = (): void => undefined;
    const built = keys.transaction(async () => {
      const before = await steps(keys);
      await new Promise<void>((resolve) => {
        go = resolve;
      });
      await keys.set(session(before + 1));
      return before;
    }, 'own');
    await expect(failed).rejects.toThrow(/store cannot be used/);
    memory.before = () => undefined;
    go();
    await expect(built).rejects.toThrow(/was not committed/);
    expect(await steps(keys)).toBe(1);
  });

  it('gives copies of what Baileys changes in place', async () => {
    const { keys } = setUp();
    await keys.set({ 'device-list': { 1: ['0'] } });
    ((await keys.get('device-list', ['1'])) as Record<string, string[]>)[1]!.push('5');
    expect(await keys.get('device-list', ['1'])).toEqual({ 1: ['0'] });
  });
});
