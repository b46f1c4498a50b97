import { Body, Controller, Delete, Get, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { type Config, publicUrlOf } from '#config';
import { type Actor, type ConversationId, errors } from '#contracts';
import type { DataExportRow } from '#database';
import { DataExports } from '#domain';
import { Can } from '../http/access.js';
import type { Page } from '../http/answer.js';
import { InjectConfig } from '../http/config.js';
import { CurrentActor } from '../http/current-actor.js';
import { Describe } from '../http/describe.js';
import { IdParam } from '../http/id-param.js';
import { decodeIdCursor, PageQuery, toPage } from '../http/page.js';
import { DataExportOut, DeletedExportOut, presentExport } from '../privacy/data-exports.dto.js';
import { ExportConversationIn } from './conversation-exports.dto.js';

/** Conversations as files. Only who asked for one sees it. */
@ApiTags('Conversations')
@Controller('conversations/:id/exports')
export class ConversationExportsController {
  constructor(
    private readonly exports: DataExports,
    @InjectConfig() private readonly config: Config,
  ) {}

  @Post()
  @Can('messages.read')
  @Describe('Export a conversation', {
    description:
      'Into a zip file that is made in the background: `conversation.txt`, `.ndjson` or `.csv`, and the files if wanted. The event `data_export.completed` tells when it is ready. What was deleted or cleared is not in it.',
    returns: DataExportOut,
    status: 202,
    errors: ['notFound', 'tooManyExports'],
  })
  async request(
    @CurrentActor() actor: Actor,
    @IdParam() id: ConversationId,
    @Body() { format = 'txt', media = false }: ExportConversationIn,
  ): Promise<DataExportOut> {
    return this.present(await this.exports.requestOfConversation(actor, id, { format, media }));
  }

  @Get()
  @Can('messages.read')
  @Describe('List exports of a conversation', {
    description: 'Those that you asked for, newest first.',
    returns: [DataExportOut],
    page: true,
    errors: ['notFound'],
  })
  async list(
    @CurrentActor() actor: Actor,
    @IdParam() id: ConversationId,
    @Query() { limit, cursor }: PageQuery,
  ): Promise<Page<DataExportOut>> {
    const page = { conversationId: id, before: decodeIdCursor(cursor), limit: limit + 1 };
    return toPage(
      await this.exports.listOfConversation(actor, page),
      limit,
      (row) => [row.id],
      (row) => this.present(row),
    );
  }

  @Get(':conversationExportId')
  @Can('messages.read')
  @Describe('Get an export of a conversation', {
    description: 'How far it is, with a fresh link. Only who asked for it sees it.',
    returns: DataExportOut,
    errors: ['notFound'],
  })
  async get(
    @CurrentActor() actor: Actor,
    @IdParam() id: ConversationId,
    @IdParam('conversationExportId') exportId: string,
  ): Promise<DataExportOut> {
    return this.present(await this.found(actor, id, exportId));
  }

  @Delete(':conversationExportId')
  @Can('messages.read')
  @Describe('Delete an export of a conversation', {
    description: 'Before it expires; one that is being made is stopped.',
    returns: DeletedExportOut,
    errors: ['notFound'],
  })
  async remove(
    @CurrentActor() actor: Actor,
    @IdParam() id: ConversationId,
    @IdParam('conversationExportId') exportId: string,
  ): Promise<DeletedExportOut> {
    await this.found(actor, id, exportId);
    await this.exports.delete(actor, 'conversation', exportId);
    return { id: exportId, deleted: true };
  }

  private async found(actor: Actor, conversationId: ConversationId, exportId: string): Promise<DataExportRow> {
    const row = await this.exports.get(actor, 'conversation', exportId);
    if (row.conversationId === conversationId) return row;
    throw errors.notFound({ message: 'There is no such copy.', details: { id: exportId } });
  }

  private present(row: DataExportRow): DataExportOut {
    return presentExport(row, this.exports.linkOf(row), publicUrlOf(this.config));
  }
}
