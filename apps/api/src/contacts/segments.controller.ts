import { Body, Controller, Delete, Get, Post, Put, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { type Actor, parseContactFilter, type SegmentId } from '#contracts';
import { Segments } from '#domain';
import { Can } from '../http/access.js';
import type { Page } from '../http/answer.js';
import { CurrentActor } from '../http/current-actor.js';
import { Describe } from '../http/describe.js';
import { IdParam } from '../http/id-param.js';
import { Idempotency, IdempotencyScope, Idempotent } from '../http/idempotency.js';
import { decodeIdCursor, toPage } from '../http/page.js';
import { presentContact } from './contact.dto.js';
import {
  CountedSegmentOut,
  CreateSegmentIn,
  DeletedSegmentOut,
  PreviewSegmentIn,
  presentSegment,
  SegmentOut,
  SegmentPreviewOut,
  SegmentsQuery,
  UpdateSegmentIn,
} from './segments.dto.js';

const PREVIEWED = 10;

@ApiTags('Contacts')
@Controller('segments')
export class SegmentsController {
  constructor(private readonly segments: Segments) {}

  @Post()
  @Can('contacts.write')
  @Idempotent()
  @Describe('Create segment', {
    description: 'A filter with a name. Who is in it is asked each time, so it is never out of date.',
    returns: SegmentOut,
    errors: ['notFound', 'segmentNameTaken'],
  })
  async create(
    @CurrentActor() actor: Actor,
    @Body() body: CreateSegmentIn,
    @Idempotency() idempotency: IdempotencyScope,
  ): Promise<SegmentOut> {
    const draft = { ...body, filter: parseContactFilter(body.filter) };
    return presentSegment(await this.segments.create(actor, draft, idempotency.storing(presentSegment)));
  }

  @Get()
  @Can('contacts.read')
  @Describe('List segments', { description: 'Oldest first.', returns: [SegmentOut], page: true })
  async list(@CurrentActor() actor: Actor, @Query() query: SegmentsQuery): Promise<Page<SegmentOut>> {
    const { profileId, limit, cursor } = query;
    const page = { profileId, after: decodeIdCursor<SegmentId>(cursor), limit: limit + 1 };
    return toPage(await this.segments.list(actor, page), limit, ({ id }) => [id], presentSegment);
  }

  @Post('preview')
  @Can('contacts.read')
  @Describe('Preview a filter', {
    description: 'How many contacts a filter means now, and the newest ten of them, without keeping it.',
    returns: SegmentPreviewOut,
    status: 200,
    errors: ['notFound'],
  })
  async preview(
    @CurrentActor() actor: Actor,
    @Body() { profileId, filter }: PreviewSegmentIn,
  ): Promise<SegmentPreviewOut> {
    const asked = parseContactFilter(filter);
    const { count, contacts } = await this.segments.preview(actor, profileId, asked, { limit: PREVIEWED });
    return { count, contacts: contacts.map(presentContact) };
  }

  @Get(':segmentId')
  @Can('contacts.read')
  @Describe('Get segment', {
    description: 'One segment, with how many contacts are in it now. `GET /contacts?segmentId=` lists them.',
    returns: CountedSegmentOut,
    errors: ['notFound'],
  })
  async get(@CurrentActor() actor: Actor, @IdParam('segmentId') id: SegmentId): Promise<CountedSegmentOut> {
    const { segment, count } = await this.segments.get(actor, id);
    return { ...presentSegment(segment), count };
  }

  @Put(':segmentId')
  @Can('contacts.write')
  @Describe('Update segment', {
    description: 'Fields that are left out stay.',
    returns: SegmentOut,
    errors: ['notFound', 'segmentNameTaken'],
  })
  async update(
    @CurrentActor() actor: Actor,
    @IdParam('segmentId') id: SegmentId,
    @Body() { filter, ...words }: UpdateSegmentIn,
  ): Promise<SegmentOut> {
    const changes = { ...words, ...(filter !== undefined && { filter: parseContactFilter(filter) }) };
    return presentSegment(await this.segments.update(actor, id, changes));
  }

  @Delete(':segmentId')
  @Can('contacts.write')
  @Describe('Delete segment', {
    description: 'The contacts stay.',
    returns: DeletedSegmentOut,
    errors: ['notFound'],
  })
  async delete(@CurrentActor() actor: Actor, @IdParam('segmentId') id: SegmentId): Promise<DeletedSegmentOut> {
    await this.segments.delete(actor, id);
    return { id, deleted: true };
  }
}
