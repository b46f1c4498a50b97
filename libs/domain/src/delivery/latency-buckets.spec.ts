import fc from 'fast-check';
import { addTo, percentileOf, sumOf } from './latency-buckets.js';

describe('lengths of time in buckets', () => {
  it('give percentiles that are right to a sixth', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 2, max: 5_000_000 }), { minLength: 1, maxLength: 300 }), (lengths) => {
        const buckets: number[] = [];
        for (const ms of lengths) addTo(buckets, ms);
        const sorted = lengths.toSorted((a, b) => a - b);
        for (const percent of [50, 95, 99, 100]) {
          const exact = sorted[Math.ceil((percent / 100) * sorted.length) - 1]!;
          const found = percentileOf(buckets, percent)!;
          expect(found).toBeGreaterThanOrEqual(exact / 1.34 - 1);
          expect(found).toBeLessThanOrEqual(exact * 1.34 + 1);
        }
      }),
    );
  });

  it('can be added up, whatever their lengths', () => {
    expect(sumOf([[1, 2], [], [3, 0, 5]])).toEqual([4, 2, 5]);
    expect(sumOf([])).toEqual([]);
  });

  it('say nothing of nothing', () => {
    expect(percentileOf([], 50)).toBeNull();
    expect(percentileOf([0, 0], 50)).toBeNull();
  });
});
