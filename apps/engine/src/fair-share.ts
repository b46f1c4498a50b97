/**
 * How many profiles this host should hold: an equal share of all that want an owner, as far as each host has room. When
 * a host joins, those that have more than their share let go of the rest, once; afterwards nothing moves until the next
 * one joins. So profiles that the others have no room for do not wander.
 */
export class FairShare {
  private share = 0;
  private most = 0;
  private hosts = 0;
  private isShedding = false;

  /**
   * Takes new counts into account.
   * @param own the most that this host may hold
   * @param others the most that each other live host may hold
   */
  update(wantedProfiles: number, own: number, others: number[]): void {
    const hosts = 1 + others.length;
    this.most = own;
    this.share = Math.min(own, level(wantedProfiles, [own, ...others]));
    if (this.hosts > 0 && hosts > this.hosts) this.isShedding = true;
    this.hosts = hosts;
  }

  /** How many more may be taken. */
  room(held: number): number {
    return Math.max(0, this.share - held);
  }

  /** How many more may be taken of those that nobody else took for a long time. */
  spareRoom(held: number): number {
    return Math.max(0, this.most - held);
  }

  /** Somebody had to take more than a share: the others have no room, so nothing is let go any more. */
  tookSpare(): void {
    this.isShedding = false;
  }

  /** How many to let go now: of the surplus while another host waits for it, or for want of room here. */
  surplus(held: number): number {
    if (held <= this.share) this.isShedding = false;
    const beyondRoom = this.hosts > 1 ? Math.max(0, held - this.most) : 0;
    return this.isShedding ? held - this.share : beyondRoom;
  }
}

/** The least number at which all profiles find a place, when each host takes up to it and no more than it has room for. */
function level(profiles: number, capacities: number[]): number {
  let left = profiles;
  const ascending = [...capacities].sort((a, b) => a - b);
  for (const [index, capacity] of ascending.entries()) {
    const equal = Math.ceil(left / (ascending.length - index));
    if (equal <= capacity) return equal;
    left -= capacity;
  }
  return ascending.at(-1) ?? 0;
}
