import { newId } from '#contracts';
import type { Database } from '#database';
import { buildProfile } from '#testing';
import type { Ids } from './route-calls.js';
import { insertScheduled, sampleBroadcast } from './route-samples.js';

/** A profile with one of each thing that lies in it, and the workspace and account around it. */
export type Place = Ids & { workspaceId: string; accountId: string; profileId: string };

/** Ids that are not of the profile itself but of what it lies in. */
export const surroundings = ['workspaceId', 'accountId'] as const;

/** In the given workspace, or one of its own; always in an account of its own. */
export async function buildPlace(
  db: Database,
  owner: { organizationId: string; userId: string },
  workspaceId: string = newId(),
): Promise<Place> {
  const { organizationId } = owner;
  const [accountId, personId] = [newId<string>(), newId<string>()];
  const ids = {
    conversationId: newId<string>(),
    messageId: newId<string>(),
    webhookId: newId<string>(),
    hookId: newId<string>(),
    requestId: newId<string>(),
    deliveryId: newId<string>(),
    redeliveryId: newId<string>(),
    batchId: newId<string>(),
    contactId: newId<string>(),
    broadcastId: newId<string>(),
    contactFieldId: newId<string>(),
    segmentId: newId<string>(),
    templateId: newId<string>(),
    contactImportId: newId<string>(),
    groupId: newId<string>(),
    communityId: newId<string>(),
    noteId: newId<string>(),
    conversationExportId: newId<string>(),
    labelId: newId<string>(),
    scheduledId: newId<string>(),
  };
  await db.query(
    `insert into workspaces (id, organization_id, name, slug, updated_at) values ($1, $2, 'Place', $3, now())
     on conflict do nothing`,
    [workspaceId, organizationId, workspaceId],
  );
  await db.query(
    `insert into accounts (id, organization_id, workspace_id, name, updated_at) values ($1, $2, $3, 'Place', now())`,
    [accountId, organizationId, workspaceId],
  );
  const around = { ...owner, workspaceId, accountId } as never;
  const { profileId } = await buildProfile(db, { in: around, phoneNumber: '4915112345678' });
  await db.query('insert into persons (id, organization_id) values ($1, $2)', [personId, organizationId]);
  await db.query(
    `insert into identities (id, organization_id, person_id, kind, value) values ($1, $2, $3, 'phone', $4)`,
    [newId(), organizationId, personId, String(Math.floor(Math.random() * 1e14))],
  );
  await db.query('insert into contacts (id, organization_id, profile_id, person_id) values ($1, $2, $3, $4)', [
    ids.contactId,
    organizationId,
    profileId,
    personId,
  ]);
  await db.query('insert into conversations (id, organization_id, profile_id, person_id) values ($1, $2, $3, $4)', [
    ids.conversationId,
    organizationId,
    profileId,
    personId,
  ]);
  await db.query(
    `insert into messages (id, organization_id, profile_id, conversation_id, direction, wa_message_id, kind, content,
                           state, sent_at)
     values ($1, $2, $3, $4, 'incoming', $5, 'text', '{"kind":"text","text":"Sample"}', 'received', now())`,
    [ids.messageId, organizationId, profileId, ids.conversationId, ids.messageId],
  );
  await db.query(
    `insert into batches (id, organization_id, profile_id, state, total, estimated_end_at)
     values ($1, $2, $3, 'processing', 1, now())`,
    [ids.batchId, organizationId, profileId],
  );
  await db.query(
    `insert into webhooks (id, organization_id, profile_id, url, events, secret_sealed, updated_at)
     values ($1, $2, $3, 'https://example.com/hook', '{*}', '', now())`,
    [ids.webhookId, organizationId, profileId],
  );
  await db.query(
    `insert into webhook_deliveries (id, organization_id, webhook_id, event_id, event_name, ordering_key)
     values ($1, $2, $3, $4, 'message.received', $5)`,
    [ids.deliveryId, organizationId, ids.webhookId, newId(), profileId],
  );
  await db.query(
    `insert into webhook_redeliveries (id, organization_id, webhook_id, states, events, from_at, to_at)
     values ($1, $2, $3, '{exhausted}', '{}', now(), now())`,
    [ids.redeliveryId, organizationId, ids.webhookId],
  );
  await db.query(
    `insert into hooks (id, organization_id, profile_id, name, token_hash, verification, actions, allowed_ips, rate_per_minute,
                          created_by)
     values ($1, $2, $3, 'Sample', $4, '{"kind":"none"}', '[]', '{}', 120, $5)`,
    [ids.hookId, organizationId, profileId, Buffer.from(ids.hookId), owner.userId],
  );
  await db.query(
    `insert into hook_requests (id, organization_id, profile_id, hook_id, source, state, size_bytes)
     values ($1, $2, $3, $4, 'received', 'rejected', 0)`,
    [ids.requestId, organizationId, profileId, ids.hookId],
  );
  await db.query(
    `insert into templates (id, organization_id, profile_id, name, message_type, content)
     values ($1, $2, $3, 'Sample', 'text', '{"text":"Sample"}')`,
    [ids.templateId, organizationId, profileId],
  );
  await db.query(
    `insert into contact_imports (id, organization_id, profile_id, requested_by, state, is_dry_run, format, size_bytes,
                                  options, columns)
     values ($1, $2, $3, $4, 'completed', false, 'csv', 1, '{}', '[]')`,
    [ids.contactImportId, organizationId, profileId, newId()],
  );
  await db.query(
    `insert into groups (id, organization_id, profile_id, wa_id, subject, addressing, own_role, members_known)
     values ($1, $2, $3, '120363041234567890', 'Sample', 'lid', 'admin', true)`,
    [ids.groupId, organizationId, profileId],
  );
  await db.query(
    `insert into groups (id, organization_id, profile_id, wa_id, subject, addressing, own_role, members_known, kind)
     values ($1, $2, $3, '120363049876543210', 'Sample', 'lid', 'superadmin', true, 'community')`,
    [ids.communityId, organizationId, profileId],
  );
  await db.query(sampleBroadcast, [ids.broadcastId, organizationId, profileId]);
  await db.query(
    `insert into conversation_notes (id, organization_id, profile_id, conversation_id, text, mentions)
     values ($1, $2, $3, $4, 'Sample', '{}')`,
    [ids.noteId, organizationId, profileId, ids.conversationId],
  );
  await db.query(
    `insert into data_exports (id, organization_id, user_id, kind, state, conversation_id)
     values ($1, $2, $3, 'conversation', 'failed', $4)`,
    [ids.conversationExportId, organizationId, owner.userId, ids.conversationId],
  );
  await db.query(`insert into labels (id, organization_id, profile_id, name) values ($1, $2, $3, 'Sample')`, [
    ids.labelId,
    organizationId,
    profileId,
  ]);
  await db.query(
    `insert into contact_fields (id, organization_id, profile_id, key, label, type, choices)
     values ($1, $2, $3, 'plan', 'Plan', 'text', '{}')`,
    [ids.contactFieldId, organizationId, profileId],
  );
  await db.query(
    `insert into segments (id, organization_id, profile_id, name, filter)
     values ($1, $2, $3, 'Sample', '{"field":"optedOut","op":"is","value":false}')`,
    [ids.segmentId, organizationId, profileId],
  );
  await insertScheduled(db, { scheduledId: ids.scheduledId, organizationId, profileId });
  return { ...ids, workspaceId, accountId, profileId, phone: '4915112345678' };
}
