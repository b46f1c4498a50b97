import { randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import { agree, makeKeyPair } from './agreement.js';

const require = createRequire(import.meta.url);
const fromBaileys = createRequire(require.resolve('@whiskeysockets/baileys'));
/** Of libsignal, before anything is installed. */
const { calculateAgreement, generateKeyPair } = fromBaileys('libsignal/src/curve.js');

describe('key agreement with keys of Curve25519', () => {
  it('gives what libsignal gives, for its keys and ours', () => {
    for (let round = 0; round < 50; round++) {
      const [ours, theirs] = round % 2 ? [makeKeyPair(), generateKeyPair()] : [generateKeyPair(), makeKeyPair()];
      const secret = agree(theirs.pubKey, ours.privKey);
      expect(secret).toEqual(calculateAgreement(theirs.pubKey, ours.privKey));
      expect(secret).toEqual(agree(ours.pubKey, theirs.privKey));
    }
  });

  it('takes private keys as they are, clamped or not, and public keys with or without their type', () => {
    for (let round = 0; round < 50; round++) {
      const { pubKey } = makeKeyPair();
      const privKey = randomBytes(32);
      expect(agree(pubKey, privKey)).toEqual(calculateAgreement(pubKey, privKey));
      expect(agree(new Uint8Array(pubKey.subarray(1)), new Uint8Array(privKey))).toEqual(agree(pubKey, privKey));
    }
  });

  it('agrees with RFC 7748, section 5.2', () => {
    const scalar = Buffer.from('a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4', 'hex');
    const point = Buffer.from('e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c', 'hex');
    const product = 'c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552';
    expect(agree(point, scalar).toString('hex')).toBe(product);
  });

  it('refuses keys of another length, and points of small order', () => {
    const { pubKey, privKey } = makeKeyPair();
    expect(() => agree(pubKey.subarray(2), privKey)).toThrow(RangeError);
    expect(() => agree(Buffer.concat([Buffer.of(4), pubKey.subarray(1)]), privKey)).toThrow(RangeError);
    expect(() => agree(pubKey, privKey.subarray(1))).toThrow(RangeError);
    expect(() => agree(Buffer.alloc(32), privKey)).toThrow();
  });
});
