import { chmodSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeRun, runFolderPrefix } from './run-folder.mjs';

/**
 * Gives this run of jest a folder of its own, for its database server (started by the first test that asks for a
 * database) and its files. Also clears away what runs that were killed left behind. Plain JavaScript, because jest
 * loads it before it compiles anything.
 */
export default async function globalSetup() {
  await removeDeadRuns();
  const folder = mkdtempSync(join(tmpdir(), runFolderPrefix));
  // The database server may run as another user, who must be able to enter.
  chmodSync(folder, 0o755);
  writeFileSync(join(folder, 'owner'), String(process.pid));
  process.env.WAYPOST_TEST_RUN = folder;
}

async function removeDeadRuns() {
  for (const name of readdirSync(tmpdir()).filter((entry) => entry.startsWith(runFolderPrefix))) {
    const folder = join(tmpdir(), name);
    try {
      process.kill(Number(readFileSync(join(folder, 'owner'), 'utf8')), 0);
    } catch (error) {
      if (error.code === 'ESRCH') await removeRun(folder);
    }
  }
}
