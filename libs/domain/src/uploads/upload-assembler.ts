import { Readable } from 'node:stream';
import { CatalogueError, type UploadId } from '#contracts';
import {
  appendEvents,
  claimWholeUpload,
  completeUpload,
  type Database,
  holdWholeUpload,
  listUploadParts,
  refuseUpload,
  releaseReserved,
  removeUploadParts,
  type UploadPartRow,
  type WholeUpload,
} from '#database';
import type { MediaStorage } from '#storage';
import type { FileInspector } from '../media/inspection/file-inspector.js';
import type { Logger } from '../platform/logger.js';
import type { FileTaker, TakenFile } from './file-taker.js';
import { shownOf, type Uploads } from './uploads.js';

/** How long a process holds an upload; it renews that while it works. */
const CLAIM_SECONDS = 60;
const RENEW_MS = 15_000;
/** A refused upload can be asked about for so long. */
const REFUSED_SECONDS = 24 * 3600;
const LONGEST_PAUSE_SECONDS = 600;
const INSPECTION_WAIT_MS = 10_000;

/**
 * Makes files of uploads whose parts have all come. The request with the last part does it; when its process dies, a worker
 * does. Whoever loses the race leaves nothing behind but a file that the other's row names.
 */
export class UploadAssembler {
  constructor(
    private readonly parts: {
      db: Database;
      storage: MediaStorage;
      taker: FileTaker;
      uploads: Pick<Uploads, 'writeFile'>;
      inspector: FileInspector;
      log: Logger;
    },
  ) {}

  /** This upload, or the one that waits longest. @returns whether there was one to do */
  async assemble(id?: UploadId): Promise<boolean> {
    const { db, log } = this.parts;
    const upload = await claimWholeUpload(db, { id, seconds: CLAIM_SECONDS });
    if (!upload) return false;
    const renewal = setInterval(() => {
      holdWholeUpload(db, upload.id, CLAIM_SECONDS).catch(() => undefined);
    }, RENEW_MS);
    try {
      const parts = await listUploadParts(db, upload.id);
      const file = await this.parts.taker.take(upload.organizationId, {
        stream: Readable.from(this.bytesOf(parts), { objectMode: false }),
        fileName: upload.fileName,
        asDocument: upload.asDocument,
        maxBytes: upload.sizeBytes,
        expectedBytes: upload.sizeBytes,
      });
      await this.complete(upload, file);
    } catch (failure) {
      await this.failed(upload, failure).catch((error) =>
        log.warn({ err: error, uploadId: upload.id }, 'A failed upload could not be recorded.'),
      );
    } finally {
      clearInterval(renewal);
    }
    return true;
  }

  private async *bytesOf(parts: readonly UploadPartRow[]): AsyncGenerator<Buffer> {
    for (const { storageKey } of parts) {
      for await (const chunk of (await this.parts.storage.open(storageKey)) as AsyncIterable<Buffer>) yield chunk;
    }
  }

  private async complete(upload: WholeUpload, file: TakenFile): Promise<void> {
    const { db, uploads, inspector } = this.parts;
    const { id, organizationId } = upload;
    const done = await db.system(async (tx) => {
      const mediaId = await uploads.writeFile(tx, organizationId, file);
      if (!(await completeUpload(tx, id, { mediaId, kind: file.kind, fileName: file.fileName }))) throw new Ended();
      const keys = await removeUploadParts(tx, id);
      await releaseReserved(tx, [{ organizationId, reservedBytes: upload.sizeBytes }]);
      await appendEvents(tx, [
        {
          organizationId,
          profileId: null,
          name: 'upload.completed',
          actor: { kind: 'system' },
          payload: { uploadId: id, ...shownOf(file) },
        },
      ]);
      return { mediaId, keys };
    });
    await this.removeParts(done.keys);
    await inspector.inspectNow(done.mediaId, INSPECTION_WAIT_MS);
  }

  private async failed(upload: WholeUpload, failure: unknown): Promise<void> {
    const { db, log } = this.parts;
    if (failure instanceof Ended) return;
    if (!(failure instanceof CatalogueError) || failure.status >= 500) {
      log.warn({ err: failure, uploadId: upload.id }, 'An upload could not be put together; it is tried again.');
      await holdWholeUpload(db, upload.id, Math.min(LONGEST_PAUSE_SECONDS, 5 * 2 ** Math.min(upload.attempts, 10)));
      return;
    }
    const problem = { code: failure.code, message: failure.message };
    const { id, organizationId, fileName, sizeBytes } = upload;
    const keys = await db.system(async (tx) => {
      if (!(await refuseUpload(tx, id, problem, REFUSED_SECONDS))) return [];
      const keys = await removeUploadParts(tx, id);
      await releaseReserved(tx, [{ organizationId, reservedBytes: sizeBytes }]);
      await appendEvents(tx, [
        {
          organizationId,
          profileId: null,
          name: 'upload.refused',
          actor: { kind: 'system' },
          payload: { uploadId: id, fileName, code: problem.code, explanation: problem.message },
        },
      ]);
      return keys;
    });
    await this.removeParts(keys);
  }

  /** What is left when a process dies here goes with the sweeper. */
  private async removeParts(keys: readonly string[]): Promise<void> {
    for (const key of keys) await this.parts.storage.delete(key);
  }
}

/** The upload was completed or removed by somebody else meanwhile. */
class Ended extends Error {}
