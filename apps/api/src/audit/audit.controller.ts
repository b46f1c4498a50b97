import { Body, Controller, Get, Post, Query, type StreamableFile } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { type Actor, errors } from '#contracts';
import { AuditLog } from '#domain';
import { Can } from '../http/access.js';
import { Page } from '../http/answer.js';
import { CurrentActor } from '../http/current-actor.js';
import { Describe } from '../http/describe.js';
import { decodeIdCursor, toPage } from '../http/page.js';
import {
  AuditActionOut,
  AuditEntryOut,
  AuditExportQuery,
  AuditLogsQuery,
  AuditSummaryOut,
  AuditSummaryQuery,
  AuditVerificationOut,
  presentActions,
  presentAuditEntry,
  presentSummary,
  presentVerification,
  toAuditFilter,
  VerifyAuditIn,
} from './audit.dto.js';
import { auditFile } from './audit-file.js';

@ApiTags('Audit')
@Controller('audit')
export class AuditController {
  constructor(private readonly log: AuditLog) {}

  @Get('logs')
  @Can('audit.read')
  @Describe('List audit log entries', {
    description:
      'Who did what, newest first. Secrets are masked, and only what differs is shown. Reading leaves an entry itself.',
    returns: [AuditEntryOut],
    page: true,
  })
  async list(@CurrentActor() actor: Actor, @Query() query: AuditLogsQuery): Promise<Page<AuditEntryOut>> {
    const { limit, offset, cursor } = query;
    const page = { before: decodeIdCursor(cursor), offset, limit: limit + 1 };
    const { entries, total } = await this.log.list(actor, toAuditFilter(query), page);
    const { items, meta } = toPage(entries, limit, (row) => [row.id], presentAuditEntry);
    return new Page(items, { ...meta, total });
  }

  @Get('summary')
  @Can('audit.read')
  @Describe('Audit summary', {
    description: 'How much of what was done in the last days.',
    returns: AuditSummaryOut,
  })
  async summary(@CurrentActor() actor: Actor, @Query() query: AuditSummaryQuery): Promise<AuditSummaryOut> {
    return presentSummary(await this.log.summary(actor, query.days));
  }

  @Get('actions')
  @Can('audit.read')
  @Describe('Audit action catalogue', {
    description: 'Every action that entries can name, and when they are written.',
    returns: [AuditActionOut],
  })
  actions(): AuditActionOut[] {
    return presentActions();
  }

  @Get('export')
  @Can('audit.export')
  @Describe('Export the audit log', {
    description:
      'All entries that fit, newest first, as a file: CSV (cells that would be formulas are marked as text) or one JSON object a line. The export leaves an entry itself.',
    returns: 'file',
  })
  async export(@CurrentActor() actor: Actor, @Query() query: AuditExportQuery): Promise<StreamableFile> {
    return auditFile(await this.log.export(actor, toAuditFilter(query), query.format), query.format);
  }

  @Post('verify')
  @Can('audit.read')
  @Describe('Verify the audit log', {
    description:
      'Computes the hash chain again, from its beginning to its signed end, and names the first entry that was altered, removed or added. With a position and a hash that were noted earlier it also shows that this is still the same chain.',
    returns: AuditVerificationOut,
    status: 200,
  })
  async verify(@CurrentActor() actor: Actor, @Body() body: VerifyAuditIn): Promise<AuditVerificationOut> {
    const { seq, hash } = body;
    if ((seq === undefined) !== (hash === undefined)) {
      const path = seq === undefined ? 'seq' : 'hash';
      throw errors.validation({ fields: [{ path, message: 'seq and hash go together' }] });
    }
    return presentVerification(
      await this.log.verify(actor, seq === undefined || hash === undefined ? undefined : { seq, hash }),
    );
  }
}
