import fc from 'fast-check';
import { FairShare } from './fair-share.js';

function share(most: number, ...counts: [wanted: number, hosts: number][]): FairShare {
  const made = new FairShare(most);
  for (const [wanted, hosts] of counts) made.update(wanted, hosts);
  return made;
}

describe('the fair share', () => {
  it('leaves no profile without room while the hosts are large enough', () => {
    fc.assert(
      fc.property(fc.nat(5000), fc.integer({ min: 1, max: 20 }), (wanted, hosts) => {
        expect(share(5000, [wanted, hosts]).room(0) * hosts).toBeGreaterThanOrEqual(wanted);
      }),
    );
  });

  it('never is more than a host may hold', () => {
    expect(share(100, [500, 1]).room(0)).toBe(100);
    expect(share(100, [500, 1]).spareRoom(90)).toBe(10);
  });

  it('gives up the surplus when a host joins, down to the share and not again', () => {
    const made = share(500, [10, 1]);
    expect(made.surplus(10)).toBe(0);
    made.update(10, 2);
    expect(made.surplus(10)).toBe(5);
    expect(made.surplus(6)).toBe(1);
    expect(made.surplus(5)).toBe(0);
    // Taken for others later: they have no room, so it stays.
    expect(made.surplus(8)).toBe(0);
  });

  it('gives up nothing when a host leaves, or when others turned out to have no room', () => {
    const made = share(500, [10, 3], [10, 2]);
    expect(made.surplus(10)).toBe(0);
    made.update(10, 3);
    expect(made.surplus(10)).toBe(6);
    made.tookSpare();
    expect(made.surplus(10)).toBe(0);
  });

  it('counts itself even before others see it', () => {
    expect(share(500, [4, 0]).room(0)).toBe(4);
  });
});
