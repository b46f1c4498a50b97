import type { Lease } from '#database';

/** A profile as the engine process that holds it sees it. Everything done for the owner takes this first. */
export interface OwnedProfile {
  readonly lease: Lease;
  /** Aborted when the lease has ended, or may have: from then on nothing is sent or written. */
  readonly signal: AbortSignal;
}
