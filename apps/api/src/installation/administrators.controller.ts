import { Body, Controller, Delete, Get, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Actor, UserId } from '#contracts';
import { PlatformAdmins } from '#domain';
import { PlatformAdmin } from '../http/access.js';
import { CurrentActor } from '../http/current-actor.js';
import { Describe } from '../http/describe.js';
import { IdParam } from '../http/id-param.js';
import {
  AddAdministratorIn,
  AdministratorOut,
  presentAdministrator,
  RemovedAdministratorOut,
} from './administrators.dto.js';

@ApiTags('Installation')
@Controller('platform/administrators')
@PlatformAdmin()
export class AdministratorsController {
  constructor(private readonly administrators: PlatformAdmins) {}

  @Get()
  @Describe('List administrators of the installation', {
    description: 'Everyone who may change what belongs to the whole installation, of all organizations.',
    returns: [AdministratorOut],
  })
  async list(@CurrentActor() actor: Actor): Promise<AdministratorOut[]> {
    return (await this.administrators.list(actor)).map(presentAdministrator);
  }

  @Post()
  @Describe('Make somebody administrator of the installation', {
    description: 'Somebody who has an account here, in whichever organization. It acts with their next request.',
    returns: AdministratorOut,
    errors: ['notFound'],
  })
  async add(@CurrentActor() actor: Actor, @Body() body: AddAdministratorIn): Promise<AdministratorOut> {
    return presentAdministrator(await this.administrators.add(actor, body.email));
  }

  @Delete(':userId')
  @Describe('Take the administration of the installation away', {
    description: 'The person keeps their account. The last administrator stays; make somebody else one first.',
    returns: RemovedAdministratorOut,
    errors: ['notFound', 'lastPlatformAdmin'],
  })
  async remove(@CurrentActor() actor: Actor, @IdParam('userId') userId: UserId): Promise<RemovedAdministratorOut> {
    await this.administrators.remove(actor, userId);
    return { userId, removed: true };
  }
}
