import type { OrganizationId, UserId } from '#contracts';
import type { Tx } from '../transaction.js';

type Reads = Pick<Tx, 'query'>;

export type DataExportState = 'queued' | 'running' | 'ready' | 'failed' | 'expired';

/** How a conversation is written into a file. */
export interface ConversationExportOptions {
  /** Plain text as WhatsApp writes it, one JSON object a line, or a table. */
  format: 'txt' | 'ndjson' | 'csv';
  /** With the files of the messages. */
  media: boolean;
}

/** A copy of personal data that somebody asked for. */
export interface DataExportRow {
  id: string;
  organizationId: OrganizationId;
  /** Who asked; nobody else may have it. */
  userId: UserId;
  /** The person's own data, those of a contact, or a conversation. */
  kind: 'user' | 'contact' | 'conversation';
  /** The contact, or the other person of a conversation of two. */
  personId: string | null;
  conversationId: string | null;
  /** How a conversation is written. */
  options: ConversationExportOptions | null;
  state: DataExportState;
  /** 0 to 100. */
  progress: number;
  error: string | null;
  attempts: number;
  storageKey: string | null;
  sizeBytes: number | null;
  /** Rows of each kind in it. */
  contents: Record<string, number> | null;
  createdAt: Date;
  finishedAt: Date | null;
  expiresAt: Date | null;
}

const columns = `id, organization_id as "organizationId", user_id as "userId", kind,
  person_id as "personId", conversation_id as "conversationId", options, state, progress, error, attempts, storage_key as "storageKey", size_bytes as "sizeBytes",
  contents, created_at as "createdAt", finished_at as "finishedAt", expires_at as "expiresAt"`;

export async function insertDataExport(
  tx: Tx,
  made: Pick<DataExportRow, 'id' | 'organizationId' | 'userId' | 'kind' | 'personId'> &
    Partial<Pick<DataExportRow, 'conversationId' | 'options'>>,
): Promise<DataExportRow> {
  const [row] = await tx.query<DataExportRow>(
    `insert into data_exports (id, organization_id, user_id, kind, person_id, conversation_id, options)
     values ($1, $2, $3, $4, $5, $6, $7::jsonb) returning ${columns}`,
    [
      made.id,
      made.organizationId,
      made.userId,
      made.kind,
      made.personId,
      made.conversationId ?? null,
      made.options ? JSON.stringify(made.options) : null,
    ],
  );
  return row!;
}

/** One of the person's own. */
export async function findDataExport(
  tx: Reads,
  owner: { organizationId: string; userId: string },
  id: string,
  lock?: 'update',
): Promise<DataExportRow | null> {
  const [row] = await tx.query<DataExportRow>(
    `select ${columns} from data_exports where organization_id = $1 and user_id = $2 and id = $3
     ${lock ? 'for update' : ''}`,
    [owner.organizationId, owner.userId, id],
  );
  return row ?? null;
}

/** By id alone: for a signed link. */
export async function findDataExportById(db: Reads, id: string): Promise<DataExportRow | null> {
  const [row] = await db.query<DataExportRow>(`select ${columns} from data_exports where id = $1`, [id]);
  return row ?? null;
}

/** The person's own, newest first; `limit` of them older than `before`. */
export async function listDataExports(
  tx: Reads,
  owner: { organizationId: string; userId: string },
  page: { kind: DataExportRow['kind']; conversationId?: string; before?: string; limit: number },
): Promise<DataExportRow[]> {
  return tx.query<DataExportRow>(
    `select ${columns} from data_exports
      where organization_id = $1 and user_id = $2 and kind = $3 and ($4::uuid is null or id < $4)
        and ($6::uuid is null or conversation_id = $6)
      order by id desc limit $5`,
    [owner.organizationId, owner.userId, page.kind, page.before ?? null, page.limit, page.conversationId ?? null],
  );
}

/** How many of the person's exports are being made or wait for it. */
export async function countOpenExports(tx: Reads, owner: { organizationId: string; userId: string }): Promise<number> {
  const [row] = await tx.query<{ count: number }>(
    `select count(*) as count from data_exports
      where organization_id = $1 and user_id = $2 and state in ('queued', 'running')`,
    [owner.organizationId, owner.userId],
  );
  return row!.count;
}

/** Takes the oldest that waits, or whose worker has died. @returns null when there is none */
export async function claimDataExport(db: Reads, seconds: number): Promise<DataExportRow | null> {
  const [row] = await db.query<DataExportRow>(
    `update data_exports set state = 'running', attempts = attempts + 1, progress = 0,
            claimed_until = now() + make_interval(secs => $1)
      where id = (select id from data_exports
                   where state = 'queued' or (state = 'running' and claimed_until < now())
                   order by id limit 1 for update skip locked)
     returning ${columns}`,
    [seconds],
  );
  return row ?? null;
}

/** Says how far it is and keeps the claim. @returns false when it is no longer wanted or another worker has it */
export async function noteExportProgress(
  db: Reads,
  claim: Pick<DataExportRow, 'id' | 'attempts'>,
  progress: number,
  seconds: number,
): Promise<boolean> {
  const rows = await db.query(
    `update data_exports set progress = $3, claimed_until = now() + make_interval(secs => $4)
      where id = $1 and attempts = $2 and state = 'running' returning 1`,
    [claim.id, claim.attempts, progress, seconds],
  );
  return rows.length > 0;
}

/** @returns false when it was deleted meanwhile, or another worker has it */
export async function finishDataExport(
  tx: Tx,
  claim: Pick<DataExportRow, 'id' | 'attempts'>,
  made: { storageKey: string; sizeBytes: number; contents: Record<string, number>; expiresAt: Date },
): Promise<boolean> {
  const rows = await tx.query(
    `update data_exports set state = 'ready', progress = 100, error = null, storage_key = $3, size_bytes = $4,
            contents = $5::jsonb, expires_at = $6, finished_at = now(), claimed_until = null
      where id = $1 and attempts = $2 and state = 'running' returning 1`,
    [claim.id, claim.attempts, made.storageKey, made.sizeBytes, JSON.stringify(made.contents), made.expiresAt],
  );
  return rows.length > 0;
}

/** Puts it back in line, or ends it as failed. */
export async function failDataExport(
  tx: Tx,
  claim: Pick<DataExportRow, 'id' | 'attempts'>,
  error: string,
  mostAttempts: number,
): Promise<DataExportState | null> {
  const [row] = await tx.query<{ state: DataExportState }>(
    `update data_exports
        set state = case when attempts >= $4 then 'failed' else 'running' end, error = $3,
            claimed_until = now() + make_interval(secs => 10 * attempts),
            finished_at = case when attempts >= $4 then now() end
      where id = $1 and attempts = $2 and state = 'running' returning state`,
    [claim.id, claim.attempts, error, mostAttempts],
  );
  return row?.state ?? null;
}

export async function deleteDataExport(tx: Tx, id: string): Promise<void> {
  await tx.query('delete from data_exports where id = $1', [id]);
}

/** Ends copies of the data of a contact. @returns their files */
export async function deleteExportsOfPerson(tx: Tx, personId: string): Promise<string[]> {
  const rows = await tx.query<{ key: string | null }>(
    'delete from data_exports where person_id = $1 returning storage_key as key',
    [personId],
  );
  return rows.flatMap((row) => row.key ?? []);
}

/** Ends what has expired. @returns the files that may go now */
export async function expireDataExports(db: Reads, limit: number): Promise<string[]> {
  const rows = await db.query<{ key: string }>(
    `with due as (
       select id, storage_key from data_exports where state = 'ready' and expires_at < now()
        limit $1 for update skip locked
     )
     update data_exports e set state = 'expired', storage_key = null from due where e.id = due.id
     returning due.storage_key as key`,
    [limit],
  );
  return rows.map((row) => row.key);
}
