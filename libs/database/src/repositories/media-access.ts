import type { MissingMedia } from '#contracts';
import type { Tx } from '../transaction.js';
import { onOwnDevices } from './cleared.js';
import type { ScanState } from './uploads.js';

type Reads = Pick<Tx, 'query'>;

/** The stored file of a message. */
export interface MessageMedia {
  mediaId: string;
  storageKey: string;
  mimeType: string;
  sizeBytes: number;
  sha256: string;
  fileName: string | null;
  /** Null: nobody wanted it scanned. */
  scan: ScanState;
}

/** The file of a message, or why it is not here. */
export type MessageFile =
  | ({ isStored: true } & MessageMedia)
  | { isStored: false; missing: MissingMedia | null; profileId: string };

/** Null when there is no such message, or it was deleted or cleared from the own devices. */
export async function findMessageFile(
  tx: Reads,
  organizationId: string,
  messageId: string,
): Promise<MessageFile | null> {
  const [row] = await tx.query<MessageMedia & { missing: MissingMedia | null; profileId: string }>(
    `select f.id as "mediaId", f.storage_key as "storageKey", f.mime_type as "mimeType", f.size_bytes as "sizeBytes",
            f.sha256, f.scan, coalesce(m.content -> 'media' ->> 'fileName', f.file_name) as "fileName",
            m.content #>> '{media,missing}' as missing, m.profile_id as "profileId"
       from messages m join conversations c on c.id = m.conversation_id
       left join media_objects f on f.id = m.media_id and f.organization_id = m.organization_id
      where m.id = $2 and m.organization_id = $1 and ${onOwnDevices}`,
    [organizationId, messageId],
    { name: 'media_of_message' },
  );
  if (!row) return null;
  const { missing, profileId, ...media } = row;
  return media.mediaId === null ? { isStored: false, missing, profileId } : { isStored: true, ...media };
}

/** A file by its own id: of the organization, or whosever it is where a signed link has said who may. */
export async function findMediaObject(
  tx: Reads,
  mediaId: string,
  organizationId?: string,
): Promise<MessageMedia | null> {
  const [row] = await tx.query<MessageMedia>(
    `select id as "mediaId", storage_key as "storageKey", mime_type as "mimeType", size_bytes as "sizeBytes", sha256,
            file_name as "fileName", scan
       from media_objects where id = $1 and ($2::uuid is null or organization_id = $2)`,
    [mediaId, organizationId ?? null],
    { name: 'media_object' },
  );
  return row ?? null;
}
