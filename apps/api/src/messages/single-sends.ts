import { Injectable } from '@nestjs/common';
import type { Actor, ErrorName, ProfileId } from '#contracts';
import { LinkPreviews, MessageSender, plainSaying, type Saying, sayingBesides } from '#domain';
import type { Answer } from '../http/answer.js';
import type { IdempotencyScope } from '../http/idempotency.js';
import { addressOf, besidesOf } from './addressed.js';
import { type ContentType, sayingOf } from './content-kinds.js';
import type { SendIn, SendOut, TextIn } from './send.dto.js';
import { queuedAnswer, SendAnswers } from './send-answers.js';

/** What may be refused about any message. */
export const sendErrors: ErrorName[] = [
  'notFound',
  'profileNotLinked',
  'recipientInvalid',
  'quotedMessageNotFound',
  'notSupported',
  'repeatSuppressed',
];

/** What may be refused about a message with a file, by the way in that all files take. */
export const fileErrors: ErrorName[] = [
  ...sendErrors,
  'mediaSourceMissing',
  'mediaTypeInvalid',
  'mediaTooLarge',
  'mediaFetchFailed',
  'mediaUnreadable',
  'mediaConversionUnavailable',
  'mediaInfected',
  'mediaNotScanned',
  'uploadNotComplete',
  'quotaExceeded',
  'urlNotAllowed',
];

/** One message of one request: accepted, then answered as far as `wait` allows. */
@Injectable()
export class SingleSends {
  constructor(
    private readonly sender: MessageSender,
    private readonly previews: LinkPreviews,
    private readonly answers: SendAnswers,
  ) {}

  /** @throws sendErrors; fileErrors for kinds with files */
  async send(
    actor: Actor,
    type: ContentType,
    body: SendIn & { profileId: ProfileId },
    idempotency: IdempotencyScope,
  ): Promise<Answer<SendOut>> {
    const saying = sayingBesides(await this.sayingOf(type, body), besidesOf(body));
    const draft = { ...addressOf(body), saying };
    const accepted = await this.sender.acceptSaying(actor, body.profileId, draft, idempotency.storing(queuedAnswer));
    return this.answers.of(accepted, body.wait);
  }

  /** What a checked body says; of a text with what its link shows. */
  async sayingOf(type: ContentType, body: object): Promise<Saying> {
    const saying = sayingOf(type, body);
    if (type !== 'text') return saying;
    const { linkPreview } = body as TextIn;
    return plainSaying(await this.previews.addTo(saying.say([]), linkPreview ?? undefined));
  }
}
