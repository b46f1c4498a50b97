import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { FormerWords, PersonalAnswer, PersonalReceipt, TimelineEntry } from '#domain';
import { MessageOut, PartyOut } from './message.dto.js';

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

class TimelineEntryOut {
  @ApiProperty({ description: 'When.', format: 'date-time', example: '2026-11-21T08:30:00.000Z' })
  at: string;

  @ApiProperty({
    description:
      'The event of the log; null where the message itself remembers: where the log does not reach back so far, and of tries after which it was queued again.',
    type: String,
    nullable: true,
    example: 'message.delivered',
  })
  event: string | null;

  @ApiProperty({
    description: 'The state that the message came to. Null of what did not change it.',
    type: String,
    nullable: true,
    example: 'delivered',
  })
  state: string | null;

  @ApiProperty({ description: 'Why: a stable code.', type: String, nullable: true, example: null })
  reason: string | null;

  @ApiProperty({
    description: 'Which try to send it brought this about. Null of what no try did.',
    type: 'integer',
    nullable: true,
    example: null,
  })
  attempt: number | null;

  @ApiProperty({
    description: 'What caused it; null where nobody remembers.',
    type: String,
    enum: ['user', 'api-key', 'system', 'whatsapp'],
    nullable: true,
    example: 'whatsapp',
  })
  actor: string | null;

  @ApiProperty({
    description: 'The id of the person or key that caused it.',
    type: String,
    nullable: true,
    example: null,
  })
  actorId: string | null;
}

export class MessageHistoryOut {
  @ApiProperty({ description: 'Our id.', format: 'uuid', example: '0198c2f3-5e6f-7a1b-9c2d-3e4f5a6b7c8d' })
  messageId: string;

  @ApiProperty({ description: 'Its state now.', example: 'delivered' })
  status: string;

  @ApiProperty({ description: 'How often it was tried to send it.', example: 1 })
  attempts: number;

  @ApiProperty({ description: 'Oldest first.', type: [TimelineEntryOut] })
  entries: TimelineEntryOut[];

  @ApiProperty({ description: 'What it said before, oldest first.', type: [FormerWordsOut] })
  edits: FormerWordsOut[];

  @ApiProperty({ description: 'In groups and of statuses: who got and read it.', type: [ReceiptOut] })
  receipts: ReceiptOut[];
}

export function presentTimeline(
  messageId: string,
  { state, attempts, entries }: { state: string; attempts: number; entries: TimelineEntry[] },
): Omit<MessageHistoryOut, 'edits' | 'receipts'> {
  return {
    messageId,
    status: state,
    attempts,
    entries: entries.map(({ at, event, state: reached, reason, attempt, actor }) => ({
      at: at.toISOString(),
      ...{ event, state: reached, reason, attempt },
      actor: actor?.kind ?? null,
      actorId: actor && 'id' in actor ? actor.id : null,
    })),
  };
}

class PollOptionOut {
  @ApiProperty({ description: 'Its words.', example: 'Pizza' })
  option: string;

  @ApiProperty({ description: 'How many chose it.', example: 2 })
  count: number;

  @ApiProperty({ description: 'Whether this profile did.', example: false })
  fromMe: boolean;

  @ApiProperty({ description: 'Who chose it, besides this profile.', type: [PartyOut] })
  voters: PartyOut[];
}

export class PollOut {
  @ApiProperty({ description: 'How many people have chosen something.', example: 2 })
  totalVoters: number;

  @ApiProperty({ description: 'All options in their order.', type: [PollOptionOut] })
  options: PollOptionOut[];
}

export class MessageWithPollOut extends MessageOut {
  @ApiProperty({
    description: 'Of a poll: who chose what, as it stands now. Null of other messages.',
    type: PollOut,
    nullable: true,
    example: null,
  })
  poll: PollOut | null;
}

/** Counts the votes that are in force. */
export function presentPoll(options: string[], answers: PersonalAnswer[]): PollOut {
  const votes = answers.flatMap(({ person, answer }) =>
    answer.kind === 'poll_vote' && answer.options.length > 0 ? [{ person, chosen: answer.options }] : [],
  );
  return {
    totalVoters: votes.length,
    options: options.map((option) => {
      const chose = votes.filter(({ chosen }) => chosen.includes(option));
      return {
        option,
        count: chose.length,
        fromMe: chose.some(({ person }) => person === null),
        voters: chose.flatMap(({ person }) => person ?? []),
      };
    }),
  };
}
