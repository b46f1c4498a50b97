import { Readable } from 'node:stream';
import type { MediaStorage } from '#storage';
import type { TableFile } from './table.js';

/** A file that storage keeps. */
export function storedFile(storage: MediaStorage, stored: { storageKey: string; sizeBytes: number }): TableFile {
  return { sizeBytes: stored.sizeBytes, open: (range) => storage.open(stored.storageKey, range) };
}

/** Text that came in a request. */
export function textFile(text: string): TableFile {
  const bytes = Buffer.from(text);
  return {
    sizeBytes: bytes.length,
    open: async (range) => Readable.from([range ? bytes.subarray(range.start, range.end + 1) : bytes]),
  };
}
