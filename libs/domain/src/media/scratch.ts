import { mkdir, mkdtemp, readdir, rm, stat, statfs } from 'node:fs/promises';
import { join, resolve } from 'node:path';

/** A folder older than this belongs to a process that died: no piece of work may take so long. */
const ABANDONED_AFTER_MS = 6 * 3600_000;

/** Bytes that a file system keeps free: a full one would stop more than media. */
export const SPARED_BYTES = 256 * 1024 * 1024;

/** The disk has no room for a file. Carries the code of a full disk, so that it is handled like one. */
export class NoRoom extends Error {
  readonly code = 'ENOSPC';

  constructor() {
    super('The disk has no room for this file.');
    this.name = 'NoRoom';
  }
}

/** Where files lie while they are looked at and converted: a folder of its own for each piece of work. */
export class Scratch {
  private constructor(private readonly root: string) {}

  /** Makes `<dataDir>/scratch` and removes what died processes left there. Machines may share it. */
  static async open(dataDir: string): Promise<Scratch> {
    const scratch = new Scratch(resolve(dataDir, 'scratch'));
    await mkdir(scratch.root, { recursive: true });
    await scratch.removeAbandoned();
    return scratch;
  }

  /** Lends a folder that is gone afterwards, with all that is in it. @throws NoRoom when `bytes` more do not fit */
  async use<T>(bytes: number, work: (folder: string) => Promise<T>): Promise<T> {
    const { bavail, bsize } = await statfs(this.root);
    if (bavail * bsize - bytes < SPARED_BYTES) throw new NoRoom();
    const folder = await mkdtemp(join(this.root, 'work-'));
    try {
      return await work(folder);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  private async removeAbandoned(): Promise<void> {
    for (const name of await readdir(this.root)) {
      const path = join(this.root, name);
      // Another process may be finishing or sweeping the same folder.
      const facts = await stat(path).catch(() => null);
      if (!facts || Date.now() - facts.mtimeMs < ABANDONED_AFTER_MS) continue;
      await rm(path, { recursive: true, force: true }).catch(() => undefined);
    }
  }
}
