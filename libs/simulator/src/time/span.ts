import type { Random } from './random.js';

/** So long, or from the first to the second, drawn anew each time. Milliseconds. */
export type Span = number | readonly [number, number];

/** How long it is this time; nothing is no time. */
export function lengthOf(span: Span | undefined, random: Random): number {
  if (span === undefined) return 0;
  return typeof span === 'number' ? span : random.int(span[0], span[1]);
}
