/**
 * How many profiles this host should hold: an equal share of all that want an owner. When a host joins, those that have
 * more than their share let go of the rest, once; afterwards nothing moves until the next one joins. So profiles that
 * the others have no room for do not wander.
 */
export class FairShare {
  private share = 0;
  private hosts = 0;
  private isShedding = false;

  constructor(private readonly most: number) {}

  /** Takes new counts into account. */
  update(wantedProfiles: number, liveHosts: number): void {
    const hosts = Math.max(1, liveHosts);
    this.share = Math.min(this.most, Math.ceil(wantedProfiles / hosts));
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

  /** How many to let go now. */
  surplus(held: number): number {
    if (held <= this.share) this.isShedding = false;
    return this.isShedding ? held - this.share : 0;
  }
}
