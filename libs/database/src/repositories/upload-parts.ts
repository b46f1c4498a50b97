import type { OrganizationId, UploadId } from '#contracts';
import type { Database } from '../database.js';
import type { Tx } from '../transaction.js';

/** A part of an upload that is in storage. */
export interface UploadPartRow {
  storageKey: string;
  sizeBytes: number;
}

/** So long an upload that is whole waits for the request with its last part: its answer means that the file is there. */
const OF_THE_REQUEST_SECONDS = 5;

/**
 * Adds a part where the upload ends so far, and has it assembled when nothing is missing any more.
 * @param options.from the offset that the part was sent for
 * @returns the new offset, or null when another request was faster or the upload was ended
 */
export async function appendUploadPart(
  tx: Tx,
  id: UploadId,
  part: UploadPartRow,
  options: { from: number; expiresInSeconds: number },
): Promise<{ offsetBytes: number; isWhole: boolean } | null> {
  const [row] = await tx.query<{ offsetBytes: number; isWhole: boolean }>(
    `with moved as (
       update uploads
          set offset_bytes = offset_bytes + $3::int8, expires_at = now() + make_interval(secs => $5),
              state = case when offset_bytes + $3::int8 = size_bytes then 'assembling' else state end,
              due_at = case when offset_bytes + $3::int8 = size_bytes
                            then now() + interval '${OF_THE_REQUEST_SECONDS} seconds' end
        where id = $1 and offset_bytes = $2 and state = 'receiving' and offset_bytes + $3::int8 <= size_bytes
       returning organization_id, offset_bytes, size_bytes
     ), added as (
       insert into upload_parts (upload_id, organization_id, start_byte, size_bytes, storage_key)
       select $1, organization_id, $2, $3, $4 from moved
     )
     select offset_bytes as "offsetBytes", offset_bytes = size_bytes as "isWhole" from moved`,
    [id, options.from, part.sizeBytes, part.storageKey, options.expiresInSeconds],
  );
  return row ?? null;
}

/** An upload whose parts are to be put together. */
export interface WholeUpload {
  id: UploadId;
  organizationId: OrganizationId;
  fileName: string;
  asDocument: boolean;
  sizeBytes: number;
  attempts: number;
}

/**
 * Takes an upload for assembling: this one when nobody began with it, or the one that has waited longest. Nobody else gets it
 * for so long.
 */
export async function claimWholeUpload(
  db: Database,
  options: { id?: UploadId; seconds: number },
): Promise<WholeUpload | null> {
  const [row] = await db.query<WholeUpload>(
    `update uploads set due_at = now() + make_interval(secs => $2), attempts = attempts + 1
      where id = (select id from uploads
                   where state = 'assembling'
                     and case when $1::uuid is null then due_at <= now() else id = $1 and attempts = 0 end
                   order by due_at limit 1 for update skip locked)
     returning id, organization_id as "organizationId", file_name as "fileName", as_document as "asDocument",
               size_bytes as "sizeBytes", attempts`,
    [options.id ?? null, options.seconds],
  );
  return row ?? null;
}

/** Goes on holding it, or gives it back to be taken after so long. @returns false when it was ended meanwhile */
export async function holdWholeUpload(db: Database, id: UploadId, seconds: number): Promise<boolean> {
  const rows = await db.query(
    `update uploads set due_at = now() + make_interval(secs => $2) where id = $1 and state = 'assembling' returning 1`,
    [id, seconds],
  );
  return rows.length > 0;
}

/** In their order. */
export async function listUploadParts(db: Pick<Tx, 'query'>, id: UploadId): Promise<UploadPartRow[]> {
  return db.query<UploadPartRow>(
    `select storage_key as "storageKey", size_bytes as "sizeBytes" from upload_parts
      where upload_id = $1 order by start_byte`,
    [id],
  );
}

/** @returns their places in storage, which are nobody else's */
export async function removeUploadParts(tx: Tx, id: UploadId): Promise<string[]> {
  const rows = await tx.query<{ key: string }>(
    'delete from upload_parts where upload_id = $1 returning storage_key as key',
    [id],
  );
  return rows.map((row) => row.key);
}
