import { Body, Controller, Delete, Get, Post, Put, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Actor, UserId } from '#contracts';
import { Invitations, Members } from '#domain';
import { Can } from '../http/access.js';
import type { Page } from '../http/answer.js';
import { CurrentActor } from '../http/current-actor.js';
import { Describe } from '../http/describe.js';
import { IdParam } from '../http/id-param.js';
import { Idempotency, IdempotencyScope, Idempotent } from '../http/idempotency.js';
import { decodeIdCursor, PageQuery, toPage } from '../http/page.js';
import { InvitationOut, InviteIn, presentInvitation } from './invitations.dto.js';
import { MemberOut, presentMember, RemovedMemberOut, SetRoleIn } from './members.dto.js';

@ApiTags('Organizations')
@Controller('organizations/members')
export class MembersController {
  constructor(
    private readonly members: Members,
    private readonly invitations: Invitations,
  ) {}

  @Get()
  @Can('members.read')
  @Describe('List members', {
    description: 'Oldest first, with their roles and where those hold.',
    returns: [MemberOut],
    page: true,
  })
  async list(@CurrentActor() actor: Actor, @Query() query: PageQuery): Promise<Page<MemberOut>> {
    const rows = await this.members.list(actor, { after: decodeIdCursor(query.cursor), limit: query.limit + 1 });
    return toPage(rows, query.limit, (row) => [row.id], presentMember);
  }

  @Post()
  @Can('members.invite')
  @Idempotent()
  @Describe('Invite a member', {
    description:
      'Mails a link with which the person joins, and chooses a password. The answer is the invitation: there is no member yet, and no password that anybody else knows. The same as `POST /organizations/invitations`.',
    returns: InvitationOut,
    errors: ['notFound', 'memberExists', 'invitationOpen', 'registrationClosed'],
  })
  async invite(
    @CurrentActor() actor: Actor,
    @Body() body: InviteIn,
    @Idempotency() idempotency: IdempotencyScope,
  ): Promise<InvitationOut> {
    return presentInvitation(await this.invitations.create(actor, body, idempotency.storing(presentInvitation)));
  }

  @Get(':memberId')
  @Can('members.read')
  @Describe('Get a member', { description: 'One member with roles.', returns: MemberOut })
  async get(@CurrentActor() actor: Actor, @IdParam('memberId') id: UserId): Promise<MemberOut> {
    return presentMember(await this.members.get(actor, id));
  }

  @Put(':memberId/role')
  @Can('members.write')
  @Describe("Change a member's role", {
    description:
      'Gives a role for the whole organization in place of every role that the member has. It acts at once. You can give only what you hold, and change only members who may do no more than you. For a role in some workspaces or profiles see `POST /rbac/assign`.',
    returns: MemberOut,
    errors: ['lastOwner', 'lastPlatformAdmin'],
  })
  async setRole(
    @CurrentActor() actor: Actor,
    @IdParam('memberId') id: UserId,
    @Body() body: SetRoleIn,
  ): Promise<MemberOut> {
    return presentMember(await this.members.setRole(actor, id, body.role));
  }

  @Post(':memberId/deactivate')
  @Can('members.write')
  @Describe('Deactivate a member', {
    description:
      'Ends the sessions of the member at once and refuses the API keys, until the member is made active again. A second call changes nothing.',
    returns: MemberOut,
    status: 200,
    errors: ['lastOwner', 'lastPlatformAdmin'],
  })
  async deactivate(@CurrentActor() actor: Actor, @IdParam('memberId') id: UserId): Promise<MemberOut> {
    return presentMember(await this.members.deactivate(actor, id));
  }

  @Post(':memberId/reactivate')
  @Can('members.write')
  @Describe('Make a member active again', {
    description: 'The member can log in again, and the API keys work again. A second call changes nothing.',
    returns: MemberOut,
    status: 200,
  })
  async reactivate(@CurrentActor() actor: Actor, @IdParam('memberId') id: UserId): Promise<MemberOut> {
    return presentMember(await this.members.reactivate(actor, id));
  }

  @Delete(':memberId')
  @Can('members.write')
  @Describe('Remove a member', {
    description:
      'Deletes the account of the member with its sessions and API keys, at once. What the member did stays: messages, conversations, the event log and the audit trail.',
    returns: RemovedMemberOut,
    errors: ['lastOwner', 'lastPlatformAdmin'],
  })
  async remove(@CurrentActor() actor: Actor, @IdParam('memberId') id: UserId): Promise<RemovedMemberOut> {
    await this.members.remove(actor, id);
    return { id, deleted: true };
  }
}
