import { newId } from '#contracts';
import type { Database } from '#database';
import { buildProfile } from '#testing';
import type { Ids } from './route-calls.js';

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
    deliveryId: newId<string>(),
    batchId: newId<string>(),
    contactId: newId<string>(),
    templateId: newId<string>(),
    groupId: newId<string>(),
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
    `insert into templates (id, organization_id, profile_id, name, message_type, content)
     values ($1, $2, $3, 'Sample', 'text', '{"text":"Sample"}')`,
    [ids.templateId, organizationId, profileId],
  );
  await db.query(
    `insert into groups (id, organization_id, profile_id, wa_id, subject, addressing, own_role, members_known)
     values ($1, $2, $3, '120363041234567890', 'Sample', 'lid', 'admin', true)`,
    [ids.groupId, organizationId, profileId],
  );
  return { ...ids, workspaceId, accountId, profileId };
}
