import { errors } from '#contracts';

/** Most keys that are remembered. The least recently seen are forgotten, which gives them a full bucket. */
const MAX_BUCKETS = 50_000;

export interface Standing {
  limit: number;
  remaining: number;
  /** Seconds until the bucket is full again. */
  resetSeconds: number;
}

/**
 * Token buckets by key, in this process alone: a bucket holds a minute's worth and refills steadily. A limit over all
 * processes would cost a round trip per request and protects no better against what it is for (one caller starving
 * others, guessing).
 */
export class RateLimit {
  private readonly buckets = new Map<string, { tokens: number; at: number }>();

  constructor(
    readonly perMinute: number,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /**
   * Takes one token.
   * @throws rateLimited, with the seconds until the next one
   */
  take(key: string): Standing {
    const bucket = this.refilled(key);
    if (bucket.tokens < 1) {
      const retryAfterSeconds = ((1 - bucket.tokens) * 60) / this.perMinute;
      throw errors.rateLimited({
        retryAfterSeconds: Math.max(1, Math.ceil(retryAfterSeconds)),
        details: { limitPerMinute: this.perMinute },
      });
    }
    bucket.tokens -= 1;
    return this.standing(bucket.tokens);
  }

  private refilled(key: string): { tokens: number; at: number } {
    const now = this.now();
    const known = this.buckets.get(key);
    const tokens = known
      ? Math.min(this.perMinute, known.tokens + ((now - known.at) * this.perMinute) / 60_000)
      : this.perMinute;
    const bucket = { tokens, at: now };
    this.buckets.delete(key);
    this.buckets.set(key, bucket);
    if (this.buckets.size > MAX_BUCKETS) this.buckets.delete(this.buckets.keys().next().value!);
    return bucket;
  }

  private standing(tokens: number): Standing {
    return {
      limit: this.perMinute,
      remaining: Math.floor(tokens),
      resetSeconds: Math.ceil(((this.perMinute - tokens) * 60) / this.perMinute),
    };
  }
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
