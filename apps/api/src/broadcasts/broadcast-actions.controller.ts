import { Body, Controller, Get, Post, Query, type StreamableFile } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { type Actor, type BroadcastId, errors } from '#contracts';
import { BroadcastControl, BroadcastReports, Broadcasts } from '#domain';
import { Can } from '../http/access.js';
import { CurrentActor } from '../http/current-actor.js';
import { Describe } from '../http/describe.js';
import { IdParam } from '../http/id-param.js';
import { Idempotency, IdempotencyScope, Idempotent } from '../http/idempotency.js';
import { decodeCursor, encodeCursor } from '../http/page.js';
import { fileErrors } from './broadcast-errors.js';
import { ScheduleBroadcastIn, toScheduleWanted } from './broadcast-in.dto.js';
import { BroadcastOut, presentBroadcast, presentStarted, StartedBroadcastOut } from './broadcast-out.dto.js';
import {
  BroadcastRecipientFilters,
  BroadcastRecipientsOut,
  BroadcastRecipientsQuery,
  BroadcastReportOut,
  BroadcastStatsQuery,
  presentRecipient,
  presentReport,
} from './broadcast-report.dto.js';
import { recipientsFile } from './recipients-file.js';

/** What a broadcast does, and what became of it. */
@ApiTags('Broadcasts')
@Controller('broadcast')
export class BroadcastActionsController {
  constructor(
    private readonly control: BroadcastControl,
    private readonly reports: BroadcastReports,
    private readonly broadcasts: Broadcasts,
  ) {}

  @Post(':id/schedule')
  @Can('broadcasts.execute')
  @Describe('Schedule broadcast', {
    description:
      'It starts by itself at that time, or makes a broadcast at each of its times. Templates are read and files are taken in now: what it says then is what it says now. Another time takes the place of the one before; cancelling ends it.',
    returns: BroadcastOut,
    status: 200,
    errors: ['notFound', 'broadcastState', ...fileErrors],
  })
  async schedule(
    @CurrentActor() actor: Actor,
    @IdParam() id: BroadcastId,
    @Body() body: ScheduleBroadcastIn,
  ): Promise<BroadcastOut> {
    return presentBroadcast(await this.control.schedule(actor, id, toScheduleWanted(body)));
  }

  @Post(':id/start')
  @Can('broadcasts.execute')
  @Idempotent()
  @Describe('Start broadcast immediately', {
    description:
      'One that is paused or failed goes on. Its recipients are then written down, and queued as its numbers send; a restart loses nothing and sends nothing twice.',
    returns: StartedBroadcastOut,
    status: 200,
    errors: ['notFound', 'broadcastState', 'broadcastEmpty', ...fileErrors],
  })
  async start(
    @CurrentActor() actor: Actor,
    @IdParam() id: BroadcastId,
    @Idempotency() idempotency: IdempotencyScope,
  ): Promise<StartedBroadcastOut> {
    return presentStarted(await this.control.start(actor, id, idempotency.storing(presentStarted)));
  }

  @Post(':id/pause')
  @Can('broadcasts.execute')
  @Describe('Pause broadcast', {
    description: 'Nothing of it goes out any more but what is on the wire at this moment.',
    returns: BroadcastOut,
    status: 200,
    errors: ['notFound', 'broadcastState'],
  })
  async pause(@CurrentActor() actor: Actor, @IdParam() id: BroadcastId): Promise<BroadcastOut> {
    return presentBroadcast(await this.control.pause(actor, id));
  }

  @Post(':id/resume')
  @Can('broadcasts.execute')
  @Describe('Resume broadcast', {
    description: 'A paused one goes on where it was, or one that failed because of its numbers.',
    returns: BroadcastOut,
    status: 200,
    errors: ['notFound', 'broadcastState'],
  })
  async resume(@CurrentActor() actor: Actor, @IdParam() id: BroadcastId): Promise<BroadcastOut> {
    return presentBroadcast(await this.control.resume(actor, id));
  }

  @Post(':id/cancel')
  @Can('broadcasts.execute')
  @Describe('Cancel broadcast', {
    description:
      'Ends it for good. Whoever is `cancelled` certainly got nothing; what is on the wire at this moment ends by itself.',
    returns: BroadcastOut,
    status: 200,
    errors: ['notFound', 'broadcastState'],
  })
  async cancel(@CurrentActor() actor: Actor, @IdParam() id: BroadcastId): Promise<BroadcastOut> {
    return presentBroadcast(await this.control.cancel(actor, id));
  }

  @Get(':id/stats')
  @Can('broadcasts.read')
  @Describe('Broadcast delivery stats', {
    description:
      'Counted from the recipients at this moment; delivered and read by real receipts, which also come after it has ended.',
    returns: BroadcastReportOut,
    errors: ['notFound'],
  })
  async stats(
    @CurrentActor() actor: Actor,
    @IdParam() id: BroadcastId,
    @Query() { step }: BroadcastStatsQuery,
  ): Promise<BroadcastReportOut> {
    return presentReport(await this.reports.stats(actor, id, step));
  }

  @Get(':id/recipients')
  @Can('broadcasts.read')
  @Describe('Broadcast recipient list', {
    description:
      'Every recipient with its outcome, and everybody who was left out with the reason, in the order of the list. Filters all have to fit; pages by cursor or offset.',
    returns: BroadcastRecipientsOut,
    errors: ['notFound'],
  })
  async recipients(
    @CurrentActor() actor: Actor,
    @IdParam() id: BroadcastId,
    @Query() query: BroadcastRecipientsQuery,
  ): Promise<BroadcastRecipientsOut> {
    const { limit, offset, cursor } = query;
    const [after] = decodeCursor(cursor, [/^\d{1,9}$/]) ?? [];
    const page = { after: after === undefined ? undefined : Number(after), offset, limit: limit + 1 };
    const found = await this.reports.recipients(actor, id, await this.filterOf(actor, id, query), page);
    const rows = found.recipients.slice(0, limit);
    const isMore = found.recipients.length > limit;
    return {
      recipients: rows.map((row) => presentRecipient(row, found.variants)),
      total: found.total,
      limit,
      offset,
      nextCursor: isMore ? encodeCursor([String(rows.at(-1)!.position)]) : null,
    };
  }

  @Get(':id/recipients/export')
  @Can('broadcasts.read')
  @Describe('Export the recipients of a broadcast', {
    description:
      'All recipients that fit, in the order of the list, as CSV: cells that would be formulas are marked as text.',
    returns: 'file',
    errors: ['notFound'],
  })
  async export(
    @CurrentActor() actor: Actor,
    @IdParam() id: BroadcastId,
    @Query() query: BroadcastRecipientFilters,
  ): Promise<StreamableFile> {
    const { pages, variants } = await this.reports.allRecipients(actor, id, await this.filterOf(actor, id, query));
    return recipientsFile(pages, variants);
  }

  private async filterOf(actor: Actor, id: BroadcastId, query: BroadcastRecipientFilters) {
    const { status: state, reason, senderId } = query;
    const replied = query.replied === undefined ? undefined : query.replied === 'true';
    if (query.variant === undefined) return { state, reason, senderId, replied };
    const { broadcast } = await this.broadcasts.get(actor, id);
    const variant = broadcast.variants.findIndex(({ name }) => name === query.variant);
    if (variant === -1) {
      throw errors.validation({ fields: [{ path: 'variant', message: 'is no variant of this broadcast' }] });
    }
    return { state, reason, senderId, replied, variant };
  }
}
