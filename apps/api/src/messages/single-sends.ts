import { Injectable } from '@nestjs/common';
import type { Actor, ErrorName } from '#contracts';
import { type MediaForm, MessageSender, recipientOf } from '#domain';
import type { SendableContent } from '#engine';
import type { Answer } from '../http/answer.js';
import type { IdempotencyScope } from '../http/idempotency.js';
import type { SendDocumentIn, SendIn, SendOut } from './send.dto.js';
import { queuedAnswer, SendAnswers } from './send-answers.js';

/** What may be refused about any message. */
export const sendErrors: ErrorName[] = ['notFound', 'profileNotLinked', 'recipientInvalid', 'quotedMessageNotFound'];

/** What may be refused about a message with a file, by the way in that all files take. */
export const fileErrors: ErrorName[] = [
  ...sendErrors,
  'mediaSourceMissing',
  'mediaTypeInvalid',
  'mediaTooLarge',
  'mediaFetchFailed',
  'mediaUnreadable',
  'mediaConversionUnavailable',
  'urlNotAllowed',
];

type FileIn = SendIn & Partial<SendDocumentIn>;

/** One message of one request: accepted, then answered as far as `wait` allows. */
@Injectable()
export class SingleSends {
  constructor(
    private readonly sender: MessageSender,
    private readonly answers: SendAnswers,
  ) {}

  /** @throws sendErrors, and what the kind of content adds */
  async content(
    actor: Actor,
    body: SendIn,
    content: SendableContent,
    idempotency: IdempotencyScope,
  ): Promise<Answer<SendOut>> {
    const draft = { ...addressOf(body), content };
    const request = { profileId: body.profileId, lane: 'interactive' as const, drafts: [draft] };
    return this.answers.of(await this.sender.accept(actor, request, idempotency.storing(queuedAnswer)), body.wait);
  }

  /** @throws fileErrors */
  async file(actor: Actor, form: MediaForm, body: FileIn, idempotency: IdempotencyScope): Promise<Answer<SendOut>> {
    const draft = {
      ...addressOf(body),
      given: {
        form,
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
