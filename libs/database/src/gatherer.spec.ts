import { Gatherer } from './gatherer.js';

/** A run that ends when the test says so. */
function steered(options: { atOnce?: number; mayRepeat?: (failure: unknown) => boolean } = {}) {
  const runs: { items: string[]; end(): void; fail(failure: unknown): void }[] = [];
  const gatherer = new Gatherer<string, string>({
    run: (items) =>
      new Promise((resolve, reject) => {
        runs.push({ items, end: () => resolve(items.map((item) => item.toUpperCase())), fail: reject });
      }),
    atOnce: options.atOnce ?? 10,
    mayRepeat: options.mayRepeat ?? (() => true),
  });
  return { gatherer, runs };
}
const settle = () => new Promise(setImmediate);

describe('Gatherer', () => {
  it('starts the first at once, and what comes meanwhile together after it', async () => {
    const { gatherer, runs } = steered();
    const results = Promise.all(['a', 'b', 'c'].map((item) => gatherer.add('key', item)));
    expect(runs.map((run) => run.items)).toEqual([['a']]);
    runs[0]!.end();
    await settle();
    expect(runs.map((run) => run.items)).toEqual([['a'], ['b', 'c']]);
    runs[1]!.end();
    await expect(results).resolves.toEqual(['A', 'B', 'C']);
  });

  it('keeps keys apart, and takes no more than allowed at once', async () => {
    const { gatherer, runs } = steered({ atOnce: 2 });
    for (const item of ['a', 'b', 'c', 'd']) void gatherer.add('one', item);
    void gatherer.add('two', 'x');
    expect(runs.map((run) => run.items)).toEqual([['a'], ['x']]);
    runs[0]!.end();
    await settle();
    runs[2]!.end();
    await settle();
    expect(runs.slice(2).map((run) => run.items)).toEqual([['b', 'c'], ['d']]);
  });

  it('lets one wrong item fail alone', async () => {
    const { gatherer, runs } = steered();
    const first = gatherer.add('key', 'first');
    const results = Promise.allSettled(['good', 'bad', 'fine'].map((item) => gatherer.add('key', item)));
    runs[0]!.end();
    await first;
    await settle();
    runs[1]!.fail(new Error('one is wrong'));
    for (const [at, outcome] of ['end', 'fail', 'end'].entries()) {
      await settle();
      if (outcome === 'end') runs[2 + at]!.end();
      else runs[2 + at]!.fail(new Error('this one'));
    }
    const settled = await results;
    expect(settled.map((result) => result.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(runs.slice(2).map((run) => run.items)).toEqual([['good'], ['bad'], ['fine']]);
  });

  it('repeats nothing whose failure may have had an effect', async () => {
    const { gatherer, runs } = steered({ mayRepeat: () => false });
    void gatherer.add('key', 'first');
    const results = Promise.allSettled(['a', 'b'].map((item) => gatherer.add('key', item)));
    runs[0]!.end();
    await settle();
    runs[1]!.fail(new Error('lost during COMMIT'));
    expect((await results).every((result) => result.status === 'rejected')).toBe(true);
    expect(runs).toHaveLength(2);
  });

  it('goes on after a failure', async () => {
    const { gatherer, runs } = steered();
    const failed = gatherer.add('key', 'a');
    runs[0]!.fail(new Error('no'));
    await expect(failed).rejects.toThrow('no');
    const next = gatherer.add('key', 'b');
    await settle();
    runs[1]!.end();
    await expect(next).resolves.toBe('B');
  });
});
