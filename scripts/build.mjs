import './node-version.mjs';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { generatePrisma } from './generate-prisma.mjs';
import { ensurePackages, ensureWritable } from './packages.mjs';
import { fail, root, runNode } from './run.mjs';

const dist = join(root, 'dist');
/** Web pages: Vite makes one folder of files of each, below dist/pages. */
const pages = [
  { name: 'simulator', folder: join(root, 'apps/simulator/page') },
  { name: 'dashboard', folder: join(root, 'apps/dashboard') },
];

/** Brings the Prisma client and dist up to date with their sources; does nothing when they are. */
export async function build() {
  generatePrisma();
  await compile();
  for (const page of pages) await bundle(page);
}

async function compile() {
  const sources = ['apps', 'libs'].flatMap((folder) => filesUnder(join(root, folder))).filter(isCompiled);
  const hash = hashOf([...sources, join(root, '.swcrc'), join(root, 'node_modules/@swc/core/package.json')]);
  const stamp = join(dist, '.stamp');
  if (read(stamp) === hash) return;
  ensureWritable();
  rmSync(stamp, { force: true });
  const result = await runNode(
    'node_modules/@swc/cli/bin/swc.js',
    [
      'apps',
      'libs',
      '-d',
      'dist',
      '--config-file',
      '.swcrc',
      '--copy-files',
      '--ignore',
      ['**/*spec.ts', '**/tsconfig*.json', ...pages.map(({ folder }) => `${relative(root, folder)}/**`)].join(),
    ],
    { quiet: true },
  );
  if (result.code !== 0) {
    console.error(result.output.trim());
    fail('The sources could not be compiled.');
  }
  removeLeftovers(sources);
  mkdirSync(dist, { recursive: true });
  writeFileSync(stamp, hash);
}

async function bundle({ name, folder }) {
  const sources = filesUnder(folder);
  const hash = hashOf([...sources, join(root, 'node_modules/vite/package.json'), join(root, 'package-lock.json')]);
  const stamp = join(dist, `pages/.${name}.stamp`);
  if (read(stamp) === hash) return;
  ensureWritable();
  rmSync(stamp, { force: true });
  const result = await runNode('node_modules/vite/bin/vite.js', ['build', folder], { quiet: true });
  if (result.code !== 0) {
    console.error(result.output.trim());
    fail(`The page of ${name} could not be built.`);
  }
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, hash);
}

/** Everything below src that runs, with the files that it reads: no specs, no web pages. */
function isCompiled(path) {
  if (pages.some(({ folder }) => path.startsWith(folder))) return false;
  return path.includes('/src/') && !path.endsWith('spec.ts') && !basename(path).startsWith('.');
}

/** A deleted or renamed source must not live on in dist. */
function removeLeftovers(sources) {
  const expected = new Set(sources.map((path) => join(dist, relative(root, path).replace(/\.ts$/, '.js'))));
  for (const folder of ['apps', 'libs']) {
    for (const path of filesUnder(join(dist, folder))) {
      if (!expected.has(path.replace(/\.js\.map$/, '.js'))) rmSync(path);
    }
  }
}

function filesUnder(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

function hashOf(paths) {
  const hash = createHash('sha256');
  for (const path of paths) {
    hash.update(relative(root, path));
    hash.update(readFileSync(path));
  }
  return hash.digest('hex');
}

function read(path) {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  await ensurePackages();
  await build();
}
