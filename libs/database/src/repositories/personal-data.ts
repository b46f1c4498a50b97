import type { Tx } from '../transaction.js';

type Reads = Pick<Tx, 'query'>;
type Row = Record<string, unknown>;

/** What an account consists of, without anything that could be used to log in. */
export async function readAccount(db: Reads, organizationId: string, userId: string): Promise<Record<string, Row[]>> {
  const of = (text: string) => db.query<Row>(text, [organizationId, userId]);
  return {
    account: await of(
      `select u.id, u.email, u.name, u.is_active as "isActive", u.is_platform_admin as "isPlatformAdmin",
              u.email_verified_at as "emailVerifiedAt", u.preferences, u.last_login_at as "lastLoginAt",
              u.created_at as "createdAt", o.id as "organizationId", o.name as "organizationName"
         from users u join organizations o on o.id = u.organization_id where u.organization_id = $1 and u.id = $2`,
    ),
    roles: await of(
      `select a.id, coalesce(a.system_role, r.name) as role, a.workspace_id as "workspaceId",
              a.profile_id as "profileId", a.created_at as "createdAt"
         from role_assignments a left join roles r on r.id = a.role_id
        where a.organization_id = $1 and a.user_id = $2 order by a.id`,
    ),
    sessions: await of(
      `select id, ip_address as "ipAddress", user_agent as "userAgent", method, created_at as "createdAt",
              last_active_at as "lastActiveAt", expires_at as "expiresAt", ended_at as "endedAt", end_reason as "endReason"
         from sessions where organization_id = $1 and user_id = $2 order by id`,
    ),
    apiKeys: await of(
      `select id, name, prefix, permissions, created_at as "createdAt", expires_at as "expiresAt",
              last_used_at as "lastUsedAt", revoked_at as "revokedAt"
         from api_keys where organization_id = $1 and user_id = $2 order by id`,
    ),
    passkeys: await of(
      `select id, name, created_at as "createdAt" from passkeys where organization_id = $1 and user_id = $2 order by id`,
    ),
    externalLogins: await of(
      `select id, issuer, subject, email, last_login_at as "lastLoginAt", created_at as "createdAt"
         from external_logins where organization_id = $1 and user_id = $2 order by id`,
    ),
    twoFactor: await of(
      `select (select confirmed_at from totp_secrets where organization_id = $1 and user_id = $2) as "totpSince",
              (select count(*) from backup_codes where organization_id = $1 and user_id = $2 and used_at is null)
                as "backupCodesLeft"`,
    ),
    privacyRequests: await of(
      `select id, 'export' as request, kind, state, created_at as "createdAt", finished_at as "finishedAt"
         from data_exports where organization_id = $1 and user_id = $2
        union all
       select id, 'erasure', kind, state, created_at, finished_at
         from erasures where organization_id = $1 and requested_by = $2 order by 1`,
    ),
  };
}

/** What a person sent through Waypost, as the log tells it: from a stream after a position, some at a time. */
export async function readSentBy(
  db: Reads,
  streamId: string,
  after: number,
  steps: number,
  actorIds: string[],
): Promise<{ rows: Row[]; through: number; isEnd: boolean }> {
  const [bounds] = await db.query<{ through: number | null; count: number }>(
    `select max(seq) as through, count(*) as count from
       (select seq from events where stream_id = $1 and seq > $2 order by seq limit $3) x`,
    [streamId, after, steps],
  );
  if (!bounds?.through) return { rows: [], through: after, isEnd: true };
  const rows = await db.query<Row>(
    `select profile_id as "profileId", occurred_at as "queuedAt", payload from events
      where stream_id = $1 and seq > $2 and seq <= $3 and name = 'message.queued' and actor ->> 'id' = any($4::text[])
      order by seq`,
    [streamId, after, bounds.through, actorIds],
  );
  return { rows, through: bounds.through, isEnd: bounds.count < steps };
}

/** The ids under which the log names a person: their own and those of their keys. */
export async function listActorIds(db: Reads, organizationId: string, userId: string): Promise<string[]> {
  const rows = await db.query<{ id: string }>(
    'select $2::uuid as id union select id from api_keys where organization_id = $1 and user_id = $2',
    [organizationId, userId],
  );
  return rows.map((row) => row.id);
}

/** What is known of a contact besides messages. */
export async function readContact(db: Reads, organizationId: string, personId: string): Promise<Record<string, Row[]>> {
  const of = (text: string) => db.query<Row>(text, [organizationId, personId]);
  return {
    person: await of('select id, created_at as "createdAt" from persons where organization_id = $1 and id = $2'),
    identities: await of(
      'select kind, value from identities where organization_id = $1 and person_id = $2 order by kind, value',
    ),
    contacts: await of(
      `select c.id, c.profile_id as "profileId", p.name as "profileName", c.name, c.push_name as "pushName",
              c.saved_name as "savedName", c.verified_name as "verifiedName", c.about, c.is_blocked as "isBlocked",
              array(select t.tag from contact_tags t where t.contact_id = c.id order by t.created_at, t.tag) as tags,
              c.custom_fields as "customFields", c.opted_out_at as "optedOutAt",
              c.opted_out_source as "optedOutSource", c.source, c.created_at as "createdAt", c.updated_at as "updatedAt"
         from contacts c join profiles p on p.id = c.profile_id
        where c.organization_id = $1 and c.person_id = $2 order by c.id`,
    ),
    optOutChanges: await of(
      `select profile_id as "profileId", is_opted_out as "isOptedOut", source, reason, at
         from opt_out_changes where organization_id = $1 and person_id = $2 order by at, id`,
    ),
    numberChecks: await of(
      `select n.phone, n.exists, n.lid, n.checked_at as "checkedAt" from number_checks n
         join identities i on i.kind = 'phone' and i.value = n.phone and i.organization_id = n.organization_id
        where n.organization_id = $1 and i.person_id = $2 order by n.phone`,
    ),
    importedRows: await of(
      `select r.import_id as "importId", r.profile_id as "profileId", r.line, r.outcome, r.message, r.value, r.phone
         from contact_import_rows r
         join identities i on i.kind = 'phone' and i.value = r.phone and i.organization_id = r.organization_id
        where r.organization_id = $1 and i.person_id = $2 order by r.import_id, r.position`,
    ),
    calls: await of(
      `select id, profile_id as "profileId", group_room_id as "groupId", is_video as "isVideo", state,
              started_at as "startedAt", ended_at as "endedAt"
         from calls where organization_id = $1 and person_id = $2 order by id`,
    ),
    conversations: await of(
      `select id, profile_id as "profileId", unread_count as "unreadCount", last_message_at as "lastMessageAt",
              created_at as "createdAt"
         from conversations where organization_id = $1 and person_id = $2 order by id`,
    ),
    answers: await of(
      `select a.message_id as "messageId", a.profile_id as "profileId", a.kind, a.answer, a.at
         from message_answers a where a.organization_id = $1 and a.actor_id = $2 order by a.at, a.message_id`,
    ),
    scheduledMessages: await of(
      `select s.id, s.profile_id as "profileId", s.state, s.content, s.starts_at as "startsAt", s.rule,
              s.created_at as "createdAt"
         from scheduled_messages s
        where s.organization_id = $1 and exists (
          select from identities i where i.person_id = $2 and i.organization_id = $1
             and ((i.kind = 'phone' and i.value = s.phone) or (i.kind = 'lid' and i.value = s.lid)))
        order by s.id`,
    ),
    receipts: await of(
      `select r.message_id as "messageId", r.profile_id as "profileId", r.delivered_at as "deliveredAt",
              r.read_at as "readAt", r.played_at as "playedAt"
         from message_receipts r where r.organization_id = $1 and r.person_id = $2 order by r.message_id`,
    ),
  };
}

/** Where messages of a person are: the conversations with them, or whatever they wrote in chats of more than two. */
export type MessagesWithPerson = { conversationId: string } | { writtenBy: string };

const isWith = (which: MessagesWithPerson) => ('writtenBy' in which ? 'author_person_id = $1' : 'conversation_id = $1');
const idOf = (which: MessagesWithPerson) => ('writtenBy' in which ? which.writtenBy : which.conversationId);

export async function countPersonalMessages(
  db: Reads,
  which: MessagesWithPerson,
): Promise<{ messages: number; media: number }> {
  const [row] = await db.query<{ messages: number; media: number }>(
    `select count(*) as messages, count(media_id) as media from messages where ${isWith(which)}`,
    [idOf(which)],
  );
  return row!;
}

/** Such messages, oldest first, after an id. */
export async function readMessagesOf(
  db: Reads,
  which: MessagesWithPerson,
  after: string | null,
  limit: number,
): Promise<(Row & { id: string })[]> {
  return db.query(
    `select id, profile_id as "profileId", conversation_id as "conversationId", direction, kind, content, state,
            state_reason as "stateReason", sent_at as "sentAt", delivered_at as "deliveredAt", read_at as "readAt",
            created_at as "createdAt"
       from messages where ${isWith(which)} and ($2::uuid is null or id > $2) order by id limit $3`,
    [idOf(which), after, limit],
  );
}

export interface MediaFile {
  id: string;
  storageKey: string;
  mimeType: string;
  fileName: string | null;
}

/** Files by their ids; those that are not (yet) stored are left out. */
export async function findMediaFiles(db: Reads, organizationId: string, ids: string[]): Promise<MediaFile[]> {
  return db.query<MediaFile>(
    `select id, storage_key as "storageKey", mime_type as "mimeType", file_name as "fileName"
       from media_objects
      where organization_id = $1 and id = any($2::uuid[]) and scan is distinct from 'infected' order by id`,
    [organizationId, ids],
  );
}
