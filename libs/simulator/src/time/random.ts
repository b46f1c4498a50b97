import { createHash, randomBytes } from 'node:crypto';

/**
 * Chance that can be repeated: one seed, one sequence (xoshiro128**, Blackman and Vigna, seeded by SHA-256). Not for keys:
 * whoever knows the seed knows all that follows.
 */
export class Random {
  private readonly state: Uint32Array;

  constructor(readonly seed: string | number) {
    const digest = createHash('sha256').update(String(seed)).digest();
    this.state = new Uint32Array([0, 4, 8, 12].map((offset) => digest.readUInt32LE(offset)));
  }

  /** A source that nobody has used before, for runs that need not be repeated. Its `seed` says how to repeat it. */
  static unseeded(): Random {
    return new Random(randomBytes(8).toString('hex'));
  }

  /** From 0 up to, and without, 1. */
  next(): number {
    return this.word() / 0x1_0000_0000;
  }

  /** A whole number from `min` to `max`, both included. */
  int(min: number, max: number): number {
    return min + Math.floor(this.next() * (max - min + 1));
  }

  /** One of a list. Throws when the list is empty. */
  pick<T>(list: readonly T[]): T {
    if (list.length === 0) throw new Error('nothing to pick from');
    return list[this.int(0, list.length - 1)] as T;
  }

  /** True with this probability, from 0 to 1. */
  chance(probability: number): boolean {
    return this.next() < probability;
  }

  bytes(length: number): Buffer {
    const out = Buffer.alloc(length);
    for (let index = 0; index < length; index += 1) out[index] = this.word() >>> 24;
    return out;
  }

  /** So many random bytes as hexadecimal digits, two for each. */
  hex(length: number): string {
    return this.bytes(length).toString('hex');
  }

  /** A source of its own for one purpose: what is drawn there does not move what is drawn here, nor the other way. */
  fork(name: string): Random {
    return new Random(`${this.seed}/${name}`);
  }

  private word(): number {
    const s = this.state as unknown as [number, number, number, number];
    const result = Math.imul(rotate(Math.imul(s[1], 5), 7), 9) >>> 0;
    const shifted = s[1] << 9;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= shifted;
    s[3] = rotate(s[3], 11);
    return result;
  }
}

const rotate = (value: number, bits: number): number => (value << bits) | (value >>> (32 - bits));
