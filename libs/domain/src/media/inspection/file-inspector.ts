import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { CatalogueError, type NewEvent } from '#contracts';
import {
  appendEvents,
  claimMediaWork,
  type Database,
  endMediaWork,
  findFileOwners,
  findUploadOfFile,
  type MediaWorkRow,
  postponeMediaWork,
  saveScan,
  saveThumbnail,
} from '#database';
import { MediaMissing, type MediaStorage } from '#storage';
import { recordAudit } from '../../platform/audit-trail.js';
import type { Logger } from '../../platform/logger.js';
import type { MediaPreparer } from '../preparation/media-preparer.js';
import type { MediaScans } from '../scan/media-scans.js';
import { ScanFailed } from '../scan/virus-scanner.js';
import type { Scratch } from '../scratch.js';

/** How long nobody else looks at a file that somebody looks at. */
const CLAIM_SECONDS = 300;
const FIRST_PAUSE_SECONDS = 5;
const LONGEST_PAUSE_SECONDS = 600;
/** Of a thumbnail; there are files of which none can be made. */
const MOST_ATTEMPTS = 3;

/**
 * Looks at files that are in storage: whether they are clean, and what they show. Work is in the database, so that any
 * process may do it, and another when one dies; doing it twice changes nothing.
 */
export class FileInspector {
  constructor(
    private readonly parts: {
      db: Database;
      storage: MediaStorage;
      scans: MediaScans;
      preparer: MediaPreparer;
      scratch: Scratch;
      log: Logger;
    },
  ) {}

  /** Looks at this file, and waits for it so long; it goes on afterwards. Failures are left to the worker. */
  async inspectNow(mediaId: string, waitMs: number): Promise<void> {
    const patience = new AbortController();
    const work = this.inspect(mediaId).catch((err) =>
      this.parts.log.warn({ err, mediaId }, 'A file could not be looked at; it is tried again.'),
    );
    await Promise.race([
      work,
      delay(waitMs, undefined, { ref: false, signal: patience.signal }).catch(() => undefined),
    ]);
    patience.abort();
  }

  /** Looks at this file, or at the one that waits longest. @returns whether there was one to look at */
  async inspect(mediaId?: string): Promise<boolean> {
    const { db } = this.parts;
    const work = await claimMediaWork(db, { mediaId, seconds: CLAIM_SECONDS });
    if (!work) return false;
    const scanned = work.needsScan ? await this.scan(work) : 'clean';
    // What may be dangerous is not decoded.
    if (scanned === 'unknown') return true;
    if (scanned === 'clean' && work.needsThumbnail && !(await this.picture(work))) return true;
    await endMediaWork(db, work.mediaId);
    return true;
  }

  private async scan(work: MediaWorkRow): Promise<'clean' | 'infected' | 'unknown'> {
    const { db, storage, scans, log } = this.parts;
    const { mediaId } = work;
    try {
      const verdict = await scans.scan(storage, work.storageKey);
      if (verdict.isClean) await db.system((tx) => saveScan(tx, mediaId, { scan: 'clean', found: null }));
      else await this.infected(work, verdict.found);
      return verdict.isClean ? 'clean' : 'infected';
    } catch (failure) {
      // A file that is gone needs no scan.
      if (failure instanceof MediaMissing) return 'infected';
      if (!(failure instanceof ScanFailed)) log.warn({ err: failure, mediaId }, 'A scan failed.');
      await db.system((tx) => saveScan(tx, mediaId, { scan: 'failed', found: null }));
      await this.postpone(work, { needsScan: true });
      return 'unknown';
    }
  }

  private async infected({ mediaId, organizationId }: MediaWorkRow, found: string): Promise<void> {
    await this.parts.db.system(async (tx) => {
      if (!(await saveScan(tx, mediaId, { scan: 'infected', found }))) return;
      const upload = await findUploadOfFile(tx, organizationId, mediaId);
      const events: NewEvent[] = [];
      if (upload) {
        await recordAudit(
          tx,
          { kind: 'system', organizationId: upload.organizationId },
          {
            action: 'upload.infected',
            resource: { type: 'upload', id: upload.uploadId, name: upload.fileName },
            after: { found },
          },
        );
        const { organizationId: _, ...shown } = upload;
        events.push({
          ...{ organizationId, profileId: null, name: 'upload.infected', actor: { kind: 'system' } },
          payload: { ...shown, found },
        });
      }
      for (const { messageId, profileId, conversationId } of await findFileOwners(tx, mediaId)) {
        events.push({
          ...{ organizationId, profileId, conversationId, name: 'message.media_infected', actor: { kind: 'system' } },
          payload: { messageId, conversationId, mediaId, found },
        });
      }
      if (events.length > 0) await appendEvents(tx, events);
    });
  }

  /** @returns whether it is done with, also when no picture can be made of it */
  private async picture(work: MediaWorkRow): Promise<boolean> {
    const { db, storage, preparer, scratch, log } = this.parts;
    const { mediaId, storageKey, mimeType, sizeBytes } = work;
    try {
      const jpeg = await scratch.use(sizeBytes, async (folder) => {
        const path = join(folder, 'given');
        await pipeline(await storage.open(storageKey), createWriteStream(path));
        return preparer.thumbnail({ path, mimeType, sizeBytes }, folder);
      });
      if (jpeg) await saveThumbnail(db, work.organizationId, mediaId, jpeg);
      return true;
    } catch (failure) {
      const isFinal = failure instanceof MediaMissing || (failure instanceof CatalogueError && failure.status < 500);
      if (isFinal || work.attempts >= MOST_ATTEMPTS) return true;
      log.warn({ err: failure, mediaId }, 'A thumbnail could not be made; it is tried again.');
      await this.postpone(work, { needsScan: false });
      return false;
    }
  }

  private async postpone({ mediaId, attempts }: MediaWorkRow, { needsScan }: { needsScan: boolean }): Promise<void> {
    const seconds = Math.min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2 ** Math.min(attempts - 1, 10));
    await postponeMediaWork(this.parts.db, mediaId, { seconds, needsScan });
  }
}
