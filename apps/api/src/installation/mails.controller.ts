import { Controller, Get, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Actor } from '#contracts';
import { MailDesk } from '#domain';
import { PlatformAdmin } from '../http/access.js';
import type { Page } from '../http/answer.js';
import { CurrentActor } from '../http/current-actor.js';
import { Describe } from '../http/describe.js';
import { IdParam } from '../http/id-param.js';
import { decodeIdCursor, toPage } from '../http/page.js';
import { MailOut, MailsQuery, OpenedMailOut, presentMail, presentOpenedMail } from './mails.dto.js';

@ApiTags('Installation')
@Controller('platform/mails')
@PlatformAdmin()
export class MailsController {
  constructor(private readonly mails: MailDesk) {}

  @Get()
  @Describe('List mails', {
    description: 'What Waypost sent or has to send to people, newest first, without contents.',
    returns: [MailOut],
    page: true,
  })
  async list(@CurrentActor() actor: Actor, @Query() { state, limit, cursor }: MailsQuery): Promise<Page<MailOut>> {
    const rows = await this.mails.list(actor, { state, before: decodeIdCursor(cursor), limit: limit + 1 });
    return toPage(rows, limit, (row) => [row.id], presentMail);
  }

  @Get(':mailId')
  @Describe('Read a mail', {
    description:
      'With its text and link, for installations without a mail server: pass the link on to the recipient. That it was read is recorded.',
    returns: OpenedMailOut,
    errors: ['notFound'],
  })
  async read(@CurrentActor() actor: Actor, @IdParam('mailId') id: string): Promise<OpenedMailOut> {
    return presentOpenedMail(await this.mails.read(actor, id));
  }

  @Post(':mailId/retry')
  @Describe('Send a mail again', {
    description: 'Puts a mail that was held or given up in line again, as long as its link works.',
    returns: MailOut,
    status: 200,
    errors: ['notFound', 'mailGone'],
  })
  async retry(@CurrentActor() actor: Actor, @IdParam('mailId') id: string): Promise<MailOut> {
    return presentMail(await this.mails.retry(actor, id));
  }
}
