import { applyDecorators } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional, PickType } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { ArrayMaxSize, IsIn, IsInt, IsISO8601, IsUUID, Max, Min } from 'class-validator';
import { type ConversationId, type EventName, eventCatalogue, type LoggedEvent, type ProfileId } from '#contracts';
import type { LogPage } from '#domain';
import { IfGiven } from '../http/if-given.js';
import { PageQuery } from '../http/page.js';
import { List } from '../http/query-values.js';

const eventNames = Object.keys(eventCatalogue) as EventName[];
const kindOf = (name: string) => name.slice(0, name.indexOf('.'));
const eventKinds = [...new Set(eventNames.map(kindOf))];

/** A place in a log. */
const Position = (about: { description: string; example: number }) =>
  applyDecorators(
    ApiPropertyOptional({ ...about, type: Number, minimum: 0 }),
    IfGiven(),
    Type(() => Number),
    IsInt(),
    Min(0),
    Max(Number.MAX_SAFE_INTEGER),
  );

/** The log is read from a position, not from a cursor; the size of a page is that of every list. */
export class EventsQuery extends PickType(PageQuery, ['limit'] as const) {
  @ApiPropertyOptional({
    description: "The profile whose log is read. Absent: the organization's own (log-ins, keys, workspaces, accounts).",
    format: 'uuid',
    example: '0198c2f1-1c2d-7e3f-8a4b-5c6d7e8f9a0b',
  })
  @IfGiven()
  @IsUUID(undefined, { message: 'must be a UUID' })
  profileId?: ProfileId;

  @Position({
    description: 'Only events after this position: the `seq` of the last one you have. 0 begins at the start.',
    example: 41,
  })
  after?: number;

  @Position({ description: 'Only events before this position.', example: 500 })
  before?: number;

  @ApiPropertyOptional({
    description: 'Whether the oldest or the newest come first.',
    enum: ['asc', 'desc'],
    default: 'asc',
    example: 'desc',
  })
  @IfGiven()
  @IsIn(['asc', 'desc'])
  order: 'asc' | 'desc' = 'asc';

  @ApiPropertyOptional({
    description: 'Only events of these names, separated by commas.',
    type: String,
    example: 'message.received,message.read',
  })
  @IfGiven()
  @List()
  @ArrayMaxSize(eventNames.length)
  @IsIn(eventNames, { each: true, message: 'must be names of events, separated by commas' })
  names?: EventName[];

  @ApiPropertyOptional({
    description: 'Only events of these kinds: what stands before the dot of their names. Beside `names`.',
    type: String,
    example: 'message,contact',
  })
  @IfGiven()
  @List()
  @ArrayMaxSize(eventKinds.length)
  @IsIn(eventKinds, { each: true, message: `must be some of ${eventKinds.join(', ')}, separated by commas` })
  kinds?: string[];

  @ApiPropertyOptional({
    description: 'Only events of this conversation.',
    format: 'uuid',
    example: '0198c2f1-3e4f-7051-ac6d-7e8f9a0b1c2d',
  })
  @IfGiven()
  @IsUUID(undefined, { message: 'must be a UUID' })
  conversationId?: ConversationId;

  @ApiPropertyOptional({
    description: 'Only events that were written at this moment or later.',
    format: 'date-time',
    example: '2026-11-21T00:00:00Z',
  })
  @IfGiven()
  @IsISO8601({ strict: true, strictSeparator: true })
  from?: string;

  @ApiPropertyOptional({
    description: 'Only events that were written before this moment.',
    format: 'date-time',
    example: '2026-11-22T00:00:00Z',
  })
  @IfGiven()
  @IsISO8601({ strict: true, strictSeparator: true })
  to?: string;
}

/** Names of events by name and by kind. */
function namesOf({ names = [], kinds = [] }: EventsQuery): EventName[] | undefined {
  if (names.length + kinds.length === 0) return undefined;
  const ofKinds = eventNames.filter((name) => kinds.includes(kindOf(name)));
  return [...new Set([...names, ...ofKinds])];
}

export function toLogPage(query: EventsQuery): LogPage {
  const { profileId, conversationId, after, before, limit, order, from, to } = query;
  return {
    ...{ profileId, conversationId, after, before, limit, names: namesOf(query), newestFirst: order === 'desc' },
    from: from === undefined ? undefined : new Date(from),
    to: to === undefined ? undefined : new Date(to),
  };
}

export class EventOut {
  @ApiProperty({ description: 'Id of the event.', format: 'uuid', example: '0198c2f2-2d3e-7f40-9b5c-6d7e8f9a0b1c' })
  id: string;

  @ApiProperty({ description: 'Position in its log: 1, 2, 3 … without gaps.', example: 42 })
  seq: number;

  @ApiProperty({
    description: 'What happened. The reference of events says when each is written and what its payload is.',
    enum: Object.keys(eventCatalogue),
    example: 'message.sent' satisfies EventName,
  })
  name: string;

  @ApiProperty({ description: 'Version of the payload.', example: 1 })
  version: number;

  @ApiProperty({
    description: 'The profile; null for events of the organization.',
    type: String,
    format: 'uuid',
    nullable: true,
    example: '0198c2f1-1c2d-7e3f-8a4b-5c6d7e8f9a0b',
  })
  profileId: string | null;

  @ApiProperty({
    description: 'The conversation it belongs to.',
    type: String,
    format: 'uuid',
    nullable: true,
    example: '0198c2f1-3e4f-7051-ac6d-7e8f9a0b1c2d',
  })
  conversationId: string | null;

  @ApiProperty({
    description: 'Who caused it: a user, an API key, Waypost itself (`system`) or the network (`whatsapp`).',
    type: Object,
    additionalProperties: true,
    example: { kind: 'system' },
  })
  actor: Record<string, unknown>;

  @ApiProperty({ description: 'When it was written.', format: 'date-time', example: '2026-11-21T08:31:02.000Z' })
  occurredAt: string;

  @ApiProperty({
    description: 'The facts.',
    type: Object,
    additionalProperties: true,
    example: {
      messageId: '0198c2f2-2d3d-7a10-8b2c-3d4e5f6a7b8c',
      waMessageId: '3EB0C2A1F4D37E9B61A0D5C8E2F7B4A901C3',
      conversationId: '0198c2f1-3e4f-7051-ac6d-7e8f9a0b1c2d',
      chatId: '4915112345678@s.whatsapp.net',
      state: 'sent',
      previousState: 'sending',
      reason: null,
      batchId: null,
    },
  })
  payload: Record<string, unknown>;
}

export function presentEvent(event: LoggedEvent): EventOut {
  return {
    id: event.id,
    seq: event.seq,
    name: event.name,
    version: event.version,
    profileId: event.profileId,
    conversationId: event.conversationId,
    actor: event.actor,
    occurredAt: event.occurredAt.toISOString(),
    payload: { ...event.payload },
  };
}
