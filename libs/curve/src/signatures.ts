import { createHash, createPublicKey, randomBytes, verify as verifyEd25519 } from 'node:crypto';
import { ed25519 } from '@noble/curves/ed25519.js';

/**
 * Signatures with Curve25519 keys as Signal makes them: Ed25519 with the key's point on the Edwards curve, whose sign
 * travels in the topmost bit of the signature. Source: XEdDSA (https://signal.org/docs/specifications/xeddsa) with that
 * bit as in `curve_sigs.c` of libsignal-protocol-c.
 */
const { BASE, Fp, Fn } = ed25519.Point;

/** What the nonce's hash begins with, which no encoded point is: 2^256 - 2, little endian. */
const NONCE_HEAD = Buffer.from([0xfe, ...Array<number>(31).fill(0xff)]);

/**
 * @param privateKey 32 bytes, clamped or not
 * @returns 64 bytes; another signature each time
 */
export function sign(privateKey: Uint8Array, message: Uint8Array): Uint8Array {
  if (privateKey.length !== 32) throw new RangeError('A private key has 32 bytes.');
  const secret = Buffer.from(privateKey);
  secret[0]! &= 248;
  secret[31] = (secret[31]! & 127) | 64;
  const scalar = Fn.create(littleEndian(secret));
  const publicPoint = BASE.multiply(scalar).toBytes();
  const nonce = Fn.create(littleEndian(sha512(NONCE_HEAD, secret, message, randomBytes(64))));
  const commitment = BASE.multiply(nonce).toBytes();
  const challenge = Fn.create(littleEndian(sha512(commitment, publicPoint, message)));
  const response = Fn.toBytes(Fn.add(nonce, Fn.mul(challenge, scalar)));
  const signature = Buffer.concat([commitment, response]);
  signature[63]! |= publicPoint[31]! & 128;
  return signature;
}

/** @param publicKey the 32 bytes of the Montgomery curve, without Signal's type byte */
export function verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== 32) throw new RangeError('A public key has 32 bytes.');
  if (signature.length !== 64) throw new RangeError('A signature has 64 bytes.');
  const montgomery = Buffer.from(publicKey);
  montgomery[31]! &= 127;
  const u = Fp.create(littleEndian(montgomery));
  const below = Fp.add(u, 1n);
  if (below === 0n) return false;
  const point = Fp.toBytes(Fp.div(Fp.sub(u, 1n), below));
  point[31]! |= signature[63]! & 128;
  const plain = Buffer.from(signature);
  plain[63]! &= 127;
  // From DER it takes fifteen times as long, see agreement.ts.
  const x = Buffer.from(point).toString('base64url');
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
  return verifyEd25519(null, message, key, plain);
}

function sha512(...parts: Uint8Array[]): Buffer {
  const hash = createHash('sha512');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

function littleEndian(bytes: Buffer): bigint {
  return BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`);
}
