import type { Readable } from 'node:stream';
import { errors, type OrganizationId, type UploadId } from '#contracts';
import {
  type Database,
  findMediaObject,
  findUpload,
  findUploadOfFile,
  type ScanState,
  touchUpload,
  type UploadRow,
} from '#database';
import type { MediaStorage, StoredMedia } from '#storage';
import type { MediaLinks } from '../media/media-links.js';
import type { MediaScans } from '../media/scan/media-scans.js';
import type { Allowances } from './allowances.js';
import { noUpload, type UploadAsker, uploadScope } from './upload-scope.js';

/** A file that is in storage already and is to be sent. */
export interface KnownFile {
  stored: StoredMedia;
  mimeType: string;
  fileName: string | null;
  scan: ScanState;
  /** The upload that keeps it. Without one the file may go at any time, so its bytes are written again. */
  uploadId: UploadId | null;
  open(): Promise<Readable>;
}

/** The end of an address under which we give out a file. */
const ownLink = /\/api\/v1\/media\/([0-9a-f-]{36}\.\d{13}\.[A-Za-z0-9_-]{43})$/;

/** Files that are here before a message names them, and what has to hold for every file that a message is to take. */
export class KnownFiles {
  constructor(
    private readonly parts: {
      db: Database;
      storage: MediaStorage;
      links: MediaLinks;
      allowances: Allowances;
      scans: MediaScans;
    },
  ) {}

  /** The file of an upload. @throws errors.notFound, uploadNotComplete, mediaNotAvailable, mediaInfected, mediaNotScanned */
  async ofUpload(asker: UploadAsker, id: UploadId): Promise<KnownFile> {
    const { organizationId } = asker;
    const upload = await this.parts.db.organization(organizationId, (tx) => findUpload(tx, uploadScope(asker), id));
    if (!upload) throw noUpload(id);
    const file = this.fileOf(upload);
    await touchUpload(this.parts.db, organizationId, id);
    return file;
  }

  /**
   * The file behind one of our own links, which need not be reachable from here; null for any other address. Within the
   * organization a link works beyond its time: whoever sends is known.
   * @throws like `ofUpload`
   */
  async ofLink(asker: UploadAsker, url: string): Promise<KnownFile | null> {
    const [, token] = ownLink.exec(url) ?? [];
    const mediaId = token === undefined ? null : this.parts.links.mediaIn(token);
    if (mediaId === null) return null;
    const { organizationId } = asker;
    const { db, storage, scans } = this.parts;
    const found = await db.organization(organizationId, async (tx) => ({
      upload: await findUploadOfFile(tx, organizationId, mediaId),
      file: await findMediaObject(tx, mediaId, organizationId),
    }));
    if (found.upload) return this.ofUpload(asker, found.upload.uploadId);
    const { file } = found;
    if (!file) throw errors.notFound({ message: 'The file of this link is gone, or not of your organization.' });
    scans.assertUsable(file.scan);
    const { storageKey, sizeBytes, sha256, mimeType, fileName, scan } = file;
    const open = () => storage.open(storageKey);
    return { stored: { storageKey, sizeBytes, sha256 }, mimeType, fileName, scan, uploadId: null, open };
  }

  /** @throws errors.quotaExceeded */
  assertRoom(organizationId: OrganizationId): Promise<void> {
    return this.parts.allowances.assertRoom(organizationId);
  }

  /** Scans a file that came with a request. @throws errors.mediaInfected, mediaNotScanned */
  scanned(storageKey: string): Promise<ScanState> {
    return this.parts.scans.assertClean(this.parts.storage, storageKey);
  }

  private fileOf(upload: UploadRow): KnownFile {
    const { id, state, problem, sizeBytes, fileName, file, offsetBytes } = upload;
    if (state === 'refused') throw errors.uploadNotComplete({ message: problem?.message, details: { uploadId: id } });
    if (state !== 'ready') {
      const details = { uploadId: id, offset: offsetBytes, sizeBytes };
      throw errors.uploadNotComplete(state === 'assembling' ? { details, retryAfterSeconds: 2 } : { details });
    }
    if (!file) throw errors.mediaNotAvailable({ message: 'The file of this upload is gone. Upload it again.' });
    this.parts.scans.assertUsable(file.scan);
    const { storageKey, sha256, mimeType, scan } = file;
    const open = () => this.parts.storage.open(storageKey);
    return { stored: { storageKey, sizeBytes, sha256 }, mimeType, fileName, scan, uploadId: id, open };
  }
}
