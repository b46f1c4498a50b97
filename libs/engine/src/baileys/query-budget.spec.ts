import { QueryBudget } from './query-budget.js';

function budget(maxWaitMs = 20_000) {
  const clock = { now: 0, waits: [] as number[] };
  const wait = async (ms: number) => void clock.waits.push(ms);
  return { clock, budget: new QueryBudget({ perMinute: 20, burst: 5, maxWaitMs }, () => clock.now, wait) };
}

describe('the budget of questions', () => {
  it('gives a burst at once, then one turn each three seconds', async () => {
    const { clock, budget: one } = budget();
    for (let n = 0; n < 8; n += 1) await one.turn();
    expect(clock.waits).toEqual([3_000, 6_000, 9_000]);
  });

  it('fills up again with time', async () => {
    const { clock, budget: one } = budget();
    for (let n = 0; n < 5; n += 1) await one.turn();
    clock.now = 15_000;
    for (let n = 0; n < 5; n += 1) await one.turn();
    expect(clock.waits).toEqual([]);
  });

  it('refuses who would wait too long, without taking a turn', async () => {
    const { clock, budget: one } = budget(3_000);
    for (let n = 0; n < 6; n += 1) await one.turn();
    await expect(one.turn()).rejects.toMatchObject({ code: 'rate_limited', facts: { outcome: 'not_sent' } });
    clock.now = 3_000;
    await expect(one.turn()).resolves.toBeUndefined();
  });

  it('rests for a minute after WhatsApp refused', async () => {
    const { clock, budget: one } = budget(60_000);
    one.exceeded();
    await one.turn();
    expect(clock.waits).toEqual([60_000]);
  });
});
