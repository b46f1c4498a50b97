import type { Lease } from '#database';

/** A profile as the engine process that holds it sees it. Everything done for the owner takes this first. */
export interface OwnedProfile {
  readonly lease: Lease;
  /** Aborted when the lease has ended, or may have: from then on nothing is sent or written. */
  readonly signal: AbortSignal;
  /** Whether the lease certainly lasts at this moment, by the clock of this process. Asked before anything is sent. */
  readonly isCurrent: boolean;
}

/**
 * For what the engine hands over: a deadlock is worth another try at once; anything longer is the engine's to repeat,
 * which has the fact in its journal, or makes WhatsApp keep it.
 */
export const fewTries = { attempts: 3 } as const;
