import { Body, Controller, Delete, Get, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Actor, ProfileId } from '#contracts';
import { Communities } from '#domain';
import { groupRef, participantAddresses } from '../groups/group-ref.js';
import {
  GroupQuery,
  LeftGroupOut,
  ParticipantResultsOut,
  ParticipantsIn,
  presentResults,
} from '../groups/groups.dto.js';
import { Can } from '../http/access.js';
import type { Page } from '../http/answer.js';
import { CurrentActor } from '../http/current-actor.js';
import { Describe } from '../http/describe.js';
import { IdParam } from '../http/id-param.js';
import { Idempotency, IdempotencyScope, Idempotent } from '../http/idempotency.js';
import { decodeIdCursor, PageQuery, toPage } from '../http/page.js';
import { PartyOut } from '../messages/message.dto.js';
import { liveErrors } from '../openapi/live-errors.js';
import {
  CommunityOut,
  CreateCommunityIn,
  DeactivatedCommunityOut,
  presentCommunity,
  UpdateCommunityIn,
} from './communities.dto.js';

const named = 'The community is named by our id, or by `<id>@g.us` with its profile.';
const asked = `${named} Asks WhatsApp: needs a live connection.`;

/** Communities, their settings and the people in them. Their groups are in `community-groups.controller.ts`. */
@ApiTags('Communities')
@Controller('communities')
export class CommunitiesController {
  constructor(private readonly communities: Communities) {}

  @Get('profile/:profileId')
  @Can('groups.read')
  @Describe('List communities of a profile', {
    description: 'The communities that the number is in, as they are known here, newest first.',
    returns: [CommunityOut],
    page: true,
    errors: ['notFound'],
  })
  async list(
    @CurrentActor() actor: Actor,
    @IdParam('profileId') profileId: ProfileId,
    @Query() { limit, cursor }: PageQuery,
  ): Promise<Page<CommunityOut>> {
    const rows = await this.communities.list(actor, profileId, { after: decodeIdCursor(cursor), limit: limit + 1 });
    return toPage(rows, limit, ({ id }) => [id], presentCommunity);
  }

  @Get(':communityId')
  @Can('groups.read')
  @Describe('Get a community', {
    description: `As it is known here. ${named}`,
    returns: CommunityOut,
    errors: ['notFound'],
  })
  async get(
    @CurrentActor() actor: Actor,
    @Param('communityId') communityId: string,
    @Query() { profileId }: GroupQuery,
  ): Promise<CommunityOut> {
    return presentCommunity(await this.communities.get(actor, groupRef(communityId, profileId, 'communityId')));
  }

  @Post()
  @Idempotent()
  @Can('groups.write')
  @Describe('Create a community', {
    description: 'Makes a community with its announcement group. Asks WhatsApp: needs a live connection.',
    returns: CommunityOut,
    errors: liveErrors,
  })
  async create(
    @CurrentActor() actor: Actor,
    @Body() { profileId, ...draft }: CreateCommunityIn,
    @Idempotency() idempotency: IdempotencyScope,
  ): Promise<CommunityOut> {
    const once = idempotency.storing(presentCommunity);
    return presentCommunity(await this.communities.create(actor, profileId, draft, once));
  }

  @Patch(':communityId')
  @Can('groups.write')
  @Describe('Change a community', {
    description: `Changes name, description and who may add groups. ${asked} Each is a step of its own: those before one that is refused stay.`,
    returns: CommunityOut,
    errors: liveErrors,
  })
  async update(
    @CurrentActor() actor: Actor,
    @Param('communityId') communityId: string,
    @Body() { profileId, ...changes }: UpdateCommunityIn,
  ): Promise<CommunityOut> {
    const ref = groupRef(communityId, profileId, 'communityId');
    return presentCommunity(await this.communities.update(actor, ref, changes));
  }

  @Get(':communityId/participants')
  @Can('groups.read')
  @Describe('List everybody in a community', {
    description: `Who is in any group of it. ${asked}`,
    returns: [PartyOut],
    errors: liveErrors,
  })
  participants(
    @CurrentActor() actor: Actor,
    @Param('communityId') communityId: string,
    @Query() { profileId }: GroupQuery,
  ): Promise<PartyOut[]> {
    return this.communities.members(actor, groupRef(communityId, profileId, 'communityId'));
  }

  @Post(':communityId/participants/remove')
  @Can('groups.write')
  @Describe('Remove people from a community', {
    description: `From the community and every group of it, with a result for each. ${asked}`,
    returns: ParticipantResultsOut,
    status: 200,
    errors: liveErrors,
  })
  async remove(
    @CurrentActor() actor: Actor,
    @Param('communityId') communityId: string,
    @Body() { profileId, participants }: ParticipantsIn,
  ): Promise<ParticipantResultsOut> {
    const people = participantAddresses(participants);
    const ref = groupRef(communityId, profileId, 'communityId');
    return { results: presentResults(await this.communities.removeMembers(actor, ref, people)) };
  }

  @Post(':communityId/leave')
  @Can('groups.write')
  @Describe('Leave a community', {
    description: `And every group of it. ${asked}`,
    returns: LeftGroupOut,
    status: 200,
    errors: liveErrors,
  })
  async leave(
    @CurrentActor() actor: Actor,
    @Param('communityId') communityId: string,
    @Query() { profileId }: GroupQuery,
  ): Promise<LeftGroupOut> {
    const { id } = await this.communities.leave(actor, groupRef(communityId, profileId, 'communityId'));
    return { id, left: true };
  }

  @Delete(':communityId')
  @Can('groups.write')
  @Describe('End a community', {
    description: `For everybody: its announcement group goes with it, the other groups stay for themselves. ${asked}`,
    returns: DeactivatedCommunityOut,
    errors: liveErrors,
  })
  async deactivate(
    @CurrentActor() actor: Actor,
    @Param('communityId') communityId: string,
    @Query() { profileId }: GroupQuery,
  ): Promise<DeactivatedCommunityOut> {
    const { id } = await this.communities.deactivate(actor, groupRef(communityId, profileId, 'communityId'));
    return { id, deactivated: true };
  }
}
