import { MemoryBudget, measureMemory } from './memory-budget.js';

function budget(most: number) {
  const world = { usedBytes: 0, now: 0 };
  const made = new MemoryBudget(
    most,
    () => ({ usedBytes: world.usedBytes, limitBytes: 1000 }),
    () => world.now,
  );
  return { made, world };
}

describe('the memory budget of an engine', () => {
  it('takes all that the setting allows while there is memory', () => {
    expect(budget(50).made.capacity(10)).toBe(50);
  });

  it('takes nothing more from four fifths on, and keeps what it has', () => {
    const { made, world } = budget(50);
    world.usedBytes = 810;
    expect(made.capacity(10)).toBe(10);
    expect(made.isFull).toBe(true);
    world.usedBytes = 700;
    expect(made.capacity(10)).toBe(50);
    expect(made.isFull).toBe(false);
  });

  it('lets go one by one when far over, never the last', () => {
    const { made, world } = budget(50);
    world.usedBytes = 950;
    expect(made.capacity(10)).toBe(9);
    expect(made.capacity(9)).toBe(9);
    world.now += 5_000;
    expect(made.capacity(9)).toBe(8);
    world.now += 5_000;
    expect(made.capacity(1)).toBe(1);
  });

  it('measures this process against a limit that exists', () => {
    const { usedBytes, limitBytes } = measureMemory(undefined);
    expect(usedBytes).toBeGreaterThan(10_000_000);
    expect(limitBytes).toBeGreaterThan(usedBytes);
    expect(measureMemory(50_000_000).limitBytes).toBe(50_000_000);
  });
});
