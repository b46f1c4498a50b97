/** Of one profile: the sessions of some hundred contacts. */
const profileBytes = 1024 * 1024;
/** Of all profiles of a process. */
const processBytes = 96 * 1024 * 1024;

/** What holds keys in memory and can give some of it up. */
export interface Holder {
  /** Drops what was not used for longest. @returns the bytes that became free; 0 when there is nothing to drop. */
  drop(): number;
}

/**
 * How much memory the keys of all profiles of a process may take. When it is full, the profile that was quiet for longest
 * gives some up: it reads them again when it needs them.
 */
export class KeyMemory {
  /** The one that was quiet for longest first. */
  private readonly holders = new Map<Holder, number>();
  private used = 0;

  constructor(
    private readonly limits: { process: number; profile: number } = { process: processBytes, profile: profileBytes },
  ) {}

  /** The holder took (or, negative, gave up) so many bytes just now. */
  account(holder: Holder, bytes: number): void {
    const own = Math.max(0, (this.holders.get(holder) ?? 0) + bytes);
    this.used += own - (this.holders.get(holder) ?? 0);
    this.holders.delete(holder);
    this.holders.set(holder, own);
    while (this.ownOf(holder) > this.limits.profile && this.free(holder));
    for (const quiet of this.holders.keys()) {
      while (this.used > this.limits.process && this.free(quiet));
      if (this.used <= this.limits.process) break;
    }
  }

  /** The holder is gone with all it had. */
  forget(holder: Holder): void {
    this.used -= this.ownOf(holder);
    this.holders.delete(holder);
  }

  private free(holder: Holder): boolean {
    const bytes = holder.drop();
    this.used -= bytes;
    this.holders.set(holder, this.ownOf(holder) - bytes);
    return bytes > 0;
  }

  private ownOf(holder: Holder): number {
    return this.holders.get(holder) ?? 0;
  }
}

/** What all connections of this process share. */
export const keysOfProcess = new KeyMemory();
