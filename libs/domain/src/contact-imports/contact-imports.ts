import {
  type Actor,
  type ContactImportId,
  errors,
  eventActor,
  type ImportOptions,
  newId,
  type ProfileId,
  type ReportedOutcome,
} from '#contracts';
import {
  appendEvents,
  type ContactImportRow,
  cancelContactImport,
  countOpenImports,
  type Database,
  findContactImport,
  type ImportedRow,
  insertContactImport,
  listContactImports,
  listImportRows,
  type Tx,
} from '#database';
import type { MediaStorage } from '#storage';
import { assertProfile } from '../messaging/message-history.js';
import { recordAudit } from '../platform/audit-trail.js';
import type { Once } from '../platform/once.js';
import { ownFile, removeOwnFile } from '../platform/storage/own-files.js';
import type { Mapping } from './column-mapping.js';
import { lookAtContacts } from './contacts-file.js';
import { importEvent } from './import-events.js';

/** Imports of one profile that may be waiting or under way at a time. */
const MOST_OPEN = 10;
const ROWS_AT_ONCE = 1000;

/** What somebody wants to be imported, and how. */
export interface ImportDraft {
  profileId: ProfileId;
  /** In storage already, written by `writeOwnFile`. */
  file: { storageKey: string; sizeBytes: number; fileName: string | null };
  isDryRun: boolean;
  options: ImportOptions;
  mapping: Mapping;
}

/** Imports of contacts from files: asked for here, done by the worker (import-runner.ts). */
export class ContactImports {
  constructor(
    private readonly db: Database,
    private readonly storage: MediaStorage,
  ) {}

  /**
   * Looks at the beginning of the file and puts the import in line. The file is the import's from then on; when this
   * throws it is nobody's.
   * @throws notFound (profile), importUnreadable, tooManyImports; validation for what the columns are
   */
  async request(actor: Actor, draft: ImportDraft, once?: Once<ContactImportRow>): Promise<ContactImportRow> {
    const { profileId, file, isDryRun, options, mapping } = draft;
    const { fileName, ...stored } = file;
    await this.db.tenant(actor, (tx) => assertProfile(tx, actor, profileId));
    const { format, columns } = await lookAtContacts(ownFile(this.storage, stored), options, mapping);
    return this.db.tenant(actor, async (tx) => {
      if ((await countOpenImports(tx, profileId)) >= MOST_OPEN) throw errors.tooManyImports();
      const row = await insertContactImport(tx, {
        id: newId(),
        organizationId: actor.organizationId,
        profileId,
        requestedBy: actor.userId,
        isDryRun,
        fileName,
        format,
        ...stored,
        options,
        columns,
      });
      await recordAudit(tx, actor, {
        action: 'contact.import',
        resource: { type: 'contact_import', id: row.id, name: fileName ?? undefined },
        after: { profileId, isDryRun, format, sizeBytes: stored.sizeBytes, existing: options.existing },
      });
      await once?.(tx, row);
      tx.wake('imports', row.id);
      await appendEvents(tx, [importEvent('import.queued', row, eventActor(actor))]);
      return row;
    });
  }

  /** Newest first; `limit` of them older than `before`. */
  list(
    actor: Actor,
    page: { profileId?: ProfileId; before?: ContactImportId; limit: number },
  ): Promise<ContactImportRow[]> {
    return this.db.tenant(actor, (tx) => listContactImports(tx, actor.organizationId, page));
  }

  /** @throws notFound */
  get(actor: Actor, id: ContactImportId): Promise<ContactImportRow> {
    return this.db.tenant(actor, (tx) => found(tx, actor, id));
  }

  /** What became of rows, in the order of the file; `limit` of them behind `after`. @throws notFound */
  rows(
    actor: Actor,
    id: ContactImportId,
    page: { outcome?: ReportedOutcome; after?: number; limit: number },
  ): Promise<ImportedRow[]> {
    return this.db.tenant(actor, async (tx) => {
      await found(tx, actor, id);
      return listImportRows(tx, actor.organizationId, id, page);
    });
  }

  /** All rows of the report, read as they are taken. @throws notFound before the first */
  async report(
    actor: Actor,
    id: ContactImportId,
    outcome?: ReportedOutcome,
  ): Promise<{ row: ContactImportRow; rows: AsyncGenerator<ImportedRow> }> {
    const row = await this.get(actor, id);
    return { row, rows: this.walk(actor, id, outcome) };
  }

  /** Stops it where it is: what was imported stays, and the file goes. @throws notFound, importEnded */
  async cancel(actor: Actor, id: ContactImportId): Promise<ContactImportRow> {
    const cancelled = await this.db.tenant(actor, async (tx) => {
      await found(tx, actor, id);
      const done = await cancelContactImport(tx, actor.organizationId, id);
      if (!done) throw errors.importEnded();
      const { row } = done;
      await recordAudit(tx, actor, {
        action: 'contact.import_cancel',
        resource: { type: 'contact_import', id, name: row.fileName ?? undefined },
        after: { doneRows: row.doneRows },
      });
      await appendEvents(tx, [importEvent('import.cancelled', row, eventActor(actor))]);
      return done;
    });
    if (cancelled.storageKey) await removeOwnFile(this.storage, cancelled.storageKey);
    return cancelled.row;
  }

  private async *walk(actor: Actor, id: ContactImportId, outcome?: ReportedOutcome): AsyncGenerator<ImportedRow> {
    for (let after: number | undefined; ; ) {
      const page = { outcome, after, limit: ROWS_AT_ONCE };
      const rows = await this.db.tenant(actor, (tx) => listImportRows(tx, actor.organizationId, id, page));
      yield* rows;
      if (rows.length < ROWS_AT_ONCE) return;
      after = rows.at(-1)!.position;
    }
  }
}

async function found(tx: Tx, actor: Actor, id: ContactImportId): Promise<ContactImportRow> {
  const row = await findContactImport(tx, actor.organizationId, id);
  if (!row) throw errors.notFound({ message: 'There is no such import.', details: { id } });
  return row;
}
