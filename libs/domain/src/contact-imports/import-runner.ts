import { importLimits } from '#contracts';
import {
  advanceContactImport,
  appendEvents,
  appendEventsLast,
  type ContactImportRow,
  claimContactImport,
  type Database,
  endContactImport,
  insertImportRows,
  releaseContactImport,
  removeOldImportRows,
  retryTransient,
  setImportTotal,
} from '#database';
import { MediaMissing, type MediaStorage } from '#storage';
import { fewTries } from '../messaging/owned-profile.js';
import type { Logger } from '../platform/logger.js';
import { ownFile, removeOwnFile } from '../platform/storage/own-files.js';
import { WorkLoop } from '../platform/work-loop.js';
import { TableUnreadable } from '../tabular/table.js';
import { openContacts } from './contacts-file.js';
import { readFieldOf } from './field-values.js';
import { readChunks } from './import-chunks.js';
import { importEvent } from './import-events.js';
import type { ReadRow } from './import-row.js';
import { countOutcomes, importRows, previewRows, type RowResult } from './import-rows.js';
import { CLAIM_SECONDS, ImportTurn, NotWanted, TurnOver } from './import-turn.js';

const CHUNK_ROWS = 1000;
const LOOK_EVERY_MS = 2000;
/** Between two events of progress. */
const TELL_EVERY_MS = 1000;
/** Turns and failures after which an import is given up. */
const MOST_ATTEMPTS = 200;
const RETRY_SECONDS = 5;
/** How long it can be seen what became of rows. */
const REPORT_DAYS = 30;
const SWEEP_EVERY_MS = 3600_000;
const SWEEP_ROWS = 5000;

class TooManyRows extends Error {}

/**
 * Carries out imports, chunk by chunk. A chunk's contacts, its part of the report, the counts, the events and the position
 * are one transaction, so a worker that dies leaves nothing half done: the next one reads the file from its beginning and
 * goes on behind the rows that are committed. The file is read in a stream.
 */
export class ImportRunner {
  private readonly loop: WorkLoop;
  private stopping = false;
  private sweptAt = 0;

  constructor(
    private readonly db: Database,
    private readonly storage: MediaStorage,
    private readonly log: Logger,
  ) {
    this.loop = new WorkLoop({
      db,
      log,
      channel: 'imports',
      turn: async () => ((await this.runNext()) ? 'more' : 'nothing'),
      failed: 'looking for imports failed; it is tried again',
      // Nobody wakes for an import whose worker has died.
      pollMs: LOOK_EVERY_MS,
    });
  }

  start(): void {
    this.loop.start();
  }

  /** Ends after the chunk under way; another worker goes on behind it. */
  async stop(): Promise<void> {
    this.stopping = true;
    await this.loop.stop();
  }

  /** @returns whether there was an import to work on */
  async runNext(): Promise<boolean> {
    await this.sweep();
    const claim = await claimContactImport(this.db, CLAIM_SECONDS);
    if (!claim) return false;
    const turn = new ImportTurn(this.db, claim, () => this.stopping);
    try {
      // More is of a file at which worker after worker dies.
      if (claim.attempts > MOST_ATTEMPTS) await this.giveUp(claim);
      else await this.carryOut(claim, turn);
    } catch (failure) {
      await this.settle(claim, failure);
    } finally {
      turn.end();
    }
    return !this.stopping;
  }

  private async carryOut(claim: ContactImportRow, turn: ImportTurn): Promise<void> {
    if (claim.totalRows === null) {
      const total = await this.count(claim, turn);
      if (!(await setImportTotal(this.db, claim, total))) throw new NotWanted();
    }
    const file = ownFile(this.storage, { storageKey: claim.storageKey!, sizeBytes: claim.sizeBytes });
    const table = await openContacts(file, claim.options, claim.columns);
    const rules = {
      columns: claim.columns,
      defaultCountry: claim.options.defaultCountry,
      tags: claim.options.tags,
      readField: await readFieldOf(this.db, claim),
    };
    const reading = { from: claim.doneRows, atOnce: CHUNK_ROWS, onRead: () => turn.check() };
    let toldAt = 0;
    for await (const chunk of readChunks(table, rules, reading)) {
      turn.check();
      const isTold = performance.now() - toldAt >= TELL_EVERY_MS;
      await this.commit(claim, chunk, isTold);
      if (isTold) toldAt = performance.now();
    }
    await this.end(claim, { state: 'completed', error: null, errorMessage: null });
  }

  /** Reads the file once before anything is changed: a file that is damaged at its end changes nothing. */
  private async count(claim: ContactImportRow, turn: ImportTurn): Promise<number> {
    const file = ownFile(this.storage, { storageKey: claim.storageKey!, sizeBytes: claim.sizeBytes });
    const table = await openContacts(file, claim.options, claim.columns);
    let rows = 0;
    for await (const count of table.counts) {
      turn.check();
      rows += count;
      if (rows > importLimits.rows) throw new TooManyRows();
    }
    return rows;
  }

  private async commit(claim: ContactImportRow, rows: ReadRow[], isTold: boolean): Promise<void> {
    const { id: importId, organizationId, profileId, isDryRun } = claim;
    const owner = { organizationId, profileId };
    const manner = { existing: claim.options.existing, by: { kind: 'user' as const, id: claim.requestedBy } };
    await retryTransient(
      () =>
        this.db.system(async (tx) => {
          const { results, events } = isDryRun
            ? { results: await previewRows(tx, owner, rows, manner.existing), events: [] }
            : await importRows(tx, owner, rows, manner);
          const inserted = insertImportRows(tx, { importId, ...owner }, reported(results));
          const done = { from: rows[0]!.position, rows: rows.length, counts: countOutcomes(results) };
          const [now] = await Promise.all([advanceContactImport(tx, claim, done, CLAIM_SECONDS), inserted]);
          if (!now) throw new NotWanted();
          appendEventsLast(tx, isTold ? [...events, importEvent('import.progress', now)] : events);
        }),
      fewTries,
    );
  }

  private async settle(claim: ContactImportRow, failure: unknown): Promise<void> {
    if (failure instanceof NotWanted) return;
    if (failure instanceof TurnOver) return releaseContactImport(this.db, claim, 0);
    if (failure instanceof TableUnreadable) return this.fail(claim, 'file_unreadable', failure.message);
    if (failure instanceof TooManyRows) {
      const message = `The file has more than ${importLimits.rows} rows. Cut it into several.`;
      return this.fail(claim, 'too_many_rows', message);
    }
    if (failure instanceof MediaMissing) return this.fail(claim, 'file_gone', 'The file is gone. Upload it again.');
    this.log.warn({ err: failure, importId: claim.id }, 'an import of contacts failed; it is taken up again');
    if (claim.attempts < MOST_ATTEMPTS) return releaseContactImport(this.db, claim, RETRY_SECONDS);
    return this.giveUp(claim);
  }

  private giveUp(claim: ContactImportRow): Promise<void> {
    return this.fail(claim, 'internal_error', 'Something failed on our side, again and again. Tell the operator.');
  }

  private fail(claim: ContactImportRow, error: string, errorMessage: string): Promise<void> {
    return this.end(claim, { state: 'failed', error, errorMessage });
  }

  private async end(claim: ContactImportRow, end: Parameters<typeof endContactImport>[2]): Promise<void> {
    const ended = await this.db.system(async (tx) => {
      const row = await endContactImport(tx, claim, end);
      if (!row) return false;
      await appendEvents(tx, [importEvent(end.state === 'completed' ? 'import.completed' : 'import.failed', row)]);
      return true;
    });
    // When the worker dies here, the daily sweep of files finds it.
    if (ended) await removeOwnFile(this.storage, claim.storageKey!);
  }

  private async sweep(): Promise<void> {
    if (Date.now() - this.sweptAt < SWEEP_EVERY_MS) return;
    this.sweptAt = Date.now();
    const before = new Date(Date.now() - REPORT_DAYS * 86_400_000);
    while (!this.stopping && (await removeOldImportRows(this.db, before, SWEEP_ROWS)) === SWEEP_ROWS);
  }
}

function reported(results: RowResult[]) {
  return results.flatMap(({ outcome, ...row }) =>
    outcome === 'created' || outcome === 'unchanged' ? [] : { ...row, outcome },
  );
}
