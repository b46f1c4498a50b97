import { createHash, type Hash } from 'node:crypto';
import { type Readable, Transform } from 'node:stream';
import { type Actor, errors, newId, type UploadId } from '#contracts';
import { appendUploadPart, type Database, findUpload, insertUpload, type UploadRow } from '#database';
import type { MediaStorage } from '#storage';
import { cleanFileName } from '../media/file-name.js';
import { largestInput } from '../media/largest-input.js';
import { recordAudit } from '../platform/audit-trail.js';
import type { Allowances } from './allowances.js';
import { storageProblem } from './file-taker.js';
import { Pieces } from './pieces.js';
import type { UploadAssembler } from './upload-assembler.js';
import { noUpload, uploadScope } from './upload-scope.js';

/** Bytes of a part. A process that is killed loses at most what came of one. */
export const PART_BYTES = 8 * 1024 * 1024;
/** Largest file: what WhatsApp takes as a document. */
export const LARGEST_UPLOAD_BYTES = largestInput('document');

/** What a request adds to an upload. */
export interface Addition {
  stream: Readable;
  /** Where it believes the upload to end so far. */
  from: number;
  /** Of all bytes of the request; they are kept only when it is right. */
  checksum?: { algorithm: string; digest: Buffer };
}

/** Uploads whose bytes come in several requests, at any process: parts go to storage, the offset to the database. */
export class ResumableUploads {
  constructor(
    private readonly parts: {
      db: Database;
      storage: MediaStorage;
      allowances: Allowances;
      assembler: UploadAssembler;
      expiryHours: number;
    },
  ) {}

  /** Begins one, and promises it its room. @throws errors.quotaExceeded, mediaTooLarge, mediaTypeInvalid (empty) */
  async create(actor: Actor, draft: { sizeBytes: number; fileName?: string; asDocument: boolean }): Promise<UploadRow> {
    const { sizeBytes, asDocument } = draft;
    const { organizationId, userId } = actor;
    if (sizeBytes === 0) throw errors.mediaTypeInvalid({ message: 'The file is empty.', details: { detected: null } });
    if (sizeBytes > LARGEST_UPLOAD_BYTES) {
      throw errors.mediaTooLarge({
        message: `The file is larger than ${LARGEST_UPLOAD_BYTES} bytes, the most that is taken.`,
        details: { sizeBytes, maxBytes: LARGEST_UPLOAD_BYTES },
      });
    }
    const id = newId<UploadId>();
    const fileName = cleanFileName(draft.fileName) ?? 'file';
    await this.parts.db.tenant(actor, async (tx) => {
      await this.parts.allowances.begin(tx, organizationId, { sizeBytes, isStored: false });
      await insertUpload(tx, {
        ...{ id, organizationId, createdBy: userId, fileName, asDocument, sizeBytes },
        ...{ kind: null, offsetBytes: 0, state: 'receiving', mediaId: null },
        expiresInSeconds: this.expirySeconds,
      });
      await recordAudit(tx, actor, {
        action: 'upload.create',
        resource: { type: 'upload', id, name: fileName },
        after: { sizeBytes },
      });
    });
    return this.get(actor, id);
  }

  /** @throws errors.notFound */
  async get(actor: Actor, id: UploadId): Promise<UploadRow> {
    const row = await this.parts.db.tenant(actor, (tx) => findUpload(tx, uploadScope(actor), id));
    if (!row) throw noUpload(id);
    return row;
  }

  /**
   * Adds what comes, a part at a time, each kept for good before the next. When the request breaks off, what came of it
   * stays, unless it has a checksum. The last part makes the file, which may be refused then: see `UploadAssembler`.
   * @returns the new offset
   * @throws errors.notFound, uploadOffsetConflict, uploadChecksumMismatch, validation (more than the upload has)
   */
  async add(actor: Actor, id: UploadId, addition: Addition): Promise<number> {
    const { stream, from, checksum } = addition;
    const upload = await this.get(actor, id);
    if (upload.state !== 'receiving' || upload.offsetBytes !== from) throw conflict(upload.offsetBytes);
    const pieces = new Pieces(stream);
    try {
      let offset = from;
      let isWhole = false;
      while (!isWhole && (await pieces.hasMore())) {
        const room = upload.sizeBytes - offset;
        const piece = (await pieces.next(checksum ? room : Math.min(PART_BYTES, room)))!;
        ({ offsetBytes: offset, isWhole } = await this.keep(upload, offset, { piece, pieces, checksum }));
      }
      if (isWhole) {
        // The offset is right in any case; whoever sent more than it said is told.
        const isTooMuch = await pieces.hasMore();
        await this.parts.assembler.assemble(id);
        if (isTooMuch) throw tooMuch(upload.sizeBytes);
      }
      return offset;
    } finally {
      await pieces.end();
    }
  }

  private async keep(
    upload: UploadRow,
    from: number,
    given: { piece: Readable; pieces: Pieces; checksum: Addition['checksum'] },
  ): Promise<{ offsetBytes: number; isWhole: boolean }> {
    const { db, storage } = this.parts;
    const { checksum } = given;
    const hash = checksum && createHash(checksum.algorithm);
    const stream = hash ? given.piece.pipe(measuring(hash)) : given.piece;
    const limits = { maxBytes: upload.sizeBytes - from, organizationId: upload.organizationId };
    const part = await storage.writeApart(stream, limits).catch((failure) => {
      throw storageProblem(failure);
    });
    try {
      if (
        checksum &&
        (given.pieces.isBroken || (await given.pieces.hasMore()) || !hash!.digest().equals(checksum.digest))
      )
        throw errors.uploadChecksumMismatch();
      const options = { from, expiresInSeconds: this.expirySeconds };
      const moved = await db.system((tx) => appendUploadPart(tx, upload.id, part, options));
      if (!moved) throw conflict();
      return moved;
    } catch (failure) {
      // Unless the commit's answer was lost: the sweeper looks who names it.
      if (isRefusal(failure)) await storage.delete(part.storageKey);
      throw failure;
    }
  }

  private get expirySeconds(): number {
    return this.parts.expiryHours * 3600;
  }
}

/** Raised before anything was written. */
const isRefusal = (failure: unknown): boolean =>
  ['UPLOAD_CHECKSUM_MISMATCH', 'UPLOAD_OFFSET_CONFLICT'].includes((failure as { code?: string }).code ?? '');

function measuring(hash: Hash): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
  });
}

function conflict(offset?: number) {
  return errors.uploadOffsetConflict(offset === undefined ? {} : { details: { offset } });
}

function tooMuch(sizeBytes: number) {
  const message = `has more bytes than the ${sizeBytes} that the upload was begun with`;
  return errors.validation({ fields: [{ path: 'body', message }] });
}
