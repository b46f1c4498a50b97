import { Body, Controller, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Actor } from '#contracts';
import { Can } from '../http/access.js';
import type { Answer } from '../http/answer.js';
import { CurrentActor } from '../http/current-actor.js';
import { Describe } from '../http/describe.js';
import { Idempotency, IdempotencyScope, Idempotent } from '../http/idempotency.js';
import {
  SendContactIn,
  SendEventIn,
  SendGifIn,
  SendGroupInviteIn,
  SendLiveLocationIn,
  SendLocationIn,
  SendPollIn,
  SendRoundVideoIn,
  SendStickerIn,
} from './content-sends.dto.js';
import { SendOut } from './send.dto.js';
import { fileErrors, SingleSends, sendErrors } from './single-sends.js';

const promise =
  'Stored before the answer, and settled whatever crashes; 201 and 202 mean what they mean for a text message.';

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
    errors: sendErrors,
  })
  sendLocation(
    @CurrentActor() actor: Actor,
    @Body() body: SendLocationIn,
    @Idempotency() idempotency: IdempotencyScope,
  ): Promise<Answer<SendOut>> {
    return this.sends.send(actor, 'location', body, idempotency);
  }

  @Post('live-location')
  @Can('messages.send')
  @Idempotent()
  @Describe('Send a live location', {
    description: `A place as phones show one that moves. Linked devices cannot follow a phone: it moves when you send the next one. ${promise}`,
    returns: SendOut,
    status: [201, 202],
    errors: sendErrors,
  })
  sendLiveLocation(
    @CurrentActor() actor: Actor,
    @Body() body: SendLiveLocationIn,
    @Idempotency() idempotency: IdempotencyScope,
  ): Promise<Answer<SendOut>> {
    return this.sends.send(actor, 'live-location', body, idempotency);
  }

  @Post('contact')
  @Can('messages.send')
  @Idempotent()
  @Describe('Send contact cards', {
    description: `One or several cards; the recipient can write to their numbers at once. ${promise}`,
    returns: SendOut,
    status: [201, 202],
    errors: sendErrors,
  })
  sendContact(
    @CurrentActor() actor: Actor,
    @Body() body: SendContactIn,
    @Idempotency() idempotency: IdempotencyScope,
  ): Promise<Answer<SendOut>> {
    return this.sends.send(actor, 'contact', body, idempotency);
  }

  @Post('poll')
  @Can('messages.send')
  @Idempotent()
  @Describe('Send a poll', {
    description: `Votes come as events \`poll.voted\` and are counted under \`GET /messages/{id}/answers\`. ${promise}`,
    returns: SendOut,
    status: [201, 202],
    errors: sendErrors,
  })
  sendPoll(
    @CurrentActor() actor: Actor,
    @Body() body: SendPollIn,
    @Idempotency() idempotency: IdempotencyScope,
  ): Promise<Answer<SendOut>> {
    return this.sends.send(actor, 'poll', body, idempotency);
  }

  @Post('group-invite')
  @Can('messages.send')
  @Idempotent()
  @Describe('Send an invitation to a group', {
    description: `For a person whom WhatsApp lets nobody add: the result \`needs_invitation\` says what to send. Only that person can accept it. ${promise}`,
    returns: SendOut,
    status: [201, 202],
    errors: sendErrors,
  })
  sendGroupInvite(
    @CurrentActor() actor: Actor,
    @Body() body: SendGroupInviteIn,
    @Idempotency() idempotency: IdempotencyScope,
  ): Promise<Answer<SendOut>> {
    return this.sends.send(actor, 'group-invite', body, idempotency);
  }

  @Post('event')
  @Can('messages.send')
  @Idempotent()
  @Describe('Send an event', {
    description: `An invitation with a time; who comes is under \`GET /messages/{id}/answers\`. ${promise}`,
    returns: SendOut,
    status: [201, 202],
    errors: sendErrors,
  })
  sendEvent(
    @CurrentActor() actor: Actor,
    @Body() body: SendEventIn,
    @Idempotency() idempotency: IdempotencyScope,
  ): Promise<Answer<SendOut>> {
    return this.sends.send(actor, 'event', body, idempotency);
  }

  @Post('sticker')
  @Can('messages.send')
  @Idempotent()
  @Describe('Send a sticker', {
    description: `Any image becomes a sticker; a GIF or animated WebP an animated one. ${promise}`,
    returns: SendOut,
    status: [201, 202],
    errors: fileErrors,
  })
  sendSticker(
    @CurrentActor() actor: Actor,
    @Body() body: SendStickerIn,
    @Idempotency() idempotency: IdempotencyScope,
  ): Promise<Answer<SendOut>> {
    return this.sends.send(actor, 'sticker', body, idempotency);
  }

  @Post('gif')
  @Can('messages.send')
  @Idempotent()
  @Describe('Send a GIF', {
    description: `A GIF or a video that plays in a loop without sound. GIFs need ffmpeg on the installation. ${promise}`,
    returns: SendOut,
    status: [201, 202],
    errors: fileErrors,
  })
  sendGif(
    @CurrentActor() actor: Actor,
    @Body() body: SendGifIn,
    @Idempotency() idempotency: IdempotencyScope,
  ): Promise<Answer<SendOut>> {
    return this.sends.send(actor, 'gif', body, idempotency);
  }

  @Post('round-video')
  @Can('messages.send')
  @Idempotent()
  @Describe('Send a round video', {
    description: `A video note. It is cut to a square where the installation has ffmpeg. ${promise}`,
    returns: SendOut,
    status: [201, 202],
    errors: fileErrors,
  })
  sendRoundVideo(
    @CurrentActor() actor: Actor,
    @Body() body: SendRoundVideoIn,
    @Idempotency() idempotency: IdempotencyScope,
  ): Promise<Answer<SendOut>> {
    return this.sends.send(actor, 'round-video', body, idempotency);
  }
}
