import { assertKnownVersions } from './versions.js';

describe('the version guard', () => {
  it('accepts what is installed', () => {
    expect(() => assertKnownVersions()).not.toThrow();
  });

  it('refuses another Baileys or libsignal, and says what to do', () => {
    expect(() => assertKnownVersions({ '@whiskeysockets/baileys': '7.0.0', libsignal: '6.0.0' })).toThrow(
      /7\.0\.0 is installed.*7\.0\.0-rc14.*versions\.ts/,
    );
    expect(() => assertKnownVersions({ '@whiskeysockets/baileys': '7.0.0-rc14', libsignal: '7.0.0' })).toThrow(
      /libsignal 7\.0\.0/,
    );
  });
});
