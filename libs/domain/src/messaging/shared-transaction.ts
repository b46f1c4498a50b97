import type { NewEvent } from '#contracts';
import { appendEventsLast, type Database, Gatherer, holdLease, holdLeases, isTransient, type Tx } from '#database';
import type { OwnedProfile } from './owned-profile.js';

/** Something to write for one profile. */
export interface OwnedItem<Item> {
  owned: OwnedProfile;
  item: Item;
}

/** Writes for several profiles inside one transaction. @returns the events to append. It may run again. */
export type WriteTogether<Item, Seen = undefined> = (
  tx: Tx,
  items: OwnedItem<Item>[],
  seen: Seen,
) => Promise<NewEvent[]>;

/**
 * Reads what the write will need, beside the look at the leases, so it may be for profiles that are lost already. It writes
 * nothing.
 */
export type LookAhead<Item, Seen> = (tx: Tx, items: OwnedItem<Item>[]) => Promise<Seen>;

/** Most profiles in one transaction. */
const AT_ONCE = 64;

/**
 * Transactions of the profiles that a process owns, joined: what comes while one commits shares the next. With many
 * profiles of which each does little, most of the cost of a transaction is its beginning and its end.
 */
export class SharedTransaction<Item, Seen = undefined> {
  private readonly gatherer = new Gatherer<OwnedItem<Item>, boolean>({
    run: (items) => this.writeHeld(items),
    atOnce: AT_ONCE,
    // One that cannot be written must not fail the others.
    mayRepeat: (failure) => !isTransient(failure),
  });

  constructor(
    private readonly db: Database,
    private readonly write: WriteTogether<Item, Seen>,
    private readonly lookAhead: LookAhead<Item, Seen> = async () => undefined as Seen,
  ) {}

  /** Resolves after the commit. @throws LeaseLost */
  async add(owned: OwnedProfile, item: Item): Promise<void> {
    if (!(await this.gatherer.add('', { owned, item }))) await this.writeOne({ owned, item });
  }

  /** As `add`, in a transaction of its own: for so much at once that others should not wait for it. @throws LeaseLost */
  addAlone(owned: OwnedProfile, item: Item): Promise<void> {
    return this.writeOne({ owned, item });
  }

  /** Passes over profiles whose lease is lost, or locked by somebody at the moment. @returns which it wrote */
  private writeHeld(items: OwnedItem<Item>[]): Promise<boolean[]> {
    return this.db.system(async (tx) => {
      const leases = items.map(({ owned }) => owned.lease);
      const [held, seen] = await Promise.all([holdLeases(tx, leases), this.lookAhead(tx, items)]);
      const written = items.filter(({ owned }) => held.has(owned.lease));
      if (written.length > 0) void appendEventsLast(tx, await this.write(tx, written, seen));
      return items.map(({ owned }) => held.has(owned.lease));
    });
  }

  private writeOne(one: OwnedItem<Item>): Promise<void> {
    return this.db.system(async (tx) => {
      const [, seen] = await Promise.all([holdLease(tx, one.owned.lease), this.lookAhead(tx, [one])]);
      void appendEventsLast(tx, await this.write(tx, [one], seen));
    });
  }
}
