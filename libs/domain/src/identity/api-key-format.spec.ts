import fc from 'fast-check';
import { hashSecret, isApiKeyForm, makeApiKey } from './api-key-format.js';

describe('API keys', () => {
  it('are recognised when they are ours, with their prefix and hash', () => {
    const { key, prefix, hash } = makeApiKey();
    expect(isApiKeyForm(key)).toBe(true);
    expect(key.startsWith(prefix)).toBe(true);
    expect(prefix).toHaveLength(11);
    expect(hash.equals(hashSecret(key))).toBe(true);
  });

  it('are never the same', () => {
    expect(new Set(Array.from({ length: 1000 }, () => makeApiKey().key)).size).toBe(1000);
  });

  it('are refused with any one character changed', () => {
    const { key } = makeApiKey();
    fc.assert(
      fc.property(fc.integer({ min: 0, max: key.length - 1 }), fc.constantFrom(...'0Aa~_'), (at, other) => {
        const changed = key.slice(0, at) + other + key.slice(at + 1);
        return changed === key || !isApiKeyForm(changed);
      }),
    );
  });

  it.each(['', 'wp_', 'wp_short', `wp_${'0'.repeat(46)}x`, `xx_${'0'.repeat(46)}`])('%j is none', (text) => {
    expect(isApiKeyForm(text)).toBe(false);
  });
});
