import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export const runFolderPrefix = 'waypost-test-run-';

const stopLimitMs = 10_000;

/** Stops the database server of a run, if one was started, and deletes the folder. */
export async function removeRun(folder) {
  await stopServer(join(folder, 'postgres', 'cluster', 'postmaster.pid'));
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}

/** At once and without ceremony: nobody needs its data any more. */
async function stopServer(pidFile) {
  if (!existsSync(pidFile)) return;
  try {
    process.kill(Number(readFileSync(pidFile, 'utf8').split('\n')[0]), 'SIGQUIT');
  } catch {
    return;
  }
  const limit = Date.now() + stopLimitMs;
  while (existsSync(pidFile) && Date.now() < limit) await sleep(20);
}
