import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const MEMORY_LIMIT_BYTES = 512 * 1024 * 1024;

/** Where encrypted files lie, by their path on the media host. */
export interface MediaStore {
  put(path: string, blob: Buffer): Promise<void>;
  get(path: string): Promise<Buffer | undefined>;
}

/** Files in memory, the oldest dropped when they exceed 512 MiB together. */
export class MemoryMediaStore implements MediaStore {
  private readonly files = new Map<string, Buffer>();
  private sizeBytes = 0;

  async put(path: string, blob: Buffer): Promise<void> {
    this.sizeBytes += blob.length - (this.files.get(path)?.length ?? 0);
    this.files.set(path, blob);
    for (const [oldest, file] of this.files) {
      if (this.sizeBytes <= MEMORY_LIMIT_BYTES || oldest === path) return;
      this.files.delete(oldest);
      this.sizeBytes -= file.length;
    }
  }

  async get(path: string): Promise<Buffer | undefined> {
    return this.files.get(path);
  }
}

/** Files in a folder, which outlive the process. */
export class FolderMediaStore implements MediaStore {
  constructor(private readonly folder: string) {}

  async put(path: string, blob: Buffer): Promise<void> {
    await mkdir(this.folder, { recursive: true });
    const file = this.fileOf(path);
    await writeFile(`${file}.part`, blob);
    await rename(`${file}.part`, file);
  }

  async get(path: string): Promise<Buffer | undefined> {
    try {
      return await readFile(this.fileOf(path));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  private fileOf(path: string): string {
    return join(this.folder, path.replace(/[^A-Za-z0-9_-]/g, '_'));
  }
}
