import fc from 'fast-check';
import { canonical, changeOf, isSecretName, MASK } from './audit-change.js';

it.each([
  'password',
  'passwordHash',
  'smtpPassword',
  'secretSealed',
  'secret_access_key',
  'apiKey',
  'refreshToken',
  'Authorization',
  'headers',
  'backupCodes',
  'qr',
])('masks %s', (name) => {
  expect(isSecretName(name)).toBe(true);
  expect(changeOf({ [name]: 'a' }, { [name]: 'b' })).toEqual({ before: { [name]: MASK }, after: { [name]: MASK } });
});

it.each(['name', 'tokenExpiresAt', 'passwordChangedAt', 'keyCount', 'countryCode', 'prefix', 'url'])(
  'shows %s',
  (name) => expect(isSecretName(name)).toBe(false),
);

it('keeps only what differs, and with one side all of it', () => {
  const before = { name: 'a', color: 'red', list: [1, { b: 1, a: 2 }] };
  expect(changeOf(before, { name: 'b', color: 'red', list: [1, { a: 2, b: 1 }] })).toEqual({
    before: { name: 'a' },
    after: { name: 'b' },
  });
  expect(changeOf(undefined, { name: 'b' })).toEqual({ after: { name: 'b' } });
  expect(changeOf({ name: 'b' }, undefined)).toEqual({ before: { name: 'b' } });
});

it('masks credentials within addresses and nested values', () => {
  expect(
    changeOf(undefined, {
      url: 'https://joe:s3cret@host/x?a=1&api_key=s3cret&b=2',
      smtp: { user: 'joe', password: 's3cret' },
    }),
  ).toEqual({
    after: { url: `https://${MASK}@host/x?a=1&api_key=${MASK}&b=2`, smtp: { user: 'joe', password: MASK } },
  });
});

it('keeps what it keeps small, and storable', () => {
  const kept = changeOf(undefined, {
    zero: 'a\u0000b\uD800',
    long: 'x'.repeat(10_000),
    many: Array.from({ length: 10_000 }, (_, index) => index),
  });
  expect(JSON.stringify(kept).length).toBeLessThan(20_000);
  expect(kept.after!.zero).toBe('ab\uFFFD');
});

it('gives one text for equal values, whatever the order of their keys', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
      const turned = Object.fromEntries(Object.entries(value).toReversed());
      expect(canonical(turned)).toBe(canonical(value));
    }),
  );
});
