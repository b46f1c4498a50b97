import type { Change } from '#simulator';

/** A connection as the network saw it. */
interface Seen {
  openedAt: number;
  closedAt: number | null;
  owner: string;
  port: number | undefined;
}

/** From the end of one connection of a number to the beginning of the next. */
export interface Gap {
  number: string;
  closedAt: number;
  openedAt: number;
  from: string;
  to: string;
}

/** Two owners at once: the later one took the place of a connection that was still open. */
export interface Overlap {
  number: string;
  at: number;
  held: string;
  taken: string;
}

/**
 * What the network saw of the connections of each number: who had them, from when to when. It knows of hosts only by
 * the ports that their connections come from.
 */
export class SocketLedger {
  private readonly byNumber = new Map<string, Seen[]>();
  readonly overlaps: Overlap[] = [];

  constructor(
    /** Who a connection from this port belongs to. */
    private readonly ownerOf: (port: number) => string,
    /** Whether what happens to the connections of this owner is somebody's fault now. */
    private readonly isTroubled: (owner: string) => boolean,
    private readonly now: () => number = () => performance.now(),
  ) {}

  take(change: Change): void {
    if (change.kind !== 'session') return;
    const seen = this.byNumber.get(change.number) ?? [];
    this.byNumber.set(change.number, seen);
    const { port } = change;
    const at = this.now();
    if (change.what === 'closed') {
      // Of one that was replaced the end is told late.
      const open = seen.find((each) => each.closedAt === null && each.port === port);
      if (open) open.closedAt = at;
      return;
    }
    const owner = port === undefined ? '?' : this.ownerOf(port);
    const before = seen.find((each) => each.closedAt === null);
    if (before) {
      before.closedAt = at;
      if (before.owner !== owner && !this.isTroubled(before.owner)) {
        this.overlaps.push({ number: change.number, at, held: before.owner, taken: owner });
      }
    }
    seen.push({ openedAt: at, closedAt: null, owner, port });
  }

  /** The network itself went away. */
  allClosed(): void {
    const at = this.now();
    for (const seen of this.byNumber.values()) for (const each of seen) each.closedAt ??= at;
  }

  /** Who has the connection of the number now. */
  owner(number: string): string | null {
    return this.byNumber.get(number)?.at(-1)?.closedAt === null ? this.byNumber.get(number)!.at(-1)!.owner : null;
  }

  /** Numbers whose open connection belongs to this owner. */
  ownedBy(owner: string): string[] {
    return [...this.byNumber.keys()].filter((number) => this.owner(number) === owner);
  }

  connected(numbers: readonly string[]): string[] {
    return numbers.filter((number) => this.owner(number) !== null);
  }

  /** The gap of a number that began at or after `since` with the end of a connection of `from`; null when none ended yet. */
  gap(number: string, from: string, since: number): Gap | null {
    const seen = this.byNumber.get(number) ?? [];
    const index = seen.findIndex((each) => each.owner === from && each.closedAt !== null && each.closedAt >= since);
    const next = index < 0 ? undefined : seen[index + 1];
    if (!next) return null;
    return { number, closedAt: seen[index]!.closedAt!, openedAt: next.openedAt, from, to: next.owner };
  }

  /** Most connections that began within any second. */
  busiestSecond(): number {
    const begun = [...this.byNumber.values()]
      .flatMap((seen) => seen.map(({ openedAt }) => openedAt))
      .sort((a, b) => a - b);
    let most = 0;
    for (let first = 0, last = 0; last < begun.length; last += 1) {
      while (begun[last]! - begun[first]! >= 1_000) first += 1;
      most = Math.max(most, last - first + 1);
    }
    return most;
  }
}
