/**
 * Generates the Prisma client into libs/database/src/generated (git-ignored). Does nothing when it is fresh; `--force`
 * generates anyway. Works offline: generating is WebAssembly, but the CLI insists on a schema engine binary before it
 * starts and would download one, so it is shown an executable that is certainly there and is never run.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const require = createRequire(import.meta.url);

/** @returns whether it generated (false: it was fresh). */
export function generatePrisma({ force = false } = {}) {
  const prisma = require.resolve('prisma/package.json');
  const fingerprint = createHash('sha256')
    .update(readFileSync(join(root, 'prisma/schema.prisma')))
    .update(JSON.parse(readFileSync(prisma, 'utf8')).version)
    .digest('hex');
  const mark = join(root, 'libs/database/src/generated/.fingerprint');
  if (!force && existsSync(mark) && readFileSync(mark, 'utf8') === fingerprint) return false;
  execFileSync(process.execPath, [join(dirname(prisma), 'build/index.js'), 'generate'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
      PRISMA_HIDE_UPDATE_MESSAGE: '1',
      CHECKPOINT_DISABLE: '1',
    },
  });
  writeFileSync(mark, fingerprint);
  return true;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  console.log(
    generatePrisma({ force: process.argv.includes('--force') })
      ? 'Prisma client generated.'
      : 'Prisma client is fresh.',
  );
}
