import { createRequire } from 'node:module';
import { sign, verify } from './signatures.js';

/** What libsignal calls of curve25519-js. */
interface Curve25519 {
  sign(privateKey: Uint8Array, message: Uint8Array): Uint8Array;
  verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
}

/**
 * Lets Baileys sign and verify with ours instead of curve25519-js 0.0.4, which calculates in plain JavaScript and takes
 * 15 to 30 ms for one signature: two at every connect, one for every device that is written to first, one for every
 * message in a group. Twice does nothing more.
 */
export function installSignatures(): void {
  const here = createRequire(import.meta.url);
  const fromBaileys = createRequire(here.resolve('@whiskeysockets/baileys'));
  const fromLibsignal = createRequire(fromBaileys.resolve('libsignal/src/curve.js'));
  const curve: Curve25519 = fromLibsignal('curve25519-js');
  curve.sign = sign;
  curve.verify = verify;
}
