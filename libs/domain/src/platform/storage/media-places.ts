import type { Readable } from 'node:stream';
import type { OrganizationId } from '#contracts';
import { type Database, findPlace, findPlaceInUse, listPlaceIds, type Sealer, type StoragePlaceRow } from '#database';
import {
  type ByteRange,
  DiskStorage,
  type ListedMedia,
  MediaMissing,
  MediaStorage,
  type MediaWrite,
  S3Storage,
  type StoredMedia,
} from '#storage';
import type { OutboundClient } from '../../outbound/outbound-client.js';
import { placeContext, type StorageServer } from './storage-server.js';

/** How long a process goes on with the place it knows after another was set, milliseconds. */
const rememberMs = 5000;
const mostRemembered = 1000;
/** `s3:<id of the place>:<key in it>`; every other key is one of the disk. */
const placedKey = /^s3:([0-9a-f-]{36}):(.+)$/;

export interface MediaPlacesParts {
  db: Database;
  sealer: Sealer;
  outbound: OutboundClient;
}

interface Remembered {
  placeId: string | null;
  at: number;
}

/**
 * Media where the settings want them: in the organization's bucket, else in the installation's, else on the disk. A file
 * names the place it was written to, so that a change of settings moves nothing and loses nothing.
 */
export class MediaPlaces extends MediaStorage {
  private readonly inUse = new Map<string, Remembered>();
  private readonly opened = new Map<string, Promise<S3Storage | null>>();
  private readonly agents: ReturnType<OutboundClient['agents']>;
  private readonly unlisten: () => void;

  private constructor(private readonly parts: MediaPlacesParts & { disk: MediaStorage }) {
    super();
    this.agents = parts.outbound.agents();
    this.unlisten = parts.db.listen('settings', () => {
      this.inUse.clear();
      // Keys of a place may have been renewed.
      this.opened.clear();
    });
  }

  /** @param dataDir folder of the media that go to no bucket */
  static async open(parts: MediaPlacesParts, dataDir: string): Promise<MediaPlaces> {
    return new MediaPlaces({ ...parts, disk: await DiskStorage.open(dataDir) });
  }

  override write(stream: Readable, limits: MediaWrite): Promise<StoredMedia> {
    return this.writeBy('write', stream, limits);
  }

  override writeApart(stream: Readable, limits: MediaWrite): Promise<StoredMedia> {
    return this.writeBy('writeApart', stream, limits);
  }

  private async writeBy(way: 'write' | 'writeApart', stream: Readable, limits: MediaWrite): Promise<StoredMedia> {
    let place: { id: string; storage: S3Storage } | null;
    try {
      place = await this.placeFor(limits.organizationId);
    } catch (failure) {
      stream.destroy();
      throw failure;
    }
    if (!place) return this.parts.disk[way](stream, limits);
    const stored = await place.storage[way](stream, limits);
    return { ...stored, storageKey: `s3:${place.id}:${stored.storageKey}` };
  }

  override async open(storageKey: string, range?: ByteRange): Promise<Readable> {
    const { storage, key } = await this.locate(storageKey);
    return storage.open(key, range);
  }

  override async delete(storageKey: string): Promise<void> {
    const { storage, key } = await this.locate(storageKey);
    await storage.delete(key);
  }

  override async writtenAt(storageKey: string): Promise<Date | null> {
    const { storage, key } = await this.locate(storageKey);
    return storage.writtenAt(key);
  }

  /** The disk, and every bucket that was ever set. @throws what a bucket that cannot be reached throws, at its turn */
  override async *list(): AsyncGenerator<ListedMedia> {
    yield* this.parts.disk.list();
    for (const id of await this.parts.db.system(listPlaceIds)) {
      const storage = await this.placeOf(id);
      if (!storage) continue;
      for await (const { storageKey, writtenAt } of storage.list()) {
        yield { storageKey: `s3:${id}:${storageKey}`, writtenAt };
      }
    }
  }

  /** Ends its connections. Call it before the database is closed. */
  close(): void {
    this.unlisten();
    this.agents.http.destroy();
    this.agents.https.destroy();
  }

  private async locate(storageKey: string): Promise<{ storage: MediaStorage; key: string }> {
    const [, placeId, key] = placedKey.exec(storageKey) ?? [];
    if (placeId === undefined || key === undefined) return { storage: this.parts.disk, key: storageKey };
    const storage = await this.placeOf(placeId);
    if (!storage) throw new MediaMissing(storageKey);
    return { storage, key };
  }

  private async placeFor(organizationId: OrganizationId | undefined) {
    const scope = organizationId ?? '';
    let known = this.inUse.get(scope);
    if (!known || known.at + rememberMs < performance.now()) {
      known = { placeId: await this.findInUse(organizationId), at: performance.now() };
      if (this.inUse.size >= mostRemembered) this.inUse.clear();
      this.inUse.set(scope, known);
    }
    if (known.placeId === null) return null;
    const storage = await this.placeOf(known.placeId);
    return storage && { id: known.placeId, storage };
  }

  private findInUse(organizationId: OrganizationId | undefined): Promise<string | null> {
    return this.parts.db.system(async (tx) => {
      const own = organizationId ? await findPlaceInUse(tx, organizationId) : null;
      return (own ?? (await findPlaceInUse(tx, null)))?.id ?? null;
    });
  }

  private placeOf(id: string): Promise<S3Storage | null> {
    let storage = this.opened.get(id);
    if (!storage) {
      storage = this.openPlace(id);
      storage.catch(() => this.opened.delete(id));
      if (this.opened.size >= mostRemembered) this.opened.clear();
      this.opened.set(id, storage);
    }
    return storage;
  }

  private async openPlace(id: string): Promise<S3Storage | null> {
    const row = await this.parts.db.system((tx) => findPlace(tx, id));
    return row && new S3Storage({ ...(await serverOf(this.parts.sealer, row)) }, this.agents);
  }
}

/** A stored place with its keys. */
export async function serverOf(sealer: Sealer, row: StoragePlaceRow): Promise<StorageServer> {
  const opener = await sealer.forScope(row.organizationId);
  const secrets = JSON.parse(String(opener.open(row.secretsSealed, placeContext(row.id))));
  return { ...(row.value as unknown as Omit<StorageServer, 'accessKey' | 'secretKey'>), ...secrets };
}
