import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { fail, root, runNpm } from './run.mjs';

const lockfile = join(root, 'package-lock.json');
/** Written by npm at the end of an installation. */
const installed = join(root, 'node_modules', '.package-lock.json');
/** Ours: the hash of the lockfile that was installed, because a checkout changes times without changing content. */
const stamp = join(root, 'node_modules', '.waypost-lockfile');

/** Installs the packages of the lockfile when they are missing or older than it. */
export async function ensurePackages() {
  if (isInstalled()) return;
  ensureWritable();
  console.log('Installing packages. This takes about a minute and is needed once.');
  const options = ['--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  let result = await runNpm(['ci', ...options], { quiet: true });
  if (result.code !== 0 && result.output.includes('EUSAGE')) {
    // npm 11 refuses a lockfile whose optional packages for other systems are not listed by the registry in use.
    console.log('npm ci does not accept the lockfile here; installing with npm install instead.');
    result = await runNpm(['install', '--no-save', ...options], { quiet: true });
  }
  if (result.code !== 0) {
    console.error(result.output.trim());
    fail('The packages could not be installed; npm says why above. Check the network and run the command again.');
  }
  writeFileSync(stamp, lockfileHash());
}

function isInstalled() {
  if (!existsSync(installed)) return false;
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lockfileHash()) return true;
  // Somebody ran npm by hand.
  return statSync(installed).mtimeMs >= statSync(lockfile).mtimeMs;
}

function lockfileHash() {
  return createHash('sha256').update(readFileSync(lockfile)).digest('hex');
}

/** Installing and building write into the repository's folder. */
export function ensureWritable() {
  try {
    accessSync(root, constants.W_OK);
  } catch {
    fail(
      `The user ${userInfo().username} may not write into ${root}, where packages and the build are kept. ` +
        'Run the command as the owner of the folder, or use a copy of your own.',
    );
  }
}
