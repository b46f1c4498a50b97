import { statfs } from 'node:fs/promises';

/** Bytes that a file system keeps free: a full one would stop more than media, the database first. */
const SPARED_BYTES = 256 * 1024 * 1024;

/** The disk has no room for a file. Carries the code of a full disk, so that it is handled like one. */
export class NoRoom extends Error {
  readonly code = 'ENOSPC';

  constructor() {
    super('The disk has no room for this file.');
    this.name = 'NoRoom';
  }
}

/** @throws NoRoom when so many bytes more would leave a folder's disk without what is kept free */
export async function assertRoom(folder: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize - bytes < SPARED_BYTES) throw new NoRoom();
}
