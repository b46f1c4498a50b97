import { newId } from '#contracts';
import type { Tx } from '../transaction.js';

interface Owner {
  organizationId: string;
  profileId: string;
}

export interface LabelRow {
  labelId: string;
  /** WhatsApp's number of it. */
  waId: string;
  name: string;
  color: number;
  isDeleted: boolean;
}

export interface ChangedLabel extends LabelRow {
  /** It was not there before, or had no name yet. */
  isNew: boolean;
}

/** How labels are now, each once. A deleted one loses what it was on. @returns those that were otherwise before */
export async function saveLabels(tx: Tx, owner: Owner, labels: Omit<LabelRow, 'labelId'>[]): Promise<ChangedLabel[]> {
  const sorted = [...labels].sort((a, b) => (a.waId < b.waId ? -1 : 1));
  await ensureLabels(
    tx,
    owner,
    sorted.map(({ waId }) => waId),
  );
  const changed = await tx.query<ChangedLabel>(
    `with before as (
       select id, name from labels where profile_id = $1 and wa_id = any($2::text[]) order by wa_id for update
     )
     update labels l
        set name = case when new.is_deleted and new.name = '' then l.name else new.name end,
            color = new.color, is_deleted = new.is_deleted
       from unnest($2::text[], $3::text[], $4::int[], $5::boolean[]) as new (wa_id, name, color, is_deleted), before
      where l.profile_id = $1 and l.wa_id = new.wa_id and before.id = l.id
        and ((l.is_deleted, l.color) is distinct from (new.is_deleted, new.color)
             or l.name <> new.name and not (new.is_deleted and new.name = ''))
     returning l.id as "labelId", l.wa_id as "waId", l.name, l.color, l.is_deleted as "isDeleted",
               before.name = '' as "isNew"`,
    [
      owner.profileId,
      sorted.map((label) => label.waId),
      sorted.map((label) => label.name),
      sorted.map((label) => label.color),
      sorted.map((label) => label.isDeleted),
    ],
    { name: 'labels_save' },
  );
  const gone = changed.filter(({ isDeleted }) => isDeleted).map(({ labelId }) => labelId);
  if (gone.length > 0) await tx.query('delete from label_links where label_id = any($1::uuid[])', [gone]);
  return changed;
}

/** A label on a conversation, or on a message in it. */
export interface LabelMark {
  waId: string;
  conversationId: string;
  /** Empty: the conversation itself. */
  waMessageId: string;
  set: boolean;
}

export interface ChangedMark {
  labelId: string;
  waId: string;
  name: string;
  conversationId: string;
  waMessageId: string;
}

/**
 * Puts labels on conversations and messages, and takes them off, each mark once. A label that is not known yet is made
 * without a name. @returns marks that were otherwise before
 */
export async function markLabels(
  tx: Tx,
  owner: Owner,
  marks: LabelMark[],
): Promise<(ChangedMark & { set: boolean })[]> {
  await ensureLabels(
    tx,
    owner,
    marks.filter(({ set }) => set).map(({ waId }) => waId),
  );
  const added = await tx.query<ChangedMark>(
    `with added as (
       insert into label_links (label_id, organization_id, conversation_id, wa_message_id)
       select l.id, $1, new.conversation_id, new.wa_message_id
         from unnest($3::text[], $4::uuid[], $5::text[]) as new (wa_id, conversation_id, wa_message_id)
         join labels l on l.profile_id = $2 and l.wa_id = new.wa_id and not l.is_deleted
        order by 1, 3, 4
       on conflict do nothing
       returning label_id, conversation_id, wa_message_id
     )
     select ${markColumns} from added a join labels l on l.id = a.label_id`,
    [owner.organizationId, owner.profileId, ...columnsOf(marks.filter(({ set }) => set))],
    { name: 'labels_mark' },
  );
  const removed = await tx.query<ChangedMark>(
    `with removed as (
       delete from label_links k using unnest($2::text[], $3::uuid[], $4::text[]) as old (wa_id, conversation_id, wa_message_id),
              labels l
        where l.profile_id = $1 and l.wa_id = old.wa_id and k.label_id = l.id
          and k.conversation_id = old.conversation_id and k.wa_message_id = old.wa_message_id
       returning k.label_id, k.conversation_id, k.wa_message_id
     )
     select ${markColumns} from removed a join labels l on l.id = a.label_id`,
    [owner.profileId, ...columnsOf(marks.filter(({ set }) => !set))],
    { name: 'labels_unmark' },
  );
  return [...added.map((each) => ({ ...each, set: true })), ...removed.map((each) => ({ ...each, set: false }))];
}

const markColumns = `l.id as "labelId", l.wa_id as "waId", l.name, a.conversation_id as "conversationId",
  a.wa_message_id as "waMessageId"`;

async function ensureLabels(tx: Tx, owner: Owner, waIds: string[]): Promise<void> {
  if (waIds.length === 0) return;
  const sorted = [...new Set(waIds)].sort();
  await tx.query(
    `insert into labels (id, organization_id, profile_id, wa_id)
     select new.id, $1, $2, new.wa_id
       from unnest($3::uuid[], $4::text[]) with ordinality as new (id, wa_id, position) order by new.position
     on conflict (profile_id, wa_id) do nothing`,
    [owner.organizationId, owner.profileId, sorted.map(() => newId()), sorted],
    { name: 'labels_ensure' },
  );
}

const columnsOf = (marks: LabelMark[]): string[][] => [
  marks.map((each) => each.waId),
  marks.map((each) => each.conversationId),
  marks.map((each) => each.waMessageId),
];
