import { Body, Controller, Get, Put } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Actor, OrganizationId } from '#contracts';
import { Allowances } from '#domain';
import { PlatformAdmin } from '../http/access.js';
import { CurrentActor } from '../http/current-actor.js';
import { Describe } from '../http/describe.js';
import { IdParam } from '../http/id-param.js';
import { presentQuota, QuotaIn, QuotaOut } from './uploads.dto.js';

/** How much organizations may keep and upload. */
@ApiTags('Installation')
@Controller('platform/organizations/:organizationId/quota')
export class QuotasController {
  constructor(private readonly allowances: Allowances) {}

  @Get()
  @PlatformAdmin()
  @Describe('Get what an organization may store', {
    description: 'What it keeps, what holds for it, and what was set for it.',
    returns: QuotaOut,
    errors: ['notFound'],
  })
  async get(@CurrentActor() actor: Actor, @IdParam('organizationId') id: OrganizationId): Promise<QuotaOut> {
    return presentQuota(await this.allowances.viewOf(actor, id));
  }

  @Put()
  @PlatformAdmin()
  @Describe('Set what an organization may store', {
    description:
      'What is left out stays; null goes back to QUOTA_STORED_MB, QUOTA_UPLOADS_PER_DAY and QUOTA_FILE_MB. A limit below what is kept removes nothing: uploads and sends with files are refused until there is room, received files are not.',
    returns: QuotaOut,
    errors: ['notFound'],
  })
  async put(
    @CurrentActor() actor: Actor,
    @IdParam('organizationId') id: OrganizationId,
    @Body() body: QuotaIn,
  ): Promise<QuotaOut> {
    return presentQuota(await this.allowances.save(actor, id, body));
  }
}
