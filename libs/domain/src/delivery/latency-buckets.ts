/**
 * Lengths of time as counts in buckets whose bounds grow by a third from each to the next, from one millisecond to some
 * days: an hour's calls in a few numbers that can be added up. Percentiles from them are right to about a sixth.
 */

const bucketsPerTenfold = 8;
const mostBuckets = 72;

/** The bucket of a length of time. */
export function bucketOf(ms: number): number {
  return ms <= 1 ? 0 : Math.min(mostBuckets - 1, Math.ceil(bucketsPerTenfold * Math.log10(ms)));
}

/** Counts one more. The array is only as long as its highest bucket. */
export function addTo(buckets: number[], ms: number): void {
  const bucket = bucketOf(ms);
  while (buckets.length <= bucket) buckets.push(0);
  buckets[bucket]!++;
}

export function sumOf(all: readonly (readonly number[])[]): number[] {
  const sum: number[] = [];
  for (const buckets of all) {
    buckets.forEach((count, bucket) => {
      sum[bucket] = (sum[bucket] ?? 0) + count;
    });
  }
  return Array.from(sum, (count) => count ?? 0);
}

/** So many of a hundred took no longer, milliseconds; null when nothing was counted. */
export function percentileOf(buckets: readonly number[], percent: number): number | null {
  const total = buckets.reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  const rank = (percent / 100) * total;
  let below = 0;
  for (const [bucket, count] of buckets.entries()) {
    if (count > 0 && below + count >= rank) {
      const within = (rank - below) / count;
      return Math.round(10 ** ((bucket - 1 + within) / bucketsPerTenfold));
    }
    below += count;
  }
  return null;
}
