import fc from 'fast-check';
import { FairShare } from './fair-share.js';

const many = (hosts: number, capacity = 5000) => Array.from({ length: hosts }, () => capacity);

function share(most: number, ...counts: [wanted: number, hosts: number][]): FairShare {
  const made = new FairShare();
  for (const [wanted, hosts] of counts) made.update(wanted, most, many(hosts - 1, most));
  return made;
}

/** Hosts that claim and let go as supervisors do, until nothing moves. Counts what changed its owner. */
class Fleet {
  readonly hosts = new Map<number, { share: FairShare; held: Set<number> }>();
  private last = 0;

  constructor(private readonly profiles: number) {}

  join(): number {
    this.last += 1;
    this.hosts.set(this.last, { share: new FairShare(), held: new Set() });
    return this.last;
  }

  leave(id: number): void {
    this.hosts.delete(id);
  }

  /** @returns how many profiles have another owner than before. */
  settle(before = this.owners()): number {
    for (let isMoving = true; isMoving; ) {
      isMoving = false;
      for (const { share: made, held } of this.hosts.values()) {
        made.update(this.profiles, 5000, many(this.hosts.size - 1));
        const surplus = made.surplus(held.size);
        for (const profile of [...held].slice(0, surplus)) held.delete(profile);
        const taken = this.owners();
        const free = Array.from({ length: this.profiles }, (_, index) => index).filter((index) => !taken.has(index));
        const claimed = free.slice(0, surplus > 0 ? 0 : made.room(held.size));
        for (const profile of claimed) held.add(profile);
        if (surplus > 0 || claimed.length > 0) isMoving = true;
      }
    }
    const after = this.owners();
    expect(after.size).toBe(this.profiles);
    return [...after].filter(([profile, owner]) => before.get(profile) !== owner).length;
  }

  owners(): Map<number, number> {
    return new Map([...this.hosts].flatMap(([id, { held }]) => [...held].map((profile) => [profile, id] as const)));
  }
}

describe('the fair share', () => {
  it('leaves no profile without room while the hosts are large enough', () => {
    fc.assert(
      fc.property(fc.nat(5000), fc.integer({ min: 1, max: 20 }), (wanted, hosts) => {
        expect(share(5000, [wanted, hosts]).room(0) * hosts).toBeGreaterThanOrEqual(wanted);
      }),
    );
  });

  it('gives what a host has no room for to the others, equally', () => {
    fc.assert(
      fc.property(fc.nat(2000), fc.array(fc.nat(300), { minLength: 1, maxLength: 12 }), (wanted, capacities) => {
        const rooms = capacities.map((own, index) => {
          const made = new FairShare();
          made.update(
            wanted,
            own,
            capacities.filter((_, other) => other !== index),
          );
          return made.room(0);
        });
        const total = capacities.reduce((sum, each) => sum + each, 0);
        expect(rooms.every((room, index) => room <= capacities[index]!)).toBe(true);
        expect(rooms.reduce((sum, each) => sum + each, 0)).toBeGreaterThanOrEqual(Math.min(wanted, total));
        const largest = Math.max(...rooms);
        expect(rooms.every((room, index) => room === largest || room === capacities[index])).toBe(true);
      }),
    );
  });

  it('moves no more than 1.1 of n profiles when one of n hosts joins or leaves, and leaves none without an owner', () => {
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 150 }), fc.integer({ min: 2, max: 8 }), (each, hosts) => {
        const profiles = each * hosts - (each % hosts);
        const fleet = new Fleet(profiles);
        const ids = Array.from({ length: hosts - 1 }, () => fleet.join());
        fleet.settle();
        const joined = fleet.join();
        expect(fleet.settle()).toBeLessThanOrEqual((1.1 * profiles) / hosts);
        const before = fleet.owners();
        fleet.leave(ids[0] ?? joined);
        expect(fleet.settle(before)).toBeLessThanOrEqual((1.1 * profiles) / hosts);
      }),
      { numRuns: 40 },
    );
  });

  it('never is more than a host may hold', () => {
    expect(share(100, [500, 1]).room(0)).toBe(100);
    expect(share(100, [500, 1]).spareRoom(90)).toBe(10);
  });

  it('gives up the surplus when a host joins, down to the share and not again', () => {
    const made = share(500, [10, 1]);
    expect(made.surplus(10)).toBe(0);
    made.update(10, 500, [500]);
    expect(made.surplus(10)).toBe(5);
    expect(made.surplus(6)).toBe(1);
    expect(made.surplus(5)).toBe(0);
    // Taken for others later: they have no room, so it stays.
    expect(made.surplus(8)).toBe(0);
  });

  it('gives up nothing when a host leaves, or when others turned out to have no room', () => {
    const made = share(500, [10, 3], [10, 2]);
    expect(made.surplus(10)).toBe(0);
    made.update(10, 500, [500, 500]);
    expect(made.surplus(10)).toBe(6);
    made.tookSpare();
    expect(made.surplus(10)).toBe(0);
  });

  it('gives up what memory does not allow, to another host and only if there is one', () => {
    const made = new FairShare();
    made.update(10, 9, [500]);
    expect(made.surplus(10)).toBe(1);
    made.update(10, 9, []);
    expect(made.surplus(10)).toBe(0);
  });
});
