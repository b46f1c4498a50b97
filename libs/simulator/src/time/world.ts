import type { Journal } from '../journal.js';
import type { Invariants } from '../network/invariants/invariants.js';
import type { Clock } from './clock.js';
import type { Random } from './random.js';

/** The time and the chance of one simulated network. */
export interface World {
  readonly clock: Clock;
  readonly random: Random;
  /** What must hold in it. */
  readonly invariants: Invariants;
  /** Where it notes what it accepts, when it is kept on disk. */
  journal?: Journal;
}
