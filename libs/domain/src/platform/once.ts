import type { Tx } from '#database';

/**
 * Stores the answer to a request inside the transaction of its change, so that both commit or neither does and a repeat
 * of the request cannot act twice (docs/guides/idempotency.md). The domain calls it once, with what the change made, right
 * before `appendEvents`; the edge that gave it decides what the answer is.
 * @throws idempotencyInProgress when a repeat has taken the request over; the transaction must then roll back.
 */
export type Once<Result> = (tx: Tx, result: Result) => Promise<void>;
