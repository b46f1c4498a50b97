import { createPrivateKey, createPublicKey, diffieHellman, generateKeyPairSync, type JsonWebKey } from 'node:crypto';

/** What Signal puts before the 32 bytes of a public key. */
const SIGNAL_TYPE = 5;

/**
 * The secret that two key pairs share, as X25519 has it.
 *
 * Keys are given to Node as JSON Web Keys: it takes their bytes as they are. From DER, as libsignal gives them, OpenSSL 3
 * tries one decoder after another, which takes ten times as long as the agreement itself.
 * @param publicKey 32 bytes, or 33 with Signal's type byte before them
 * @param privateKey 32 bytes
 * @returns 32 bytes
 * @throws RangeError for keys of another length, and what Node throws for a point of small order
 */
export function agree(publicKey: Uint8Array, privateKey: Uint8Array): Buffer {
  const isTyped = publicKey.length === 33 && publicKey[0] === SIGNAL_TYPE;
  const point = isTyped ? publicKey.subarray(1) : publicKey;
  if (point.length !== 32) throw new RangeError('A public key has 32 bytes.');
  if (privateKey.length !== 32) throw new RangeError('A private key has 32 bytes.');
  return diffieHellman({
    // The public half of a private key is asked for and not looked at.
    privateKey: createPrivateKey({ key: { ...curve, x: '', d: base64url(privateKey) }, format: 'jwk' }),
    publicKey: createPublicKey({ key: { ...curve, x: base64url(point) }, format: 'jwk' }),
  });
}

/** A new key pair; the public key with Signal's type byte, 33 bytes. */
export function makeKeyPair(): { pubKey: Buffer; privKey: Buffer } {
  const { x, d } = generateKeyPairSync('x25519').privateKey.export({ format: 'jwk' });
  return {
    pubKey: Buffer.concat([Buffer.of(SIGNAL_TYPE), Buffer.from(x!, 'base64url')]),
    privKey: Buffer.from(d!, 'base64url'),
  };
}

const curve: JsonWebKey = { kty: 'OKP', crv: 'X25519' };

function base64url({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('base64url');
}
