import { createPublicKey, verify } from 'node:crypto';

const P = 2n ** 255n - 19n;

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (let b = base % P, e = exponent; e > 0n; e >>= 1n, b = (b * b) % P) if (e & 1n) result = (result * b) % P;
  return result;
}

const littleEndian = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`);

/**
 * True when a Signal signature (XEdDSA) over `message` was made with the private half of a Curve25519 key of 32 bytes.
 * The client's library has a check too, but Baileys drops its answer. The key is turned into its Edwards form, whose sign
 * stands in the last bit of the signature; the rest is Ed25519 (Signal's XEdDSA specification, section 2.3).
 */
export function isSignedBy(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== 32 || signature.length !== 64) return false;
  const u = littleEndian(publicKey);
  const y = ((u + P - 1n) * power(u + 1n, P - 2n)) % P;
  const edwards = Buffer.from(y.toString(16).padStart(64, '0'), 'hex').reverse();
  const plain = Buffer.from(signature);
  edwards[31] = (edwards[31] ?? 0) | ((plain[63] ?? 0) & 0x80);
  plain[63] = (plain[63] ?? 0) & 0x7f;
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: edwards.toString('base64url') }, format: 'jwk' });
  return verify(null, message, key, plain);
}
