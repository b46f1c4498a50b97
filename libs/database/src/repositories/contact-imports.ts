import type {
  ContactImportId,
  ImportColumn,
  ImportCounts,
  ImportOptions,
  ImportState,
  OrganizationId,
  ProfileId,
  UserId,
} from '#contracts';
import type { Tx } from '../transaction.js';

type Reads = Pick<Tx, 'query'>;

/** An import of contacts from a file. */
export interface ContactImportRow extends ImportCounts {
  id: ContactImportId;
  organizationId: OrganizationId;
  profileId: ProfileId;
  requestedBy: UserId;
  state: ImportState;
  isDryRun: boolean;
  fileName: string | null;
  format: string;
  sizeBytes: number;
  storageKey: string | null;
  options: ImportOptions;
  columns: ImportColumn[];
  totalRows: number | null;
  doneRows: number;
  error: string | null;
  errorMessage: string | null;
  attempts: number;
  createdAt: Date;
  startedAt: Date | null;
  finishedAt: Date | null;
}

const columns = `id, organization_id as "organizationId", profile_id as "profileId", requested_by as "requestedBy", state,
  is_dry_run as "isDryRun", file_name as "fileName", format, size_bytes as "sizeBytes", storage_key as "storageKey",
  options, columns, total_rows as "totalRows", done_rows as "doneRows", created, updated, unchanged, skipped, failed,
  error, error_message as "errorMessage", attempts, created_at as "createdAt", started_at as "startedAt",
  finished_at as "finishedAt"`;

export type NewContactImport = Pick<
  ContactImportRow,
  | 'id'
  | 'organizationId'
  | 'profileId'
  | 'requestedBy'
  | 'isDryRun'
  | 'fileName'
  | 'format'
  | 'sizeBytes'
  | 'storageKey'
  | 'options'
  | 'columns'
>;

export async function insertContactImport(tx: Tx, row: NewContactImport): Promise<ContactImportRow> {
  const [made] = await tx.query<ContactImportRow>(
    `insert into contact_imports (id, organization_id, profile_id, requested_by, is_dry_run, file_name, format, size_bytes,
                                  storage_key, options, columns)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10::jsonb, $11::jsonb) returning ${columns}`,
    [
      row.id,
      row.organizationId,
      row.profileId,
      row.requestedBy,
      row.isDryRun,
      row.fileName,
      row.format,
      row.sizeBytes,
      row.storageKey,
      JSON.stringify(row.options),
      JSON.stringify(row.columns),
    ],
  );
  return made!;
}

export async function findContactImport(
  tx: Reads,
  organizationId: string,
  id: string,
): Promise<ContactImportRow | null> {
  const [row] = await tx.query<ContactImportRow>(
    `select ${columns} from contact_imports where organization_id = $1 and id = $2`,
    [organizationId, id],
  );
  return row ?? null;
}

/** Newest first; `limit` of them older than `before`. */
export function listContactImports(
  tx: Reads,
  organizationId: string,
  page: { profileId?: string; before?: string; limit: number },
): Promise<ContactImportRow[]> {
  return tx.query<ContactImportRow>(
    `select ${columns} from contact_imports
      where organization_id = $1 and ($2::uuid is null or profile_id = $2) and ($3::uuid is null or id < $3)
      order by id desc limit $4`,
    [organizationId, page.profileId ?? null, page.before ?? null, page.limit],
  );
}

/** How many imports of a profile are under way or wait. */
export async function countOpenImports(tx: Reads, profileId: string): Promise<number> {
  const [row] = await tx.query<{ count: number }>(
    `select count(*) as count from contact_imports where profile_id = $1 and state in ('queued', 'running')`,
    [profileId],
  );
  return row!.count;
}

/** Takes the one that waits longest, or whose worker has died. @returns null when there is none */
export async function claimContactImport(db: Reads, seconds: number): Promise<ContactImportRow | null> {
  const [row] = await db.query<ContactImportRow>(
    `update contact_imports set state = 'running', attempts = attempts + 1, started_at = coalesce(started_at, now()),
            claimed_until = now() + make_interval(secs => $1)
      where id = (select id from contact_imports
                   where state in ('queued', 'running') and (claimed_until is null or claimed_until < now())
                   order by coalesce(claimed_until, created_at), id limit 1 for update skip locked)
     returning ${columns}`,
    [seconds],
  );
  return row ?? null;
}

export type ImportClaim = Pick<ContactImportRow, 'id' | 'attempts'>;

/** Keeps a claim. @returns null when it is not wanted any more, or another worker has it */
export async function renewContactImport(
  db: Reads,
  claim: ImportClaim,
  seconds: number,
): Promise<{ othersWait: boolean } | null> {
  const [row] = await db.query<{ othersWait: boolean }>(
    `update contact_imports set claimed_until = now() + make_interval(secs => $3)
      where id = $1 and attempts = $2 and state = 'running'
     returning exists (select 1 from contact_imports o where o.id <> $1 and o.state in ('queued', 'running')
                          and (o.claimed_until is null or o.claimed_until < now())) as "othersWait"`,
    [claim.id, claim.attempts, seconds],
  );
  return row ?? null;
}

/** @returns false when it is not wanted any more, or another worker has it */
export async function setImportTotal(db: Reads, claim: ImportClaim, totalRows: number): Promise<boolean> {
  const rows = await db.query(
    `update contact_imports set total_rows = $3 where id = $1 and attempts = $2 and state = 'running' returning 1`,
    [claim.id, claim.attempts, totalRows],
  );
  return rows.length > 0;
}

/**
 * Moves the position of an import past a chunk of rows, with what they came to, and keeps the claim.
 * @returns the import as it is now; null when it is not wanted any more, or another worker has it or this chunk
 */
export async function advanceContactImport(
  tx: Tx,
  claim: ImportClaim,
  chunk: { from: number; rows: number; counts: ImportCounts },
  seconds: number,
): Promise<ContactImportRow | null> {
  const { created, updated, unchanged, skipped, failed } = chunk.counts;
  const [row] = await tx.query<ContactImportRow>(
    `update contact_imports
        set done_rows = done_rows + $4, created = created + $5, updated = updated + $6, unchanged = unchanged + $7,
            skipped = skipped + $8, failed = failed + $9, claimed_until = now() + make_interval(secs => $10)
      where id = $1 and attempts = $2 and done_rows = $3 and state = 'running' returning ${columns}`,
    [claim.id, claim.attempts, chunk.from, chunk.rows, created, updated, unchanged, skipped, failed, seconds],
    { name: 'contact_import_advance' },
  );
  return row ?? null;
}

/** Ends a claimed import; its file is named no longer. @returns null when it is not wanted any more */
export async function endContactImport(
  tx: Tx,
  claim: ImportClaim,
  end: { state: 'completed' | 'failed'; error: string | null; errorMessage: string | null },
): Promise<ContactImportRow | null> {
  const [row] = await tx.query<ContactImportRow>(
    `update contact_imports set state = $3, error = $4, error_message = $5, storage_key = null, finished_at = now(),
            claimed_until = null
      where id = $1 and attempts = $2 and state = 'running' returning ${columns}`,
    [claim.id, claim.attempts, end.state, end.error, end.errorMessage],
  );
  return row ?? null;
}

/** Gives a claimed import back, to be taken up again after some seconds. */
export async function releaseContactImport(db: Reads, claim: ImportClaim, seconds: number): Promise<void> {
  await db.query(
    `update contact_imports set claimed_until = now() + make_interval(secs => $3)
      where id = $1 and attempts = $2 and state = 'running'`,
    [claim.id, claim.attempts, seconds],
  );
}

/** Ends an import at the chunk that is done. @returns null when it has ended already */
export async function cancelContactImport(
  tx: Tx,
  organizationId: string,
  id: string,
): Promise<{ row: ContactImportRow; storageKey: string | null } | null> {
  const [found] = await tx.query<{ storageKey: string | null }>(
    `select storage_key as "storageKey" from contact_imports
      where organization_id = $1 and id = $2 and state in ('queued', 'running') for update`,
    [organizationId, id],
  );
  if (!found) return null;
  const [row] = await tx.query<ContactImportRow>(
    `update contact_imports set state = 'cancelled', storage_key = null, finished_at = now(), claimed_until = null
      where id = $1 returning ${columns}`,
    [id],
  );
  return { row: row!, storageKey: found.storageKey };
}
