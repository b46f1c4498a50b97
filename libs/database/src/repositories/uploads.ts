import type { MediaKind, OrganizationId, UploadId, UserId } from '#contracts';
import type { Tx } from '../transaction.js';

type Reads = Pick<Tx, 'query'>;

/**
 * `receiving` parts, `assembling` them into the file, `ready` to be sent, or `refused`: the file came, and is not taken.
 */
export type UploadState = 'receiving' | 'assembling' | 'ready' | 'refused';
export type UploadKind = Exclude<MediaKind, 'sticker'>;
/** Null: nobody wanted the file scanned. */
export type ScanState = 'pending' | 'clean' | 'infected' | 'failed' | null;

/** Why a file that came is not taken. */
export interface UploadProblem {
  /** Of the error catalogue. */
  code: string;
  message: string;
}

export interface UploadRow {
  id: UploadId;
  organizationId: OrganizationId;
  createdBy: UserId;
  fileName: string;
  /** Null until the content was looked at. */
  kind: UploadKind | null;
  asDocument: boolean;
  sizeBytes: number;
  offsetBytes: number;
  state: UploadState;
  problem: UploadProblem | null;
  expiresAt: Date | null;
  lastUsedAt: Date;
  createdAt: Date;
  /** Of one that is ready; null also when its file is gone. */
  file: UploadedFile | null;
}

/** The file of an upload. */
export interface UploadedFile {
  mediaId: string;
  storageKey: string;
  mimeType: string;
  sha256: string;
  scan: ScanState;
  scanFound: string | null;
  hasThumbnail: boolean;
}

/** Whose uploads somebody sees: all of the organization, or the own ones. */
export interface UploadScope {
  organizationId: OrganizationId;
  ofUser: UserId | null;
}

const columns = `u.id, u.organization_id as "organizationId", u.created_by as "createdBy", u.file_name as "fileName",
  u.kind, u.as_document as "asDocument", u.size_bytes as "sizeBytes", u.offset_bytes as "offsetBytes", u.state, u.problem,
  u.expires_at as "expiresAt", u.last_used_at as "lastUsedAt", u.created_at as "createdAt",
  case when f.id is null then null else json_build_object(
    'mediaId', f.id, 'storageKey', f.storage_key, 'mimeType', f.mime_type, 'sha256', f.sha256, 'scan', f.scan,
    'scanFound', f.scan_found, 'hasThumbnail', exists (select 1 from media_thumbnails t where t.media_id = f.id)
  ) end as file`;
const source = 'uploads u left join media_objects f on f.id = u.media_id';
const inScope = 'u.organization_id = $1 and ($2::uuid is null or u.created_by = $2)';

export type NewUpload = Pick<
  UploadRow,
  'id' | 'organizationId' | 'createdBy' | 'fileName' | 'kind' | 'asDocument' | 'sizeBytes' | 'offsetBytes' | 'state'
> & {
  mediaId: string | null;
  /** Until then it has to be ready; null when it is. */
  expiresInSeconds: number | null;
};

export async function insertUpload(tx: Tx, row: NewUpload): Promise<void> {
  await tx.query(
    `insert into uploads (id, organization_id, created_by, file_name, kind, as_document, size_bytes, offset_bytes, state,
                          media_id, expires_at, due_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, now() + make_interval(secs => $11),
             case when $9 = 'assembling' then now() end)`,
    [
      row.id,
      row.organizationId,
      row.createdBy,
      row.fileName,
      row.kind,
      row.asDocument,
      row.sizeBytes,
      row.offsetBytes,
      row.state,
      row.mediaId,
      row.expiresInSeconds,
    ],
  );
}

/** Null when there is none within the scope. `lock` keeps it as it is until the transaction ends. */
export async function findUpload(
  tx: Reads,
  scope: UploadScope,
  id: UploadId,
  lock?: 'lock',
): Promise<UploadRow | null> {
  const [row] = await tx.query<UploadRow>(
    `select ${columns} from ${source} where ${inScope} and u.id = $3 ${lock ? 'for update of u' : ''}`,
    [scope.organizationId, scope.ofUser, id],
  );
  return row ?? null;
}

/** Newest first. */
export async function listUploads(
  tx: Reads,
  scope: UploadScope,
  page: { kind?: UploadKind; state?: UploadState; before?: UploadId; limit: number },
): Promise<UploadRow[]> {
  return tx.query<UploadRow>(
    `select ${columns} from ${source}
      where ${inScope} and ($3::text is null or u.kind = $3) and ($4::text is null or u.state = $4)
        and ($5::uuid is null or u.id < $5)
      order by u.id desc limit $6`,
    [scope.organizationId, scope.ofUser, page.kind ?? null, page.state ?? null, page.before ?? null, page.limit],
  );
}

/** The file is there: the upload is ready. @returns false when it was ended meanwhile */
export async function completeUpload(
  tx: Tx,
  id: UploadId,
  made: { mediaId: string; kind: UploadKind; fileName: string },
): Promise<boolean> {
  const rows = await tx.query(
    `update uploads set state = 'ready', media_id = $2, kind = $3, file_name = $4, expires_at = null, due_at = null,
                        last_used_at = now()
      where id = $1 and state = 'assembling' returning 1`,
    [id, made.mediaId, made.kind, made.fileName],
  );
  return rows.length > 0;
}

/** It stays for a while, so that whoever uploaded it can read why. @returns false when it was ended meanwhile */
export async function refuseUpload(
  tx: Tx,
  id: UploadId,
  problem: UploadProblem,
  keptSeconds: number,
): Promise<boolean> {
  const rows = await tx.query(
    `update uploads set state = 'refused', problem = $2::jsonb, due_at = null,
                        expires_at = now() + make_interval(secs => $3)
      where id = $1 and state = 'assembling' returning 1`,
    [id, JSON.stringify(problem), keptSeconds],
  );
  return rows.length > 0;
}

/** An upload that was removed, with what hung on it. */
export interface RemovedUpload {
  id: UploadId;
  organizationId: OrganizationId;
  fileName: string;
  /** Room that it had been promised and that it did not use. */
  reservedBytes: number;
  /** Of its parts, which are nobody else's. */
  partKeys: string[];
  mediaId: string | null;
  lastUsedAt: Date;
}

const removal = (which: string) => `
  with chosen as (${which}), parts as (
    delete from upload_parts p using chosen where p.upload_id = chosen.id returning p.upload_id, p.storage_key
  )
  delete from uploads u using chosen where u.id = chosen.id
  returning u.id, u.organization_id as "organizationId", u.file_name as "fileName",
    case when u.state in ('receiving', 'assembling') then u.size_bytes else 0 end as "reservedBytes",
    (select coalesce(array_agg(storage_key), '{}') from parts where upload_id = u.id) as "partKeys",
    u.media_id as "mediaId", u.last_used_at as "lastUsedAt"`;

/** Null when there is none within the scope. */
export async function removeUpload(tx: Tx, scope: UploadScope, id: UploadId): Promise<RemovedUpload | null> {
  const [row] = await tx.query<RemovedUpload>(
    removal(`select u.id from uploads u where ${inScope} and u.id = $3 for update`),
    [scope.organizationId, scope.ofUser, id],
  );
  return row ?? null;
}

/** Removes what was not finished in time, or was refused a while ago. */
export async function removeExpiredUploads(tx: Tx, limit: number): Promise<RemovedUpload[]> {
  return tx.query<RemovedUpload>(
    removal('select id from uploads where expires_at < now() order by expires_at limit $1 for update skip locked'),
    [limit],
  );
}

/** Removes what was last used before then and what nothing names that is still to be sent. */
export async function removeUnusedUploads(
  tx: Tx,
  organizationId: string,
  before: Date,
  limit: number,
): Promise<RemovedUpload[]> {
  return tx.query<RemovedUpload>(
    removal(`select u.id from uploads u
              where u.organization_id = $1 and u.state = 'ready' and u.last_used_at < $2
                and not exists (select 1 from templates t
                                 where t.organization_id = u.organization_id and t.content ->> 'uploadId' = u.id::text)
              order by u.id limit $3 for update skip locked`),
    [organizationId, before, limit],
  );
}

/** They are about to be sent: retention counts from now. */
export async function touchUpload(tx: Reads, organizationId: string, id: UploadId): Promise<void> {
  await tx.query('update uploads set last_used_at = now() where organization_id = $1 and id = $2', [
    organizationId,
    id,
  ]);
}

/** Keeps uploads from being removed until the transaction ends. @returns those that are there */
export async function holdUploads(tx: Tx, organizationId: string, ids: readonly UploadId[]): Promise<Set<UploadId>> {
  const rows = await tx.query<{ id: UploadId }>(
    'select id from uploads where organization_id = $1 and id = any($2::uuid[]) order by id for key share',
    [organizationId, ids],
  );
  return new Set(rows.map((row) => row.id));
}
