import { Body, Controller, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Actor, ErrorName, MediaKind } from '#contracts';
import { LinkPreviews, MessageSender, recipientOf, textContent } from '#domain';
import { Can } from '../http/access.js';
import type { Answer } from '../http/answer.js';
import { CurrentActor } from '../http/current-actor.js';
import { Describe } from '../http/describe.js';
import { Idempotency, IdempotencyScope, Idempotent } from '../http/idempotency.js';
import {
  ReplyIn,
  SendAudioIn,
  SendDocumentIn,
  SendImageIn,
  type SendIn,
  SendOut,
  SendTextIn,
  SendVideoIn,
} from './send.dto.js';
import { queuedAnswer, SendAnswers } from './send-answers.js';

const promise =
  'The message is stored before the answer and ends in a settled state, whatever crashes. 201: WhatsApp has it, or it certainly failed (`success: false`). 202: it is on its way; follow it by GET /messages/{id}, sockets or webhooks.';
const sendErrors: ErrorName[] = ['notFound', 'profileNotLinked', 'recipientInvalid', 'quotedMessageNotFound'];
const mediaErrors: ErrorName[] = [
  ...sendErrors,
  'mediaSourceMissing',
  'mediaTypeInvalid',
  'mediaTooLarge',
  'mediaFetchFailed',
  'urlNotAllowed',
];

@ApiTags('Messages')
@Controller('messages')
export class SendsController {
  constructor(
    private readonly sender: MessageSender,
    private readonly answers: SendAnswers,
    private readonly previews: LinkPreviews,
  ) {}

  @Post('text')
  @Can('messages.send')
  @Idempotent()
  @Describe('Send a text message', { description: promise, returns: SendOut, status: [201, 202], errors: sendErrors })
  async sendText(
    @CurrentActor() actor: Actor,
    @Body() body: SendTextIn,
    @Idempotency() idempotency: IdempotencyScope,
  ): Promise<Answer<SendOut>> {
    const content = await this.previews.addTo(textContent(body.text), body.linkPreview ?? undefined);
    const draft = { ...addressOf(body), content };
    const request = { profileId: body.profileId, lane: 'interactive' as const, drafts: [draft] };
    return this.answers.of(await this.sender.accept(actor, request, idempotency.storing(queuedAnswer)), body.wait);
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
    return this.sendText(actor, body, idempotency);
  }

  @Post('image')
  @Can('messages.send')
  @Idempotent()
  @Describe('Send an image', {
    description: `JPEG or PNG up to 16 MiB; WebP, AVIF, TIFF and GIF are sent as JPEG. ${promise}`,
    returns: SendOut,
    status: [201, 202],
    errors: mediaErrors,
  })
  sendImage(
    @CurrentActor() actor: Actor,
    @Body() body: SendImageIn,
    @Idempotency() idempotency: IdempotencyScope,
  ): Promise<Answer<SendOut>> {
    return this.sendMedia(actor, 'image', body, idempotency);
  }

  @Post('video')
  @Can('messages.send')
  @Idempotent()
  @Describe('Send a video', {
    description: `MP4 or 3GP up to 100 MB; QuickTime, WebM and others are sent as MP4 where the installation has ffmpeg. ${promise}`,
    returns: SendOut,
    status: [201, 202],
    errors: mediaErrors,
  })
  sendVideo(
    @CurrentActor() actor: Actor,
    @Body() body: SendVideoIn,
    @Idempotency() idempotency: IdempotencyScope,
  ): Promise<Answer<SendOut>> {
    return this.sendMedia(actor, 'video', body, idempotency);
  }

  @Post('audio')
  @Can('messages.send')
  @Idempotent()
  @Describe('Send audio or a voice message', {
    description: `OGG, MP3, M4A, AAC or AMR up to 16 MiB; WAV, FLAC and others are sent as AAC, and a voice message from any of them, where the installation has ffmpeg. ${promise}`,
    returns: SendOut,
    status: [201, 202],
    errors: mediaErrors,
  })
  sendAudio(
    @CurrentActor() actor: Actor,
    @Body() body: SendAudioIn,
    @Idempotency() idempotency: IdempotencyScope,
  ): Promise<Answer<SendOut>> {
    return this.sendMedia(actor, 'audio', body, idempotency);
  }

  @Post('document')
  @Can('messages.send')
  @Idempotent()
  @Describe('Send a document', {
    description: `Any file up to 100 MiB. ${promise}`,
    returns: SendOut,
    status: [201, 202],
    errors: mediaErrors,
  })
  sendDocument(
    @CurrentActor() actor: Actor,
    @Body() body: SendDocumentIn,
    @Idempotency() idempotency: IdempotencyScope,
  ): Promise<Answer<SendOut>> {
    return this.sendMedia(actor, 'document', body, idempotency);
  }

  private async sendMedia(
    actor: Actor,
    kind: MediaKind,
    body: SendImageIn & SendAudioIn & SendDocumentIn,
    idempotency: IdempotencyScope,
  ): Promise<Answer<SendOut>> {
    const draft = {
      ...addressOf(body),
      given: {
        form: kind === 'audio' && body.ptt ? ('voice' as const) : kind,
        url: body.url ?? undefined,
        base64: body.base64 ?? undefined,
        mimeType: body.mimetype ?? undefined,
        fileName: body.filename ?? undefined,
      },
      caption: body.caption ?? undefined,
    };
    const accepted = await this.sender.acceptMedia(actor, body.profileId, draft, idempotency.storing(queuedAnswer));
    return this.answers.of(accepted, body.wait);
  }
}

function addressOf(body: SendIn) {
  return { to: recipientOf(body.to, 'to'), quoted: body.quotedMessageId ?? undefined };
}
