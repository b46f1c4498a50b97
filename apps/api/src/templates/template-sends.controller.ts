import { Body, Controller, Post } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional, ApiTags, IntersectionType } from '@nestjs/swagger';
import { IsObject, IsTimeZone, IsUUID, MaxLength } from 'class-validator';
import type { Actor, TemplateId } from '#contracts';
import { TemplateSender } from '#domain';
import { Can } from '../http/access.js';
import type { Answer } from '../http/answer.js';
import { CurrentActor } from '../http/current-actor.js';
import { Describe } from '../http/describe.js';
import { Idempotency, IdempotencyScope, Idempotent } from '../http/idempotency.js';
import { IfGiven } from '../http/if-given.js';
import { addressOf, besidesOf } from '../messages/addressed.js';
import { SendIn, SendOut } from '../messages/send.dto.js';
import { queuedAnswer, SendAnswers } from '../messages/send-answers.js';

export class TemplateIn {
  @ApiProperty({
    description: 'The template. It may belong to another profile of the organization.',
    format: 'uuid',
    example: '0198c2f0-9b12-7c44-85d7-4b5c6d7e8f90',
  })
  @IsUUID(undefined, { message: 'must be a UUID' })
  templateId: TemplateId;

  @ApiPropertyOptional({
    description: 'Values by name: texts, numbers, yes or no, lists and objects of them.',
    type: Object,
    additionalProperties: true,
    example: { name: 'Ada' },
  })
  @IfGiven()
  @IsObject({ message: 'must be an object' })
  variables?: Record<string, unknown>;

  @ApiPropertyOptional({ description: 'Time zone for dates. Default: UTC.', maxLength: 64, example: 'Europe/Berlin' })
  @IfGiven()
  @IsTimeZone({ message: 'must be the name of a time zone, such as Europe/Berlin' })
  @MaxLength(64)
  timeZone?: string;
}

export class SendTemplateIn extends IntersectionType(SendIn, TemplateIn) {}

@ApiTags('Messages')
@Controller('messages')
export class TemplateSendsController {
  constructor(
    private readonly sender: TemplateSender,
    private readonly answers: SendAnswers,
  ) {}

  @Post('template')
  @Can('messages.send')
  @Idempotent()
  @Describe('Send a template', {
    description:
      'Fills the template in and sends what it says now. A variable that it needs and that has no value is refused with `TEMPLATE_VARIABLES_MISSING`. The message is stored before the answer, as with every other kind.',
    returns: SendOut,
    status: [201, 202],
    errors: [
      'notFound',
      'profileNotLinked',
      'recipientInvalid',
      'quotedMessageNotFound',
      'templateVariablesMissing',
      'mediaTypeInvalid',
      'mediaTooLarge',
      'mediaFetchFailed',
      'urlNotAllowed',
    ],
  })
  async send(
    @CurrentActor() actor: Actor,
    @Body() body: SendTemplateIn,
    @Idempotency() idempotency: IdempotencyScope,
  ): Promise<Answer<SendOut>> {
    const { profileId, templateId, variables = {}, timeZone } = body;
    const request = {
      profileId,
      templateId,
      values: variables,
      options: { timeZone },
      ...addressOf(body),
      besides: besidesOf(body),
    };
    return this.answers.of(await this.sender.accept(actor, request, idempotency.storing(queuedAnswer)), body.wait);
  }
}
