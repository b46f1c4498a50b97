import { createRequire } from 'node:module';

const requireHere = createRequire(import.meta.url);

/** Resolves packages as Baileys itself does, so that we hold the very instances it uses. */
export const requireFromBaileys = createRequire(requireHere.resolve('@whiskeysockets/baileys'));

const requireFromLibsignal = createRequire(requireFromBaileys.resolve('libsignal/src/curve.js'));

/** The versions whose internals this adapter was written against and tested with. */
const expected = {
  '@whiskeysockets/baileys': '7.0.0-rc14',
  libsignal: '6.0.0',
  'curve25519-js': '0.0.4',
};

/**
 * Fails when another version of Baileys or libsignal is installed. The adapter replaces a few internals of both (listed
 * in libsignal/, signal-repository.ts and #curve); with another version these replacements may silently stop working, and then
 * messages are lost. Check each of them, run the specs of this folder, then raise the number here.
 */
export function assertKnownVersions(installed = installedVersions()): void {
  for (const [name, version] of Object.entries(expected)) {
    if (installed[name] === version) continue;
    throw new Error(
      `${name} ${installed[name]} is installed, but the engine is made for ${version}. ` +
        'Install that version, or adapt libs/engine/src/baileys and raise the number in versions.ts.',
    );
  }
}

function installedVersions(): Record<string, string> {
  return {
    '@whiskeysockets/baileys': requireHere('@whiskeysockets/baileys/package.json').version,
    libsignal: requireFromBaileys('libsignal/package.json').version,
    'curve25519-js': requireFromLibsignal('curve25519-js/package.json').version,
  };
}
