import { Body, Controller, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Actor } from '#contracts';
import { Can } from '../http/access.js';
import type { Answer } from '../http/answer.js';
import { CurrentActor } from '../http/current-actor.js';
import { Describe } from '../http/describe.js';
import { Idempotency, IdempotencyScope, Idempotent } from '../http/idempotency.js';
import { ReplyIn, SendAudioIn, SendDocumentIn, SendImageIn, SendOut, SendTextIn, SendVideoIn } from './send.dto.js';
import { fileErrors, SingleSends, sendErrors } from './single-sends.js';

const promise =
  'The message is stored before the answer and ends in a settled state, whatever crashes. 201: WhatsApp has it, or it certainly failed (`success: false`). 202: it is on its way; follow it by GET /messages/{id}, sockets or webhooks.';

@ApiTags('Messages')
@Controller('messages')
export class SendsController {
  constructor(private readonly sends: SingleSends) {}

  @Post('text')
  @Can('messages.send')
  @Idempotent()
  @Describe('Send a text message', { description: promise, returns: SendOut, status: [201, 202], errors: sendErrors })
  sendText(
    @CurrentActor() actor: Actor,
    @Body() body: SendTextIn,
    @Idempotency() idempotency: IdempotencyScope,
  ): Promise<Answer<SendOut>> {
    return this.sends.send(actor, 'text', body, idempotency);
  }

  @Post('reply')
  @Can('messages.send')
  @Idempotent()
  @Describe('Answer a message with a text', {
    description: `The answer shows the quoted message above it. ${promise}`,
    returns: SendOut,
    status: [201, 202],
    errors: sendErrors,
  })
  reply(
    @CurrentActor() actor: Actor,
    @Body() body: ReplyIn,
    @Idempotency() idempotency: IdempotencyScope,
  ): Promise<Answer<SendOut>> {
    return this.sends.send(actor, 'text', body, idempotency);
  }

  @Post('image')
  @Can('messages.send')
  @Idempotent()
  @Describe('Send an image', {
    description: `JPEG or PNG up to 16 MiB; WebP, AVIF, TIFF and GIF are sent as JPEG. ${promise}`,
    returns: SendOut,
    status: [201, 202],
    errors: fileErrors,
  })
  sendImage(
    @CurrentActor() actor: Actor,
    @Body() body: SendImageIn,
    @Idempotency() idempotency: IdempotencyScope,
  ): Promise<Answer<SendOut>> {
    return this.sends.send(actor, 'image', body, idempotency);
  }

  @Post('video')
  @Can('messages.send')
  @Idempotent()
  @Describe('Send a video', {
    description: `MP4 or 3GP up to 100 MB; QuickTime, WebM and others are sent as MP4 where the installation has ffmpeg. ${promise}`,
    returns: SendOut,
    status: [201, 202],
    errors: fileErrors,
  })
  sendVideo(
    @CurrentActor() actor: Actor,
    @Body() body: SendVideoIn,
    @Idempotency() idempotency: IdempotencyScope,
  ): Promise<Answer<SendOut>> {
    return this.sends.send(actor, 'video', body, idempotency);
  }

  @Post('audio')
  @Can('messages.send')
  @Idempotent()
  @Describe('Send audio or a voice message', {
    description: `OGG, MP3, M4A, AAC or AMR up to 16 MiB; WAV, FLAC and others are sent as AAC, and a voice message from any of them, where the installation has ffmpeg. ${promise}`,
    returns: SendOut,
    status: [201, 202],
    errors: fileErrors,
  })
  sendAudio(
    @CurrentActor() actor: Actor,
    @Body() body: SendAudioIn,
    @Idempotency() idempotency: IdempotencyScope,
  ): Promise<Answer<SendOut>> {
    return this.sends.send(actor, 'audio', body, idempotency);
  }

  @Post('document')
  @Can('messages.send')
  @Idempotent()
  @Describe('Send a document', {
    description: `Any file up to 100 MiB. ${promise}`,
    returns: SendOut,
    status: [201, 202],
    errors: fileErrors,
  })
  sendDocument(
    @CurrentActor() actor: Actor,
    @Body() body: SendDocumentIn,
    @Idempotency() idempotency: IdempotencyScope,
  ): Promise<Answer<SendOut>> {
    return this.sends.send(actor, 'document', body, idempotency);
  }
}
