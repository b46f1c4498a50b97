import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { FormerWords, PersonalAnswer, PersonalReceipt } from '#domain';
import { PartyOut } from './message.dto.js';

const answerTypes = ['reaction', 'poll_vote', 'event_response'] as const;

/** A moment that may not have come. */
const moment = (description: string, example: string | null) => ({
  ...{ description, type: String, format: 'date-time', nullable: true, example },
});

export class ReceiptOut {
  @ApiProperty({ description: 'Who.', type: PartyOut })
  person: PartyOut;

  @ApiProperty(moment('When it reached a device of the person.', '2026-11-21T08:30:01.000Z'))
  deliveredAt: string | null;

  @ApiProperty(moment('When the person read it.', '2026-11-21T08:31:00.000Z'))
  readAt: string | null;

  @ApiProperty(moment('When the person played it.', null))
  playedAt: string | null;
}

export class MessageAnswerOut {
  @ApiProperty({ description: 'What kind of answer.', enum: answerTypes, example: 'reaction' })
  type: (typeof answerTypes)[number];

  @ApiProperty({ description: 'Who; null: this profile.', type: PartyOut, nullable: true })
  person: PartyOut | null;

  @ApiPropertyOptional({ description: 'Of reactions.', example: '👍' })
  emoji?: string;

  @ApiPropertyOptional({
    description: 'Of votes: all options that are chosen now.',
    type: [String],
    example: ['Pizza'],
  })
  options?: string[];

  @ApiPropertyOptional({
    description: 'Of answers to an event.',
    enum: ['going', 'not_going', 'maybe'],
    example: 'going',
  })
  response?: 'going' | 'not_going' | 'maybe';

  @ApiPropertyOptional({ description: 'Of answers to an event: how many come along.', example: 1 })
  extraGuests?: number;

  @ApiProperty({ description: 'When.', format: 'date-time', example: '2026-11-21T08:32:00.000Z' })
  at: string;
}

export class FormerWordsOut {
  @ApiProperty({ description: 'Text or caption.', type: String, nullable: true, example: 'See you at six.' })
  body: string | null;

  @ApiProperty({
    description: 'When it was changed.',
    format: 'date-time',
    example: '2026-11-21T08:33:00.000Z',
  })
  until: string;
}

export function presentReceipt({ person, deliveredAt, readAt, playedAt }: PersonalReceipt): ReceiptOut {
  return {
    person,
    deliveredAt: deliveredAt?.toISOString() ?? null,
    readAt: readAt?.toISOString() ?? null,
    playedAt: playedAt?.toISOString() ?? null,
  };
}

export function presentAnswer({ person, answer, at }: PersonalAnswer): MessageAnswerOut {
  const { kind, ...said } = answer;
  return {
    type: kind as MessageAnswerOut['type'],
    person,
    ...(said as Partial<MessageAnswerOut>),
    at: at.toISOString(),
  };
}

export function presentFormerWords({ body, until }: FormerWords): FormerWordsOut {
  return { body, until: until.toISOString() };
}
