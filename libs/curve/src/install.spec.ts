import { randomBytes } from 'node:crypto';
import { Curve } from '@whiskeysockets/baileys';
import { installSignatures } from './install.js';

it('Baileys signs with ours once it is installed, and not before', () => {
  const key = Curve.generateKeyPair().private;
  const message = randomBytes(33);
  const sign = () => Buffer.from(Curve.sign(key, message)).toString('hex');
  // curve25519-js makes no nonce: its signatures of one message are the same.
  expect(sign()).toBe(sign());
  installSignatures();
  installSignatures();
  expect(sign()).not.toBe(sign());
});
