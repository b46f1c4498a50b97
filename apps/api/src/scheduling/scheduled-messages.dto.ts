import {
  ApiExtraModels,
  ApiProperty,
  ApiPropertyOptional,
  getSchemaPath,
  IntersectionType,
  OmitType,
  PartialType,
} from '@nestjs/swagger';
import { IsIn, IsInt, IsObject, IsOptional, IsString, IsTimeZone, Length, Max, MaxLength, Min } from 'class-validator';
import type { DeliveryState } from '#contracts';
import type { ScheduledMessageShown } from '#database';
import { comingOf, contentView, DEFAULT_LATE_WINDOW_SECONDS } from '#domain';
import { IfGiven } from '../http/if-given.js';
import { OffsetPageQuery } from '../http/page.js';
import { ContentOut } from '../messages/content.dto.js';
import { type ContentType, contentKinds, contentTypes } from '../messages/content-kinds.js';
import { AddressIn } from '../messages/send.dto.js';
import { TemplateIn } from '../templates/template-sends.controller.js';

const types = [...contentTypes, 'template'] as const;
const bodies = [...new Set([...contentTypes.map((type) => contentKinds[type].body), TemplateIn])];
const MAX_LATE_SECONDS = 7 * 86_400;
/** Occurrences that are told with each scheduled message. */
const SHOWN_OCCURRENCES = 5;

/** When, and how often. */
class TimesIn {
  @ApiProperty({
    description:
      'When it is to be sent: ISO 8601. With an offset or Z that moment; without one the time of day in `timeZone`.',
    maxLength: 40,
    example: '2027-12-24T18:00:00+01:00',
  })
  @IsString()
  @Length(8, 40)
  scheduledAt: string;

  @ApiPropertyOptional({
    description: 'The time zone that is meant, by name. A rule keeps its time of day there, in summer and in winter.',
    maxLength: 64,
    default: 'UTC',
    example: 'Europe/Berlin',
  })
  @IfGiven()
  @IsTimeZone({ message: 'must be the name of a time zone, such as Europe/Berlin' })
  @MaxLength(64)
  timeZone?: string;

  @ApiPropertyOptional({
    description:
      'Sends again and again: a rule of RFC 5545, counted from `scheduledAt`. FREQ (MINUTELY to YEARLY), INTERVAL, COUNT, UNTIL, WKST, BYMONTH, BYMONTHDAY, BYDAY, BYHOUR, BYMINUTE and BYSETPOS are taken. Null: once.',
    type: String,
    nullable: true,
    maxLength: 520,
    example: 'FREQ=WEEKLY;BYDAY=MO',
  })
  @IsOptional()
  @IsString()
  @Length(1, 520)
  recurrence?: string | null;
}

class WordsIn {
  @ApiProperty({ description: 'What kind of message.', enum: types, example: 'text' })
  @IsIn(types)
  type: ContentType | 'template';

  @ApiProperty({
    description:
      'What it says: the fields of a single send of this type. Files are fetched and templates filled in now, so that an address that dies later does no harm.',
    anyOf: bodies.map((body) => ({ $ref: getSchemaPath(body) })),
    example: { text: 'Merry Christmas!' },
  })
  @IsObject()
  content: object;
}

class LateIn {
  @ApiPropertyOptional({
    description:
      'How late it may still be sent after Waypost had stopped, seconds. What is later is left out. Of several occurrences that passed meanwhile the newest is sent.',
    minimum: 0,
    maximum: MAX_LATE_SECONDS,
    default: DEFAULT_LATE_WINDOW_SECONDS,
    example: DEFAULT_LATE_WINDOW_SECONDS,
  })
  @IfGiven()
  @IsInt()
  @Min(0)
  @Max(MAX_LATE_SECONDS)
  lateWindowSeconds?: number;
}

@ApiExtraModels(...bodies)
export class ScheduleMessageIn extends IntersectionType(AddressIn, WordsIn, TimesIn, LateIn) {}

/** What is left out stays. */
@ApiExtraModels(...bodies)
export class UpdateScheduledMessageIn extends IntersectionType(
  PartialType(OmitType(AddressIn, ['profileId']), { skipNullProperties: false }),
  PartialType(WordsIn, { skipNullProperties: false }),
  PartialType(TimesIn, { skipNullProperties: false }),
  LateIn,
) {}

export class PreviewScheduleIn extends TimesIn {
  @ApiPropertyOptional({ description: 'How many occurrences.', minimum: 1, maximum: 100, default: 10, example: 10 })
  @IfGiven()
  @IsInt()
  @Min(1)
  @Max(100)
  count?: number;
}

export class PreviewScheduleOut {
  @ApiProperty({
    description: 'The first occurrences. Fewer than asked for: there are no more.',
    type: [String],
    example: ['2027-12-24T17:00:00.000Z'],
  })
  occurrences: string[];
}

const statuses = ['pending', 'queued', 'sent', 'failed', 'cancelled', 'expired', 'unknown'] as const;
type Status = (typeof statuses)[number];

export class ScheduledMessagesQuery extends OffsetPageQuery {
  @ApiPropertyOptional({ description: 'Only those that stand so.', enum: statuses, example: 'pending' })
  @IfGiven()
  @IsIn(statuses)
  status?: Status;
}

class ScheduleFailureOut {
  @ApiProperty({ description: 'Stable code.', example: 'PROFILE_NOT_LINKED' })
  code: string;

  @ApiProperty({ description: 'What it means.', example: 'No phone is linked to this profile.' })
  message: string;
}

class LastScheduledOut {
  @ApiProperty({ description: 'Our id.', format: 'uuid', example: '0198c2f3-5e6f-7a1b-9c2d-3e4f5a6b7c8d' })
  messageId: string;

  @ApiProperty({
    description: 'Its state now; null when it is not kept any longer.',
    type: String,
    nullable: true,
    example: 'delivered',
  })
  status: DeliveryState | null;

  @ApiProperty({ description: 'Why it ended so.', type: String, nullable: true, example: null })
  statusReason: string | null;

  @ApiProperty({ description: 'When it was made.', format: 'date-time', example: '2027-12-24T17:00:00.012Z' })
  queuedAt: string;
}

const moment = (description: string, example: string | null) => ({
  ...{ description, type: String, format: 'date-time', nullable: true, example },
});

export class ScheduledMessageOut {
  @ApiProperty({ description: 'Its id.', format: 'uuid', example: '0198c2f6-8a9b-7c4d-9e5f-6a7b8c9d0e1f' })
  id: string;

  @ApiProperty({ description: 'The profile.', format: 'uuid', example: '0198c2f1-1c2d-7e3f-8a4b-5c6d7e8f9a0b' })
  profileId: string;

  @ApiProperty({ description: 'The recipient as you wrote it.', example: '628123456789' })
  to: string;

  @ApiProperty({ description: 'What kind of message.', enum: types, example: 'text' })
  type: string;

  @ApiProperty({ description: 'What it says.', type: ContentOut })
  content: ContentOut;

  @ApiProperty({ description: 'What it answers.', type: String, nullable: true, example: null })
  quotedMessageId: string | null;

  @ApiProperty({
    description:
      '`pending` while something is to come. Of one that is sent once then how its message came along; `expired`: it came too late.',
    enum: statuses,
    example: 'pending',
  })
  status: Status;

  @ApiProperty({
    description: 'Why its last occurrence failed.',
    type: ScheduleFailureOut,
    nullable: true,
    example: null,
  })
  failure: ScheduleFailureOut | null;

  @ApiProperty({ description: 'The first occurrence.', format: 'date-time', example: '2027-12-24T17:00:00.000Z' })
  scheduledAt: string;

  @ApiProperty({ description: 'The time zone that is meant.', example: 'Europe/Berlin' })
  timeZone: string;

  @ApiProperty({ description: 'The rule; null: once.', type: String, nullable: true, example: null })
  recurrence: string | null;

  @ApiProperty({ description: 'How late it may still be sent, seconds.', example: DEFAULT_LATE_WINDOW_SECONDS })
  lateWindowSeconds: number;

  @ApiProperty(moment('When it is sent next; null when nothing is to come.', '2027-12-24T17:00:00.000Z'))
  nextAt: string | null;

  @ApiProperty({
    description: `The next ${SHOWN_OCCURRENCES} occurrences, if there are so many.`,
    type: [String],
    example: ['2027-12-24T17:00:00.000Z'],
  })
  nextOccurrences: string[];

  @ApiProperty({ description: 'How many messages it has made.', example: 0 })
  sentCount: number;

  @ApiProperty({ description: 'How often occurrences were left out because they came too late.', example: 0 })
  missedCount: number;

  @ApiProperty({ description: 'The last message it made.', type: LastScheduledOut, nullable: true, example: null })
  lastMessage: LastScheduledOut | null;

  @ApiProperty({ description: 'When it was made.', format: 'date-time', example: '2027-11-21T08:30:00.000Z' })
  createdAt: string;

  @ApiProperty({ description: 'When it was changed.', format: 'date-time', example: '2027-11-21T08:30:00.000Z' })
  updatedAt: string;
}

export function presentScheduled(row: ScheduledMessageShown): ScheduledMessageOut {
  const { lastMessageId, lastQueuedAt } = row;
  return {
    id: row.id,
    profileId: row.profileId,
    to: row.recipient,
    type: row.type,
    content: contentOf(row),
    quotedMessageId: row.quoted,
    status: statusOf(row),
    failure: row.failure,
    scheduledAt: row.startsAt.toISOString(),
    timeZone: row.timeZone,
    recurrence: row.rule,
    lateWindowSeconds: row.lateWindowSeconds,
    nextAt: row.dueAt?.toISOString() ?? null,
    nextOccurrences: comingOf(row, SHOWN_OCCURRENCES).map((at) => at.toISOString()),
    sentCount: row.queuedCount,
    missedCount: row.missedCount,
    lastMessage:
      lastMessageId && lastQueuedAt
        ? {
            messageId: lastMessageId,
            status: row.lastMessageState,
            statusReason: row.lastMessageReason,
            queuedAt: lastQueuedAt.toISOString(),
          }
        : null,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}

/** The address of a file is that of the message that was made last: before there is one, it has none. */
function contentOf({ content, lastMessageId }: ScheduledMessageShown): ContentOut {
  const { url, ...shown } = contentView(lastMessageId ?? '', content);
  return { ...shown, ...(url && lastMessageId ? { url } : {}) };
}

/** As `shownStatusSql` says it. */
function statusOf({ state, rule, lastMessageState }: ScheduledMessageShown): Status {
  if (state !== 'done') return state;
  switch (rule === null ? lastMessageState : null) {
    case 'queued':
    case 'sending':
      return 'queued';
    case 'failed':
    case 'cancelled':
    case 'expired':
    case 'unknown':
      return lastMessageState as Status;
    default:
      return 'sent';
  }
}
