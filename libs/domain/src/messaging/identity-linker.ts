import { appendEvents, type Database, holdLease, resolvePersons, retryTransient } from '#database';
import type { Address } from '#engine';
import { mergeEvents } from './message-events.js';
import { fewTries, type OwnedProfile } from './owned-profile.js';

/** How many pairs are remembered as known, so that hearing of one again costs nothing. */
const REMEMBERED = 20_000;

/** Joins phone numbers and LIDs that turn out to be one person. */
export class IdentityLinker {
  private readonly known = new Set<string>();

  constructor(private readonly db: Database) {}

  /** An address with one form tells nothing. @throws LeaseLost */
  async link(owned: OwnedProfile, address: Address): Promise<void> {
    if (!address.phone || !address.lid) return;
    const { organizationId } = owned.lease;
    const pair = `${organizationId} ${address.phone} ${address.lid}`;
    if (this.known.has(pair)) return;
    await retryTransient(
      () =>
        this.db.system(async (tx) => {
          await holdLease(tx, owned.lease);
          const { merges } = await resolvePersons(tx, organizationId, [address]);
          await appendEvents(tx, mergeEvents(merges));
        }),
      fewTries,
    );
    if (this.known.size >= REMEMBERED) this.known.clear();
    this.known.add(pair);
  }
}
