import { errors } from '#contracts';
import { borrowTokens, type Database, returnTokens } from '#database';

/** Most keys that are remembered. The least recently seen are forgotten; what they had borrowed is lost to them. */
const MAX_KEYS = 50_000;
/** What a process borrows at once, as a share of the limit: what it holds idle, the other processes lack. */
const LEASE_SHARE = 1 / 20;
const LARGEST_LEASE = 1000;
/** A lease that was not used up by then goes back. */
const LEASE_MS = 10_000;
const SWEEP_MS = 5_000;

export interface Standing {
  limit: number;
  /** As far as this process knows: what others took since its last look is not in it. */
  remaining: number;
  /** Seconds until the bucket is full again. */
  resetSeconds: number;
}

/** What this process holds of a bucket. */
interface Lease {
  tokens: number;
  /** What the bucket held when it was last seen, and when that was. */
  left: number;
  seenAt: number;
  perMinute: number;
  /** The bucket was found empty: no token before this moment. */
  emptyUntil: number;
  borrowing?: Promise<void>;
}

/**
 * Token buckets by key, over all api processes: a bucket holds a minute's worth and refills steadily. Buckets are rows
 * of an unlogged table; a process borrows a few tokens at a time and spends them without asking, so that a request costs
 * a round trip only now and then. What is admitted in all never exceeds the limit.
 */
export class RateLimit {
  private readonly leases = new Map<string, Lease>();
  private readonly sweeper: NodeJS.Timeout;

  constructor(
    private readonly db: Database,
    /** First part of the keys in the table. */
    private readonly name: string,
    readonly perMinute: number,
    private readonly onRefused: () => void = () => undefined,
  ) {
    this.sweeper = setInterval(() => void this.returnUnused(LEASE_MS), SWEEP_MS).unref();
  }

  /**
   * Takes one token.
   * @param perMinute this key's own limit, where it has one
   * @throws rateLimited, with the seconds until the next one; what the database throws when it is away
   */
  async take(key: string, perMinute: number = this.perMinute): Promise<Standing> {
    const lease = this.leaseOf(key, perMinute);
    while (lease.tokens < 1) {
      this.refuseIfEmpty(lease);
      // All that wait for this key wait for one statement; those for whom it was too little ask again.
      lease.borrowing ??= this.borrow(key, lease).finally(() => {
        lease.borrowing = undefined;
      });
      await lease.borrowing;
    }
    lease.tokens -= 1;
    return standing(lease);
  }

  /** Gives back what was borrowed. */
  async stop(): Promise<void> {
    clearInterval(this.sweeper);
    await this.returnUnused(0);
  }

  private leaseOf(key: string, perMinute: number): Lease {
    const lease = this.leases.get(key) ?? { tokens: 0, left: perMinute, seenAt: 0, perMinute, emptyUntil: 0 };
    // A limit that was changed: what was borrowed under the old one no longer counts.
    if (lease.perMinute !== perMinute) Object.assign(lease, { tokens: 0, perMinute, emptyUntil: 0 });
    this.leases.delete(key);
    this.leases.set(key, lease);
    if (this.leases.size > MAX_KEYS) this.leases.delete(this.leases.keys().next().value!);
    return lease;
  }

  private async borrow(key: string, lease: Lease): Promise<void> {
    const { perMinute } = lease;
    const want = Math.min(LARGEST_LEASE, Math.max(1, Math.floor(perMinute * LEASE_SHARE)));
    const { granted, left } = await borrowTokens(this.db, `${this.name}:${key}`, { perMinute, want });
    const now = performance.now();
    Object.assign(lease, { tokens: lease.tokens + granted, left, seenAt: now });
    if (granted === 0) lease.emptyUntil = now + ((1 - left) * 60_000) / perMinute;
  }

  private refuseIfEmpty({ emptyUntil, perMinute }: Lease): void {
    const waitMs = emptyUntil - performance.now();
    if (waitMs <= 0) return;
    this.onRefused();
    throw errors.rateLimited({
      retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1000)),
      details: { limitPerMinute: perMinute },
    });
  }

  /** Tokens that are lost on the way only make the limit a little stricter for a minute. */
  private async returnUnused(olderThanMs: number): Promise<void> {
    const before = performance.now() - olderThanMs;
    const idle = [...this.leases].filter(([, { seenAt, borrowing }]) => seenAt <= before && borrowing === undefined);
    for (const [key] of idle) this.leases.delete(key);
    const unused = idle
      .filter(([, { tokens }]) => tokens > 0)
      .map(([key, { tokens, perMinute }]) => ({ key: `${this.name}:${key}`, tokens, perMinute }));
    if (unused.length > 0) await returnTokens(this.db, unused).catch(() => undefined);
  }
}

function standing({ tokens, left, seenAt, perMinute }: Lease): Standing {
  const back = ((performance.now() - seenAt) * perMinute) / 60_000;
  const remaining = Math.min(perMinute, tokens + left + back);
  return {
    limit: perMinute,
    remaining: Math.floor(remaining),
    resetSeconds: Math.ceil(((perMinute - remaining) * 60) / perMinute),
  };
}

/** The key of an address: whole for IPv4, the /64 for IPv6, since one host has a whole /64 to itself. */
export function addressKey(ip: string | undefined): string {
  if (ip === undefined) return 'unknown';
  const plain = ip.startsWith('::ffff:') ? ip.slice(7) : ip;
  if (!plain.includes(':')) return plain;
  const [head = '', tail] = plain.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? [] : Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0');
  return [...left, ...zeros, ...right].slice(0, 4).join(':');
}
