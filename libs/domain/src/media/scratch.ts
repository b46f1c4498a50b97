import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { assertRoom } from '#storage';

/** A folder older than this belongs to a process that died: no piece of work may take so long. */
const ABANDONED_AFTER_MS = 6 * 3600_000;

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
    await assertRoom(this.root, bytes);
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
