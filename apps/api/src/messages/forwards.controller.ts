import { Body, Controller, Post } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional, ApiTags } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsInt,
  IsOptional,
  IsString,
  IsUUID,
  Length,
  Max,
  Min,
} from 'class-validator';
import type { Actor, ProfileId } from '#contracts';
import { type Accepted, MessageForwarder, recipientOf } from '#domain';
import { Can } from '../http/access.js';
import { type Answer, answer } from '../http/answer.js';
import { CurrentActor } from '../http/current-actor.js';
import { Describe } from '../http/describe.js';
import { Idempotency, IdempotencyScope, Idempotent } from '../http/idempotency.js';
import { SendOut } from './send.dto.js';
import { queuedAnswers, SendAnswers } from './send-answers.js';

/** Chats that one message can be forwarded to at once; WhatsApp's phones take five. */
const MAX_CHATS = 5;

export class ForwardIn {
  @ApiProperty({
    description: 'The profile in which the message is, and that forwards it.',
    format: 'uuid',
    example: '0198c2f1-1c2d-7e3f-8a4b-5c6d7e8f9a0b',
  })
  @IsUUID(undefined, { message: 'must be a UUID' })
  profileId: ProfileId;

  @ApiProperty({
    description: 'The message that is forwarded: our id or WhatsApp’s.',
    maxLength: 128,
    example: '0198c2f3-5e6f-7a1b-9c2d-3e4f5a6b7c8d',
  })
  @IsString()
  @Length(1, 128)
  messageId: string;

  @ApiProperty({
    description: `One to ${MAX_CHATS} chats, each as in \`to\` of single sends.`,
    type: [String],
    example: ['628123456789', '120363041234567890@g.us'],
  })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MAX_CHATS)
  @IsString({ each: true })
  @Length(1, 100, { each: true })
  to: string[];

  @ApiPropertyOptional({
    description: 'Seconds to wait for WhatsApp’s acknowledgements, as of single sends.',
    type: Number,
    nullable: true,
    minimum: 0,
    maximum: 30,
    default: 5,
    example: 5,
  })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(30)
  wait?: number | null;
}

export class ForwardOut {
  @ApiProperty({ description: 'What became of each, in your order.', type: [SendOut] })
  results: SendOut[];
}

@ApiTags('Messages')
@Controller('messages')
export class ForwardsController {
  constructor(
    private readonly forwarder: MessageForwarder,
    private readonly answers: SendAnswers,
  ) {}

  @Post('forward')
  @Can('messages.send')
  @Idempotent()
  @Describe('Forward a message', {
    description:
      'The same words and file in other chats, with the mark of what was forwarded. All are accepted or none. 201: every one has ended or WhatsApp has it; 202: some are on their way. Polls, events, and what can be seen once cannot be forwarded, as on phones.',
    returns: ForwardOut,
    status: [201, 202],
    errors: ['notFound', 'profileNotLinked', 'recipientInvalid', 'notSupported', 'mediaPending', 'mediaNotAvailable'],
  })
  async forward(
    @CurrentActor() actor: Actor,
    @Body() { profileId, messageId, to, wait }: ForwardIn,
    @Idempotency() idempotency: IdempotencyScope,
  ): Promise<Answer<ForwardOut>> {
    const chats = to.map((one, index) => recipientOf(one, `to.${index}`));
    const present = (accepted: Accepted) => answer(202, { results: queuedAnswers(accepted) });
    const accepted = await this.forwarder.accept(
      actor,
      { profileId, messageId, to: chats },
      idempotency.storing(present),
    );
    const { status, results } = await this.answers.ofAll(accepted, wait);
    return answer(status, { results });
  }
}
