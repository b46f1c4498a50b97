import type { MessageAction, MessageContent } from '#contracts';
import type { Tx } from '../transaction.js';

/** A message that something is done to, as it stands. Locked until the end of the transaction. */
export interface ActionTarget {
  messageId: string;
  waMessageId: string;
  conversationId: string;
  /** Who wrote it, also in a chat of two; null: us, or a newsletter. */
  authorPersonId: string | null;
  fromMe: boolean;
  content: MessageContent;
  editedAt: Date | null;
  revokedAt: Date | null;
  pinnedUntil: Date | null;
  isKept: boolean;
  /** WhatsApp's ids of the edits that it had. */
  editIds: string[];
}

/** How an action names its target, within a profile. */
export interface TargetName {
  conversationId: string;
  waMessageId: string;
  fromMe: boolean;
  /** The author in a chat of more than two; null for ours and in chats of two. */
  authorPersonId: string | null;
}

const targetColumns = `
  m.id as "messageId", m.wa_message_id as "waMessageId", m.conversation_id as "conversationId",
  case when m.direction = 'incoming' then coalesce(m.author_person_id, c.person_id) end as "authorPersonId",
  m.direction = 'outgoing' as "fromMe", m.content, m.edited_at as "editedAt", m.revoked_at as "revokedAt",
  m.pinned_until as "pinnedUntil", m.is_kept as "isKept",
  array(select e.wa_message_id from message_edits e where e.message_id = m.id) as "editIds"`;

/** The targets of actions, by the position of their names; those that are not here are absent. */
export async function findActionTargets(
  tx: Tx,
  profileId: string,
  names: TargetName[],
): Promise<Map<number, ActionTarget>> {
  const rows = await tx.query<ActionTarget & { position: number }>(
    `select asked.position, ${targetColumns}
       from unnest($2::uuid[], $3::text[], $4::boolean[], $5::uuid[]) with ordinality
            as asked (conversation_id, wa_message_id, from_me, author_id, position)
       join message_keys k on k.profile_id = $1 and k.wa_message_id = asked.wa_message_id and k.from_me = asked.from_me
                          and k.participant = case when asked.from_me then '' else coalesce(asked.author_id::text, '') end
       join messages m on m.id = k.message_id and m.conversation_id = asked.conversation_id
       join conversations c on c.id = m.conversation_id
      where m.target_message_id is null
      order by m.id for update of m`,
    [
      profileId,
      names.map((name) => name.conversationId),
      names.map((name) => name.waMessageId),
      names.map((name) => name.fromMe),
      names.map((name) => name.authorPersonId),
    ],
    { name: 'actions_targets' },
  );
  return new Map(rows.map(({ position, ...target }) => [position - 1, target]));
}

/** The same by our ids. */
export async function lockActionTargets(tx: Tx, messageIds: string[]): Promise<Map<string, ActionTarget>> {
  const rows = await tx.query<ActionTarget>(
    `select ${targetColumns} from messages m join conversations c on c.id = m.conversation_id
      where m.id = any($1::uuid[]) and m.target_message_id is null order by m.id for update of m`,
    [messageIds],
    { name: 'actions_lock_targets' },
  );
  return new Map(rows.map((row) => [row.messageId, row]));
}

/** Somebody who does something in a group. */
export interface GroupActor {
  conversationId: string;
  personId: string;
}

/**
 * Those of the actors who are no admins of their group, as far as its members are known: a group that was not looked up
 * yet knows nothing against anybody.
 */
export async function findNonAdmins(tx: Tx, actors: GroupActor[]): Promise<GroupActor[]> {
  return tx.query<GroupActor>(
    `select c.id as "conversationId", asked.person_id as "personId"
       from unnest($1::uuid[], $2::uuid[]) as asked (conversation_id, person_id)
       join conversations c on c.id = asked.conversation_id and c.kind = 'group'
       join groups g on g.profile_id = c.profile_id and g.wa_id = c.room_id and g.members_known
      where not exists (select from group_members p
                         where p.group_id = g.id and p.person_id = asked.person_id and p.role <> 'member')`,
    [actors.map((actor) => actor.conversationId), actors.map((actor) => actor.personId)],
    { name: 'actions_non_admins' },
  );
}

/** A reaction, a vote or an answer to an invitation, of one actor to one message. */
export interface AnswerRow {
  messageId: string;
  /** The person, or the profile when it was us. */
  actorId: string;
  answer: MessageAction;
  waMessageId: string;
  at: Date;
}

/** An answer that is in force from now on, with the one that it replaced. */
export interface PutAnswer {
  messageId: string;
  kind: AnswerKind;
  actorId: string;
  previous: MessageAction | null;
}

export type AnswerKind = 'reaction' | 'poll_vote' | 'event_response';

/**
 * Stores answers, at most one of each actor to each message and of each kind. The newest wins; one that is stored
 * already, or older than what is stored, changes nothing and is not in the answer.
 */
export async function putAnswers(
  tx: Tx,
  owner: { organizationId: string; profileId: string },
  rows: AnswerRow[],
): Promise<PutAnswer[]> {
  return tx.query<PutAnswer>(
    `with new as (
       select * from unnest($3::uuid[], $4::text[], $5::uuid[], $6::jsonb[], $7::text[], $8::timestamptz[])
              as new (message_id, kind, actor_id, answer, wa_message_id, at)
     ), before as (
       select a.message_id, a.kind, a.actor_id, a.answer from message_answers a
         join new on new.message_id = a.message_id and new.kind = a.kind and new.actor_id = a.actor_id
     ), put as (
       insert into message_answers as a (message_id, kind, actor_id, organization_id, profile_id, answer, wa_message_id, at)
       select message_id, kind, actor_id, $1, $2, answer, wa_message_id, at from new order by message_id, kind, actor_id
       on conflict (message_id, kind, actor_id) do update
          set answer = excluded.answer, wa_message_id = excluded.wa_message_id, at = excluded.at
        where excluded.at >= a.at and excluded.wa_message_id <> a.wa_message_id
       returning message_id, kind, actor_id
     )
     select put.message_id as "messageId", put.kind, put.actor_id as "actorId", before.answer as previous
       from put left join before on before.message_id = put.message_id and before.kind = put.kind
                                and before.actor_id = put.actor_id`,
    [
      owner.organizationId,
      owner.profileId,
      rows.map((row) => row.messageId),
      rows.map((row) => row.answer.kind),
      rows.map((row) => row.actorId),
      rows.map((row) => JSON.stringify(row.answer)),
      rows.map((row) => row.waMessageId),
      rows.map((row) => row.at),
    ],
    { name: 'actions_answers' },
  );
}

/** What a message said before an edit. */
export interface EditRow {
  messageId: string;
  waMessageId: string;
  before: string | null;
  at: Date;
}

export async function insertEdits(
  tx: Tx,
  owner: { organizationId: string; profileId: string },
  rows: EditRow[],
): Promise<void> {
  await tx.query(
    `insert into message_edits (message_id, wa_message_id, organization_id, profile_id, before, at)
     select message_id, wa_message_id, $1, $2, before, at
       from unnest($3::uuid[], $4::text[], $5::text[], $6::timestamptz[]) as new (message_id, wa_message_id, before, at)
     on conflict do nothing`,
    [
      owner.organizationId,
      owner.profileId,
      rows.map((row) => row.messageId),
      rows.map((row) => row.waMessageId),
      rows.map((row) => row.before),
      rows.map((row) => row.at),
    ],
    { name: 'actions_edits' },
  );
}

/** What a message said before each edit, oldest first. */
export async function listEdits(tx: Tx, messageId: string, limit: number): Promise<EditRow[]> {
  return tx.query<EditRow>(
    `select message_id as "messageId", wa_message_id as "waMessageId", before, at
       from message_edits where message_id = $1 order by at, wa_message_id limit $2`,
    [messageId, limit],
    { name: 'actions_list_edits' },
  );
}

/** Writes what edits, revokes, pins and keeps made of their targets. */
export async function updateTargets(tx: Tx, targets: ActionTarget[]): Promise<void> {
  await tx.query(
    `update messages m
        set content = new.content, edited_at = new.edited_at, revoked_at = new.revoked_at,
            pinned_until = new.pinned_until, is_kept = new.is_kept
       from unnest($1::uuid[], $2::jsonb[], $3::timestamptz[], $4::timestamptz[], $5::timestamptz[], $6::boolean[])
            as new (id, content, edited_at, revoked_at, pinned_until, is_kept)
      where m.id = new.id`,
    [
      targets.map((target) => target.messageId),
      targets.map((target) => JSON.stringify(target.content)),
      targets.map((target) => target.editedAt),
      targets.map((target) => target.revokedAt),
      targets.map((target) => target.pinnedUntil),
      targets.map((target) => target.isKept),
    ],
    { name: 'actions_update' },
  );
}
