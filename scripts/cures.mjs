/**
 * npm run test:cures: takes each cure of docs/failure-classes.md out of a copy of the sources and runs the test that
 * claims to need it. A test that passes all the same proves nothing, and fails this command. With a word as argument only
 * the cures that have it in their description.
 */
import './node-version.mjs';

import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removals } from '../test/cures/removals.mjs';

const { ensurePackages } = await import('./packages.mjs');
const { fail, root, runNode } = await import('./run.mjs');

const folders = ['apps', 'libs', 'prisma', 'scripts', 'test', 'docs', 'bench'];
const files = ['package.json', 'package-lock.json', 'jest.config.mjs', 'nest-cli.json', 'prisma.config.ts', '.swcrc'];

const [word = ''] = process.argv.slice(2);
const chosen = removals.filter(({ cure }) => cure.includes(word));
if (chosen.length === 0) fail(`No cure has "${word}" in its description.`);

await ensurePackages();
const copy = mkdtempSync(join(tmpdir(), 'waypost-cures-'));
for (const each of [...folders, ...files]) {
  cpSync(join(root, each), join(copy, each), { recursive: true });
}
symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'), 'dir');

const unproved = [];
try {
  for (const [index, removal] of chosen.entries()) {
    const result = await prove(removal);
    if (result !== 'proved') unproved.push(`${removal.cure}: ${result}`);
    console.log(`${index + 1}/${chosen.length}  ${removal.cure}: ${result}`);
  }
} finally {
  rmSync(copy, { recursive: true, force: true });
}
if (unproved.length > 0) fail(`\nNot proved:\n${unproved.join('\n')}`);

/** The test passes as the sources are, and fails without the cure. */
async function prove({ file, find, put, spec, name }) {
  const path = join(copy, file);
  const source = readFileSync(path, 'utf8');
  if (source.split(find).length !== 2) return 'the cure is not where it was, see test/cures/removals.mjs';
  if (!(await passes(spec, name))) return 'the test fails with the cure';
  writeFileSync(
    path,
    source.replace(find, () => put),
  );
  const without = await passes(spec, name);
  writeFileSync(path, source);
  return without ? 'the test passes without the cure' : 'proved';
}

/** Some tests start processes from dist, so the copy is built anew when its sources changed. */
async function passes(spec, name) {
  const { build } = await import(join(copy, 'scripts/build.mjs'));
  await build();
  const args = ['--runInBand', '--forceExit', '--rootDir', copy, '--runTestsByPath', spec];
  if (name) args.push('--testNamePattern', name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  const { code } = await runNode(join(copy, 'node_modules/jest/bin/jest.js'), args, {
    quiet: true,
    cwd: copy,
    nodeArgs: ['--experimental-vm-modules', '--no-warnings'],
  });
  return code === 0;
}
