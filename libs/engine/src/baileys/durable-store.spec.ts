import { MemoryProfileStore } from '#testing';
import { DurableStore, StoreFailure } from './durable-store.js';

const quick = { totalMs: 200, firstDelayMs: 1, maxDelayMs: 5 };

function setUp(patience = quick) {
  const memory = new MemoryProfileStore();
  const told: string[] = [];
  const store = new DurableStore(
    memory,
    { leaseLost: () => told.push('lease lost'), unavailable: () => told.push('unavailable') },
    patience,
  );
  return { memory, store, told };
}

const commit = (store: DurableStore) =>
  store.run((each) => each.commit({ keys: { session: { a: Buffer.from('1') } } }));

describe('the durable store', () => {
  it('waits for a store that fails for a moment', async () => {
    const { memory, store, told } = setUp();
    let failures = 3;
    memory.before = () => {
      failures -= 1;
      if (failures >= 0) throw new Error('the database restarts');
    };
    await commit(store);
    expect(memory.keys.size).toBe(1);
    expect(told).toEqual([]);
  });

  it('says so before it gives up, and can be used again afterwards', async () => {
    const { memory, store, told } = setUp();
    memory.before = () => {
      throw new Error('the database is gone');
    };
    const outcome = commit(store).catch((error) => [told.slice(), error]);
    expect(await outcome).toEqual([['unavailable'], expect.any(StoreFailure)]);
    memory.before = () => undefined;
    await commit(store);
    expect(memory.keys.size).toBe(1);
  });

  it('is closed for good by a lost lease, and tells it once', async () => {
    const { memory, store, told } = setUp();
    memory.leaseLost = true;
    await Promise.all([
      expect(commit(store)).rejects.toThrow(StoreFailure),
      expect(commit(store)).rejects.toThrow(/lease/),
    ]);
    memory.leaseLost = false;
    await expect(commit(store)).rejects.toThrow(/lease/);
    expect(told).toEqual(['lease lost']);
    expect(memory.commits).toEqual([]);
  });

  it('writes nothing after it was closed, not even what it was about to repeat', async () => {
    const { memory, store } = setUp();
    memory.before = () => {
      memory.before = () => undefined;
      store.close('the connection was closed');
      throw new Error('a moment');
    };
    await expect(commit(store)).rejects.toThrow(/closed/);
    await store.settled();
    expect(memory.commits).toEqual([]);
  });
});
