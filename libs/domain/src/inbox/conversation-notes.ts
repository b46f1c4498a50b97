import {
  type Actor,
  type AuditAction,
  type ConversationId,
  errors,
  type NewEvent,
  newId,
  type UserId,
} from '#contracts';
import {
  type Database,
  deleteNote,
  findConversation,
  findNote,
  insertNote,
  listNotes,
  type NoteRow,
  type Tx,
  updateNote,
} from '#database';
import { changeAtConversation } from './at-conversation.js';
import { memberWith } from './member-access.js';

export interface NoteDraft {
  text: string;
  /** Members who are to see it: they may read conversations of the profile. */
  mentions: UserId[];
}

/** What members write about a conversation to each other. Nothing of it ever goes to WhatsApp. */
export class ConversationNotes {
  constructor(private readonly db: Database) {}

  /** @throws notFound; validation for mentions of who may not see it */
  async add(actor: Actor, conversationId: ConversationId, draft: NoteDraft): Promise<NoteRow> {
    const id = newId<string>();
    await changeAtConversation(this.db, actor, conversationId, async (tx, conversation) => {
      await checkMentions(tx, conversation, draft.mentions);
      await insertNote(tx, conversation, { id, conversationId, authorUserId: actor.userId, ...draft });
      return told('conversation.note_add', 'conversation.note_added', id, actor.userId, draft.mentions);
    });
    return this.get(actor, conversationId, id);
  }

  /** Newest first. @throws notFound */
  list(actor: Actor, conversationId: ConversationId, page: { before?: string; limit: number }): Promise<NoteRow[]> {
    return this.db.tenant(actor, async (tx) => {
      if (!(await findConversation(tx, actor.organizationId, conversationId))) {
        throw errors.notFound({ message: 'There is no such conversation.', details: { conversationId } });
      }
      return listNotes(tx, actor.organizationId, conversationId, page);
    });
  }

  /** Only by who wrote it. @throws notFound, forbidden, validation */
  async change(actor: Actor, conversationId: ConversationId, id: string, draft: NoteDraft): Promise<NoteRow> {
    await changeAtConversation(this.db, actor, conversationId, async (tx, conversation) => {
      const note = await own(tx, actor, conversationId, id);
      await checkMentions(tx, conversation, draft.mentions);
      await updateNote(tx, id, draft);
      return told('conversation.note_update', 'conversation.note_changed', id, note.authorUserId, draft.mentions);
    });
    return this.get(actor, conversationId, id);
  }

  /** Only by who wrote it. @throws notFound, forbidden */
  async remove(actor: Actor, conversationId: ConversationId, id: string): Promise<void> {
    await changeAtConversation(this.db, actor, conversationId, async (tx) => {
      const note = await own(tx, actor, conversationId, id);
      await deleteNote(tx, id);
      return told('conversation.note_delete', 'conversation.note_removed', id, note.authorUserId, note.mentions);
    });
  }

  private get(actor: Actor, conversationId: ConversationId, noteId: string): Promise<NoteRow> {
    return this.db.tenant(actor, (tx) => found(tx, actor, conversationId, noteId));
  }
}

async function own(tx: Tx, actor: Actor, conversationId: ConversationId, noteId: string): Promise<NoteRow> {
  const note = await found(tx, actor, conversationId, noteId, 'update');
  if (note.authorUserId === actor.userId) return note;
  throw errors.forbidden({ message: 'A note is changed and deleted by who wrote it.' });
}

async function found(tx: Tx, actor: Actor, conversationId: string, noteId: string, lock?: 'update'): Promise<NoteRow> {
  const note = await findNote(tx, actor.organizationId, { conversationId, noteId }, lock);
  if (!note) throw errors.notFound({ message: 'There is no such note.', details: { noteId } });
  return note;
}

async function checkMentions(
  tx: Tx,
  conversation: { organizationId: string; profileId: string },
  mentions: UserId[],
): Promise<void> {
  for (const [index, userId] of mentions.entries()) {
    await memberWith(tx, conversation, userId, 'conversations.read', `mentions.${index}`);
  }
}

function told(
  action: AuditAction,
  name: NewEvent['name'],
  noteId: string,
  authorUserId: UserId | null,
  mentions: UserId[],
) {
  return { audit: { action, after: { noteId } }, event: { name, payload: { noteId, authorUserId, mentions } } };
}
