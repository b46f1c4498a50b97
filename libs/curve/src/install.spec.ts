import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Curve } from '@whiskeysockets/baileys';
import { agree, makeKeyPair } from './agreement.js';
import { installCurve } from './install.js';

it('Baileys signs with ours once it is installed, and not before', () => {
  const key = Curve.generateKeyPair().private;
  const message = randomBytes(33);
  const sign = () => Buffer.from(Curve.sign(key, message)).toString('hex');
  // curve25519-js makes no nonce: its signatures of one message are the same.
  expect(sign()).toBe(sign());
  installCurve();
  installCurve();
  expect(sign()).not.toBe(sign());
});

it("libsignal's sessions agree on keys with ours once it is installed", () => {
  installCurve();
  const fromBaileys = createRequire(createRequire(import.meta.url).resolve('@whiskeysockets/baileys'));
  const curve = fromBaileys('libsignal/src/curve.js');
  expect([curve.calculateAgreement, curve.generateKeyPair]).toEqual([agree, makeKeyPair]);
  const path = fromBaileys.resolve('libsignal/src/session_builder.js');
  // They call it by its name of the module, so that a replacement counts.
  expect(readFileSync(path, 'utf8')).toContain('curve.calculateAgreement(');
});
