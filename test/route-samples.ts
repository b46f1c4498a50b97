import { newId, type OrganizationId, type UserId } from '#contracts';
import type { Database } from '#database';
import { buildProfile } from '#testing';

/** Whose things the samples are. */
export interface Owner {
  organizationId: OrganizationId;
  userId: UserId;
}

/** A sample: its id, and the ids of what it lies in, by the names that paths, bodies and queries use. */
type Ids = Record<string, string>;

/**
 * How to make one of each thing that a path can name. A new path parameter needs a line here; then the route tests ask
 * for it with another organization's credentials by themselves.
 */
export const samples: Record<string, (db: Database, owner: Owner) => Promise<Ids>> = {
  workspaceId: async (db, owner) => {
    const workspaceId = newId<string>();
    await db.query(
      `insert into workspaces (id, organization_id, name, slug, updated_at) values ($1, $2, 'Sample', $3, now())`,
      [workspaceId, owner.organizationId, workspaceId],
    );
    return { workspaceId };
  },
  organizationId: async (_db, owner) => ({ organizationId: owner.organizationId }),
  userId: async (db, owner) => {
    const userId = newId<string>();
    await db.query(
      `insert into users (id, organization_id, email, name, password_hash) values ($1, $2, $3, 'Sample', 'none')`,
      [userId, owner.organizationId, `${userId}@example.com`],
    );
    return { userId };
  },
  memberId: async (db, owner) => ({ memberId: (await samples.userId!(db, owner)).userId! }),
  roleId: async (db, owner) => {
    const roleId = newId<string>();
    await db.query(`insert into roles (id, organization_id, name, permissions) values ($1, $2, $3, '{}')`, [
      roleId,
      owner.organizationId,
      roleId,
    ]);
    return { roleId };
  },
  assignmentId: async (db, owner) => {
    const { userId } = await samples.userId!(db, owner);
    const assignmentId = newId<string>();
    await db.query(
      `insert into role_assignments (id, organization_id, user_id, system_role) values ($1, $2, $3, 'viewer')`,
      [assignmentId, owner.organizationId, userId],
    );
    return { userId: userId!, assignmentId };
  },
  invitationId: async (db, owner) => {
    const invitationId = newId<string>();
    await db.query(
      `insert into invitations (id, organization_id, email, token_hash, system_role, invited_by, expires_at)
       values ($1, $2, $3, $4, 'viewer', $5, now() + interval '1 day')`,
      [invitationId, owner.organizationId, `${invitationId}@example.com`, Buffer.from(invitationId), owner.userId],
    );
    return { invitationId };
  },
  accountId: async (db, owner) => {
    const { workspaceId } = await samples.workspaceId!(db, owner);
    const accountId = newId<string>();
    await db.query(
      `insert into accounts (id, organization_id, workspace_id, name, updated_at) values ($1, $2, $3, 'Sample', now())`,
      [accountId, owner.organizationId, workspaceId],
    );
    return { workspaceId: workspaceId!, accountId };
  },
  /** Within a community. */
  groupId: async (db, owner) => {
    const community = await samples.communityId!(db, owner);
    const groupId = newId<string>();
    await db.query(
      `insert into groups (id, organization_id, profile_id, wa_id, subject, addressing, own_role, members_known, community_wa_id)
       values ($1, $2, $3, '120363041234567890', 'Sample', 'lid', 'admin', true, '120363049876543210')`,
      [groupId, owner.organizationId, community.profileId],
    );
    return { ...community, groupId };
  },
  communityId: async (db, owner) => {
    const profile = await samples.profileId!(db, owner);
    const communityId = newId<string>();
    await db.query(
      `insert into groups (id, organization_id, profile_id, wa_id, subject, addressing, own_role, members_known, kind)
       values ($1, $2, $3, '120363049876543210', 'Sample', 'lid', 'superadmin', true, 'community')`,
      [communityId, owner.organizationId, profile.profileId],
    );
    return { ...profile, communityId };
  },
  apiKeyId: async (db, owner) => {
    const apiKeyId = newId<string>();
    await db.query(
      `insert into api_keys (id, organization_id, user_id, name, prefix, key_hash, permissions)
       values ($1, $2, $3, 'Sample', 'wp_sample', $4, '{*}')`,
      [apiKeyId, owner.organizationId, owner.userId, Buffer.from(apiKeyId)],
    );
    return { apiKeyId };
  },
  sessionId: async (db, owner) => {
    const sessionId = newId<string>();
    await db.query(
      `insert into sessions (id, organization_id, user_id, expires_at) values ($1, $2, $3, now() + interval '1 day')`,
      [sessionId, owner.organizationId, owner.userId],
    );
    return { sessionId };
  },
  passkeyId: async (db, owner) => {
    const passkeyId = newId<string>();
    await db.query(
      `insert into passkeys (id, organization_id, user_id, name, credential_id, public_key, counter, backup_eligible, backed_up, transports)
       values ($1, $2, $3, 'Sample', $1::uuid::text, '', 0, false, false, '{}')`,
      [passkeyId, owner.organizationId, owner.userId],
    );
    return { passkeyId };
  },
  identityId: async (db, owner) => {
    const identityId = newId<string>();
    await db.query(
      `insert into external_logins (id, organization_id, user_id, issuer, subject) values ($1, $2, $3, 'https://idp', $1::uuid::text)`,
      [identityId, owner.organizationId, owner.userId],
    );
    return { identityId };
  },
  profileId: async (db, owner) => {
    const parents = (await samples.accountId!(db, owner)) as { workspaceId: never; accountId: never };
    const { profileId } = await buildProfile(db, { in: { ...owner, ...parents }, phoneNumber: '4915112345678' });
    return { ...parents, profileId };
  },
  conversationId: async (db, owner) => {
    const profile = await samples.profileId!(db, owner);
    const [personId, conversationId] = [newId<string>(), newId<string>()];
    await db.query('insert into persons (id, organization_id) values ($1, $2)', [personId, owner.organizationId]);
    await db.query(
      `insert into identities (id, organization_id, person_id, kind, value)
       values ($1, $2, $3, 'phone', '49151' || (extract(epoch from clock_timestamp()) * 1000)::int8 % 100000000)`,
      [newId(), owner.organizationId, personId],
    );
    await db.query('insert into conversations (id, organization_id, profile_id, person_id) values ($1, $2, $3, $4)', [
      conversationId,
      owner.organizationId,
      profile.profileId,
      personId,
    ]);
    return { ...profile, conversationId };
  },
  noteId: async (db, owner) => {
    const conversation = await samples.conversationId!(db, owner);
    const noteId = newId<string>();
    await db.query(
      `insert into conversation_notes (id, organization_id, profile_id, conversation_id, author_user_id, text, mentions)
       values ($1, $2, $3, $4, $5, 'Sample', '{}')`,
      [noteId, owner.organizationId, conversation.profileId, conversation.conversationId, owner.userId],
    );
    return { ...conversation, noteId };
  },
  labelId: async (db, owner) => {
    const profile = await samples.profileId!(db, owner);
    const labelId = newId<string>();
    await db.query(`insert into labels (id, organization_id, profile_id, name) values ($1, $2, $3, 'Sample')`, [
      labelId,
      owner.organizationId,
      profile.profileId,
    ]);
    return { ...profile, labelId };
  },
  messageId: async (db, owner) => {
    const conversation = await samples.conversationId!(db, owner);
    const messageId = newId<string>();
    await db.query(
      `insert into messages (id, organization_id, profile_id, conversation_id, direction, wa_message_id, kind, content,
                             state, sent_at)
       values ($1, $2, $3, $4, 'incoming', $5, 'text', '{"kind":"text","text":"Sample"}', 'received', now())`,
      [messageId, owner.organizationId, conversation.profileId, conversation.conversationId, messageId],
    );
    return { ...conversation, messageId };
  },
  batchId: async (db, owner) => {
    const profile = await samples.profileId!(db, owner);
    const batchId = newId<string>();
    await db.query(
      `insert into batches (id, organization_id, profile_id, state, total, estimated_end_at)
       values ($1, $2, $3, 'processing', 1, now())`,
      [batchId, owner.organizationId, profile.profileId],
    );
    return { ...profile, batchId };
  },
  broadcastId: async (db, owner) => {
    const profile = await samples.profileId!(db, owner);
    const broadcastId = newId<string>();
    await db.query(sampleBroadcast, [broadcastId, owner.organizationId, profile.profileId]);
    return { ...profile, broadcastId };
  },
  mailId: async (db, owner) => {
    const mailId = newId<string>();
    await db.query(
      `insert into mails (id, organization_id, kind, recipient, state, expires_at)
       values ($1, $2, 'invitation', 'sample@example.com', 'failed', now() + interval '1 day')`,
      [mailId, owner.organizationId],
    );
    return { mailId };
  },
  templateId: async (db, owner) => {
    const profile = await samples.profileId!(db, owner);
    const templateId = newId<string>();
    await db.query(
      `insert into templates (id, organization_id, profile_id, name, message_type, content, variables)
       values ($1, $2, $3, 'Welcome', 'text', '{"text": "Hi {{name}}"}', '{name}')`,
      [templateId, owner.organizationId, profile.profileId],
    );
    return { ...profile, templateId };
  },
  hookId: async (db, owner) => {
    const profile = await samples.profileId!(db, owner);
    const hookId = newId<string>();
    await db.query(
      `insert into hooks (id, organization_id, profile_id, name, token_hash, verification, actions, allowed_ips, rate_per_minute,
                          created_by)
       values ($1, $2, $3, 'Sample', $4, '{"kind":"none"}', '[]', '{}', 120, $5)`,
      [hookId, owner.organizationId, profile.profileId, Buffer.from(hookId), owner.userId],
    );
    return { ...profile, hookId };
  },
  requestId: async (db, owner) => {
    const hook = await samples.hookId!(db, owner);
    const requestId = newId<string>();
    await db.query(
      `insert into hook_requests (id, organization_id, profile_id, hook_id, source, state, size_bytes)
       values ($1, $2, $3, $4, 'received', 'rejected', 0)`,
      [requestId, owner.organizationId, hook.profileId, hook.hookId],
    );
    return { ...hook, requestId };
  },
  uploadId: async (db, owner) => {
    const [uploadId, mediaId] = [newId<string>(), newId<string>()];
    await db.query(
      `insert into media_objects (id, organization_id, storage_key, mime_type, size_bytes, sha256)
       values ($1, $2, $3, 'text/plain', 6, $3)`,
      [mediaId, owner.organizationId, '0'.repeat(64)],
    );
    await db.query(
      `insert into uploads (id, organization_id, created_by, file_name, kind, size_bytes, offset_bytes, state, media_id)
       values ($1, $2, $3, 'Sample.txt', 'document', 6, 6, 'ready', $4)`,
      [uploadId, owner.organizationId, owner.userId, mediaId],
    );
    return { uploadId };
  },
  scheduledId: async (db, owner) => {
    const profile = await samples.profileId!(db, owner);
    const scheduledId = newId<string>();
    await insertScheduled(db, { scheduledId, profileId: profile.profileId!, organizationId: owner.organizationId });
    return { ...profile, scheduledId };
  },
  webhookId: async (db, owner) => {
    const profile = await samples.profileId!(db, owner);
    const webhookId = newId<string>();
    await db.query(
      `insert into webhooks (id, organization_id, profile_id, url, events, secret_sealed, updated_at)
       values ($1, $2, $3, 'https://example.com/hook', '{*}', '', now())`,
      [webhookId, owner.organizationId, profile.profileId],
    );
    return { ...profile, webhookId };
  },
  personId: async (db, owner) => {
    const conversation = await samples.conversationId!(db, owner);
    const [person] = await db.query<{ personId: string }>(
      'select person_id as "personId" from conversations where id = $1',
      [conversation.conversationId],
    );
    return { ...conversation, personId: person!.personId };
  },
  contactId: async (db, owner) => {
    const person = await samples.personId!(db, owner);
    const contactId = newId<string>();
    await db.query('insert into contacts (id, organization_id, profile_id, person_id) values ($1, $2, $3, $4)', [
      contactId,
      owner.organizationId,
      person.profileId,
      person.personId,
    ]);
    return { ...person, contactId };
  },
  conversationExportId: async (db, owner) => {
    const conversation = await samples.conversationId!(db, owner);
    const conversationExportId = newId<string>();
    await db.query(
      `insert into data_exports (id, organization_id, user_id, kind, state, conversation_id)
       values ($1, $2, $3, 'conversation', 'failed', $4)`,
      [conversationExportId, owner.organizationId, owner.userId, conversation.conversationId],
    );
    return { ...conversation, conversationExportId };
  },
  contactFieldId: async (db, owner) => {
    const profile = await samples.profileId!(db, owner);
    const contactFieldId = newId<string>();
    await db.query(
      `insert into contact_fields (id, organization_id, profile_id, key, label, type, choices)
       values ($1, $2, $3, 'plan', 'Plan', 'text', '{}')`,
      [contactFieldId, owner.organizationId, profile.profileId],
    );
    return { ...profile, contactFieldId };
  },
  segmentId: async (db, owner) => {
    const profile = await samples.profileId!(db, owner);
    const segmentId = newId<string>();
    await db.query(
      `insert into segments (id, organization_id, profile_id, name, filter)
       values ($1, $2, $3, 'Sample', '{"field":"optedOut","op":"is","value":false}')`,
      [segmentId, owner.organizationId, profile.profileId],
    );
    return { ...profile, segmentId };
  },
  // No thing of anybody's: a number that somebody asks for.
  phone: async () => ({ phone: '4915112345678' }),
  exportId: async (db, owner) => {
    const exportId = newId<string>();
    await db.query(
      `insert into data_exports (id, organization_id, user_id, kind, state) values ($1, $2, $3, 'user', 'failed')`,
      [exportId, owner.organizationId, owner.userId],
    );
    return { exportId };
  },
  contactExportId: async (db, owner) => {
    const contactExportId = newId<string>();
    await db.query(
      `insert into data_exports (id, organization_id, user_id, kind, state) values ($1, $2, $3, 'contact', 'failed')`,
      [contactExportId, owner.organizationId, owner.userId],
    );
    return { contactExportId };
  },
  erasureId: async (db, owner) => {
    const erasureId = newId<string>();
    await db.query(
      `insert into erasures (id, organization_id, kind, requested_by, due_at)
       values ($1, $2, 'contact', $3, now() + interval '1 day')`,
      [erasureId, owner.organizationId, owner.userId],
    );
    return { erasureId };
  },
  contactImportId: async (db, owner) => {
    const profile = await samples.profileId!(db, owner);
    const contactImportId = newId<string>();
    await db.query(
      `insert into contact_imports (id, organization_id, profile_id, requested_by, state, is_dry_run, format, size_bytes,
                                    options, columns)
       values ($1, $2, $3, $4, 'completed', false, 'csv', 1, '{}', '[]')`,
      [contactImportId, owner.organizationId, profile.profileId, owner.userId],
    );
    return { ...profile, contactImportId };
  },
  deliveryId: async (db, owner) => {
    const webhook = await samples.webhookId!(db, owner);
    const deliveryId = newId<string>();
    await db.query(
      `insert into webhook_deliveries (id, organization_id, webhook_id, event_id, event_name, ordering_key)
       values ($1, $2, $3, $4, 'message.received', $5)`,
      [deliveryId, owner.organizationId, webhook.webhookId, newId(), webhook.profileId],
    );
    return { ...webhook, deliveryId };
  },
  redeliveryId: async (db, owner) => {
    const webhook = await samples.webhookId!(db, owner);
    const redeliveryId = newId<string>();
    await db.query(
      `insert into webhook_redeliveries (id, organization_id, webhook_id, states, events, from_at, to_at)
       values ($1, $2, $3, '{exhausted}', '{}', now(), now())`,
      [redeliveryId, owner.organizationId, webhook.webhookId],
    );
    return { ...webhook, redeliveryId };
  },
};

/** The full name of a plain `:id`, by the first part of the path. */
const idOfPath: Record<string, string> = {
  workspaces: 'workspaceId',
  accounts: 'accountId',
  'api-keys': 'apiKeyId',
  profiles: 'profileId',
  contacts: 'contactId',
  conversations: 'conversationId',
  labels: 'labelId',
  messages: 'messageId',
  broadcast: 'broadcastId',
  bulk: 'batchId',
  templates: 'templateId',
  hooks: 'hookId',
  uploads: 'uploadId',
  webhooks: 'webhookId',
};

/** A draft of a broadcast: its id, its organization, its profile. */
export const sampleBroadcast = `insert into broadcasts (id, organization_id, profile_id, name, variants, audience, settings)
  values ($1, $2, $3, 'Sample', '[{"name":"A","share":1,"message":{"type":"text","text":"Sample"}}]', '[{"type":"all"}]',
          '{"delayMin":0,"delayMax":0,"batchSize":50,"batchPause":0,"retryFailed":true,"retryAttempts":3,"stopOnReply":false,"replyWindowHours":72,"dailyWindow":null,"onSenderLost":"wait"}')`;
/** The full name of a path parameter: a plain `id` is named by the path, and of a scheduled message by the method too. */
export function fullName({ method, path }: { method: string; path: string }, param: string): string {
  if (param !== 'id') return param;
  if (/\/messages\/schedule\/[:{]id/.test(path)) return method === 'GET' ? 'profileId' : 'scheduledId';
  return idOfPath[path.replace(/^\/api\/v1/, '').split('/')[1]!] ?? 'id';
}

/** A text that is to be sent next year. */
export async function insertScheduled(
  db: Database,
  { scheduledId, organizationId, profileId }: Record<'scheduledId' | 'organizationId' | 'profileId', string>,
): Promise<void> {
  await db.query(
    `insert into scheduled_messages (id, organization_id, profile_id, state, recipient, chat, content, type, starts_at,
                                     time_zone, late_window_seconds, due_at, created_by)
     values ($1, $2, $3, 'pending', '4915112345678', '{"kind":"user","phone":"4915112345678","lid":null}',
             '{"kind":"text","text":"Sample"}', 'text', now() + interval '1 year', 'UTC', 3600, now() + interval '1 year',
             '{"kind":"system"}')`,
    [scheduledId, organizationId, profileId],
  );
}
