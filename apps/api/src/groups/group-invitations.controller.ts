import { Body, Controller, Get, Param, Post, Put, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Actor } from '#contracts';
import { GroupInvitations } from '#domain';
import { Can } from '../http/access.js';
import { CurrentActor } from '../http/current-actor.js';
import { Describe } from '../http/describe.js';
import { liveErrors } from '../openapi/live-errors.js';
import { GroupPreviewOut, JoinedGroupOut, jidOf, presentPreview } from './group-admin.dto.js';
import {
  CancelJoinIn,
  CancelledJoinOut,
  InvitationMessageIn,
  OwnTagIn,
  OwnTagOut,
  RevokedInvitationsOut,
} from './group-invitations.dto.js';
import { groupRef, participantAddresses } from './group-ref.js';
import { ParticipantsIn } from './groups.dto.js';

const live = 'Asks WhatsApp: needs a live connection.';
const named = `The group is named by our id, or by \`<id>@g.us\` with its profile. ${live}`;

/** Invitations that came or went as messages, and what an account decides for itself in a group. */
@ApiTags('Groups')
@Controller('groups')
export class GroupInvitationsController {
  constructor(private readonly invitations: GroupInvitations) {}

  @Get('invitation')
  @Can('groups.read')
  @Describe('Look behind an invitation that came as a message', {
    description: `The group that it leads to. Does not join it. ${live}`,
    returns: GroupPreviewOut,
    errors: liveErrors,
  })
  async behind(@CurrentActor() actor: Actor, @Query() { messageId }: InvitationMessageIn): Promise<GroupPreviewOut> {
    return presentPreview(await this.invitations.behind(actor, messageId));
  }

  @Post('invitation/accept')
  @Can('groups.write')
  @Describe('Accept an invitation that came as a message', {
    description: `Where admins approve who comes, the account waits. ${live}`,
    returns: JoinedGroupOut,
    status: 200,
    errors: liveErrors,
  })
  async accept(@CurrentActor() actor: Actor, @Body() { messageId }: InvitationMessageIn): Promise<JoinedGroupOut> {
    const { groupId, state } = await this.invitations.accept(actor, messageId);
    return { jid: jidOf(groupId), state };
  }

  @Post('join/cancel')
  @Can('groups.write')
  @Describe('Stop waiting to be let into a group', {
    description: `After \`join\` answered \`waiting\`. ${live}`,
    returns: CancelledJoinOut,
    status: 200,
    errors: liveErrors,
  })
  async cancelJoin(@CurrentActor() actor: Actor, @Body() { profileId, jid }: CancelJoinIn): Promise<CancelledJoinOut> {
    await this.invitations.cancelOwnRequest(actor, profileId, jid.split('@')[0]!);
    return { jid, cancelled: true };
  }

  @Post(':groupId/invitations/revoke')
  @Can('groups.write')
  @Describe('Take invitations back', {
    description: `Those that were sent to single people with \`POST /messages/group-invite\`. ${named}`,
    returns: RevokedInvitationsOut,
    status: 200,
    errors: liveErrors,
  })
  async revoke(
    @CurrentActor() actor: Actor,
    @Param('groupId') groupId: string,
    @Body() { profileId, participants }: ParticipantsIn,
  ): Promise<RevokedInvitationsOut> {
    const people = participantAddresses(participants);
    await this.invitations.revoke(actor, groupRef(groupId, profileId), people);
    return { revoked: people.length };
  }

  @Put(':groupId/tag')
  @Can('groups.write')
  @Describe('Set the own line in a group', {
    description: `What members see under the name of this account in this group. ${named}`,
    returns: OwnTagOut,
    errors: liveErrors,
  })
  async setOwnTag(
    @CurrentActor() actor: Actor,
    @Param('groupId') groupId: string,
    @Body() { profileId, tag }: OwnTagIn,
  ): Promise<OwnTagOut> {
    await this.invitations.setOwnTag(actor, groupRef(groupId, profileId), tag);
    return { tag };
  }
}
