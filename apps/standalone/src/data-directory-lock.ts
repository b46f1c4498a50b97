import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { identify, isRunning, type ProcessIdentity } from './process-identity.js';

/** Somebody else works with this data directory. */
export class DirectoryInUse extends Error {
  constructor(readonly pid: number) {
    super(`The data directory is in use by the process ${pid}.`);
  }
}

/** A file that a start wrote but did not fill within this time belongs to a process that died in between. */
const fillTimeMs = 2000;

/**
 * Makes sure that one launcher works with a data directory. The lock is a file with the launcher's identity: it
 * outlives a kill -9, and the next start sees that its process is gone and takes over.
 */
export class DataDirectoryLock {
  private constructor(
    private readonly path: string,
    private readonly content: string,
  ) {}

  /** @throws DirectoryInUse when a living process holds it. */
  static acquire(dataDir: string): DataDirectoryLock {
    const path = join(dataDir, 'waypost.lock');
    const content = JSON.stringify(identify(process.pid));
    for (;;) {
      try {
        writeFileSync(path, content, { flag: 'wx', mode: 0o644 });
        return new DataDirectoryLock(path, content);
      } catch (problem) {
        if ((problem as NodeJS.ErrnoException).code !== 'EEXIST') throw problem;
      }
      const found = read(path);
      if (found === undefined) continue;
      const holder = parse(found);
      if (holder && isRunning(holder)) throw new DirectoryInUse(holder.pid);
      if (!holder && isFresh(path)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
      else removeStale(path, found);
    }
  }

  release(): void {
    if (read(this.path) === this.content) rmSync(this.path, { force: true });
  }
}

/** Renaming is atomic, so of two starts that found the same dead lock one moves it and the other moves nothing. */
function removeStale(path: string, expected: string): void {
  const aside = `${path}.${process.pid}`;
  try {
    renameSync(path, aside);
  } catch {
    return;
  }
  // In between another start may have removed the dead lock and written its own: that one goes back.
  if (read(aside) === expected) rmSync(aside, { force: true });
  else renameSync(aside, path);
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function isFresh(path: string): boolean {
  const modified = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
  return modified !== undefined && Date.now() - modified < fillTimeMs;
}

function parse(text: string): ProcessIdentity | undefined {
  try {
    const value = JSON.parse(text) as ProcessIdentity;
    return Number.isInteger(value.pid) ? value : undefined;
  } catch {
    return undefined;
  }
}
