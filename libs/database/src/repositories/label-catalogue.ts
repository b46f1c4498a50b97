import { newId } from '#contracts';
import type { Tx } from '../transaction.js';

/** A label, as clients see it. */
export interface LabelShown {
  id: string;
  profileId: string;
  /** WhatsApp's number of it; null: it lives here, and WhatsApp knows nothing of it. */
  waId: string | null;
  name: string;
  color: number;
}

const columns = `l.id, l.profile_id as "profileId", l.wa_id as "waId", l.name, l.color`;

/** Labels of a profile with how many chats have them, by name. Those of which only links are known are absent. */
export async function listLabels(
  tx: Tx,
  organizationId: string,
  profileId: string,
): Promise<(LabelShown & { conversations: number })[]> {
  return tx.query(
    `select ${columns}, (select count(*) from label_links k where k.label_id = l.id and k.wa_message_id = '') as conversations
       from labels l
      where l.organization_id = $1 and l.profile_id = $2 and not l.is_deleted and l.name <> ''
      order by lower(l.name), l.id`,
    [organizationId, profileId],
    { name: 'labels_list' },
  );
}

/** One that is there. Locked for a change with `update`. */
export async function findLabel(
  tx: Tx,
  organizationId: string,
  id: string,
  lock?: 'update',
): Promise<LabelShown | null> {
  const [row] = await tx.query<LabelShown>(
    `select ${columns} from labels l
      where l.organization_id = $1 and l.id = $2 and not l.is_deleted and l.name <> '' ${lock ? 'for update' : ''}`,
    [organizationId, id],
  );
  return row ?? null;
}

/** The id of a label of WhatsApp's that is here. */
export async function labelIdOf(tx: Tx, profileId: string, waId: string): Promise<string> {
  const [row] = await tx.query<{ id: string }>('select id from labels where profile_id = $1 and wa_id = $2', [
    profileId,
    waId,
  ]);
  return row!.id;
}

/** The labels of chats (not of their messages), by conversation. */
export async function labelsOf(tx: Tx, conversationIds: string[]): Promise<Map<string, LabelShown[]>> {
  if (conversationIds.length === 0) return new Map();
  const rows = await tx.query<LabelShown & { conversationId: string }>(
    `select ${columns}, k.conversation_id as "conversationId" from label_links k join labels l on l.id = k.label_id
      where k.conversation_id = any($1::uuid[]) and k.wa_message_id = '' and not l.is_deleted and l.name <> ''
      order by lower(l.name), l.id`,
    [conversationIds],
    { name: 'labels_of_conversations' },
  );
  const found = new Map<string, LabelShown[]>();
  for (const { conversationId, ...label } of rows) {
    found.set(conversationId, [...(found.get(conversationId) ?? []), label]);
  }
  return found;
}

/** Makes a label that lives here. @returns null when the profile has one of this name */
export async function insertOwnLabel(
  tx: Tx,
  owner: { organizationId: string; profileId: string },
  label: { name: string; color: number },
): Promise<string | null> {
  const [row] = await tx.query<{ id: string }>(
    `insert into labels (id, organization_id, profile_id, name, color) values ($1, $2, $3, $4, $5)
     on conflict do nothing returning id`,
    [newId(), owner.organizationId, owner.profileId, label.name, label.color],
  );
  return row?.id ?? null;
}

/** @returns false when the profile has another of this name */
export async function updateOwnLabel(tx: Tx, id: string, to: { name: string; color: number }): Promise<boolean> {
  const rows = await tx.query(
    `update labels l set name = $2, color = $3
      where id = $1 and not exists (select from labels o where o.profile_id = l.profile_id and o.wa_id is null
              and not o.is_deleted and lower(o.name) = lower($2) and o.id <> $1)
     returning 1`,
    [id, to.name, to.color],
  );
  return rows.length > 0;
}

/** With everything that it is on. */
export async function deleteOwnLabel(tx: Tx, id: string): Promise<void> {
  await tx.query('delete from labels where id = $1 and wa_id is null', [id]);
}

/**
 * Takes a number for a label that is to be made on WhatsApp, as a row without a name, so that nobody else takes it.
 * @returns the number; null when another transaction took it at the same moment
 */
export async function reserveLabelNumber(
  tx: Tx,
  owner: { organizationId: string; profileId: string },
): Promise<string | null> {
  const [row] = await tx.query<{ waId: string }>(
    `insert into labels (id, organization_id, profile_id, wa_id)
     select $1, $2, $3, coalesce(max(wa_id::int8), 0) + 1 from labels where profile_id = $3 and wa_id ~ '^\\d{1,15}$'
     on conflict do nothing returning wa_id as "waId"`,
    [newId(), owner.organizationId, owner.profileId],
  );
  return row?.waId ?? null;
}

/** Gives a number back that no label was made under. */
export async function releaseLabelNumber(tx: Tx, profileId: string, waId: string): Promise<void> {
  await tx.query("delete from labels where profile_id = $1 and wa_id = $2 and name = ''", [profileId, waId]);
}

/** Puts a label on a chat, or on a message in it. @returns whether it was not there before */
export async function linkLabel(
  tx: Tx,
  organizationId: string,
  link: { labelId: string; conversationId: string; waMessageId: string },
): Promise<boolean> {
  const rows = await tx.query(
    `insert into label_links (label_id, organization_id, conversation_id, wa_message_id) values ($1, $2, $3, $4)
     on conflict do nothing returning 1`,
    [link.labelId, organizationId, link.conversationId, link.waMessageId],
  );
  return rows.length > 0;
}

/** @returns whether it was there */
export async function unlinkLabel(
  tx: Tx,
  link: { labelId: string; conversationId: string; waMessageId: string },
): Promise<boolean> {
  const rows = await tx.query(
    'delete from label_links where label_id = $1 and conversation_id = $2 and wa_message_id = $3 returning 1',
    [link.labelId, link.conversationId, link.waMessageId],
  );
  return rows.length > 0;
}
