import { randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import { sign, verify } from './signatures.js';

const require = createRequire(import.meta.url);
const fromBaileys = createRequire(require.resolve('@whiskeysockets/baileys'));
const fromLibsignal = createRequire(fromBaileys.resolve('libsignal/src/curve.js'));
const { sign: theirSign, verify: theirVerify, generateKeyPair } = fromLibsignal('curve25519-js');

const pair = (seed = randomBytes(32)): { public: Uint8Array; private: Uint8Array } => generateKeyPair(seed);

describe('signatures with keys of Curve25519', () => {
  it('are taken by curve25519-js, and its are taken by us, for keys of either sign', () => {
    const signs = new Set<number>();
    for (let round = 0; round < 12; round++) {
      // Chosen, for by chance all twelve can be of one sign.
      const keys = pair(Buffer.alloc(32, round + 1));
      const message = randomBytes(round * 7);
      const ours = sign(keys.private, message);
      signs.add(ours[63]! & 128);
      expect(theirVerify(keys.public, message, ours)).toBe(true);
      expect(verify(keys.public, message, theirSign(keys.private, message))).toBe(true);
      expect(verify(keys.public, message, ours)).toBe(true);
    }
    expect([...signs].sort()).toEqual([0, 128]);
  });

  it('hold for one message, one key and no other bit', () => {
    const keys = pair();
    const message = randomBytes(33);
    const signature = sign(keys.private, message);
    expect(verify(keys.public, randomBytes(33), signature)).toBe(false);
    expect(verify(pair().public, message, signature)).toBe(false);
    for (const at of [0, 31, 32, 62, 63]) {
      const wrong = Buffer.from(signature);
      wrong[at]! ^= 1;
      expect(verify(keys.public, message, wrong)).toBe(false);
    }
  });

  it('are never the same twice, so that a nonce is never used for two messages', () => {
    const keys = pair();
    const message = randomBytes(33);
    expect(sign(keys.private, message)).not.toEqual(sign(keys.private, message));
  });

  it('refuse what has another length, and a key that is no point', () => {
    const keys = pair();
    expect(() => sign(keys.private.slice(1), randomBytes(3))).toThrow(RangeError);
    expect(() => verify(keys.public.slice(1), randomBytes(3), randomBytes(64))).toThrow(RangeError);
    expect(() => verify(keys.public, randomBytes(3), randomBytes(63))).toThrow(RangeError);
    // u = -1 has no point on the Edwards curve.
    const none = Buffer.from(`ec${'ff'.repeat(30)}7f`, 'hex');
    expect(verify(none, randomBytes(3), randomBytes(64))).toBe(false);
  });
});
