import type { ReportedOutcome } from '#contracts';
import type { Tx } from '../transaction.js';

type Reads = Pick<Tx, 'query'>;

/** What became of a row of an import, when it was not just a new contact. */
export interface ImportedRow {
  position: number;
  line: number;
  outcome: ReportedOutcome;
  field: string | null;
  code: string | null;
  message: string | null;
  value: string | null;
  phone: string | null;
}

const columns = 'position, line, outcome, field, code, message, value, phone';

export async function insertImportRows(
  tx: Tx,
  owner: { importId: string; organizationId: string; profileId: string },
  rows: ImportedRow[],
): Promise<void> {
  if (rows.length === 0) return;
  await tx.query(
    `insert into contact_import_rows (import_id, organization_id, profile_id, ${columns})
     select $1, $2, $3, * from unnest($4::int[], $5::int[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[],
                                      $11::text[])`,
    [
      owner.importId,
      owner.organizationId,
      owner.profileId,
      rows.map((row) => row.position),
      rows.map((row) => row.line),
      rows.map((row) => row.outcome),
      rows.map((row) => row.field),
      rows.map((row) => row.code),
      rows.map((row) => row.message),
      rows.map((row) => row.value),
      rows.map((row) => row.phone),
    ],
    { name: 'contact_import_rows_insert' },
  );
}

/** In the order of the file; `limit` of them behind `after`. */
export function listImportRows(
  tx: Reads,
  organizationId: string,
  importId: string,
  page: { outcome?: ReportedOutcome; after?: number; limit: number },
): Promise<ImportedRow[]> {
  return tx.query<ImportedRow>(
    `select ${columns} from contact_import_rows
      where organization_id = $1 and import_id = $2 and position > $3 and ($4::text is null or outcome = $4)
      order by position limit $5`,
    [organizationId, importId, page.after ?? -1, page.outcome ?? null, page.limit],
    { name: 'contact_import_rows_list' },
  );
}

/** Forgets the rows with these numbers. @returns how many */
export async function eraseImportRows(tx: Tx, organizationId: string, phones: readonly string[]): Promise<number> {
  const rows = await tx.query(
    'delete from contact_import_rows where organization_id = $1 and phone = any($2::text[]) returning 1',
    [organizationId, phones],
  );
  return rows.length;
}

/** Forgets up to `limit` rows of imports that ended before the given time. @returns how many */
export async function removeOldImportRows(db: Reads, before: Date, limit: number): Promise<number> {
  const rows = await db.query(
    `delete from contact_import_rows where ctid = any(array(
       select r.ctid from contact_imports i join contact_import_rows r on r.import_id = i.id
        where i.finished_at < $1 limit $2)) returning 1`,
    [before, limit],
  );
  return rows.length;
}
