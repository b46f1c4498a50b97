import { lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canReach, giveTo, type ServerUser } from './server-user.js';

/** What a socket's path may take in all on macOS, which allows least. */
const longestPath = 103;
const longestName = '.s.PGSQL.65535';

/**
 * A folder for the server's Unix socket, which only its user (and root) may enter: in the data folder, or among temporary
 * files where that lies too deep for the path of a socket, or where the server's user may not pass. Called while no server
 * runs.
 * @param former the one of an earlier start: used again, so that clients find the server where it was
 * @returns undefined where that does not work; then there is TCP alone.
 */
export function socketFolder(dataDir: string, user: ServerUser, former: string | undefined): string | undefined {
  if (process.platform === 'win32') return undefined;
  const own = join(dataDir, 'socket');
  mkdirSync(own, { recursive: true, mode: 0o700 });
  giveTo(user, own);
  if (isFit(own, user)) return emptied(own);
  removeSocketFolder(own);
  if (former !== undefined && isOurs(former, user)) return emptied(former);
  const folder = mkdtempSync(join(tmpdir(), 'waypost-'));
  giveTo(user, folder);
  if (isFit(folder, user)) return folder;
  removeSocketFolder(folder);
  return undefined;
}

function isFit(folder: string, user: ServerUser): boolean {
  return join(folder, longestName).length <= longestPath && canReach(user, folder);
}

/** What a killed server left would be taken for a running one. */
function emptied(folder: string): string {
  for (const name of readdirSync(folder)) rmSync(join(folder, name));
  return folder;
}

export function removeSocketFolder(folder: string | undefined): void {
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
}

/** It may have been cleaned away since, and another may have taken the name. */
function isOurs(folder: string, user: ServerUser): boolean {
  const found = lstatSync(folder, { throwIfNoEntry: false });
  const owner = user?.uid ?? process.getuid?.();
  return found?.isDirectory() === true && found.uid === owner && (found.mode & 0o077) === 0;
}
