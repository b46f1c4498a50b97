import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Scratch } from './scratch.js';

describe('Scratch', () => {
  let dataDir: string;
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'waypost-scratch-'));
  });
  afterEach(() => rm(dataDir, { recursive: true, force: true }));

  it('lends a folder that is gone afterwards, also when the work fails', async () => {
    const scratch = await Scratch.open(dataDir);
    await scratch.use(100, (folder) => writeFile(join(folder, 'file'), 'x'));
    await expect(
      scratch.use(100, async (folder) => {
        await writeFile(join(folder, 'file'), 'x');
        throw new Error('the work failed');
      }),
    ).rejects.toThrow('the work failed');
    expect(await readdir(join(dataDir, 'scratch'))).toEqual([]);
  });

  it('does not begin what the disk has no room for', async () => {
    const scratch = await Scratch.open(dataDir);
    await expect(scratch.use(2 ** 52, async () => 'done')).rejects.toMatchObject({ code: 'ENOSPC' });
  });

  it('removes what died processes left when it opens, and spares the work of others', async () => {
    const [dead, running] = ['work-dead', 'work-running'].map((name) => join(dataDir, 'scratch', name));
    await Scratch.open(dataDir);
    for (const folder of [dead!, running!]) await mkdir(folder);
    const yesterday = new Date(Date.now() - 24 * 3600_000);
    await utimes(dead!, yesterday, yesterday);
    await Scratch.open(dataDir);
    expect(await readdir(join(dataDir, 'scratch'))).toEqual(['work-running']);
  });
});
