import { createHmac } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { refusalOf, type Verification, type VerificationSecret } from './hook-verification.js';

const secret = 'the-secret-of-this-hook';
const now = new Date('2026-11-21T12:00:00Z');
const seconds = now.getTime() / 1000;
const body = Buffer.from('{"a": 1}  ');
const sign = (encoding: 'hex' | 'base64', signed: string | Buffer = body) =>
  createHmac('sha256', secret).update(signed).digest(encoding);
const withTime = (at: number) => `${at}.${body}`;

const check = (verification: Verification, headers: Record<string, string>, given: VerificationSecret = { secret }) =>
  refusalOf({ headers, body }, verification, given, now);

const standardSecret = `whsec_${Buffer.from('another secret of 24 byte').toString('base64')}`;
const standard = (at: Date) => ({
  'webhook-id': 'msg_1',
  'webhook-timestamp': String(at.getTime() / 1000),
  'webhook-signature': `v1,AAAA ${new Webhook(standardSecret).sign('msg_1', at, body.toString())}`,
});

describe('proof of where a request comes from', () => {
  it.each<[string, Verification, Record<string, string>, VerificationSecret]>([
    ['nothing asked', { kind: 'none' }, {}, {}],
    ['a bearer token', { kind: 'bearer' }, { authorization: `Bearer ${secret}` }, { secret }],
    [
      'name and password',
      { kind: 'basic' },
      { authorization: `Basic ${Buffer.from('shop:päss:word').toString('base64')}` },
      { username: 'shop', password: 'päss:word' },
    ],
    ['GitHub', { kind: 'github' }, { 'x-hub-signature-256': `sha256=${sign('hex')}` }, { secret }],
    ['Shopify', { kind: 'shopify' }, { 'x-shopify-hmac-sha256': sign('base64') }, { secret }],
    [
      'Stripe, during a change of its secret',
      { kind: 'stripe' },
      { 'stripe-signature': `t=${seconds - 200},v1=${'0'.repeat(64)},v1=${sign('hex', withTime(seconds - 200))},v0=1` },
      { secret },
    ],
    ['Standard Webhooks', { kind: 'standard-webhooks' }, standard(now), { secret: standardSecret }],
    [
      'any other that signs',
      { kind: 'hmac-sha256', header: 'x-sig', prefix: 'v1=' },
      { 'x-sig': `v1=${sign('hex')}` },
      { secret },
    ],
    [
      'any other that signs the time too',
      { kind: 'hmac-sha256', header: 'x-sig', encoding: 'base64', timestampHeader: 'x-time', toleranceSeconds: 10 },
      { 'x-sig': sign('base64', withTime(seconds + 9)), 'x-time': String(seconds + 9) },
      { secret },
    ],
  ])('%s is taken', (_what, verification, headers, given) => {
    expect(check(verification, headers, given)).toBeNull();
    // The same of another body is not, where it is signed; nor another secret.
    if (verification.kind === 'none') return;
    const others = { secret: `x${given.secret}`, username: 'shop', password: 'other' };
    expect(check(verification, headers, others)).toEqual(expect.any(String));
    if (verification.kind === 'bearer' || verification.kind === 'basic') return;
    const altered = { headers, body: Buffer.from('{"a": 1} ') };
    expect(refusalOf(altered, verification, given, now)).toMatch(/not that of this body|is that of this/);
  });

  it.each<[string, Verification, Record<string, string>, RegExp]>([
    ['no header', { kind: 'github' }, {}, /x-hub-signature-256 is missing/],
    ['no prefix', { kind: 'github' }, { 'x-hub-signature-256': sign('hex') }, /not that of this body/],
    ['no token', { kind: 'bearer' }, {}, /bearer token/],
    ['a shorter token', { kind: 'bearer' }, { authorization: `Bearer ${secret.slice(1)}` }, /bearer token/],
    [
      'an old Stripe signature',
      { kind: 'stripe' },
      { 'stripe-signature': `t=${seconds - 301},v1=${sign('hex', withTime(seconds - 301))}` },
      /too long ago/,
    ],
    [
      'a time that is none',
      { kind: 'stripe' },
      { 'stripe-signature': `t=NaN,v1=${sign('hex', `NaN.${body}`)}` },
      /missing or no number/,
    ],
    ['an old standard webhook', { kind: 'standard-webhooks' }, standard(new Date(0)), /too long ago/],
    [
      'a time that was not signed',
      { kind: 'hmac-sha256', header: 'x-sig', timestampHeader: 'x-time' },
      { 'x-sig': sign('hex'), 'x-time': String(seconds) },
      /not that of this body/,
    ],
  ])('%s is refused with a sentence', (_what, verification, headers, sentence) => {
    expect(check(verification, headers)).toMatch(sentence);
  });
});
