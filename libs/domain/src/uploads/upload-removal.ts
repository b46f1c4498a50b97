import type { EventActor, NewEvent } from '#contracts';
import { type Database, type RemovedUpload, releaseReserved, removeUnnamedMedia, type Tx } from '#database';
import type { MediaStorage } from '#storage';
import { removeUnnamedFiles } from '../privacy/unnamed-files.js';

/** Why an upload is there no more. */
export type RemovalReason = 'deleted' | 'expired' | 'unused';

/** Files that may go once the transaction is committed. */
export interface LeftFiles {
  /** Nobody else's. */
  partKeys: string[];
  /** Other rows may name them. */
  fileKeys: string[];
}

/**
 * Ends what hung on removed uploads: room that they had been promised, rows of files that nothing else names.
 * @returns the files that `removeLeftFiles` takes after the commit, and the events that the caller appends, last
 */
export async function settleRemoval(
  tx: Tx,
  uploads: readonly RemovedUpload[],
  by: { reason: RemovalReason; actor: EventActor },
): Promise<{ left: LeftFiles; events: NewEvent[] }> {
  const fileKeys = await removeUnnamedMedia(
    tx,
    uploads.flatMap((upload) => upload.mediaId ?? []),
  );
  await releaseReserved(tx, uploads);
  const events = uploads.map(
    ({ id, organizationId, fileName }): NewEvent<'upload.deleted'> => ({
      organizationId,
      profileId: null,
      name: 'upload.deleted',
      actor: by.actor,
      payload: { uploadId: id, fileName, reason: by.reason },
    }),
  );
  return { left: { partKeys: uploads.flatMap((upload) => upload.partKeys), fileKeys }, events };
}

/** What a process that dies here leaves behind is removed by the sweeper. @returns how many files were removed */
export async function removeLeftFiles(
  db: Database,
  storage: MediaStorage,
  { partKeys, fileKeys }: LeftFiles,
): Promise<number> {
  for (const key of partKeys) await storage.delete(key);
  return partKeys.length + (await removeUnnamedFiles(db, storage, fileKeys));
}
