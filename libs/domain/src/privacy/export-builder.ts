import { completeRetention, type NewEvent } from '#contracts';
import {
  appendEvents,
  claimDataExport,
  type Database,
  type DataExportRow,
  expireDataExports,
  failDataExport,
  findRetentionPolicy,
  finishDataExport,
  noteExportProgress,
} from '#database';
import type { MediaStorage } from '#storage';
import type { Logger } from '../platform/logger.js';
import { ExportArchive } from './export-archive.js';
import { ExportContents } from './export-contents.js';
import { removeUnnamedFiles } from './unnamed-files.js';

const CLAIM_SECONDS = 60;
const RENEW_MS = 5000;
const MOST_ATTEMPTS = 5;
/** An event tells of progress in steps of so many percent. */
const EVENT_STEP = 10;
/** A copy larger than this is a mistake: the disk is for others too. */
const MAX_BYTES = 100 * 2 ** 30;

/** Nobody waits for it any more, or another worker has it. */
class NotWanted extends Error {}

/** Makes the copies that were asked for. A worker that dies leaves its claim to another, which begins anew. */
export class ExportBuilder {
  private readonly contents: ExportContents;

  constructor(
    private readonly db: Database,
    private readonly storage: MediaStorage,
    private readonly log: Logger,
  ) {
    this.contents = new ExportContents(db, storage);
  }

  /** @param hasTime when it says no, the copy under way is left to the next turn */
  async buildWaiting(hasTime: () => boolean): Promise<number> {
    let built = 0;
    while (hasTime()) {
      const request = await claimDataExport(this.db, CLAIM_SECONDS);
      if (!request) break;
      if (await this.build(request, hasTime)) built += 1;
    }
    return built;
  }

  /** Removes the files of copies that have expired. */
  async removeExpired(): Promise<number> {
    const keys = await expireDataExports(this.db, 100);
    await removeUnnamedFiles(this.db, this.storage, keys, 0);
    return keys.length;
  }

  private async build(request: DataExportRow, hasTime: () => boolean): Promise<boolean> {
    const archive = new ExportArchive();
    let share = 0;
    let told = 0;
    // Progress is noted by the clock, not by the row: a fast export is not slowed down by it.
    const renewal = setInterval(() => {
      const progress = Math.min(99, Math.floor(share * 100));
      void this.tell(request, progress, told).then(
        (now) => {
          told = now;
          if (!hasTime()) archive.abort(new NotWanted());
        },
        (error) =>
          archive.abort(error instanceof NotWanted ? error : new Error('The claim was lost.', { cause: error })),
      );
    }, RENEW_MS);
    try {
      const writing = this.storage.write(archive.stream, {
        maxBytes: MAX_BYTES,
        organizationId: request.organizationId,
      });
      const filling = this.contents
        .write(request, archive, (now) => {
          share = now;
        })
        .then((isThere) => {
          if (!isThere) throw new PersonGone();
          archive.end();
        })
        .catch((error) => {
          archive.abort(error);
          throw error;
        });
      const [stored, filled] = await Promise.allSettled([writing, filling]);
      if (filled.status === 'rejected') throw filled.reason;
      if (stored.status === 'rejected') throw stored.reason;
      return await this.finish(request, stored.value, archive.contents);
    } catch (error) {
      await this.fail(request, error);
      return false;
    } finally {
      clearInterval(renewal);
    }
  }

  private async tell(request: DataExportRow, progress: number, told: number): Promise<number> {
    if (!(await noteExportProgress(this.db, request, progress, CLAIM_SECONDS))) throw new NotWanted();
    if (progress < told + EVENT_STEP) return told;
    const event = exportEvent('data_export.progressed', { ...request, state: 'running', progress });
    await this.db.system((tx) => appendEvents(tx, [event]));
    return progress;
  }

  private async finish(
    request: DataExportRow,
    stored: { storageKey: string; sizeBytes: number },
    contents: Record<string, number>,
  ): Promise<boolean> {
    const isOurs = await this.db.system(async (tx) => {
      const policy = await findRetentionPolicy(tx, request.organizationId);
      const days = completeRetention(policy?.days).exports!;
      const expiresAt = new Date(Date.now() + days * 86_400_000);
      if (!(await finishDataExport(tx, request, { ...stored, contents, expiresAt }))) return false;
      await appendEvents(tx, [exportEvent('data_export.completed', { ...request, state: 'ready', progress: 100 })]);
      return true;
    });
    if (!isOurs) await removeUnnamedFiles(this.db, this.storage, [stored.storageKey], 0);
    return isOurs;
  }

  private async fail(request: DataExportRow, error: unknown): Promise<void> {
    if (error instanceof NotWanted) {
      this.log.info({ exportId: request.id }, 'a data export was left to another turn');
      return;
    }
    const isGone = error instanceof PersonGone;
    if (!isGone) this.log.warn({ err: error, exportId: request.id }, 'a data export failed');
    await this.db.system(async (tx) => {
      const code = isGone ? 'person_gone' : 'internal_error';
      const state = await failDataExport(tx, request, code, isGone ? 0 : MOST_ATTEMPTS);
      if (state !== 'failed') return;
      await appendEvents(tx, [exportEvent('data_export.failed', { ...request, state })]);
    });
  }
}

class PersonGone extends Error {}

export function exportEvent(
  name: 'data_export.requested' | 'data_export.progressed' | 'data_export.completed' | 'data_export.failed',
  request: DataExportRow,
  actor: NewEvent['actor'] = { kind: 'system' },
): NewEvent {
  const { id: exportId, organizationId, userId, kind, state, progress } = request;
  return { organizationId, profileId: null, name, actor, payload: { exportId, userId, kind, state, progress } };
}
