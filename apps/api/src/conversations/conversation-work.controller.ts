import { Body, Controller, Delete, Get, Post, Put, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Actor, ConversationId } from '#contracts';
import { ConversationNotes, Conversations, ConversationWork } from '#domain';
import { Can } from '../http/access.js';
import type { Page } from '../http/answer.js';
import { CurrentActor } from '../http/current-actor.js';
import { Describe } from '../http/describe.js';
import { IdParam } from '../http/id-param.js';
import { decodeIdCursor, PageQuery, toPage } from '../http/page.js';
import {
  AssignIn,
  AssignmentOut,
  ConversationStatusIn,
  NoteIn,
  NoteOut,
  presentAssignment,
  presentNote,
  RemovedNoteOut,
  toNoteDraft,
  toStatusWish,
} from './conversation-work.dto.js';
import { ConversationOut, presentConversation } from './conversations.dto.js';

/** Who works on chats, whether they are done, and what members write about them. WhatsApp knows nothing of it. */
@ApiTags('Conversations')
@Controller('conversations/:id')
export class ConversationWorkController {
  constructor(
    private readonly conversations: Conversations,
    private readonly work: ConversationWork,
    private readonly notes: ConversationNotes,
  ) {}

  @Put('assignee')
  @Can('conversations.write')
  @Describe('Assign a conversation', {
    description: 'To a member who may read conversations of the profile, or to nobody. Repeating it changes nothing.',
    returns: ConversationOut,
    errors: ['notFound'],
  })
  async assign(
    @CurrentActor() actor: Actor,
    @IdParam() id: ConversationId,
    @Body() { userId }: AssignIn,
  ): Promise<ConversationOut> {
    await this.work.assign(actor, id, userId);
    return presentConversation(await this.conversations.get(actor, id));
  }

  @Get('assignments')
  @Can('conversations.read')
  @Describe('List who had a conversation', {
    description: 'Newest first.',
    returns: [AssignmentOut],
    page: true,
    errors: ['notFound'],
  })
  async assignments(
    @CurrentActor() actor: Actor,
    @IdParam() id: ConversationId,
    @Query() { limit, cursor }: PageQuery,
  ): Promise<Page<AssignmentOut>> {
    const page = { before: decodeIdCursor<string>(cursor), limit: limit + 1 };
    return toPage(await this.work.assignments(actor, id, page), limit, (row) => [row.id], presentAssignment);
  }

  @Put('status')
  @Can('conversations.write')
  @Describe('Open, snooze or close a conversation', {
    description:
      'Unless `reopens` is false, the next message of the other party opens it again; a snoozed one also opens at its time. Repeating it changes nothing.',
    returns: ConversationOut,
    errors: ['notFound'],
  })
  async setStatus(
    @CurrentActor() actor: Actor,
    @IdParam() id: ConversationId,
    @Body() body: ConversationStatusIn,
  ): Promise<ConversationOut> {
    await this.work.setStatus(actor, id, toStatusWish(body));
    return presentConversation(await this.conversations.get(actor, id));
  }

  @Get('notes')
  @Can('conversations.read')
  @Describe('List internal notes', {
    description: 'Newest first. Notes are never sent to WhatsApp.',
    returns: [NoteOut],
    page: true,
    errors: ['notFound'],
  })
  async listNotes(
    @CurrentActor() actor: Actor,
    @IdParam() id: ConversationId,
    @Query() { limit, cursor }: PageQuery,
  ): Promise<Page<NoteOut>> {
    const page = { before: decodeIdCursor<string>(cursor), limit: limit + 1 };
    return toPage(await this.notes.list(actor, id, page), limit, (row) => [row.id], presentNote);
  }

  @Post('notes')
  @Can('conversations.write')
  @Describe('Write an internal note', {
    description: 'About the conversation, for members. It is never sent to WhatsApp.',
    returns: NoteOut,
    errors: ['notFound'],
  })
  async addNote(@CurrentActor() actor: Actor, @IdParam() id: ConversationId, @Body() body: NoteIn): Promise<NoteOut> {
    return presentNote(await this.notes.add(actor, id, toNoteDraft(body)));
  }

  @Put('notes/:noteId')
  @Can('conversations.write')
  @Describe('Change an internal note', {
    description: 'Only who wrote it may.',
    returns: NoteOut,
    errors: ['notFound'],
  })
  async changeNote(
    @CurrentActor() actor: Actor,
    @IdParam() id: ConversationId,
    @IdParam('noteId') noteId: string,
    @Body() body: NoteIn,
  ): Promise<NoteOut> {
    return presentNote(await this.notes.change(actor, id, noteId, toNoteDraft(body)));
  }

  @Delete('notes/:noteId')
  @Can('conversations.write')
  @Describe('Delete an internal note', {
    description: 'Only who wrote it may.',
    returns: RemovedNoteOut,
    errors: ['notFound'],
  })
  async removeNote(
    @CurrentActor() actor: Actor,
    @IdParam() id: ConversationId,
    @IdParam('noteId') noteId: string,
  ): Promise<RemovedNoteOut> {
    await this.notes.remove(actor, id, noteId);
    return { id: noteId, deleted: true };
  }
}
