import { Body, Controller, Delete, Get, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Actor, InvitationId } from '#contracts';
import { Invitations } from '#domain';
import { Can } from '../http/access.js';
import type { Page } from '../http/answer.js';
import { CurrentActor } from '../http/current-actor.js';
import { Describe } from '../http/describe.js';
import { IdParam } from '../http/id-param.js';
import { Idempotency, IdempotencyScope, Idempotent } from '../http/idempotency.js';
import { decodeIdCursor, toPage } from '../http/page.js';
import { InvitationOut, InvitationsQuery, InviteIn, presentInvitation, ResendInvitationIn } from './invitations.dto.js';

@ApiTags('Organizations')
@Controller('organizations/invitations')
export class InvitationsController {
  constructor(private readonly invitations: Invitations) {}

  @Get()
  @Can('members.read')
  @Describe('List invitations', {
    description: 'Newest first. Links are in the mails only, and cannot be read again.',
    returns: [InvitationOut],
    page: true,
  })
  async list(@CurrentActor() actor: Actor, @Query() query: InvitationsQuery): Promise<Page<InvitationOut>> {
    const page = { open: query.open, before: decodeIdCursor(query.cursor), limit: query.limit + 1 };
    return toPage(await this.invitations.list(actor, page), query.limit, (row) => [row.id], presentInvitation);
  }

  @Post()
  @Can('members.invite')
  @Idempotent()
  @Describe('Invite a person', {
    description:
      'Mails a link with which the person joins, and chooses a password. You can invite only to a role of which you hold everything. Without a mail server the link waits for administrators (see the guide on roles).',
    returns: InvitationOut,
    errors: ['notFound', 'memberExists', 'invitationOpen', 'registrationClosed'],
  })
  async create(
    @CurrentActor() actor: Actor,
    @Body() body: InviteIn,
    @Idempotency() idempotency: IdempotencyScope,
  ): Promise<InvitationOut> {
    return presentInvitation(await this.invitations.create(actor, body, idempotency.storing(presentInvitation)));
  }

  @Post(':invitationId/resend')
  @Can('members.invite')
  @Describe('Send an invitation again', {
    description: 'Mails a new link; the old one is void from now on. An expired invitation is open again.',
    returns: InvitationOut,
    status: 200,
    errors: ['invitationClosed', 'registrationClosed'],
  })
  async resend(
    @CurrentActor() actor: Actor,
    @IdParam('invitationId') id: InvitationId,
    @Body() body: ResendInvitationIn,
  ): Promise<InvitationOut> {
    return presentInvitation(await this.invitations.resend(actor, id, body.expiresInDays));
  }

  @Delete(':invitationId')
  @Can('members.invite')
  @Describe('Revoke an invitation', {
    description: 'Makes the link void. The invitation stays in the list as revoked.',
    returns: InvitationOut,
    errors: ['invitationClosed'],
  })
  async revoke(@CurrentActor() actor: Actor, @IdParam('invitationId') id: InvitationId): Promise<InvitationOut> {
    return presentInvitation(await this.invitations.revoke(actor, id));
  }
}
