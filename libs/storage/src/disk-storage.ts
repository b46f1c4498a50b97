import { createHash, randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, rename, rm, stat, unlink } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { assertRoom } from './disk-room.js';
import {
  type ByteRange,
  type ListedMedia,
  MediaMissing,
  MediaOverLimit,
  MediaStorage,
  type MediaWrite,
  type StoredMedia,
} from './media-storage.js';

/** A temporary file older than this belongs to a process that died. */
const ABANDONED_AFTER_MS = 24 * 3600_000;

/** Keys are the SHA-256 in hex and nothing else, so a key can never name a path outside the folder … */
const KEY = /^[0-9a-f]{64}$/;
/** … or a UUID, of what is kept apart. */
const APART = /^apart-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const PART = /^[0-9a-f]{2}$/;

/**
 * Media on a local or shared disk: `<dataDir>/media/ab/cd/<sha256>`, and `<dataDir>/media/apart/…`. Several processes may use one folder: a file
 * appears complete by an atomic rename, or not at all.
 */
export class DiskStorage extends MediaStorage {
  private readonly root: string;
  private readonly incoming: string;
  private readonly apart: string;

  private constructor(dataDir: string) {
    super();
    this.root = resolve(dataDir, 'media');
    this.incoming = join(this.root, 'incoming');
    this.apart = join(this.root, 'apart');
  }

  /** Makes the folders and removes what died processes left half-written. */
  static async open(dataDir: string): Promise<DiskStorage> {
    const storage = new DiskStorage(dataDir);
    await mkdir(storage.incoming, { recursive: true });
    await mkdir(storage.apart, { recursive: true });
    await storage.removeAbandoned();
    return storage;
  }

  override write(stream: Readable, limits: MediaWrite): Promise<StoredMedia> {
    return this.keep(stream, limits, async (sha256) => ({ storageKey: sha256, folder: await this.makeFolder(sha256) }));
  }

  override writeApart(stream: Readable, limits: MediaWrite): Promise<StoredMedia> {
    return this.keep(stream, limits, async () => ({ storageKey: `apart-${randomUUID()}`, folder: this.apart }));
  }

  private async keep(
    stream: Readable,
    limits: MediaWrite,
    place: (sha256: string) => Promise<{ storageKey: string; folder: string }>,
  ): Promise<StoredMedia> {
    const temporary = join(this.incoming, randomUUID());
    const file = await this.begin(temporary, limits).catch((failure) => {
      stream.destroy();
      throw failure;
    });
    try {
      const { sizeBytes, sha256 } = await copy(stream, file, limits.maxBytes);
      await file.sync();
      await file.close();
      const { storageKey, folder } = await place(sha256);
      // Also when the file exists already: the content is the same, and a rename cannot leave it half-replaced.
      await rename(temporary, join(folder, storageKey));
      await syncFolder(folder);
      return { storageKey, sizeBytes, sha256 };
    } catch (failure) {
      stream.destroy();
      await file.close().catch(() => undefined);
      await rm(temporary, { force: true });
      throw failure;
    }
  }

  override async open(storageKey: string, range?: ByteRange): Promise<Readable> {
    const file = await open(this.pathOf(storageKey), 'r').catch((failure: NodeJS.ErrnoException) => {
      throw failure.code === 'ENOENT' ? new MediaMissing(storageKey) : failure;
    });
    return file.createReadStream({ start: range?.start, end: range?.end });
  }

  override async delete(storageKey: string): Promise<void> {
    await rm(this.pathOf(storageKey), { force: true });
  }

  override async writtenAt(storageKey: string): Promise<Date | null> {
    const facts = await stat(this.pathOf(storageKey)).catch(() => null);
    return facts?.mtime ?? null;
  }

  override async *list(): AsyncGenerator<ListedMedia> {
    // Two levels of folders with at most 256 entries each, and only names that are ours.
    for (const outer of await namesIn(this.root, PART)) {
      for (const inner of await namesIn(join(this.root, outer), PART)) {
        for (const storageKey of await namesIn(join(this.root, outer, inner), KEY)) {
          const writtenAt = await this.writtenAt(storageKey);
          if (writtenAt) yield { storageKey, writtenAt };
        }
      }
    }
    for (const storageKey of await namesIn(this.apart, APART)) {
      const writtenAt = await this.writtenAt(storageKey);
      if (writtenAt) yield { storageKey, writtenAt };
    }
  }

  private async begin(temporary: string, { expectedBytes = 0 }: MediaWrite): Promise<FileHandle> {
    await assertRoom(this.incoming, expectedBytes);
    return open(temporary, 'wx', 0o640);
  }

  private pathOf(storageKey: string): string {
    if (APART.test(storageKey)) return join(this.apart, storageKey);
    if (!KEY.test(storageKey)) throw new MediaMissing(storageKey);
    return join(this.folderOf(storageKey), storageKey);
  }

  private folderOf(sha256: string): string {
    return join(this.root, sha256.slice(0, 2), sha256.slice(2, 4));
  }

  private async makeFolder(sha256: string): Promise<string> {
    const folder = this.folderOf(sha256);
    const created = await mkdir(folder, { recursive: true });
    if (created !== undefined) {
      await syncFolder(dirname(folder));
      await syncFolder(this.root);
    }
    return folder;
  }

  private async removeAbandoned(): Promise<void> {
    for (const name of await readdir(this.incoming)) {
      const path = join(this.incoming, name);
      // Another process may be finishing or sweeping the same file.
      const facts = await stat(path).catch(() => null);
      if (facts && Date.now() - facts.mtimeMs > ABANDONED_AFTER_MS) await unlink(path).catch(() => undefined);
    }
  }
}

async function namesIn(folder: string, form: RegExp): Promise<string[]> {
  return (await readdir(folder).catch(() => [])).filter((name) => form.test(name));
}

async function copy(stream: Readable, file: FileHandle, maxBytes: number) {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes > maxBytes) throw new MediaOverLimit(maxBytes);
    hash.update(chunk);
    await writeAll(file, chunk);
  }
  return { sizeBytes, sha256: hash.digest('hex') };
}

/** `FileHandle.write` may write less than it was given. */
async function writeAll(file: FileHandle, chunk: Buffer): Promise<void> {
  for (let offset = 0; offset < chunk.length; ) {
    const { bytesWritten } = await file.write(chunk, offset, chunk.length - offset);
    offset += bytesWritten;
  }
}

/** Without this a power cut could undo the rename although the data is on the disk. */
async function syncFolder(folder: string): Promise<void> {
  // Windows cannot open folders; its rename is journalled by NTFS.
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
