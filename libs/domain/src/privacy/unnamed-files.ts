import { type Database, findNamedFiles } from '#database';
import type { MediaStorage } from '#storage';

/** A file that was written within this time may be about to be named by a row: the sweeper takes it later. */
const YOUNG_MS = 60 * 60_000;

/**
 * Removes those of the files that no row names any more. Files are shared by their content, also between organizations.
 * One that dies in the middle leaves files for the sweeper.
 * @param olderThanMs spares what was written more lately than that
 * @returns how many were removed
 */
export async function removeUnnamedFiles(
  db: Database,
  storage: MediaStorage,
  storageKeys: readonly string[],
  olderThanMs = YOUNG_MS,
): Promise<number> {
  const named = await findNamedFiles(db, storageKeys);
  let removed = 0;
  for (const key of storageKeys) {
    if (named.has(key)) continue;
    const writtenAt = await storage.writtenAt(key).catch(() => null);
    if (writtenAt === null || Date.now() - writtenAt.getTime() < olderThanMs) continue;
    await storage.delete(key);
    removed += 1;
  }
  return removed;
}
