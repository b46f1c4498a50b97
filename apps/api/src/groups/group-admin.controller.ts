import { Body, Controller, Delete, Get, Param, Patch, Post, Put, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Actor } from '#contracts';
import { GroupAdmin } from '#domain';
import { Can } from '../http/access.js';
import { CurrentActor } from '../http/current-actor.js';
import { Describe } from '../http/describe.js';
import { liveErrors } from '../openapi/live-errors.js';
import {
  codeOf,
  GroupPictureIn,
  GroupPictureLinkOut,
  GroupPictureOut,
  GroupPreviewOut,
  GroupSettingsIn,
  InviteQuery,
  JoinedGroupOut,
  JoinGroupIn,
  JoinRequestOut,
  jidOf,
  presentJoinRequest,
  presentPreview,
} from './group-admin.dto.js';
import { groupRef, participantAddresses } from './group-ref.js';
import {
  GroupOut,
  GroupQuery,
  ParticipantResultsOut,
  ParticipantsIn,
  presentGroup,
  presentResults,
} from './groups.dto.js';

const asked =
  'The group is named by our id, or by `<id>@g.us` with its profile. Asks WhatsApp: needs a live connection, and what only admins may needs an admin.';

/** Settings, requests, pictures and invite links of groups. */
@ApiTags('Groups')
@Controller('groups')
export class GroupAdminController {
  constructor(private readonly admin: GroupAdmin) {}

  @Get('invite')
  @Can('groups.read')
  @Describe('Look behind an invite link', {
    description: 'The group that it leads to. Does not join it. Asks WhatsApp: needs a live connection.',
    returns: GroupPreviewOut,
    errors: liveErrors,
  })
  async behindInvite(@CurrentActor() actor: Actor, @Query() query: InviteQuery): Promise<GroupPreviewOut> {
    return presentPreview(await this.admin.behindInvite(actor, query.profileId, codeOf(query.link)));
  }

  @Post('join')
  @Can('groups.write')
  @Describe('Join a group by its invite link', {
    description: 'Where admins approve who comes, the account waits. Asks WhatsApp: needs a live connection.',
    returns: JoinedGroupOut,
    status: 200,
    errors: liveErrors,
  })
  async join(@CurrentActor() actor: Actor, @Body() body: JoinGroupIn): Promise<JoinedGroupOut> {
    const { groupId, state } = await this.admin.join(actor, body.profileId, codeOf(body.link));
    return { jid: jidOf(groupId), state };
  }

  @Patch(':groupId/settings')
  @Can('groups.write')
  @Describe('Change the settings of a group', {
    description: `Who may write, change it and add people, and how long messages stay. ${asked} Each setting is a step of its own: those before one that is refused stay.`,
    returns: GroupOut,
    errors: liveErrors,
  })
  async change(
    @CurrentActor() actor: Actor,
    @Param('groupId') groupId: string,
    @Body() { profileId, ...settings }: GroupSettingsIn,
  ): Promise<GroupOut> {
    return presentGroup(await this.admin.change(actor, groupRef(groupId, profileId), settings));
  }

  @Get(':groupId/join-requests')
  @Can('groups.read')
  @Describe('List who waits to be let in', { description: asked, returns: [JoinRequestOut], errors: liveErrors })
  async joinRequests(
    @CurrentActor() actor: Actor,
    @Param('groupId') groupId: string,
    @Query() { profileId }: GroupQuery,
  ): Promise<JoinRequestOut[]> {
    return (await this.admin.joinRequests(actor, groupRef(groupId, profileId))).map(presentJoinRequest);
  }

  @Post(':groupId/join-requests/approve')
  @Can('groups.write')
  @Describe('Let people in', {
    description: `A result for each. ${asked}`,
    returns: ParticipantResultsOut,
    status: 200,
    errors: liveErrors,
  })
  approve(
    @CurrentActor() actor: Actor,
    @Param('groupId') groupId: string,
    @Body() body: ParticipantsIn,
  ): Promise<ParticipantResultsOut> {
    return this.answer(actor, groupId, body, 'approve');
  }

  @Post(':groupId/join-requests/reject')
  @Can('groups.write')
  @Describe('Refuse people who wait', {
    description: `A result for each. ${asked}`,
    returns: ParticipantResultsOut,
    status: 200,
    errors: liveErrors,
  })
  reject(
    @CurrentActor() actor: Actor,
    @Param('groupId') groupId: string,
    @Body() body: ParticipantsIn,
  ): Promise<ParticipantResultsOut> {
    return this.answer(actor, groupId, body, 'reject');
  }

  @Get(':groupId/picture')
  @Can('groups.read')
  @Describe('Get the picture of a group', { description: asked, returns: GroupPictureLinkOut, errors: liveErrors })
  async picture(
    @CurrentActor() actor: Actor,
    @Param('groupId') groupId: string,
    @Query() { profileId }: GroupQuery,
  ): Promise<GroupPictureLinkOut> {
    return (await this.admin.picture(actor, groupRef(groupId, profileId))) ?? { pictureId: null, url: null };
  }

  @Put(':groupId/picture')
  @Can('groups.write')
  @Describe('Set the picture of a group', { description: asked, returns: GroupPictureOut, errors: liveErrors })
  setPicture(
    @CurrentActor() actor: Actor,
    @Param('groupId') groupId: string,
    @Body() { profileId, base64 }: GroupPictureIn,
  ): Promise<GroupPictureOut> {
    return this.admin.setPicture(actor, groupRef(groupId, profileId), Buffer.from(base64, 'base64'));
  }

  @Delete(':groupId/picture')
  @Can('groups.write')
  @Describe('Remove the picture of a group', { description: asked, returns: GroupPictureOut, errors: liveErrors })
  removePicture(
    @CurrentActor() actor: Actor,
    @Param('groupId') groupId: string,
    @Query() { profileId }: GroupQuery,
  ): Promise<GroupPictureOut> {
    return this.admin.setPicture(actor, groupRef(groupId, profileId), null);
  }

  private async answer(
    actor: Actor,
    groupId: string,
    { profileId, participants }: ParticipantsIn,
    answer: 'approve' | 'reject',
  ): Promise<ParticipantResultsOut> {
    const people = participantAddresses(participants);
    const ref = groupRef(groupId, profileId);
    return { results: presentResults(await this.admin.answerJoinRequests(actor, ref, people, answer)) };
  }
}
