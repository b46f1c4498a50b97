import { createCipheriv, createDecipheriv, createHash, hkdfSync } from 'node:crypto';

const MODE = Buffer.from('Noise_XX_25519_AESGCM_SHA256\0\0\0\0');
const TAG_BYTES = 16;

export const EMPTY = Buffer.alloc(0);
/** The first bytes of every connection: "WA", protocol 6, dictionary 3. */
export const WA_HEADER = Buffer.from([0x57, 0x41, 0x06, 0x03]);

function nonce(counter: number): Buffer {
  const iv = Buffer.alloc(12);
  iv.writeUInt32BE(counter, 8);
  return iv;
}

/** AES-256-GCM with the counter as nonce, as Noise has it. */
export function seal(key: Buffer, counter: number, plain: Uint8Array, aad: Buffer): Buffer {
  const cipher = createCipheriv('aes-256-gcm', key, nonce(counter));
  cipher.setAAD(aad);
  return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/** Throws when the bytes are not what the other side sealed as its message of this number. */
export function open(key: Buffer, counter: number, sealed: Buffer, aad: Buffer): Buffer {
  if (sealed.length < TAG_BYTES) throw new Error('frame shorter than its authentication tag');
  const decipher = createDecipheriv('aes-256-gcm', key, nonce(counter));
  decipher.setAAD(aad);
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
  return Buffer.concat([decipher.update(sealed.subarray(0, sealed.length - TAG_BYTES)), decipher.final()]);
}

/** A body with its three bytes of length before it. */
export function framed(body: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(3 + body.length);
  frame.writeUIntBE(body.length, 0, 3);
  frame.set(body, 3);
  return frame;
}

/** The symmetric half of a Noise handshake, the same for both sides: transcript hash, chaining key, current key. */
export class NoiseState {
  private hash: Buffer;
  private salt: Buffer;
  private key: Buffer;
  private counter = 0;

  constructor(mode: Buffer = MODE) {
    this.hash = mode;
    this.salt = mode;
    this.key = mode;
  }

  mixHash(data: Uint8Array): void {
    this.hash = createHash('sha256').update(this.hash).update(data).digest();
  }

  mixKey(secret: Uint8Array): void {
    [this.salt, this.key] = this.derive(secret);
    this.counter = 0;
  }

  encrypt(plain: Uint8Array): Buffer {
    const sealed = seal(this.key, this.counter++, plain, this.hash);
    this.mixHash(sealed);
    return sealed;
  }

  decrypt(sealed: Buffer): Buffer {
    const plain = open(this.key, this.counter++, sealed, this.hash);
    this.mixHash(sealed);
    return plain;
  }

  /** The keys of the transport: from client to server, and back. */
  split(): [toServer: Buffer, toClient: Buffer] {
    return this.derive(EMPTY);
  }

  private derive(secret: Uint8Array): [Buffer, Buffer] {
    const out = Buffer.from(hkdfSync('sha256', secret, this.salt, EMPTY, 64));
    return [out.subarray(0, 32), out.subarray(32)];
  }
}
