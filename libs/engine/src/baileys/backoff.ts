/** Exponential back-off with full jitter: between half a step and a whole one, so that a fleet does not move as one. */
export function backoffDelay(
  failures: number,
  firstMs: number,
  maxMs: number,
  random: () => number = Math.random,
): number {
  const step = Math.min(maxMs, firstMs * 2 ** Math.min(failures, 30));
  return Math.round(step / 2 + (random() * step) / 2);
}
