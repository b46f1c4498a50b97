import { importLimits } from '#contracts';
import {
  advanceContactImport,
  appendEvents,
  type ContactImportRow,
  claimContactImport,
  type Database,
  endContactImport,
  insertImportRows,
  releaseContactImport,
  removeOldImportRows,
  renewContactImport,
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
import { importEvent } from './import-events.js';
import { type ReadRow, readRow, repeatOf } from './import-row.js';
import { countOutcomes, importRows, previewRows, type RowResult } from './import-rows.js';
import { SeenPhones } from './seen-phones.js';

const CHUNK_ROWS = 1000;
const CLAIM_SECONDS = 60;
const RENEW_MS = 10_000;
/** After so long another import has its turn, if one waits. */
const TURN_MS = 30_000;
/** Between two events of progress. */
const TELL_EVERY_MS = 1000;
/** Turns and failures after which an import is given up. */
const MOST_ATTEMPTS = 200;
const RETRY_SECONDS = 5;
/** How long it can be seen what became of rows. */
const REPORT_DAYS = 30;
const SWEEP_EVERY_MS = 3600_000;
const SWEEP_ROWS = 5000;

/** Nobody waits for it any more, or another worker has it. */
class NotWanted extends Error {}
/** Others wait, or the worker stops: the rest comes later. */
class TurnOver extends Error {}
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
    const turn = new Turn(this.db, claim, () => this.stopping);
    try {
      await this.carryOut(claim, turn);
    } catch (failure) {
      await this.settle(claim, failure);
    } finally {
      turn.end();
    }
    return !this.stopping;
  }

  private async carryOut(claim: ContactImportRow, turn: Turn): Promise<void> {
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
    const seen = new SeenPhones();
    let position = 0;
    let chunk: ReadRow[] = [];
    let toldAt = 0;
    const commit = async () => {
      turn.check();
      const isTold = performance.now() - toldAt >= TELL_EVERY_MS;
      await this.commit(claim, chunk, isTold);
      if (isTold) toldAt = performance.now();
      chunk = [];
    };
    for await (const batch of table.batches) {
      for (const tableRow of batch) {
        const row = readRow(tableRow, position, rules);
        const firstLine = row.candidate && seen.note(row.candidate.phone, row.line);
        if (position >= claim.doneRows) chunk.push(firstLine === undefined ? row : repeatOf(row, firstLine));
        position += 1;
        if (chunk.length >= CHUNK_ROWS) await commit();
      }
    }
    if (chunk.length > 0) await commit();
    await this.end(claim, { state: 'completed', error: null, errorMessage: null });
  }

  /** Reads the file once before anything is changed: a file that is damaged at its end changes nothing. */
  private async count(claim: ContactImportRow, turn: Turn): Promise<number> {
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
          await insertImportRows(tx, { importId, ...owner }, reported(results));
          const done = { from: rows[0]!.position, rows: rows.length, counts: countOutcomes(results) };
          const now = await advanceContactImport(tx, claim, done, CLAIM_SECONDS);
          if (!now) throw new NotWanted();
          await appendEvents(tx, isTold ? [...events, importEvent('import.progress', now)] : events);
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

/** Keeps a claim while its worker reads, and says when the turn is over. */
class Turn {
  private readonly begunAt = performance.now();
  private isLost = false;
  private othersWait = false;
  private readonly renewal: NodeJS.Timeout;

  constructor(
    db: Database,
    claim: ContactImportRow,
    private readonly isStopping: () => boolean,
  ) {
    this.renewal = setInterval(() => {
      renewContactImport(db, claim, CLAIM_SECONDS).then(
        (renewed) => {
          this.isLost ||= renewed === null;
          this.othersWait = renewed?.othersWait ?? false;
        },
        // The database is away; the next chunk finds out.
        () => undefined,
      );
    }, RENEW_MS);
  }

  /** @throws NotWanted, TurnOver */
  check(): void {
    if (this.isLost) throw new NotWanted();
    const isLong = this.othersWait && performance.now() - this.begunAt > TURN_MS;
    if (isLong || this.isStopping()) throw new TurnOver();
  }

  end(): void {
    clearInterval(this.renewal);
  }
}

function reported(results: RowResult[]) {
  return results.flatMap(({ outcome, ...row }) =>
    outcome === 'created' || outcome === 'unchanged' ? [] : { ...row, outcome },
  );
}
