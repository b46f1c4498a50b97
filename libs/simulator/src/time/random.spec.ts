import { Random } from './random.js';

const draw = (random: Random): number[] => Array.from({ length: 50 }, () => random.int(0, 1_000_000));

describe('seeded chance', () => {
  it('repeats itself with its seed, and differs with another', () => {
    expect(draw(new Random('seed'))).toEqual(draw(new Random('seed')));
    expect(draw(new Random('seed'))).not.toEqual(draw(new Random('other')));
    expect(draw(new Random(1))).toEqual(draw(new Random('1')));
  });

  it('forks into sources that do not disturb each other', () => {
    const one = new Random('seed');
    const other = new Random('seed');
    draw(one.fork('first'));
    expect(draw(one.fork('second'))).toEqual(draw(other.fork('second')));
    expect(draw(one)).toEqual(draw(other));
  });

  it('stays within its bounds and reaches them', () => {
    const random = new Random('bounds');
    const seen = new Set(Array.from({ length: 200 }, () => random.int(3, 5)));
    expect([...seen].sort()).toEqual([3, 4, 5]);
    const share = Array.from({ length: 4_000 }, () => random.chance(0.25)).filter(Boolean).length / 4_000;
    expect(share).toBeGreaterThan(0.22);
    expect(share).toBeLessThan(0.28);
    expect(random.hex(4)).toMatch(/^[0-9a-f]{8}$/);
    expect(['a', 'b']).toContain(random.pick(['a', 'b']));
    expect(() => random.pick([])).toThrow('nothing to pick from');
  });

  it('has a seed that says how to repeat an unseeded run', () => {
    const random = Random.unseeded();
    expect(draw(new Random(random.seed))).toEqual(draw(random));
  });
});
