import { createRequire } from 'node:module';
import { agree, makeKeyPair } from './agreement.js';
import { sign, verify } from './signatures.js';

/** What libsignal calls of curve25519-js. */
interface Curve25519 {
  sign(privateKey: Uint8Array, message: Uint8Array): Uint8Array;
  verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
}

/** What libsignal's sessions call of its own module. */
interface SignalCurve {
  calculateAgreement(publicKey: Uint8Array, privateKey: Uint8Array): Buffer;
  generateKeyPair(): { pubKey: Buffer; privKey: Buffer };
}

/**
 * Lets libsignal, and so Baileys, calculate with ours (ADR 17): signatures instead of those of curve25519-js 0.0.4, which
 * takes 15 to 30 ms for one in plain JavaScript, two at every connect, one for every device that is written to first, one
 * for every message in a group; and key agreements, four for every device that is written to first, two for every message
 * that answers another. Twice does nothing more.
 */
export function installCurve(): void {
  const here = createRequire(import.meta.url);
  const fromBaileys = createRequire(here.resolve('@whiskeysockets/baileys'));
  const pathOfCurve = fromBaileys.resolve('libsignal/src/curve.js');
  const curve: Curve25519 = createRequire(pathOfCurve)('curve25519-js');
  curve.sign = sign;
  curve.verify = verify;
  const ofSignal: SignalCurve = fromBaileys(pathOfCurve);
  ofSignal.calculateAgreement = agree;
  ofSignal.generateKeyPair = makeKeyPair;
}
