import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import type { MediaStorage, MediaWrite, StoredMedia } from '#storage';
import type { TableFile } from '../../tabular/table.js';

/** Random bytes in front of the content. */
const MARK_BYTES = 16;

/**
 * Files that one owner has for a while. Storage keeps the same content once, whoever brings it; a file with a mark of its
 * own is shared with nobody, so that it can be removed at once when its owner is done with it.
 */

/** @returns size and hash without and with the mark @throws MediaOverLimit */
export async function writeOwnFile(storage: MediaStorage, content: Readable, limits: MediaWrite): Promise<StoredMedia> {
  const marked = Readable.from(withMark(content), { objectMode: false });
  const maxBytes = limits.maxBytes + MARK_BYTES;
  const stored = await storage.write(marked, { ...limits, maxBytes }).finally(() => content.destroy());
  return { ...stored, sizeBytes: stored.sizeBytes - MARK_BYTES };
}

/** @param stored as `writeOwnFile` gave it */
export function ownFile(storage: MediaStorage, stored: { storageKey: string; sizeBytes: number }): TableFile {
  return {
    sizeBytes: stored.sizeBytes,
    open: (range) =>
      storage.open(stored.storageKey, {
        start: (range?.start ?? 0) + MARK_BYTES,
        ...(range && { end: range.end + MARK_BYTES }),
      }),
  };
}

/** Nobody else has it. */
export function removeOwnFile(storage: MediaStorage, storageKey: string): Promise<void> {
  return storage.delete(storageKey);
}

async function* withMark(content: Readable): AsyncGenerator<Buffer> {
  yield randomBytes(MARK_BYTES);
  yield* content;
}
