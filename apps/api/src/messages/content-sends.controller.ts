import { Body, Controller, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Actor, ErrorName } from '#contracts';
import type { SendableContent } from '#engine';
import { Can } from '../http/access.js';
import type { Answer } from '../http/answer.js';
import { CurrentActor } from '../http/current-actor.js';
import { Describe } from '../http/describe.js';
import { Idempotency, IdempotencyScope, Idempotent } from '../http/idempotency.js';
import {
  cardsOf,
  SendContactIn,
  SendEventIn,
  SendLocationIn,
  SendPollIn,
  SendRoundVideoIn,
  SendStickerIn,
} from './content-sends.dto.js';
import { SendOut } from './send.dto.js';
import { fileErrors, SingleSends, sendErrors } from './single-sends.js';

const promise =
  'Stored before the answer, and settled whatever crashes; 201 and 202 mean what they mean for a text message.';
const contentErrors: ErrorName[] = [...sendErrors, 'notSupported'];
const mediaErrors: ErrorName[] = [...fileErrors, 'notSupported'];

/** Messages that are neither text nor plain files. */
@ApiTags('Messages')
@Controller('messages')
export class ContentSendsController {
  constructor(private readonly sends: SingleSends) {}

  @Post('location')
  @Can('messages.send')
  @Idempotent()
  @Describe('Send a location', {
    description: `A place on the map, with name and address if you give them. ${promise}`,
    returns: SendOut,
    status: [201, 202],
    errors: contentErrors,
  })
  sendLocation(
    @CurrentActor() actor: Actor,
    @Body() body: SendLocationIn,
    @Idempotency() idempotency: IdempotencyScope,
  ): Promise<Answer<SendOut>> {
    const { latitude, longitude, name, address } = body;
    const named = { ...(name ? { name } : {}), ...(address ? { address } : {}) };
    return this.sends.content(actor, body, { kind: 'location', latitude, longitude, ...named }, idempotency);
  }

  @Post('contact')
  @Can('messages.send')
  @Idempotent()
  @Describe('Send contact cards', {
    description: `One or several cards; the recipient can write to their numbers at once. ${promise}`,
    returns: SendOut,
    status: [201, 202],
    errors: contentErrors,
  })
  sendContact(
    @CurrentActor() actor: Actor,
    @Body() body: SendContactIn,
    @Idempotency() idempotency: IdempotencyScope,
  ): Promise<Answer<SendOut>> {
    return this.sends.content(actor, body, { kind: 'contacts', contacts: cardsOf(body.contacts) }, idempotency);
  }

  @Post('poll')
  @Can('messages.send')
  @Idempotent()
  @Describe('Send a poll', {
    description: `Votes come as events \`poll.voted\` and are counted under \`GET /messages/{id}/answers\`. ${promise}`,
    returns: SendOut,
    status: [201, 202],
    errors: contentErrors,
  })
  sendPoll(
    @CurrentActor() actor: Actor,
    @Body() body: SendPollIn,
    @Idempotency() idempotency: IdempotencyScope,
  ): Promise<Answer<SendOut>> {
    const { question, options, allowMultipleAnswers = false, selectable = allowMultipleAnswers ? 0 : 1 } = body;
    return this.sends.content(actor, body, { kind: 'poll', question, options, selectable }, idempotency);
  }

  @Post('event')
  @Can('messages.send')
  @Idempotent()
  @Describe('Send an event', {
    description: `An invitation with a time; who comes is under \`GET /messages/{id}/answers\`. ${promise}`,
    returns: SendOut,
    status: [201, 202],
    errors: contentErrors,
  })
  sendEvent(
    @CurrentActor() actor: Actor,
    @Body() body: SendEventIn,
    @Idempotency() idempotency: IdempotencyScope,
  ): Promise<Answer<SendOut>> {
    const { name, description, startsAt, endsAt, place, joinLink } = body;
    const content: SendableContent = {
      kind: 'event',
      name,
      startsAt: new Date(startsAt).toISOString(),
      ...(endsAt ? { endsAt: new Date(endsAt).toISOString() } : {}),
      ...(description ? { description } : {}),
      ...(place ? { place: { name: place } } : {}),
      ...(joinLink ? { joinLink } : {}),
    };
    return this.sends.content(actor, body, content, idempotency);
  }

  @Post('sticker')
  @Can('messages.send')
  @Idempotent()
  @Describe('Send a sticker', {
    description: `Any image becomes a sticker; a GIF or animated WebP an animated one. ${promise}`,
    returns: SendOut,
    status: [201, 202],
    errors: mediaErrors,
  })
  sendSticker(
    @CurrentActor() actor: Actor,
    @Body() body: SendStickerIn,
    @Idempotency() idempotency: IdempotencyScope,
  ): Promise<Answer<SendOut>> {
    return this.sends.file(actor, 'sticker', body, idempotency);
  }

  @Post('gif')
  @Can('messages.send')
  @Idempotent()
  @Describe('Send a GIF', {
    description: `A GIF or a video that plays in a loop without sound. GIFs need ffmpeg on the installation. ${promise}`,
    returns: SendOut,
    status: [201, 202],
    errors: mediaErrors,
  })
  sendGif(
    @CurrentActor() actor: Actor,
    @Body() body: SendRoundVideoIn,
    @Idempotency() idempotency: IdempotencyScope,
  ): Promise<Answer<SendOut>> {
    return this.sends.file(actor, 'gif', body, idempotency);
  }

  @Post('round-video')
  @Can('messages.send')
  @Idempotent()
  @Describe('Send a round video', {
    description: `A video note. It is cut to a square where the installation has ffmpeg. ${promise}`,
    returns: SendOut,
    status: [201, 202],
    errors: mediaErrors,
  })
  sendRoundVideo(
    @CurrentActor() actor: Actor,
    @Body() body: SendRoundVideoIn,
    @Idempotency() idempotency: IdempotencyScope,
  ): Promise<Answer<SendOut>> {
    return this.sends.file(actor, 'round_video', body, idempotency);
  }
}
