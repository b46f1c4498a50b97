import type { Random } from '../time/random.js';

const VERSION = Buffer.from([0x33]);
const MAC_BYTES = 8;
const KEY_TYPE = Buffer.from([5]);

/**
 * Ciphertexts that look right from outside and that nobody can open: the frame of a Signal message with a counter that
 * never repeats. For load, where only the network is of interest.
 */
export class ForgedCipher {
  private readonly ratchetKey: Buffer;
  private counter = 0;

  constructor(private readonly random: Random) {
    this.ratchetKey = Buffer.concat([KEY_TYPE, random.bytes(32)]);
  }

  next(sizeBytes: number): Buffer {
    this.counter += 1;
    const { ratchetKey, counter } = this;
    const ciphertext = this.random.bytes(sizeBytes);
    const body = [field(1, ratchetKey), Buffer.from([0x10]), varint(counter), field(4, ciphertext)];
    return Buffer.concat([VERSION, ...body, this.random.bytes(MAC_BYTES)]);
  }
}

/** A field of bytes of a protocol buffer. */
const field = (number: number, value: Buffer): Buffer =>
  Buffer.concat([Buffer.from([(number << 3) | 2]), varint(value.length), value]);

function varint(value: number): Buffer {
  const out: number[] = [];
  let rest = value;
  while (rest > 0x7f) {
    out.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  return Buffer.from([...out, rest]);
}
