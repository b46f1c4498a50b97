import { type Database, removeUnnamedMediaAfter } from '#database';
import type { MediaStorage } from '#storage';
import { removeUnnamedFiles } from './unnamed-files.js';

/** What is younger may be about to be named. */
const YOUNG_MS = 24 * 3600_000;
const AT_ONCE = 500;

/**
 * Removes media that nothing names: of requests that were refused after their file had been taken, of processes that
 * died in between, of profiles that were deleted. Rows first, then files without a row, on the disk and in buckets.
 */
export class MediaSweeper {
  constructor(
    private readonly db: Database,
    private readonly storage: MediaStorage,
  ) {}

  async run(now: Date, hasTime: () => boolean): Promise<{ rows: number; files: number }> {
    const young = new Date(now.getTime() - YOUNG_MS);
    let rows = 0;
    let files = 0;
    for (let after: string | null = '00000000-0000-0000-0000-000000000000'; after !== null && hasTime(); ) {
      const step: Awaited<ReturnType<typeof removeUnnamedMediaAfter>> = await removeUnnamedMediaAfter(
        this.db,
        after,
        young,
        AT_ONCE,
      );
      rows += step.keys.length;
      files += await removeUnnamedFiles(this.db, this.storage, step.keys);
      after = step.next;
    }
    let old: string[] = [];
    for await (const { storageKey, writtenAt } of this.storage.list()) {
      if (!hasTime()) break;
      if (writtenAt < young) old.push(storageKey);
      if (old.length < AT_ONCE) continue;
      files += await removeUnnamedFiles(this.db, this.storage, old);
      old = [];
    }
    files += await removeUnnamedFiles(this.db, this.storage, old);
    return { rows, files };
  }
}
