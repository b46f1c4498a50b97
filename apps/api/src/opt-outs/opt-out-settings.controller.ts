import { Body, Controller, Get, Put } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Actor, ProfileId } from '#contracts';
import { OptOutPolicies } from '#domain';
import { Can } from '../http/access.js';
import { CurrentActor } from '../http/current-actor.js';
import { Describe } from '../http/describe.js';
import { IdParam } from '../http/id-param.js';
import { OptOutSettingsIn, OptOutSettingsOut, presentOptOutSettings } from './opt-out-settings.dto.js';

@ApiTags('Contacts')
@Controller('profiles/:id/opt-out-settings')
export class OptOutSettingsController {
  constructor(private readonly policies: OptOutPolicies) {}

  @Get()
  @Can('contacts.read')
  @Describe('Get how people opt out', {
    description:
      'The words with which people want no more campaigns of this number, or want them again, and the answers.',
    returns: OptOutSettingsOut,
    errors: ['notFound'],
  })
  async get(@CurrentActor() actor: Actor, @IdParam() id: ProfileId): Promise<OptOutSettingsOut> {
    return presentOptOutSettings(await this.policies.get(actor, id));
  }

  @Put()
  @Can('profiles.write')
  @Describe('Say how people opt out', {
    description:
      'What is left out stays as it is. A message counts when it is one of the words alone, whatever its case and signs; the contact is then opted out, and the answer is sent once.',
    returns: OptOutSettingsOut,
    errors: ['notFound'],
  })
  async update(
    @CurrentActor() actor: Actor,
    @IdParam() id: ProfileId,
    @Body() body: OptOutSettingsIn,
  ): Promise<OptOutSettingsOut> {
    const { enabled: isEnabled, ...rest } = body;
    return presentOptOutSettings(await this.policies.update(actor, id, { isEnabled, ...rest }));
  }
}
