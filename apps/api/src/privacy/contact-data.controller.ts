import { Body, Controller, Delete, Get, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { type Config, publicUrlOf } from '#config';
import type { Actor } from '#contracts';
import type { DataExportRow } from '#database';
import { DataExports, Erasures } from '#domain';
import { proofOf } from '../auth/reauthentication.dto.js';
import { Can } from '../http/access.js';
import type { Page } from '../http/answer.js';
import { InjectConfig } from '../http/config.js';
import { CurrentActor } from '../http/current-actor.js';
import { Describe } from '../http/describe.js';
import { IdParam } from '../http/id-param.js';
import { decodeIdCursor, PageQuery, toPage } from '../http/page.js';
import { ContactRefIn, DataExportOut, DeletedExportOut, presentExport, toContactRef } from './data-exports.dto.js';
import { EraseContactIn, ErasureOut, presentErasure, presentScheduled, ScheduledErasureOut } from './erasures.dto.js';

/** What people who are contacts may ask of an organization, carried out by its members. */
@ApiTags('Privacy')
@Controller('privacy')
export class ContactDataController {
  constructor(
    private readonly exports: DataExports,
    private readonly erasures: Erasures,
    @InjectConfig() private readonly config: Config,
  ) {}

  @Post('contact-exports')
  @Can('privacy.export')
  @Describe('Ask for a copy of the data of a contact', {
    description:
      'A zip of JSON and media: numbers, names, conversations and all messages with the person, of every profile of the organization. Made in the background.',
    returns: DataExportOut,
    status: 202,
    errors: ['notFound', 'tooManyExports'],
  })
  async requestExport(@CurrentActor() actor: Actor, @Body() body: ContactRefIn): Promise<DataExportOut> {
    return this.present(await this.exports.requestOfContact(actor, toContactRef(body)));
  }

  @Get('contact-exports')
  @Can('privacy.export')
  @Describe('List copies of data of contacts', {
    description: 'Those that you asked for, newest first.',
    returns: [DataExportOut],
    page: true,
  })
  async listExports(@CurrentActor() actor: Actor, @Query() { limit, cursor }: PageQuery): Promise<Page<DataExportOut>> {
    const page = { kind: 'contact' as const, before: decodeIdCursor(cursor), limit: limit + 1 };
    return toPage(
      await this.exports.list(actor, page),
      limit,
      (row) => [row.id],
      (row) => this.present(row),
    );
  }

  @Get('contact-exports/:contactExportId')
  @Can('privacy.export')
  @Describe('Get a copy of data of a contact', {
    description: 'How far it is, with a fresh link. Only who asked for it sees it.',
    returns: DataExportOut,
    errors: ['notFound'],
  })
  async getExport(@CurrentActor() actor: Actor, @IdParam('contactExportId') id: string): Promise<DataExportOut> {
    return this.present(await this.exports.get(actor, 'contact', id));
  }

  @Delete('contact-exports/:contactExportId')
  @Can('privacy.export')
  @Describe('Delete a copy of data of a contact', {
    description: 'Before it expires; one that is being made is stopped.',
    returns: DeletedExportOut,
    errors: ['notFound'],
  })
  async deleteExport(@CurrentActor() actor: Actor, @IdParam('contactExportId') id: string): Promise<DeletedExportOut> {
    await this.exports.delete(actor, 'contact', id);
    return { id, deleted: true };
  }

  @Post('erasures')
  @Can('privacy.erase')
  @Describe('Erase a contact', {
    description:
      'Everywhere in the organization, after a time of grace: messages with their files, conversations, numbers and names, and what events, webhook answers and the audit trail tell of the person. Needs a login session that confirms again who is asking.',
    returns: ScheduledErasureOut,
    status: 202,
    errors: ['notFound', 'reauthenticationFailed', 'tooManyAttempts', 'erasureOpen'],
  })
  async erase(@CurrentActor() actor: Actor, @Body() body: EraseContactIn): Promise<ScheduledErasureOut> {
    return presentScheduled(await this.erasures.eraseContact(actor, toContactRef(body), proofOf(body), body.graceDays));
  }

  @Get('erasures')
  @Can('privacy.erase')
  @Describe('List erasures of contacts', {
    description: 'With their reports, newest first.',
    returns: [ErasureOut],
    page: true,
  })
  async listErasures(@CurrentActor() actor: Actor, @Query() { limit, cursor }: PageQuery): Promise<Page<ErasureOut>> {
    const page = { before: decodeIdCursor<string>(cursor), limit: limit + 1 };
    return toPage(await this.erasures.listOfContacts(actor, page), limit, (row) => [row.id], presentErasure);
  }

  @Get('erasures/:erasureId')
  @Can('privacy.erase')
  @Describe('Get an erasure of a contact', {
    description: 'Its state and its report.',
    returns: ErasureOut,
    errors: ['notFound'],
  })
  async getErasure(@CurrentActor() actor: Actor, @IdParam('erasureId') id: string): Promise<ErasureOut> {
    return presentErasure(await this.erasures.getOfContact(actor, id));
  }

  @Post('erasures/:erasureId/cancel')
  @Can('privacy.erase')
  @Describe('Cancel an erasure of a contact', {
    description: 'As long as its time of grace lasts.',
    returns: ErasureOut,
    status: 200,
    errors: ['notFound', 'erasureClosed'],
  })
  async cancelErasure(@CurrentActor() actor: Actor, @IdParam('erasureId') id: string): Promise<ErasureOut> {
    return presentErasure(await this.erasures.cancelOfContact(actor, id));
  }

  private present(row: DataExportRow): DataExportOut {
    return presentExport(row, this.exports.linkOf(row), publicUrlOf(this.config));
  }
}
