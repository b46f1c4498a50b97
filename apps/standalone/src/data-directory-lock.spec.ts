import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataDirectoryLock, DirectoryInUse } from './data-directory-lock.js';
import { identify } from './process-identity.js';

describe('DataDirectoryLock', () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lock-'));
    file = join(folder, 'waypost.lock');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('is refused while a living process holds it, and names that process', () => {
    DataDirectoryLock.acquire(folder);
    expect(() => DataDirectoryLock.acquire(folder)).toThrow(DirectoryInUse);
    expect(() => DataDirectoryLock.acquire(folder)).toThrow(String(process.pid));
  });

  it('can be taken again after it was released', () => {
    DataDirectoryLock.acquire(folder).release();
    DataDirectoryLock.acquire(folder);
  });

  it('is taken over from a process that was killed', async () => {
    const holder = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    writeFileSync(file, JSON.stringify(identify(holder.pid!)));
    expect(() => DataDirectoryLock.acquire(folder)).toThrow(DirectoryInUse);
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    DataDirectoryLock.acquire(folder);
  });

  it('is taken over when the pid now belongs to another process', () => {
    writeFileSync(file, JSON.stringify({ pid: process.pid, startedAt: 'another boot/1' }));
    DataDirectoryLock.acquire(folder);
  });

  it('is taken over when its writer died before it wrote anything', () => {
    writeFileSync(file, '');
    const longAgo = new Date(Date.now() - 60_000);
    utimesSync(file, longAgo, longAgo);
    DataDirectoryLock.acquire(folder);
  });

  it('does not remove the lock of a successor', () => {
    const lock = DataDirectoryLock.acquire(folder);
    writeFileSync(file, 'of somebody else');
    lock.release();
    expect(readFileSync(file, 'utf8')).toBe('of somebody else');
  });
});
