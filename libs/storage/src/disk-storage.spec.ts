import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { DiskStorage } from './disk-storage.js';
import { itKeepsMedia } from './media-storage.conformance.js';

describe('DiskStorage', () => {
  let dataDir: string;
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'waypost-storage-'));
  });
  afterEach(() => rm(dataDir, { recursive: true, force: true }));

  itKeepsMedia(() => DiskStorage.open(dataDir));

  it('leaves nothing behind when a write fails', async () => {
    const storage = await DiskStorage.open(dataDir);
    await expect(storage.write(Readable.from([Buffer.alloc(11)]), { maxBytes: 10 })).rejects.toThrow();
    expect(await readdir(join(dataDir, 'media'))).toEqual(['apart', 'incoming']);
    expect(await readdir(join(dataDir, 'media', 'incoming'))).toEqual([]);
  });

  it('refuses at once what the disk has no room for, and ends the source', async () => {
    const storage = await DiskStorage.open(dataDir);
    const source = Readable.from([Buffer.alloc(10)]);
    const limits = { maxBytes: Number.MAX_SAFE_INTEGER, expectedBytes: 2 ** 52 };
    await expect(storage.write(source, limits)).rejects.toMatchObject({ code: 'ENOSPC' });
    expect(source.destroyed).toBe(true);
    expect(await readdir(join(dataDir, 'media', 'incoming'))).toEqual([]);
  });

  it('removes old half-written files when it opens, and spares those of running writes', async () => {
    await DiskStorage.open(dataDir);
    const incoming = join(dataDir, 'media', 'incoming');
    await writeFile(join(incoming, 'dead'), 'x');
    await writeFile(join(incoming, 'running'), 'x');
    const twoDaysAgo = new Date(Date.now() - 48 * 3600_000);
    await utimes(join(incoming, 'dead'), twoDaysAgo, twoDaysAgo);
    await DiskStorage.open(dataDir);
    expect(await readdir(incoming)).toEqual(['running']);
  });
});
