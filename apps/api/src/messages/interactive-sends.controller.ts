import { Body, Controller, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Actor } from '#contracts';
import { Can } from '../http/access.js';
import type { Answer } from '../http/answer.js';
import { CurrentActor } from '../http/current-actor.js';
import { Describe } from '../http/describe.js';
import { Idempotency, IdempotencyScope, Idempotent } from '../http/idempotency.js';
import { SendButtonsIn, SendCarouselIn, SendListIn } from './interactive.dto.js';
import { SendOut } from './send.dto.js';
import { fileErrors, SingleSends, sendErrors } from './single-sends.js';

const promise =
  'WhatsApp takes things to tap on from business partners; others get them shown on some phones and not on others. With `fallback: true` the same words go out as a plain text, and the message is of the type `text`. What is tapped comes back as a message of the type `choice`.';

/** Messages with things to tap on. */
@ApiTags('Messages')
@Controller('messages')
export class InteractiveSendsController {
  constructor(private readonly sends: SingleSends) {}

  @Post('buttons')
  @Can('messages.send')
  @Idempotent()
  @Describe('Send buttons', { description: promise, returns: SendOut, status: [201, 202], errors: sendErrors })
  sendButtons(
    @CurrentActor() actor: Actor,
    @Body() body: SendButtonsIn,
    @Idempotency() idempotency: IdempotencyScope,
  ): Promise<Answer<SendOut>> {
    return this.sends.send(actor, 'buttons', body, idempotency);
  }

  @Post('list')
  @Can('messages.send')
  @Idempotent()
  @Describe('Send a list', { description: promise, returns: SendOut, status: [201, 202], errors: sendErrors })
  sendList(
    @CurrentActor() actor: Actor,
    @Body() body: SendListIn,
    @Idempotency() idempotency: IdempotencyScope,
  ): Promise<Answer<SendOut>> {
    return this.sends.send(actor, 'list', body, idempotency);
  }

  @Post('carousel')
  @Can('messages.send')
  @Idempotent()
  @Describe('Send a carousel', { description: promise, returns: SendOut, status: [201, 202], errors: fileErrors })
  sendCarousel(
    @CurrentActor() actor: Actor,
    @Body() body: SendCarouselIn,
    @Idempotency() idempotency: IdempotencyScope,
  ): Promise<Answer<SendOut>> {
    return this.sends.send(actor, 'carousel', body, idempotency);
  }
}
