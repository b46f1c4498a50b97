import { Body, Controller, Get, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Actor, ProfileId } from '#contracts';
import { Groups, type MemberAction } from '#domain';
import { Can } from '../http/access.js';
import type { Page } from '../http/answer.js';
import { CurrentActor } from '../http/current-actor.js';
import { Describe } from '../http/describe.js';
import { IdParam } from '../http/id-param.js';
import { Idempotency, IdempotencyScope, Idempotent } from '../http/idempotency.js';
import { decodeIdCursor, PageQuery, toPage } from '../http/page.js';
import { liveErrors } from '../openapi/live-errors.js';
import { groupRef, participantAddresses } from './group-ref.js';
import {
  CreatedGroupOut,
  CreateGroupIn,
  GroupDetailsOut,
  GroupOut,
  GroupQuery,
  InviteLinkOut,
  LeftGroupOut,
  ParticipantResultsOut,
  ParticipantsIn,
  presentDetails,
  presentGroup,
  presentResults,
  UpdateGroupIn,
} from './groups.dto.js';

const named = 'The group is named by our id, or by `<id>@g.us` with its profile.';
const asked = `${named} Asks WhatsApp: needs a live connection.`;

@ApiTags('Groups')
@Controller('groups')
export class GroupsController {
  constructor(private readonly groups: Groups) {}

  @Get('profile/:profileId')
  @Can('groups.read')
  @Describe('List groups of a profile', {
    description: 'The groups and communities that the number is in, as they are known here, newest first.',
    returns: [GroupOut],
    page: true,
    errors: ['notFound'],
  })
  async list(
    @CurrentActor() actor: Actor,
    @IdParam('profileId') profileId: ProfileId,
    @Query() { limit, cursor }: PageQuery,
  ): Promise<Page<GroupOut>> {
    const rows = await this.groups.list(actor, profileId, { after: decodeIdCursor(cursor), limit: limit + 1 });
    return toPage(rows, limit, ({ id }) => [id], presentGroup);
  }

  @Get(':groupId')
  @Can('groups.read')
  @Describe('Get a group', {
    description: `A group with its members. ${named} Asks WhatsApp only when its members are not known here.`,
    returns: GroupDetailsOut,
    errors: liveErrors,
  })
  async get(
    @CurrentActor() actor: Actor,
    @Param('groupId') groupId: string,
    @Query() { profileId }: GroupQuery,
  ): Promise<GroupDetailsOut> {
    return presentDetails(await this.groups.get(actor, groupRef(groupId, profileId)));
  }

  @Post()
  @Idempotent()
  @Can('groups.write')
  @Describe('Create a group', {
    description:
      'Makes a group. Participants who cannot be added are named in `results` with the reason; the group exists all the same.',
    returns: CreatedGroupOut,
    errors: liveErrors,
  })
  async create(
    @CurrentActor() actor: Actor,
    @Body() { profileId, name, description, participants }: CreateGroupIn,
    @Idempotency() idempotency: IdempotencyScope,
  ): Promise<CreatedGroupOut> {
    const members = participantAddresses(participants);
    const present = ({ details, results }: Awaited<ReturnType<Groups['create']>>): CreatedGroupOut => ({
      ...presentDetails(details),
      results: presentResults(results),
    });
    const draft = { name, members, ...(description ? { description } : {}) };
    return present(await this.groups.create(actor, profileId, draft, idempotency.storing(present)));
  }

  @Patch(':groupId')
  @Can('groups.write')
  @Describe('Change a group', {
    description: `Changes name and description. ${asked}`,
    returns: GroupOut,
    errors: liveErrors,
  })
  async update(
    @CurrentActor() actor: Actor,
    @Param('groupId') groupId: string,
    @Body() { profileId, name, description }: UpdateGroupIn,
  ): Promise<GroupOut> {
    const changes = { ...(name === undefined ? {} : { name }), ...(description === undefined ? {} : { description }) };
    return presentGroup(await this.groups.update(actor, groupRef(groupId, profileId), changes));
  }

  @Post(':groupId/participants/add')
  @Can('groups.write')
  @Describe('Add participants', { description: asked, returns: ParticipantResultsOut, status: 200, errors: liveErrors })
  add(
    @CurrentActor() actor: Actor,
    @Param('groupId') groupId: string,
    @Body() body: ParticipantsIn,
  ): Promise<ParticipantResultsOut> {
    return this.change(actor, groupId, 'add', body);
  }

  @Post(':groupId/participants/remove')
  @Can('groups.write')
  @Describe('Remove participants', {
    description: asked,
    returns: ParticipantResultsOut,
    status: 200,
    errors: liveErrors,
  })
  remove(
    @CurrentActor() actor: Actor,
    @Param('groupId') groupId: string,
    @Body() body: ParticipantsIn,
  ): Promise<ParticipantResultsOut> {
    return this.change(actor, groupId, 'remove', body);
  }

  @Post(':groupId/participants/promote')
  @Can('groups.write')
  @Describe('Make participants admins', {
    description: asked,
    returns: ParticipantResultsOut,
    status: 200,
    errors: liveErrors,
  })
  promote(
    @CurrentActor() actor: Actor,
    @Param('groupId') groupId: string,
    @Body() body: ParticipantsIn,
  ): Promise<ParticipantResultsOut> {
    return this.change(actor, groupId, 'promote', body);
  }

  @Post(':groupId/participants/demote')
  @Can('groups.write')
  @Describe('Make admins participants again', {
    description: asked,
    returns: ParticipantResultsOut,
    status: 200,
    errors: liveErrors,
  })
  demote(
    @CurrentActor() actor: Actor,
    @Param('groupId') groupId: string,
    @Body() body: ParticipantsIn,
  ): Promise<ParticipantResultsOut> {
    return this.change(actor, groupId, 'demote', body);
  }

  @Post(':groupId/leave')
  @Can('groups.write')
  @Describe('Leave a group', { description: asked, returns: LeftGroupOut, status: 200, errors: liveErrors })
  async leave(
    @CurrentActor() actor: Actor,
    @Param('groupId') groupId: string,
    @Query() { profileId }: GroupQuery,
  ): Promise<LeftGroupOut> {
    const { id } = await this.groups.leave(actor, groupRef(groupId, profileId));
    return { id, left: true };
  }

  @Get(':groupId/invite-link')
  @Can('groups.write')
  @Describe('Get the invite link', {
    description: `Only for admins of the group: by the link anybody can come in. ${asked}`,
    returns: InviteLinkOut,
    errors: liveErrors,
  })
  async inviteLink(
    @CurrentActor() actor: Actor,
    @Param('groupId') groupId: string,
    @Query() { profileId }: GroupQuery,
  ): Promise<InviteLinkOut> {
    return { link: await this.groups.inviteLink(actor, groupRef(groupId, profileId)) };
  }

  @Post(':groupId/invite-link/revoke')
  @Can('groups.write')
  @Describe('Replace the invite link', {
    description: `Ends the old link and answers with a new one. ${asked}`,
    returns: InviteLinkOut,
    status: 200,
    errors: liveErrors,
  })
  async replaceInviteLink(
    @CurrentActor() actor: Actor,
    @Param('groupId') groupId: string,
    @Query() { profileId }: GroupQuery,
  ): Promise<InviteLinkOut> {
    return { link: await this.groups.replaceInviteLink(actor, groupRef(groupId, profileId)) };
  }

  private async change(
    actor: Actor,
    groupId: string,
    action: MemberAction,
    { profileId, participants }: ParticipantsIn,
  ): Promise<ParticipantResultsOut> {
    const people = participantAddresses(participants);
    return {
      results: presentResults(await this.groups.changeMembers(actor, groupRef(groupId, profileId), action, people)),
    };
  }
}
