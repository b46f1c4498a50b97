/**
 * Writes what follows from the catalogues in libs/config and libs/contracts: `.env.example` and docs/reference.
 * `--check` compares instead and fails when a file is not what would be written.
 */
import './node-version.mjs';

const { existsSync, mkdirSync, readFileSync, writeFileSync } = await import('node:fs');
const { dirname, join } = await import('node:path');
const { ensurePackages } = await import('./packages.mjs');
const { build } = await import('./build.mjs');
const { fail, root } = await import('./run.mjs');

await ensurePackages();
// The catalogues are read from dist.
await build();

const pages = {
  ...(await import('./reference/settings.mjs')).pages,
  ...(await import('./reference/errors.mjs')).pages,
  ...(await import('./reference/permissions.mjs')).pages,
  ...(await import('./reference/events.mjs')).pages,
  ...(await import('./reference/connection-states.mjs')).pages,
  ...(await import('./reference/audit-actions.mjs')).pages,
  ...(await import('./reference/asyncapi.mjs')).pages,
};

const stale = Object.entries(pages).filter(([path, content]) => {
  const file = join(root, path);
  return !existsSync(file) || readFileSync(file, 'utf8') !== content;
});

if (process.argv.includes('--check')) {
  if (stale.length > 0) fail(`Not fresh: ${stale.map(([path]) => path).join(', ')}. Run: npm run generate`);
} else {
  for (const [path, content] of stale) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
    console.log(`wrote ${path}`);
  }
}
