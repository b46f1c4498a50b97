import { Injectable } from '@nestjs/common';
import type { Actor } from '#contracts';
import { type Saying, type ScheduledWords, sayingBesides, TemplateSender } from '#domain';
import { checked } from '../http/validation.js';
import { addressOf, besidesOf } from '../messages/addressed.js';
import { type ContentType, contentKinds } from '../messages/content-kinds.js';
import type { AddressIn } from '../messages/send.dto.js';
import { SingleSends } from '../messages/single-sends.js';
import { TemplateIn } from '../templates/template-sends.controller.js';

/** Reads what a scheduled message is to say: the same bodies as of single sends, under `content`. */
@Injectable()
export class ScheduledContent {
  constructor(
    private readonly sends: SingleSends,
    private readonly templates: TemplateSender,
  ) {}

  /** @throws validation below `content`; what filling in a template throws */
  async read(
    actor: Actor,
    address: Omit<AddressIn, 'profileId'>,
    type: ContentType | 'template',
    content: object,
  ): Promise<ScheduledWords> {
    const { to: chat, ...rest } = addressOf(address);
    const saying = sayingBesides(await this.sayingOf(actor, type, content), besidesOf(address));
    return { recipient: address.to, chat, type, saying, ...rest };
  }

  private async sayingOf(actor: Actor, type: ContentType | 'template', content: object): Promise<Saying> {
    if (type !== 'template')
      return this.sends.sayingOf(type, checked<object>(contentKinds[type].body, content, 'content'));
    const { templateId, variables = {}, timeZone } = checked(TemplateIn, content, 'content');
    return this.templates.fillIn(actor, templateId, variables, { timeZone });
  }
}
