import { Body, Controller, Delete, Get, Post, Query, Req, StreamableFile } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { type Config, publicUrlOf } from '#config';
import { type Actor, errors } from '#contracts';
import { DataExports, Erasures } from '#domain';
import { clientInfo } from '../auth/client-info.js';
import { proofOf, ReauthenticationIn } from '../auth/reauthentication.dto.js';
import { LimitedByAddress, Public, SessionOnly } from '../http/access.js';
import type { Page } from '../http/answer.js';
import { InjectConfig } from '../http/config.js';
import { CurrentActor } from '../http/current-actor.js';
import { Describe } from '../http/describe.js';
import { IdParam } from '../http/id-param.js';
import { decodeIdCursor, PageQuery, toPage } from '../http/page.js';
import type { ApiRequest } from '../http/request.js';
import { DataExportOut, DeletedExportOut, ExportLinkQuery, presentExport } from './data-exports.dto.js';
import {
  EraseAccountIn,
  ErasureOut,
  presentErasure,
  presentScheduled,
  ReceiptIn,
  ScheduledErasureOut,
} from './erasures.dto.js';

/** What people may ask of their own data. */
@ApiTags('Privacy')
@Controller()
export class OwnDataController {
  constructor(
    private readonly exports: DataExports,
    private readonly erasures: Erasures,
    @InjectConfig() private readonly config: Config,
  ) {}

  @Get('account/export')
  @SessionOnly()
  @Describe('Export personal data', {
    description:
      'Your newest copy: how far it is, and where to fetch it. When there is none, one is begun. It is made in the background: a zip of JSON and media with your account, what the audit trail tells of you, and what you sent.',
    returns: DataExportOut,
    errors: ['tooManyExports'],
  })
  async export(@CurrentActor() actor: Actor): Promise<DataExportOut> {
    return this.present(await this.exports.latestOrRequest(actor));
  }

  @Post('account/exports')
  @SessionOnly()
  @Describe('Ask for a copy of your data', {
    description: 'A new one, whatever there is already. The event `data_export.completed` tells when it is ready.',
    returns: DataExportOut,
    status: 202,
    errors: ['tooManyExports'],
  })
  async request(@CurrentActor() actor: Actor): Promise<DataExportOut> {
    return this.present(await this.exports.request(actor));
  }

  @Get('account/exports')
  @SessionOnly()
  @Describe('List copies of your data', {
    description: 'Newest first. Only you see them.',
    returns: [DataExportOut],
    page: true,
  })
  async list(@CurrentActor() actor: Actor, @Query() { limit, cursor }: PageQuery): Promise<Page<DataExportOut>> {
    const page = { kind: 'user' as const, before: decodeIdCursor(cursor), limit: limit + 1 };
    return toPage(
      await this.exports.list(actor, page),
      limit,
      (row) => [row.id],
      (row) => this.present(row),
    );
  }

  @Get('account/exports/download')
  @Public()
  @LimitedByAddress()
  @Describe('Fetch a copy', {
    description:
      'By the signed link of `downloadUrl`, which only who asked for the copy is given. It works for 15 minutes; each fetch is recorded.',
    returns: 'file',
    errors: ['linkInvalid', 'exportNotReady'],
  })
  async download(@Query() { token }: ExportLinkQuery, @Req() request: ApiRequest): Promise<StreamableFile> {
    const { ipAddress, userAgent } = clientInfo(request);
    const origin = { ip: ipAddress ?? undefined, userAgent: userAgent ?? undefined, requestId: request.requestId };
    const { file, row } = await this.exports.open(token, origin);
    const day = row.createdAt.toISOString().slice(0, 10);
    return new StreamableFile(file, {
      type: 'application/zip',
      disposition: `attachment; filename="waypost-${row.kind}-data-${day}.zip"`,
      length: row.sizeBytes!,
    });
  }

  @Get('account/exports/:exportId')
  @SessionOnly()
  @Describe('Get a copy of your data', {
    description: 'How far it is, with a fresh link.',
    returns: DataExportOut,
    errors: ['notFound'],
  })
  async get(@CurrentActor() actor: Actor, @IdParam('exportId') id: string): Promise<DataExportOut> {
    return this.present(await this.exports.get(actor, 'user', id));
  }

  @Delete('account/exports/:exportId')
  @SessionOnly()
  @Describe('Delete a copy of your data', {
    description: 'Before it expires; one that is being made is stopped.',
    returns: DeletedExportOut,
    errors: ['notFound'],
  })
  async delete(@CurrentActor() actor: Actor, @IdParam('exportId') id: string): Promise<DeletedExportOut> {
    await this.exports.delete(actor, 'user', id);
    return { id, deleted: true };
  }

  @Delete('account/delete')
  @SessionOnly()
  @Describe('Delete account and personal data', {
    description:
      'After a time of grace in which it can be cancelled. With other members in the organization your account is erased, and what you did for the organization stays under an id that leads to nobody; an owner makes another member owner first. As the only member you erase the whole organization: its numbers are unlinked and everything in it goes.',
    returns: ScheduledErasureOut,
    status: 202,
    errors: ['reauthenticationFailed', 'tooManyAttempts', 'lastOwner', 'lastPlatformAdmin', 'erasureOpen'],
  })
  async erase(@CurrentActor() actor: Actor, @Body() body: EraseAccountIn): Promise<ScheduledErasureOut> {
    return presentScheduled(await this.erasures.eraseSelf(actor, proofOf(body), body.graceDays));
  }

  @Delete('auth/account')
  @SessionOnly()
  @Describe('Delete the current user account', {
    description:
      'At once: nobody can log in to it from now on, and the worker erases it within moments. What is erased is said at `DELETE /account/delete`.',
    returns: ScheduledErasureOut,
    status: 202,
    errors: ['reauthenticationFailed', 'tooManyAttempts', 'lastOwner', 'lastPlatformAdmin', 'erasureOpen'],
  })
  async eraseNow(@CurrentActor() actor: Actor, @Body() body: ReauthenticationIn): Promise<ScheduledErasureOut> {
    return presentScheduled(await this.erasures.eraseSelf(actor, proofOf(body), 0));
  }

  @Get('account/erasure')
  @SessionOnly()
  @Describe('Get the erasure of your account that waits', {
    description: '404 when none was asked for.',
    returns: ErasureOut,
    errors: ['notFound'],
  })
  async openErasure(@CurrentActor() actor: Actor): Promise<ErasureOut> {
    const erasure = await this.erasures.openOfSelf(actor);
    if (!erasure) throw errors.notFound({ message: 'No erasure of your account waits.' });
    return presentErasure(erasure);
  }

  @Post('account/erasure/cancel')
  @SessionOnly()
  @Describe('Cancel the erasure of your account', {
    description: 'As long as its time of grace lasts.',
    returns: ErasureOut,
    status: 200,
    errors: ['notFound', 'erasureClosed'],
  })
  async cancel(@CurrentActor() actor: Actor): Promise<ErasureOut> {
    return presentErasure(await this.erasures.cancelOfSelf(actor));
  }

  @Post('account/erasure/receipt')
  @Public()
  @LimitedByAddress()
  @Describe('Read the report of an erasure', {
    description: 'With the receipt that the request for it answered; an account is not needed, because it may be gone.',
    returns: ErasureOut,
    status: 200,
    errors: ['notFound'],
  })
  async receipt(@Body() { receipt }: ReceiptIn): Promise<ErasureOut> {
    return presentErasure(await this.erasures.byReceipt(receipt));
  }

  private present(row: Parameters<typeof presentExport>[0]): DataExportOut {
    return presentExport(row, this.exports.linkOf(row), publicUrlOf(this.config));
  }
}
