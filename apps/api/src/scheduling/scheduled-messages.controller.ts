import { Body, Controller, Delete, Get, Patch, Post, type Provider, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { type Actor, errors, type ProfileId, type ScheduledMessageId } from '#contracts';
import { Database } from '#database';
import {
  DEFAULT_LATE_WINDOW_SECONDS,
  MediaIntake,
  occurrencesFrom,
  readTimes,
  recipientOf,
  type ScheduleChanges,
  ScheduledMessages,
} from '#domain';
import { Can } from '../http/access.js';
import type { Page } from '../http/answer.js';
import { CurrentActor } from '../http/current-actor.js';
import { Describe } from '../http/describe.js';
import { IdParam } from '../http/id-param.js';
import { Idempotency, IdempotencyScope, Idempotent } from '../http/idempotency.js';
import { decodeIdCursor, toPage } from '../http/page.js';
import { fileErrors } from '../messages/single-sends.js';
import { ScheduledContent } from './scheduled-content.js';
import {
  PreviewScheduleIn,
  PreviewScheduleOut,
  presentScheduled,
  ScheduledMessageOut,
  ScheduledMessagesQuery,
  ScheduleMessageIn,
  UpdateScheduledMessageIn,
} from './scheduled-messages.dto.js';

/** What the controller of scheduled messages asks for. */
export const schedulingProviders: Provider[] = [
  ScheduledContent,
  {
    provide: ScheduledMessages,
    inject: [Database, MediaIntake],
    useFactory: (db: Database, intake: MediaIntake) => new ScheduledMessages(db, intake),
  },
];

@ApiTags('Messages')
@Controller('messages')
export class ScheduledMessagesController {
  constructor(
    private readonly scheduled: ScheduledMessages,
    private readonly content: ScheduledContent,
  ) {}

  @Post('schedule')
  @Can('messages.send')
  @Idempotent()
  @Describe('Schedule a message', {
    description:
      'Sends it at that time, or again and again by a rule, exactly once each time, whatever crashes meanwhile. What it says is fixed now.',
    returns: ScheduledMessageOut,
    errors: [...fileErrors, 'templateVariablesMissing', 'tooManySchedules'],
  })
  async create(
    @CurrentActor() actor: Actor,
    @Body() body: ScheduleMessageIn,
    @Idempotency() idempotency: IdempotencyScope,
  ): Promise<ScheduledMessageOut> {
    const { profileId, scheduledAt, timeZone = 'UTC', recurrence = null } = body;
    const words = await this.content.read(actor, body, body.type, body.content);
    const draft = {
      ...{ profileId, words, scheduledAt, timeZone, rule: recurrence },
      lateWindowSeconds: body.lateWindowSeconds ?? DEFAULT_LATE_WINDOW_SECONDS,
    };
    return presentScheduled(await this.scheduled.create(actor, draft, idempotency.storing(presentScheduled)));
  }

  @Post('schedule/preview')
  @Can('messages.read')
  @Describe('Preview when a rule sends', {
    description: 'The occurrences of a rule before anything is scheduled. Nothing is stored.',
    returns: PreviewScheduleOut,
    status: 200,
  })
  preview(@Body() { scheduledAt, timeZone = 'UTC', recurrence = null, count = 10 }: PreviewScheduleIn) {
    const times = readTimes({ scheduledAt, timeZone, rule: recurrence }, new Date());
    const occurrences = occurrencesFrom(times, times.startsAt, count);
    return { occurrences: occurrences.map((at) => at.toISOString()) } satisfies PreviewScheduleOut;
  }

  @Get('schedule/:id')
  @Can('messages.read')
  @Describe('List scheduled messages for a profile', {
    description: 'Newest first, those that ended included. `id` is that of the profile.',
    returns: [ScheduledMessageOut],
    page: true,
    errors: ['notFound'],
  })
  async list(
    @CurrentActor() actor: Actor,
    @IdParam() profileId: ProfileId,
    @Query() { status, cursor, limit, offset }: ScheduledMessagesQuery,
  ): Promise<Page<ScheduledMessageOut>> {
    const page = { status, before: decodeIdCursor(cursor), offset, limit: limit + 1 };
    const rows = await this.scheduled.list(actor, profileId, page);
    return toPage(rows, limit, (row) => [row.id], presentScheduled);
  }

  @Get('scheduled/:scheduledId')
  @Can('messages.read')
  @Describe('Get a scheduled message', {
    description: 'With how its last message came along.',
    returns: ScheduledMessageOut,
    errors: ['notFound'],
  })
  async get(
    @CurrentActor() actor: Actor,
    @IdParam('scheduledId') id: ScheduledMessageId,
  ): Promise<ScheduledMessageOut> {
    return presentScheduled(await this.scheduled.get(actor, id));
  }

  @Patch('schedule/:id')
  @Can('messages.send')
  @Describe('Change a scheduled message', {
    description:
      'While it is pending. What is left out stays; `type` and `content` come together, and with them `mentions`, `quotedMessageId` and the like are given anew.',
    returns: ScheduledMessageOut,
    errors: [...fileErrors, 'templateVariablesMissing', 'scheduleEnded'],
  })
  async update(
    @CurrentActor() actor: Actor,
    @IdParam() id: ScheduledMessageId,
    @Body() body: UpdateScheduledMessageIn,
  ): Promise<ScheduledMessageOut> {
    return presentScheduled(await this.scheduled.update(actor, id, await this.changesOf(actor, id, body)));
  }

  @Delete('schedule/:id')
  @Can('messages.send')
  @Describe('Cancel a scheduled message', {
    description: 'Nothing more comes of it; what it sent before stays. Only while it is pending.',
    returns: ScheduledMessageOut,
    errors: ['notFound', 'scheduleEnded'],
  })
  async cancel(@CurrentActor() actor: Actor, @IdParam() id: ScheduledMessageId): Promise<ScheduledMessageOut> {
    return presentScheduled(await this.scheduled.cancel(actor, id));
  }

  private async changesOf(
    actor: Actor,
    id: ScheduledMessageId,
    body: UpdateScheduledMessageIn,
  ): Promise<ScheduleChanges> {
    const { type, content, to, scheduledAt, timeZone, recurrence: rule, lateWindowSeconds } = body;
    const times = { scheduledAt, timeZone, rule, lateWindowSeconds };
    if ((type === undefined) !== (content === undefined)) {
      const path = type === undefined ? 'type' : 'content';
      throw errors.validation({ fields: [{ path, message: 'is needed: type and content come together' }] });
    }
    if (type === undefined || content === undefined) {
      return { ...times, ...(to ? { to: { recipient: to, chat: recipientOf(to, 'to') } } : {}) };
    }
    const address = { ...body, to: to ?? (await this.scheduled.get(actor, id)).recipient };
    return { ...times, words: await this.content.read(actor, address, type, content) };
  }
}
