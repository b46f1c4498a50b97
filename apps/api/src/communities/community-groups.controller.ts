import { Body, Controller, Delete, Get, Param, Post, Put, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Actor } from '#contracts';
import { Communities } from '#domain';
import { JoinedGroupOut, jidOf } from '../groups/group-admin.dto.js';
import { groupName, groupRef, participantAddresses } from '../groups/group-ref.js';
import { GroupQuery } from '../groups/groups.dto.js';
import { Can } from '../http/access.js';
import { CurrentActor } from '../http/current-actor.js';
import { Describe } from '../http/describe.js';
import { Idempotency, IdempotencyScope, Idempotent } from '../http/idempotency.js';
import { liveErrors } from '../openapi/live-errors.js';
import {
  CommunityGroupMadeOut,
  CommunityGroupOut,
  CommunityLinkOut,
  CreateCommunityGroupIn,
  presentCommunityGroup,
  presentGroupMade,
} from './communities.dto.js';

const asked =
  'The community is named by our id, or by `<id>@g.us` with its profile. Asks WhatsApp: needs a live connection.';
const groupNamed = 'The group is named by our id or by `<id>@g.us`.';

/** The groups of a community: which there are, made in it, linked and unlinked, and joined. */
@ApiTags('Communities')
@Controller('communities/:communityId/groups')
export class CommunityGroupsController {
  constructor(private readonly communities: Communities) {}

  @Get()
  @Can('groups.read')
  @Describe('List the groups of a community', {
    description: `The announcement group and the linked groups, also those that the account is not in. ${asked}`,
    returns: [CommunityGroupOut],
    errors: liveErrors,
  })
  async list(
    @CurrentActor() actor: Actor,
    @Param('communityId') communityId: string,
    @Query() { profileId }: GroupQuery,
  ): Promise<CommunityGroupOut[]> {
    const ref = groupRef(communityId, profileId, 'communityId');
    return (await this.communities.groups(actor, ref)).map(presentCommunityGroup);
  }

  @Post()
  @Idempotent()
  @Can('groups.write')
  @Describe('Create a group in a community', {
    description: `Participants who cannot be added are named in \`results\` with the reason; the group exists all the same. ${asked}`,
    returns: CommunityGroupMadeOut,
    errors: liveErrors,
  })
  async create(
    @CurrentActor() actor: Actor,
    @Param('communityId') communityId: string,
    @Body() { profileId, name, participants = [] }: CreateCommunityGroupIn,
    @Idempotency() idempotency: IdempotencyScope,
  ): Promise<CommunityGroupMadeOut> {
    const ref = groupRef(communityId, profileId, 'communityId');
    const draft = { name, members: participantAddresses(participants) };
    const once = idempotency.storing(presentGroupMade);
    return presentGroupMade(await this.communities.createGroup(actor, ref, draft, once));
  }

  @Put(':groupId')
  @Can('groups.write')
  @Describe('Link a group to a community', {
    description: `Only a group that the account rules. ${groupNamed} ${asked}`,
    returns: CommunityLinkOut,
    errors: liveErrors,
  })
  async link(
    @CurrentActor() actor: Actor,
    @Param('communityId') communityId: string,
    @Param('groupId') groupId: string,
    @Query() { profileId }: GroupQuery,
  ): Promise<CommunityLinkOut> {
    const ref = groupRef(communityId, profileId, 'communityId');
    return { jid: jidOf(await this.communities.link(actor, ref, groupName(groupId))), linked: true };
  }

  @Delete(':groupId')
  @Can('groups.write')
  @Describe('Unlink a group from a community', {
    description: `The group stays for itself. ${groupNamed} ${asked}`,
    returns: CommunityLinkOut,
    errors: liveErrors,
  })
  async unlink(
    @CurrentActor() actor: Actor,
    @Param('communityId') communityId: string,
    @Param('groupId') groupId: string,
    @Query() { profileId }: GroupQuery,
  ): Promise<CommunityLinkOut> {
    const ref = groupRef(communityId, profileId, 'communityId');
    return { jid: jidOf(await this.communities.unlink(actor, ref, groupName(groupId))), linked: false };
  }

  @Post(':groupId/join')
  @Can('groups.write')
  @Describe('Join a group of a community', {
    description: `One that the account is not in yet. Where admins approve who comes, the account waits. ${groupNamed} ${asked}`,
    returns: JoinedGroupOut,
    status: 200,
    errors: liveErrors,
  })
  async join(
    @CurrentActor() actor: Actor,
    @Param('communityId') communityId: string,
    @Param('groupId') groupId: string,
    @Query() { profileId }: GroupQuery,
  ): Promise<JoinedGroupOut> {
    const ref = groupRef(communityId, profileId, 'communityId');
    const joined = await this.communities.joinGroup(actor, ref, groupName(groupId));
    return { jid: jidOf(joined.groupId), state: joined.state };
  }
}
