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
  async link(owned: OwnedProfile, addresses: Address[]): Promise<void> {
    const { organizationId } = owned.lease;
    const pairOf = ({ phone, lid }: Address) => `${organizationId} ${phone} ${lid}`;
    const news = addresses.filter((address) => address.phone && address.lid && !this.known.has(pairOf(address)));
    if (news.length === 0) return;
    await retryTransient(
      () =>
        this.db.system(async (tx) => {
          await holdLease(tx, owned.lease);
          const { merges } = await resolvePersons(tx, organizationId, news);
          await appendEvents(tx, mergeEvents(merges));
        }),
      fewTries,
    );
    if (this.known.size + news.length > REMEMBERED) this.known.clear();
    for (const address of news) this.known.add(pairOf(address));
  }
}
