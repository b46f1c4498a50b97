import type { ConversationStatus, UserId } from '#contracts';
import type { Tx } from '../transaction.js';

/** Gives a conversation to a member, or to nobody, and keeps that it was so. The caller holds the conversation's lock. */
export async function assignConversation(
  tx: Tx,
  owner: { organizationId: string; profileId: string },
  given: { id: string; conversationId: string; userId: string | null; by: string },
): Promise<void> {
  await tx.query(
    `with assigned as (update conversations set assigned_user_id = $5 where id = $4)
     insert into conversation_assignments (id, organization_id, profile_id, conversation_id, user_id, assigned_by)
     values ($1, $2, $3, $4, $5, $6)`,
    [given.id, owner.organizationId, owner.profileId, given.conversationId, given.userId, given.by],
    { name: 'conversation_assign' },
  );
}

export interface AssignmentRow {
  id: string;
  userId: UserId | null;
  userName: string | null;
  assignedBy: UserId | null;
  assignedByName: string | null;
  at: Date;
}

/** Newest first. */
export async function listConversationAssignments(
  tx: Tx,
  organizationId: string,
  conversationId: string,
  page: { before?: string; limit: number },
): Promise<AssignmentRow[]> {
  return tx.query<AssignmentRow>(
    `select a.id, a.user_id as "userId", u.name as "userName", a.assigned_by as "assignedBy",
            b.name as "assignedByName", a.at
       from conversation_assignments a left join users u on u.id = a.user_id left join users b on b.id = a.assigned_by
      where a.organization_id = $1 and a.conversation_id = $2 and ($3::uuid is null or a.id < $3)
      order by a.id desc limit $4`,
    [organizationId, conversationId, page.before ?? null, page.limit],
    { name: 'conversation_assignments' },
  );
}

/** The caller holds the conversation's lock. */
export async function setConversationStatus(
  tx: Tx,
  conversationId: string,
  to: { status: ConversationStatus; snoozedUntil: Date | null; reopens: boolean },
): Promise<void> {
  await tx.query(
    'update conversations set status = $2, status_at = now(), snoozed_until = $3, reopens = $4 where id = $1',
    [conversationId, to.status, to.snoozedUntil, to.reopens],
    { name: 'conversation_status' },
  );
}

/** Opens conversations whose snooze is over; each is opened by one caller. */
export async function wakeSnoozed(
  tx: Tx,
  limit: number,
): Promise<{ conversationId: string; organizationId: string; profileId: string }[]> {
  return tx.query(
    `update conversations set status = 'open', status_at = now(), snoozed_until = null
      where id = any(array(select id from conversations where status = 'snoozed' and snoozed_until <= now()
                            order by id limit $1 for update skip locked))
     returning id as "conversationId", organization_id as "organizationId", profile_id as "profileId"`,
    [limit],
    { name: 'conversations_wake' },
  );
}

/** Names of members, by their ids. */
export async function findMemberNames(tx: Tx, organizationId: string, userIds: string[]): Promise<Map<string, string>> {
  if (userIds.length === 0) return new Map();
  const rows = await tx.query<{ id: string; name: string }>(
    'select id, name from users where organization_id = $1 and id = any($2::uuid[])',
    [organizationId, userIds],
    { name: 'member_names' },
  );
  return new Map(rows.map(({ id, name }) => [id, name]));
}

export interface NoteRow {
  id: string;
  conversationId: string;
  authorUserId: UserId | null;
  authorName: string | null;
  text: string;
  mentions: UserId[];
  createdAt: Date;
  editedAt: Date | null;
}

const noteColumns = `n.id, n.conversation_id as "conversationId", n.author_user_id as "authorUserId",
  u.name as "authorName", n.text, n.mentions, n.created_at as "createdAt", n.edited_at as "editedAt"`;

export async function insertNote(
  tx: Tx,
  owner: { organizationId: string; profileId: string },
  note: Pick<NoteRow, 'id' | 'conversationId' | 'text' | 'mentions'> & { authorUserId: UserId },
): Promise<void> {
  await tx.query(
    `insert into conversation_notes (id, organization_id, profile_id, conversation_id, author_user_id, text, mentions)
     values ($1, $2, $3, $4, $5, $6, $7::uuid[])`,
    [note.id, owner.organizationId, owner.profileId, note.conversationId, note.authorUserId, note.text, note.mentions],
    { name: 'note_insert' },
  );
}

/** Newest first. */
export async function listNotes(
  tx: Tx,
  organizationId: string,
  conversationId: string,
  page: { before?: string; limit: number },
): Promise<NoteRow[]> {
  return tx.query<NoteRow>(
    `select ${noteColumns} from conversation_notes n left join users u on u.id = n.author_user_id
      where n.organization_id = $1 and n.conversation_id = $2 and ($3::uuid is null or n.id < $3)
      order by n.id desc limit $4`,
    [organizationId, conversationId, page.before ?? null, page.limit],
    { name: 'notes_list' },
  );
}

/** Locked for a change with `update`. */
export async function findNote(
  tx: Tx,
  organizationId: string,
  at: { conversationId: string; noteId: string },
  lock?: 'update',
): Promise<NoteRow | null> {
  const [row] = await tx.query<NoteRow>(
    `select ${noteColumns} from conversation_notes n left join users u on u.id = n.author_user_id
      where n.organization_id = $1 and n.conversation_id = $2 and n.id = $3 ${lock ? 'for update of n' : ''}`,
    [organizationId, at.conversationId, at.noteId],
  );
  return row ?? null;
}

export async function updateNote(tx: Tx, id: string, to: { text: string; mentions: UserId[] }): Promise<void> {
  await tx.query('update conversation_notes set text = $2, mentions = $3::uuid[], edited_at = now() where id = $1', [
    id,
    to.text,
    to.mentions,
  ]);
}

export async function deleteNote(tx: Tx, id: string): Promise<void> {
  await tx.query('delete from conversation_notes where id = $1', [id]);
}
