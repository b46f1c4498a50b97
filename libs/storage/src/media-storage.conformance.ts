import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { type ListedMedia, MediaMissing, MediaOverLimit, type MediaStorage } from './media-storage.js';

/** What every place to keep media must do. Called by the spec of each adapter. */
export function itKeepsMedia(make: () => Promise<MediaStorage>): void {
  const limits = { maxBytes: 1_000_000 };
  let storage: MediaStorage;
  beforeEach(async () => {
    storage = await make();
  });

  it('gives back exactly what was written, with its size and hash', async () => {
    const bytes = randomBytes(300_000);
    const stored = await storage.write(Readable.from([bytes.subarray(0, 100_001), bytes.subarray(100_001)]), limits);
    expect(stored.sizeBytes).toBe(bytes.length);
    expect(stored.sha256).toBe(createHash('sha256').update(bytes).digest('hex'));
    expect((await buffer(await storage.open(stored.storageKey))).equals(bytes)).toBe(true);
  });

  it('gives back a part, both ends included', async () => {
    const { storageKey } = await storage.write(Readable.from([Buffer.from('0123456789')]), limits);
    expect(String(await buffer(await storage.open(storageKey, { start: 2, end: 4 })))).toBe('234');
    expect(String(await buffer(await storage.open(storageKey, { start: 7 })))).toBe('789');
  });

  it('keeps the same bytes once, also when two write them at the same time', async () => {
    const bytes = randomBytes(50_000);
    const [one, two] = await Promise.all([
      storage.write(Readable.from([bytes]), limits),
      storage.write(Readable.from([bytes]), limits),
    ]);
    expect(one).toEqual(two);
    expect((await buffer(await storage.open(one!.storageKey))).equals(bytes)).toBe(true);
  });

  it('keeps an empty file', async () => {
    const { storageKey, sizeBytes } = await storage.write(Readable.from([]), limits);
    expect(sizeBytes).toBe(0);
    expect((await buffer(await storage.open(storageKey))).length).toBe(0);
  });

  it('takes exactly the limit and refuses one byte more, ending the source', async () => {
    await expect(storage.write(Readable.from([Buffer.alloc(10)]), { maxBytes: 10 })).resolves.toMatchObject({
      sizeBytes: 10,
    });
    const endless = new Readable({ read: () => endless.push(Buffer.alloc(64_000)) });
    await expect(storage.write(endless, limits)).rejects.toThrow(MediaOverLimit);
    expect(endless.destroyed).toBe(true);
  });

  it('fails with the failure of the source', async () => {
    const broken = Readable.from(
      (async function* () {
        yield Buffer.from('half');
        throw new Error('the source broke');
      })(),
    );
    await expect(storage.write(broken, limits)).rejects.toThrow('the source broke');
  });

  it('removes a file, and again without complaint', async () => {
    const { storageKey } = await storage.write(Readable.from([randomBytes(10)]), limits);
    await storage.delete(storageKey);
    await storage.delete(storageKey);
    await expect(storage.open(storageKey)).rejects.toThrow(MediaMissing);
  });

  it('lists what it keeps with the time of the last write, which a second write renews', async () => {
    const bytes = randomBytes(20);
    const { storageKey } = await storage.write(Readable.from([bytes]), limits);
    const first = (await storage.writtenAt(storageKey))!;
    await storage.write(Readable.from([bytes]), limits);
    expect((await storage.writtenAt(storageKey))!.getTime()).toBeGreaterThanOrEqual(first.getTime());
    const listed: ListedMedia[] = [];
    for await (const file of storage.list()) listed.push(file);
    expect(listed.map((file) => file.storageKey)).toContain(storageKey);
    await storage.delete(storageKey);
    expect(await storage.writtenAt(storageKey)).toBeNull();
  });

  it('keeps apart what is the same, each to be removed alone', async () => {
    const bytes = randomBytes(70_000);
    const [one, two] = await Promise.all([
      storage.writeApart(Readable.from([bytes]), limits),
      storage.writeApart(Readable.from([bytes]), limits),
    ]);
    expect(one!.storageKey).not.toBe(two!.storageKey);
    const listed: string[] = [];
    for await (const file of storage.list()) listed.push(file.storageKey);
    expect(listed).toEqual(expect.arrayContaining([one!.storageKey, two!.storageKey]));
    await storage.delete(one!.storageKey);
    await expect(storage.open(one!.storageKey)).rejects.toThrow(MediaMissing);
    expect((await buffer(await storage.open(two!.storageKey))).equals(bytes)).toBe(true);
    await storage.delete(two!.storageKey);
  });

  it.each([
    '../../etc/passwd',
    '/etc/passwd',
    '',
    'a'.repeat(63),
    `${'a'.repeat(64)}/..`,
    `..${'a'.repeat(62)}`,
    'apart-../../x',
  ])('never opens %j', async (key) => {
    await expect(storage.open(key)).rejects.toThrow(MediaMissing);
    await expect(storage.delete(key)).rejects.toThrow(MediaMissing);
  });
}
