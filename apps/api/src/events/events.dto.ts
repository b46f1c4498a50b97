import { ApiProperty, ApiPropertyOptional, PickType } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsInt, IsUUID, Max, Min } from 'class-validator';
import { type EventName, eventCatalogue, type LoggedEvent, type ProfileId } from '#contracts';
import { IfGiven } from '../http/if-given.js';
import { PageQuery } from '../http/page.js';

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

  @ApiPropertyOptional({
    description: 'Only events after this position: the `seq` of the last one you have. 0 begins at the start.',
    minimum: 0,
    default: 0,
    example: 41,
  })
  @IfGiven()
  @Type(() => Number)
  @IsInt()
  @Min(0)
  @Max(Number.MAX_SAFE_INTEGER)
  after: number = 0;
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
