import type { OrganizationId, UploadId } from '#contracts';
import type { Database } from '../database.js';
import type { Tx } from '../transaction.js';

type Reads = Pick<Tx, 'query'>;

/** A file that is to be scanned, or wants a thumbnail, or both. */
export interface MediaWorkRow {
  mediaId: string;
  organizationId: string;
  storageKey: string;
  mimeType: string;
  sizeBytes: number;
  needsScan: boolean;
  needsThumbnail: boolean;
  attempts: number;
}

/** Remembers what is to be done about a file, in the transaction that writes its row. */
export async function queueMediaWork(
  tx: Tx,
  organizationId: string,
  mediaId: string,
  needs: { scan: boolean; thumbnail: boolean },
): Promise<void> {
  if (!needs.scan && !needs.thumbnail) return;
  await tx.query(
    `with marked as (update media_objects set scan = 'pending' where id = $1 and $3::boolean)
     insert into media_work (media_id, organization_id, needs_scan, needs_thumbnail)
     values ($1, $2, $3::boolean, $4) on conflict (media_id) do nothing`,
    [mediaId, organizationId, needs.scan, needs.thumbnail],
  );
}

/** Takes work that is due, this file's or the one that has waited longest; nobody else gets it for so long. */
export async function claimMediaWork(
  db: Database,
  options: { mediaId?: string; seconds: number },
): Promise<MediaWorkRow | null> {
  const [row] = await db.query<MediaWorkRow>(
    `with claimed as (
       update media_work set due_at = now() + make_interval(secs => $2), attempts = attempts + 1
        where media_id = (select media_id from media_work where due_at <= now() and ($1::uuid is null or media_id = $1)
                           order by due_at limit 1 for update skip locked)
       returning *
     )
     select c.media_id as "mediaId", c.organization_id as "organizationId", f.storage_key as "storageKey",
            f.mime_type as "mimeType", f.size_bytes as "sizeBytes", c.needs_scan as "needsScan",
            c.needs_thumbnail as "needsThumbnail", c.attempts
       from claimed c join media_objects f on f.id = c.media_id`,
    [options.mediaId ?? null, options.seconds],
  );
  return row ?? null;
}

/** Nothing more is to be done about the file. */
export async function endMediaWork(tx: Reads, mediaId: string): Promise<void> {
  await tx.query('delete from media_work where media_id = $1', [mediaId]);
}

/** What is left is done after so long; the scan is not repeated when it is done. */
export async function postponeMediaWork(
  tx: Reads,
  mediaId: string,
  options: { seconds: number; needsScan: boolean },
): Promise<void> {
  await tx.query(
    'update media_work set due_at = now() + make_interval(secs => $2), needs_scan = $3 where media_id = $1',
    [mediaId, options.seconds, options.needsScan],
  );
}

/** @returns false when it was written before, or the file is gone */
export async function saveScan(
  tx: Tx,
  mediaId: string,
  outcome: { scan: 'clean' | 'infected' | 'failed'; found: string | null },
): Promise<boolean> {
  const rows = await tx.query(
    `update media_objects set scan = $2, scan_found = $3 where id = $1 and scan is distinct from $2 returning 1`,
    [mediaId, outcome.scan, outcome.found],
  );
  return rows.length > 0;
}

/** Of a file that is still there. */
export async function saveThumbnail(tx: Reads, organizationId: string, mediaId: string, jpeg: Buffer): Promise<void> {
  await tx.query(
    `insert into media_thumbnails (media_id, organization_id, jpeg)
     select id, organization_id, $3 from media_objects where id = $2 and organization_id = $1
     on conflict (media_id) do nothing`,
    [organizationId, mediaId, jpeg],
  );
}

export async function findThumbnail(tx: Reads, mediaId: string): Promise<Buffer | null> {
  const [row] = await tx.query<{ jpeg: Buffer }>('select jpeg from media_thumbnails where media_id = $1', [mediaId]);
  return row?.jpeg ?? null;
}

/** A received message of which a file is. */
export interface FileOwner {
  messageId: string;
  profileId: string;
  conversationId: string;
}

export async function findFileOwners(tx: Reads, mediaId: string): Promise<FileOwner[]> {
  return tx.query<FileOwner>(
    `select m.id as "messageId", m.profile_id as "profileId", m.conversation_id as "conversationId" from messages m
      where m.media_id = $1::uuid and m.direction = 'incoming'`,
    [mediaId],
  );
}

/** The upload of which a file is. */
export interface UploadOfFile {
  organizationId: OrganizationId;
  uploadId: UploadId;
  fileName: string;
  mimeType: string;
  sizeBytes: number;
  kind: 'image' | 'video' | 'audio' | 'document';
}

export async function findUploadOfFile(
  tx: Reads,
  organizationId: string,
  mediaId: string,
): Promise<UploadOfFile | null> {
  const [row] = await tx.query<UploadOfFile>(
    `select u.organization_id as "organizationId", u.id as "uploadId", u.file_name as "fileName",
            f.mime_type as "mimeType", f.size_bytes as "sizeBytes", u.kind
       from uploads u join media_objects f on f.id = u.media_id
      where u.organization_id = $1 and u.media_id = $2`,
    [organizationId, mediaId],
  );
  return row ?? null;
}
