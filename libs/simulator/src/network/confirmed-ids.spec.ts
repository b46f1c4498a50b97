import { ConfirmedIds } from './confirmed-ids.js';

describe('ConfirmedIds', () => {
  it('knows the newest ids and forgets older ones', () => {
    const ids = new ConfirmedIds(100);
    for (let n = 0; n < 100; n += 1) expect(ids.add(`ID${n}`)).toBe(false);
    expect(ids.has('ID0')).toBe(true);
    expect(ids.has('ID100')).toBe(false);
    expect(ids.add('ID100')).toBe(true);
    expect([ids.has('ID0'), ids.has('ID1'), ids.has('ID99'), ids.has('ID100')]).toEqual([false, true, true, true]);
  });

  it('takes no empty place for an id', () => {
    const ids = new ConfirmedIds(100);
    ids.add('only one');
    const found = Array.from({ length: 1_000 }, (_, n) => ids.has(`other ${n}`));
    expect(found).not.toContain(true);
  });
});
