import { Body, Controller, Delete, Get, Post, Put } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Actor } from '#contracts';
import { Erasures, Members, Organizations, ReAuthentication } from '#domain';
import { proofOf } from '../auth/reauthentication.dto.js';
import { Can } from '../http/access.js';
import { CurrentActor } from '../http/current-actor.js';
import { Describe } from '../http/describe.js';
import { EraseAccountIn, presentScheduled, ScheduledErasureOut } from '../privacy/erasures.dto.js';
import { MemberOut, presentMember } from './members.dto.js';
import {
  OrganizationOut,
  presentOrganization,
  TransferOwnershipIn,
  UpdateOrganizationIn,
} from './organizations.dto.js';

@ApiTags('Organizations')
@Controller('organizations/current')
export class OrganizationsController {
  constructor(
    private readonly organizations: Organizations,
    private readonly members: Members,
    private readonly reauthentication: ReAuthentication,
    private readonly erasures: Erasures,
  ) {}

  @Get()
  @Can('organization.read')
  @Describe('Get your organization', {
    description: 'The organization of the caller. Every user belongs to one.',
    returns: OrganizationOut,
  })
  async get(@CurrentActor() actor: Actor): Promise<OrganizationOut> {
    return presentOrganization(await this.organizations.get(actor));
  }

  @Put()
  @Can('organization.write')
  @Describe('Change your organization', {
    description: 'Fields that are left out stay as they are; `settings` is replaced as a whole.',
    returns: OrganizationOut,
  })
  async update(@CurrentActor() actor: Actor, @Body() body: UpdateOrganizationIn): Promise<OrganizationOut> {
    return presentOrganization(await this.organizations.update(actor, body));
  }

  @Delete()
  @Can('organization.delete')
  @Describe('Delete your organization', {
    description:
      'Erases the organization with everything in it and your account, after a time of grace in which it can be cancelled (`POST /account/erasure/cancel`). Only as its only member: remove the others first, so that nobody loses their work by surprise. Confirm that it is you with your password, a code or a passkey. An API key cannot do this.',
    returns: ScheduledErasureOut,
    status: 202,
    errors: ['notEmpty', 'reauthenticationFailed', 'tooManyAttempts', 'lastOwner', 'lastPlatformAdmin', 'erasureOpen'],
  })
  async delete(@CurrentActor() actor: Actor, @Body() body: EraseAccountIn): Promise<ScheduledErasureOut> {
    await this.members.assertOnly(actor);
    return presentScheduled(await this.erasures.eraseSelf(actor, proofOf(body), body.graceDays));
  }

  @Post('transfer')
  @Can('organization.delete')
  @Describe('Hand the ownership on', {
    description:
      'Makes another member owner in your place; you become administrator. Confirm that it is you with your password, a code or a passkey. An API key cannot do this.',
    returns: MemberOut,
    status: 200,
    errors: ['notFound', 'reauthenticationFailed', 'tooManyAttempts'],
  })
  async transfer(@CurrentActor() actor: Actor, @Body() body: TransferOwnershipIn): Promise<MemberOut> {
    // Who is asked for is looked up before the proof is used up.
    await this.members.get(actor, body.userId);
    await this.reauthentication.confirm(actor, proofOf(body));
    return presentMember(await this.members.transferOwnership(actor, body.userId));
  }
}
