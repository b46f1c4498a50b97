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
  groupId: async (db, owner) => {
    const profile = await samples.profileId!(db, owner);
    const groupId = newId<string>();
    await db.query(
      `insert into groups (id, organization_id, profile_id, wa_id, subject, addressing, own_role, members_known)
       values ($1, $2, $3, '120363041234567890', 'Sample', 'lid', 'admin', true)`,
      [groupId, owner.organizationId, profile.profileId],
    );
    return { ...profile, groupId };
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
};

/** The full name of a plain `:id`, by the first part of the path. */
export const idOfPath: Record<string, string> = {
  workspaces: 'workspaceId',
  accounts: 'accountId',
  'api-keys': 'apiKeyId',
  profiles: 'profileId',
  conversations: 'conversationId',
  messages: 'messageId',
  bulk: 'batchId',
  templates: 'templateId',
  webhooks: 'webhookId',
};
