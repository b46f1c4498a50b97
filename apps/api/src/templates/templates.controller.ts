import { Body, Controller, Delete, Get, Post, type Provider, Put, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Actor, TemplateId } from '#contracts';
import { Database } from '#database';
import { MessageSender, TemplateSender, Templates } from '#domain';
import { Can } from '../http/access.js';
import type { Page } from '../http/answer.js';
import { CurrentActor } from '../http/current-actor.js';
import { Describe } from '../http/describe.js';
import { IdParam } from '../http/id-param.js';
import { Idempotency, IdempotencyScope, Idempotent } from '../http/idempotency.js';
import { decodeCursor, decodeIdCursor, PageQuery, toPage } from '../http/page.js';
import {
  CreateTemplateIn,
  DeletedTemplateOut,
  DuplicateTemplateIn,
  PreviewTemplateIn,
  presentPreview,
  presentTemplate,
  presentTemplateVersion,
  TemplateOut,
  TemplatePreviewOut,
  TemplatesQuery,
  TemplateVersionOut,
  UpdateTemplateIn,
} from './templates.dto.js';

/** What the controllers of templates ask for. */
export const templateProviders: Provider[] = [
  { provide: Templates, inject: [Database], useFactory: (db: Database) => new Templates(db) },
  {
    provide: TemplateSender,
    inject: [Database, MessageSender],
    useFactory: (db: Database, sender: MessageSender) => new TemplateSender(db, sender),
  },
];

function versionIn(cursor: string | undefined): number | undefined {
  const [version] = decodeCursor(cursor, [/^\d{1,9}$/]) ?? [];
  return version === undefined ? undefined : Number(version);
}

@ApiTags('Templates')
@Controller('templates')
export class TemplatesController {
  constructor(private readonly templates: Templates) {}

  @Post()
  @Can('templates.write')
  @Idempotent()
  @Describe('Create template', {
    description:
      'A message with places for variables. What cannot be read as a template is refused with the line and column of the mistake.',
    returns: TemplateOut,
    errors: ['notFound', 'templateNameTaken'],
  })
  async create(
    @CurrentActor() actor: Actor,
    @Body() body: CreateTemplateIn,
    @Idempotency() idempotency: IdempotencyScope,
  ): Promise<TemplateOut> {
    return presentTemplate(await this.templates.create(actor, body, idempotency.storing(presentTemplate)));
  }

  @Get()
  @Can('templates.read')
  @Describe('List templates', {
    description: 'Oldest first; filters all have to fit.',
    returns: [TemplateOut],
    page: true,
  })
  async list(@CurrentActor() actor: Actor, @Query() query: TemplatesQuery): Promise<Page<TemplateOut>> {
    const { limit, cursor, ...filters } = query;
    const after = decodeIdCursor<TemplateId>(cursor);
    const rows = await this.templates.list(actor, { ...filters, after, limit: limit + 1 });
    return toPage(rows, limit, (row) => [row.id], presentTemplate);
  }

  @Get(':id')
  @Can('templates.read')
  @Describe('Get template', { description: 'One template by its id.', returns: TemplateOut, errors: ['notFound'] })
  async get(@CurrentActor() actor: Actor, @IdParam() id: TemplateId): Promise<TemplateOut> {
    return presentTemplate(await this.templates.get(actor, id));
  }

  @Put(':id')
  @Can('templates.write')
  @Describe('Update template', {
    description:
      'Fields that are left out stay; `content` is replaced as a whole. Other words make a new version. Messages that were queued before say what it said then.',
    returns: TemplateOut,
    errors: ['notFound', 'templateNameTaken'],
  })
  async update(
    @CurrentActor() actor: Actor,
    @IdParam() id: TemplateId,
    @Body() body: UpdateTemplateIn,
  ): Promise<TemplateOut> {
    return presentTemplate(await this.templates.update(actor, id, body));
  }

  @Delete(':id')
  @Can('templates.write')
  @Describe('Delete template', {
    description: 'Messages that were made of it stay.',
    returns: DeletedTemplateOut,
    errors: ['notFound'],
  })
  async delete(@CurrentActor() actor: Actor, @IdParam() id: TemplateId): Promise<DeletedTemplateOut> {
    await this.templates.delete(actor, id);
    return { id, deleted: true };
  }

  @Get(':id/versions')
  @Can('templates.read')
  @Describe('List versions of a template', {
    description: 'What it says and said before, newest first.',
    returns: [TemplateVersionOut],
    page: true,
    errors: ['notFound'],
  })
  async versions(
    @CurrentActor() actor: Actor,
    @IdParam() id: TemplateId,
    @Query() { limit, cursor }: PageQuery,
  ): Promise<Page<TemplateVersionOut>> {
    const page = { before: versionIn(cursor), limit: limit + 1 };
    const rows = await this.templates.versions(actor, id, page);
    return toPage(rows, limit, (row) => [String(row.version)], presentTemplateVersion);
  }

  @Post(':id/preview')
  @Can('templates.read')
  @Describe('Render preview with variables', {
    description:
      'What it would say, without sending it, to a contact if one is given. Places without a value stay as they are written.',
    returns: TemplatePreviewOut,
    status: 200,
    errors: ['notFound'],
  })
  async preview(
    @CurrentActor() actor: Actor,
    @IdParam() id: TemplateId,
    @Body() { variables: values = {}, contactId, timeZone }: PreviewTemplateIn,
  ): Promise<TemplatePreviewOut> {
    return presentPreview(await this.templates.preview(actor, id, { values, contactId }, { timeZone }));
  }

  @Post(':id/duplicate')
  @Can('templates.write')
  @Idempotent()
  @Describe('Duplicate template', {
    description: 'A copy under another name, with its own versions and count.',
    returns: TemplateOut,
    errors: ['notFound', 'templateNameTaken'],
  })
  async duplicate(
    @CurrentActor() actor: Actor,
    @IdParam() id: TemplateId,
    @Body() { name }: DuplicateTemplateIn,
    @Idempotency() idempotency: IdempotencyScope,
  ): Promise<TemplateOut> {
    return presentTemplate(await this.templates.duplicate(actor, id, name, idempotency.storing(presentTemplate)));
  }
}
