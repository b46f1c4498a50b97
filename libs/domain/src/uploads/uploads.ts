import { type Actor, errors, eventActor, type MediaId, newId, type OrganizationId, type UploadId } from '#contracts';
import {
  appendEvents,
  type Database,
  findUpload,
  insertMediaObjects,
  insertUpload,
  listUploads,
  type MessageMedia,
  queueMediaWork,
  removeUpload,
  type Tx,
  type UploadKind,
  type UploadRow,
  type UploadState,
} from '#database';
import type { MediaStorage } from '#storage';
import type { FileInspector } from '../media/inspection/file-inspector.js';
import { hasPicture } from '../media/media-type.js';
import type { MediaScans } from '../media/scan/media-scans.js';
import { recordAudit } from '../platform/audit-trail.js';
import type { Once } from '../platform/once.js';
import type { Allowances } from './allowances.js';
import type { FileTaker, GivenFile, TakenFile } from './file-taker.js';
import { removeLeftFiles, settleRemoval } from './upload-removal.js';
import { noUpload, uploadScope } from './upload-scope.js';

/** How long an upload waits for scan and thumbnail before it answers; they go on without it. */
const INSPECTION_WAIT_MS = 10_000;

/** Files that people upload, for messages to name them. */
export class Uploads {
  constructor(
    private readonly parts: {
      db: Database;
      storage: MediaStorage;
      taker: FileTaker;
      allowances: Allowances;
      scans: MediaScans;
      inspector: FileInspector;
    },
  ) {}

  /**
   * Takes a file that comes in one request. Where files are scanned, the answer waits for that a while.
   * @throws what `FileTaker.take` throws; errors.quotaExceeded
   */
  async take(actor: Actor, given: Omit<GivenFile, 'maxBytes'>, once?: Once<UploadRow>): Promise<UploadRow> {
    const { db, allowances, taker } = this.parts;
    const { organizationId } = actor;
    const maxBytes = await allowances.largestUpload(actor).catch((refusal) => {
      given.stream.destroy();
      throw refusal;
    });
    const file = await taker.take(organizationId, { ...given, maxBytes });
    const id = newId<UploadId>();
    const mediaId = await db.tenant(actor, async (tx) => {
      await allowances.begin(tx, organizationId, { sizeBytes: file.sizeBytes, isStored: true });
      const mediaId = await this.writeFile(tx, organizationId, file);
      await insertUpload(tx, {
        ...file,
        id,
        organizationId,
        createdBy: actor.userId,
        asDocument: given.asDocument,
        offsetBytes: file.sizeBytes,
        state: 'ready',
        mediaId,
        expiresInSeconds: null,
      });
      await recordAudit(tx, actor, {
        action: 'upload.create',
        resource: { type: 'upload', id, name: file.fileName },
        after: { sizeBytes: file.sizeBytes, mimeType: file.mimeType },
      });
      if (once) await once(tx, (await findUpload(tx, uploadScope(actor), id))!);
      await appendEvents(tx, [
        {
          organizationId,
          profileId: null,
          name: 'upload.completed',
          actor: eventActor(actor),
          payload: { uploadId: id, ...shownOf(file) },
        },
      ]);
      return mediaId;
    });
    await this.parts.inspector.inspectNow(mediaId, INSPECTION_WAIT_MS);
    return this.get(actor, id);
  }

  /** Writes the row of a stored file, with what is still to be done about it. */
  async writeFile(tx: Tx, organizationId: OrganizationId, file: TakenFile): Promise<MediaId> {
    const mediaId = newId<MediaId>();
    await insertMediaObjects(tx, organizationId, [{ ...file, id: mediaId }]);
    const needs = { scan: this.parts.scans.isOn, thumbnail: hasPicture(file.mimeType) };
    await queueMediaWork(tx, organizationId, mediaId, needs);
    return mediaId;
  }

  /** Newest first. */
  list(
    actor: Actor,
    page: { kind?: UploadKind; state?: UploadState; before?: UploadId; limit: number },
  ): Promise<UploadRow[]> {
    return this.parts.db.tenant(actor, (tx) => listUploads(tx, uploadScope(actor), page));
  }

  /** @throws errors.notFound */
  async get(actor: Actor, id: UploadId): Promise<UploadRow> {
    const row = await this.parts.db.tenant(actor, (tx) => findUpload(tx, uploadScope(actor), id));
    if (!row) throw noUpload(id);
    return row;
  }

  /** Its file, to be given out. @throws errors.notFound, uploadNotComplete, mediaNotAvailable, mediaInfected, mediaNotScanned */
  async file(actor: Actor, id: UploadId): Promise<MessageMedia> {
    const { file, state, sizeBytes, fileName } = await this.get(actor, id);
    if (state !== 'ready') throw errors.uploadNotComplete({ details: { uploadId: id } });
    if (!file) throw errors.mediaNotAvailable({ message: 'The file of this upload is gone.' });
    this.parts.scans.assertUsable(file.scan);
    return { ...file, sizeBytes, fileName };
  }

  /** Also one that is under way. Messages that were made of it keep its file. @throws errors.notFound */
  async delete(actor: Actor, id: UploadId): Promise<void> {
    const { db, storage } = this.parts;
    const left = await db.tenant(actor, async (tx) => {
      const removed = await removeUpload(tx, uploadScope(actor), id);
      if (!removed) throw noUpload(id);
      await recordAudit(tx, actor, {
        action: 'upload.delete',
        resource: { type: 'upload', id, name: removed.fileName },
      });
      const { left, events } = await settleRemoval(tx, [removed], { reason: 'deleted', actor: eventActor(actor) });
      await appendEvents(tx, events);
      return left;
    });
    await removeLeftFiles(db, storage, left);
  }
}

/** What events tell of a file. */
export function shownOf({ fileName, mimeType, sizeBytes, kind }: TakenFile) {
  return { fileName, mimeType, sizeBytes, kind };
}
