import type { MessageContent, MissingMedia } from '#contracts';
import type { Database } from '../database.js';
import type { Tx } from '../transaction.js';

/** An inbound file that remains to be fetched. */
export interface WaitingDownload {
  messageId: string;
  sealed: Buffer;
  /** As the sender told; null when the message does not say. */
  sizeBytes: number | null;
  /** What the sender told that it is. */
  mimeType: string;
  attempts: number;
}

/** A download on its way into the database. */
export interface NewDownload {
  messageId: string;
  sealed: Buffer;
  sizeBytes: number | null;
  /** False: only when somebody asks for the file. */
  isWanted: boolean;
}

/** Remembers what is to be fetched, in the transaction that stores the messages. */
export async function queueDownloads(
  tx: Tx,
  owner: { organizationId: string; profileId: string },
  downloads: NewDownload[],
): Promise<void> {
  await tx.query(
    `insert into media_downloads (message_id, organization_id, profile_id, sealed, size_bytes, next_attempt_at)
     select new.message_id, $1, $2, new.sealed, new.size_bytes, case when new.wanted then now() else 'infinity' end
       from unnest($3::uuid[], $4::bytea[], $5::int8[], $6::boolean[]) as new (message_id, sealed, size_bytes, wanted)
     on conflict (message_id) do nothing`,
    [
      owner.organizationId,
      owner.profileId,
      downloads.map((each) => each.messageId),
      downloads.map((each) => each.sealed),
      downloads.map((each) => each.sizeBytes),
      downloads.map((each) => each.isWanted),
    ],
    { name: 'downloads_queue' },
  );
}

/** What is due of a profile. Only its owner asks, so nothing is locked. */
export async function listDueDownloads(
  db: Database,
  profileId: string,
  options: { limit: number; except: string[] },
): Promise<WaitingDownload[]> {
  return db.query<WaitingDownload>(
    `select d.message_id as "messageId", d.sealed, d.size_bytes as "sizeBytes", d.attempts,
            coalesce(m.content #>> '{media,mimeType}', 'application/octet-stream') as "mimeType"
       from media_downloads d left join messages m on m.id = d.message_id
      where d.profile_id = $1 and d.next_attempt_at <= now() and d.message_id <> all($3::uuid[])
      order by d.next_attempt_at, d.message_id limit $2`,
    [profileId, options.limit, options.except],
    { name: 'downloads_due' },
  );
}

/** Which of these profiles have downloads that are due. */
export async function findProfilesWithDueDownloads(db: Database, profileIds: string[]): Promise<string[]> {
  const rows = await db.query<{ profileId: string }>(
    `select held.profile_id as "profileId" from unnest($1::uuid[]) as held (profile_id)
      where exists (select 1 from media_downloads d
                     where d.profile_id = held.profile_id and d.next_attempt_at <= now())`,
    [profileIds],
    { name: 'downloads_profiles' },
  );
  return rows.map((row) => row.profileId);
}

/** Puts a download off after a failure. */
export async function postponeDownload(
  tx: Tx,
  messageId: string,
  options: { seconds: number; error: string },
): Promise<void> {
  await tx.query(
    `update media_downloads
        set attempts = attempts + 1, next_attempt_at = now() + make_interval(secs => $2), last_error = $3
      where message_id = $1`,
    [messageId, options.seconds, options.error],
    { name: 'downloads_postpone' },
  );
}

/** The phone has uploaded the file again: from now on it is fetched from there. */
export async function renewDownload(tx: Tx, messageId: string, sealed: Buffer): Promise<void> {
  await tx.query('update media_downloads set sealed = $2 where message_id = $1', [messageId, sealed], {
    name: 'downloads_renew',
  });
}

/** Makes a download due at once. @returns the profile that it is of, or null when there is nothing to fetch */
export async function wantDownload(tx: Tx, organizationId: string, messageId: string): Promise<string | null> {
  const [row] = await tx.query<{ profileId: string }>(
    `update media_downloads set next_attempt_at = least(next_attempt_at, now())
      where message_id = $2 and organization_id = $1 returning profile_id as "profileId"`,
    [organizationId, messageId],
    { name: 'downloads_want' },
  );
  return row?.profileId ?? null;
}

/** Ends a download. @returns false when it was ended before. */
export async function endDownload(tx: Tx, messageId: string): Promise<boolean> {
  const rows = await tx.query('delete from media_downloads where message_id = $1 returning 1', [messageId], {
    name: 'downloads_end',
  });
  return rows.length > 0;
}

/** A stored file of a message. */
export interface StoredFile {
  mediaId: string;
  storageKey: string;
  sizeBytes: number;
  sha256: string;
  /** By content, where it is not of the type that its sender told. */
  actualType: string | null;
}

/** Names the stored file in the message. @returns the message's new content, or null when the message is gone. */
export async function attachMedia(
  tx: Tx,
  organizationId: string,
  messageId: string,
  file: StoredFile,
): Promise<{ conversationId: string; content: MessageContent } | null> {
  const [row] = await tx.query<{ conversationId: string; content: MessageContent }>(
    `with message as (
       update messages
          set content = jsonb_set(content, '{media}', ((content -> 'media') - 'missing') || jsonb_strip_nulls(
                jsonb_build_object('mediaId', $3::uuid, 'sizeBytes', $5::int8, 'sha256', $6::text, 'actualType', $7::text)))
        where id = $1
       returning conversation_id, content
     ), object as (
       insert into media_objects (id, organization_id, storage_key, mime_type, size_bytes, sha256, file_name)
       select $3::uuid, $2, $4, coalesce($7::text, content #>> '{media,mimeType}'), $5::int8, $6::text,
              content #>> '{media,fileName}'
         from message
     )
     select conversation_id as "conversationId", content from message`,
    [messageId, organizationId, file.mediaId, file.storageKey, file.sizeBytes, file.sha256, file.actualType],
    { name: 'media_attach' },
  );
  return row ?? null;
}

/** Writes on the message why its media will not come. */
export async function noteMediaFailure(
  tx: Tx,
  messageId: string,
  why: { missing: MissingMedia; reason: string },
): Promise<{ conversationId: string } | null> {
  const [row] = await tx.query<{ conversationId: string }>(
    `update messages set state_reason = $3, content = jsonb_set(content, '{media,missing}', to_jsonb($2::text))
      where id = $1 returning conversation_id as "conversationId"`,
    [messageId, why.missing, why.reason],
    { name: 'media_failure' },
  );
  return row ?? null;
}
