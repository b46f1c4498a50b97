import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';

const EMPTY = Buffer.alloc(0);
const IV_BYTES = 16;
const MAC_BYTES = 32;

/** What a mutation does to its index; the numbers are those of `SyncdMutation.SyncdOperation` plus one. */
const OPERATION = { set: 1, remove: 2 } as const;

export type Operation = keyof typeof OPERATION;

function hmac(algorithm: 'sha256' | 'sha512', key: Uint8Array, ...parts: Uint8Array[]): Buffer {
  const sign = createHmac(algorithm, key);
  for (const part of parts) sign.update(part);
  return sign.digest();
}

function bigEndian64(value: number): Buffer {
  const out = Buffer.alloc(8);
  out.writeBigUInt64BE(BigInt(value));
  return out;
}

/**
 * The five keys that follow from one shared key of the synchronised settings, and what is made with them. Written from
 * whatsmeow's `appstate/keys.go` and `appstate/hash.go`, not with the client's own library, so that each checks the other.
 */
export class MutationKeys {
  private readonly indexKey: Buffer;
  private readonly valueKey: Buffer;
  private readonly valueMacKey: Buffer;
  private readonly snapshotMacKey: Buffer;
  private readonly patchMacKey: Buffer;

  constructor(
    readonly id: Buffer,
    secret: Uint8Array,
  ) {
    const keys = Buffer.from(hkdfSync('sha256', secret, EMPTY, 'WhatsApp Mutation Keys', 160));
    this.indexKey = keys.subarray(0, 32);
    this.valueKey = keys.subarray(32, 64);
    this.valueMacKey = keys.subarray(64, 96);
    this.snapshotMacKey = keys.subarray(96, 128);
    this.patchMacKey = keys.subarray(128, 160);
  }

  /** The secret of a new key. */
  static newSecret(): Buffer {
    return randomBytes(32);
  }

  /** The name under which the server keeps an entry without knowing what it is about. */
  indexMac(index: Uint8Array): Buffer {
    return hmac('sha256', this.indexKey, index);
  }

  /** Encrypts a value: iv, ciphertext and, in the last 32 bytes, the MAC that counts in the hash of the collection. */
  seal(operation: Operation, value: Uint8Array): Buffer {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv('aes-256-cbc', this.valueKey, iv);
    const sealed = Buffer.concat([iv, cipher.update(value), cipher.final()]);
    return Buffer.concat([sealed, this.valueMac(operation, sealed)]);
  }

  /** Opens a value. Throws when it was changed on the way or sealed with another key. */
  open(operation: Operation, blob: Buffer): Buffer {
    const sealed = blob.subarray(0, -MAC_BYTES);
    if (!this.valueMac(operation, sealed).equals(valueMacOf(blob))) throw new Error('the MAC of a value is wrong');
    const decipher = createDecipheriv('aes-256-cbc', this.valueKey, sealed.subarray(0, IV_BYTES));
    return Buffer.concat([decipher.update(sealed.subarray(IV_BYTES)), decipher.final()]);
  }

  snapshotMac(hash: Buffer, version: number, collection: string): Buffer {
    return hmac('sha256', this.snapshotMacKey, hash, bigEndian64(version), Buffer.from(collection));
  }

  patchMac(snapshotMac: Uint8Array, valueMacs: Uint8Array[], version: number, collection: string): Buffer {
    return hmac('sha256', this.patchMacKey, snapshotMac, ...valueMacs, bigEndian64(version), Buffer.from(collection));
  }

  private valueMac(operation: Operation, sealed: Uint8Array): Buffer {
    const associated = Buffer.concat([Buffer.from([OPERATION[operation]]), this.id]);
    const mac = hmac('sha512', this.valueMacKey, associated, sealed, bigEndian64(associated.length));
    return mac.subarray(0, MAC_BYTES);
  }
}

export const valueMacOf = (blob: Buffer): Buffer => blob.subarray(-MAC_BYTES);

const HASH_BYTES = 128;

/** The hash of an empty collection. */
export const emptyHash = (): Buffer => Buffer.alloc(HASH_BYTES);

/**
 * The sum of all values of a collection, whatever their order: each is stretched to 128 bytes and added, or subtracted
 * when it goes, sixteen bits at a time (LT hash; whatsmeow `appstate/lthash`).
 */
export function rehash(hash: Buffer, removed: Uint8Array[], added: Uint8Array[]): Buffer {
  const sum = Buffer.from(hash);
  for (const [values, sign] of [
    [removed, -1],
    [added, 1],
  ] as const) {
    for (const value of values) {
      const stretched = Buffer.from(hkdfSync('sha256', value, EMPTY, 'WhatsApp Patch Integrity', HASH_BYTES));
      for (let at = 0; at < HASH_BYTES; at += 2) {
        sum.writeUInt16LE((sum.readUInt16LE(at) + sign * stretched.readUInt16LE(at)) & 0xffff, at);
      }
    }
  }
  return sum;
}
