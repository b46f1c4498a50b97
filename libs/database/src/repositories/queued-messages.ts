import type { ConnectionCode, ConnectionState, MessageAction, MessageContent } from '#contracts';
import type { Address } from '#engine';
import type { Tx } from '../transaction.js';
import type { ScanState } from './uploads.js';

/** What sending needs to know of a profile. */
export interface SendingProfile {
  /** Digits without plus; null while no phone was ever linked. */
  phoneNumber: string | null;
  /** The measured connection. */
  state: ConnectionState;
  code: ConnectionCode;
  /** What its rules refuse at once (domain/governor/send-policy.ts): repeats of a text within so long, and what is held. */
  repeatWithinSeconds: number;
  refusesHeld: boolean;
}

/**
 * The profile to send from, kept from being deleted until the transaction ends. Null when the organization has none
 * with this id.
 */
export async function findSendingProfile(
  tx: Tx,
  organizationId: string,
  profileId: string,
): Promise<SendingProfile | null> {
  const [profile] = await tx.query<SendingProfile>(
    `select p.phone_number as "phoneNumber", c.state, c.code,
            coalesce((r.policy ->> 'repeatSuppressionSeconds')::int, 0) as "repeatWithinSeconds",
            coalesce(r.policy ->> 'whenLimited' = 'refuse', false) as "refusesHeld"
       from profiles p join profile_connections c on c.profile_id = p.id
       left join send_policies r on r.profile_id = p.id
      where p.id = $2 and p.organization_id = $1
        for key share of p`,
    [organizationId, profileId],
    { name: 'queued_profile' },
  );
  return profile ?? null;
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** A message that a new one answers, or does something to. */
export interface QuotableMessage {
  id: string;
  waMessageId: string;
  conversationId: string;
  /** Who showed it as a status; null for everything else, and for ours. */
  statusOf: string | null;
}

/**
 * Messages of a profile that callers name by our id or by WhatsApp's, by that name. WhatsApp ids are chosen by whoever
 * sends, so several chats may have one: each is an answer. Names that fit no message are absent.
 */
export async function findQuotable(
  tx: Tx,
  profileId: string,
  names: string[],
): Promise<Map<string, QuotableMessage[]>> {
  const rows = await tx.query<QuotableMessage>(
    `with named as (
       select m.* from messages m where m.id = any($2::uuid[]) and m.profile_id = $1
        union all
       select m.* from message_keys k join messages m on m.id = k.message_id
        where k.profile_id = $1 and k.wa_message_id = any($3::text[])
     )
     select n.id, n.wa_message_id as "waMessageId", n.conversation_id as "conversationId",
            case when c.kind = 'status' then n.author_person_id end as "statusOf"
       from named n join conversations c on c.id = n.conversation_id
      where n.target_message_id is null`,
    [profileId, names.filter((name) => uuid.test(name)), names],
    { name: 'queued_quotable' },
  );
  return new Map(
    names.map((name) => [name, rows.filter((row) => row.id === name.toLowerCase() || row.waMessageId === name)]),
  );
}

/** An outgoing message, or something to be done to one, on its way into the database. */
export interface QueuedRow {
  id: string;
  conversationId: string;
  waMessageId: string;
  /** Of an action what it does. */
  content: MessageContent | MessageAction;
  /** The message that an action is done to; null for messages. */
  targetMessageId: string | null;
  /** Of a status: who may see it. */
  audience: Address[] | null;
  quotedWaMessageId: string | null;
  notBefore: Date;
  expiresAt: Date;
  /** So long after it went out the next of its batch may at the earliest, also when both are late; null: at once. */
  pauseMs: number | null;
  /** W3C trace context that the sending goes on in. */
  traceParent: string | null;
}

const laneNumber = { interactive: 0, campaign: 1 } as const;
export type Lane = keyof typeof laneNumber;

/** Writes messages as queued: their rows, their keys and their places in the outbox, in one statement. */
export async function insertQueued(
  tx: Tx,
  owner: { organizationId: string; profileId: string; lane: Lane; batchId: string | null; acceptedAt: Date },
  rows: QueuedRow[],
): Promise<void> {
  await tx.query(
    `with queued as (
       select * from unnest($6::uuid[], $7::uuid[], $8::text[], $9::jsonb[], $10::text[], $11::timestamptz[],
                            $12::timestamptz[], $14::text[], $15::uuid[], $16::jsonb[], $17::int[])
         as queued (id, conversation_id, wa_message_id, content, quoted, not_before, expires_at, trace_parent,
                    target_message_id, audience, pause_ms)
     ), message as (
       insert into messages (id, organization_id, profile_id, conversation_id, direction, wa_message_id, kind, content,
                             quoted_wa_message_id, state, batch_id, lane, not_before, expires_at, sent_at,
                             target_message_id)
       select id, $1, $2, conversation_id, 'outgoing', wa_message_id, content ->> 'kind', content, quoted, 'queued', $4,
              $3, not_before, expires_at, $5, target_message_id
         from queued
     ), key as (
       insert into message_keys (profile_id, wa_message_id, from_me, organization_id, message_id)
       select $2, wa_message_id, true, $1, id from queued
     )
     insert into outbox (message_id, organization_id, profile_id, conversation_id, batch_id, lane, standing, not_before,
                         expires_at, trace_parent, audience, pause_ms)
     select queued.id, $1, $2, conversation_id, $4, $13,
            case when v.last_inbound_at is not null then 0 when v.kind = 'user' then 2 else 1 end,
            not_before, expires_at, trace_parent, audience, pause_ms
       from queued join conversations v on v.id = queued.conversation_id`,
    [
      owner.organizationId,
      owner.profileId,
      owner.lane,
      owner.batchId,
      owner.acceptedAt,
      rows.map((row) => row.id),
      rows.map((row) => row.conversationId),
      rows.map((row) => row.waMessageId),
      rows.map((row) => JSON.stringify(row.content)),
      rows.map((row) => row.quotedWaMessageId),
      rows.map((row) => row.notBefore),
      rows.map((row) => row.expiresAt),
      laneNumber[owner.lane],
      rows.map((row) => row.traceParent),
      rows.map((row) => row.targetMessageId),
      rows.map((row) => row.audience && JSON.stringify(row.audience)),
      rows.map((row) => row.pauseMs),
    ],
    { name: 'queued_insert' },
  );
}

/** A file in storage that messages use. */
export interface MediaRow {
  id: string;
  storageKey: string;
  mimeType: string;
  sizeBytes: number;
  sha256: string;
  fileName: string | null;
  /** Null: nobody wanted it scanned. */
  scan?: ScanState;
}

/** Writes the rows of files that are in storage already. */
export async function insertMediaObjects(tx: Tx, organizationId: string, rows: MediaRow[]): Promise<void> {
  await tx.query(
    `insert into media_objects (id, organization_id, storage_key, mime_type, size_bytes, sha256, file_name, scan)
     select file.id, $1, file.storage_key, file.mime_type, file.size_bytes, file.sha256, file.file_name, file.scan
       from unnest($2::uuid[], $3::text[], $4::text[], $5::int8[], $6::text[], $7::text[], $8::text[])
         as file (id, storage_key, mime_type, size_bytes, sha256, file_name, scan)`,
    [
      organizationId,
      rows.map((row) => row.id),
      rows.map((row) => row.storageKey),
      rows.map((row) => row.mimeType),
      rows.map((row) => row.sizeBytes),
      rows.map((row) => row.sha256),
      rows.map((row) => row.fileName),
      rows.map((row) => row.scan ?? null),
    ],
    { name: 'queued_media' },
  );
}
