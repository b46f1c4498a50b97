import { Body, Controller, Delete, Get, Put } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Actor, ProfileId } from '#contracts';
import { MediaSettings } from '#domain';
import { Can, PlatformAdmin } from '../http/access.js';
import { CurrentActor } from '../http/current-actor.js';
import { Describe } from '../http/describe.js';
import { IdParam } from '../http/id-param.js';
import { MediaPolicyIn, MediaPolicyOut, presentMediaPolicy } from './media.dto.js';

/** When received files are fetched, for an organization. */
@ApiTags('Settings')
@Controller('settings/media')
export class MediaSettingsController {
  constructor(private readonly settings: MediaSettings) {}

  @Get()
  @Can('settings.read')
  @Describe('Get when received files are fetched', {
    description: 'On arrival or on demand, up to which size and which kinds; and where that was set.',
    returns: MediaPolicyOut,
  })
  async get(@CurrentActor() actor: Actor): Promise<MediaPolicyOut> {
    return presentMediaPolicy(await this.settings.view(actor.organizationId));
  }

  @Put()
  @Can('settings.write')
  @Describe('Set when received files are fetched', {
    description:
      'For this organization alone, and for messages that arrive from now on. What is left out stays. A file that was not fetched stays at WhatsApp for some weeks; after that the phone is asked for it.',
    returns: MediaPolicyOut,
  })
  async put(@CurrentActor() actor: Actor, @Body() body: MediaPolicyIn): Promise<MediaPolicyOut> {
    return presentMediaPolicy(await this.settings.save(actor, actor.organizationId, body));
  }
}

/** The same for organizations that have nothing of their own. */
@ApiTags('Installation')
@Controller('platform/settings/media')
export class InstallationMediaSettingsController {
  constructor(private readonly settings: MediaSettings) {}

  @Get()
  @PlatformAdmin()
  @Describe('Get when received files are fetched, for the installation', {
    description: 'What holds for every organization that has set nothing of its own.',
    returns: MediaPolicyOut,
  })
  async get(): Promise<MediaPolicyOut> {
    return presentMediaPolicy(await this.settings.view(null));
  }

  @Put()
  @PlatformAdmin()
  @Describe('Set when received files are fetched, for the installation', {
    description: 'For every organization that has set nothing of its own, and for messages that arrive from now on.',
    returns: MediaPolicyOut,
  })
  async put(@CurrentActor() actor: Actor, @Body() body: MediaPolicyIn): Promise<MediaPolicyOut> {
    return presentMediaPolicy(await this.settings.save(actor, null, body));
  }
}

/** The same for one profile, in place of what its organization says. */
@ApiTags('Profiles')
@Controller('profiles/:id/media-settings')
export class ProfileMediaSettingsController {
  constructor(private readonly settings: MediaSettings) {}

  @Get()
  @Can('profiles.read')
  @Describe('Get when received files of a profile are fetched', {
    description: 'What holds for its messages, and where that was set.',
    returns: MediaPolicyOut,
    errors: ['notFound'],
  })
  async get(@CurrentActor() actor: Actor, @IdParam() id: ProfileId): Promise<MediaPolicyOut> {
    return presentMediaPolicy(await this.settings.viewOfProfile(actor, id));
  }

  @Put()
  @Can('profiles.write')
  @Describe('Set when received files of a profile are fetched', {
    description:
      'For this profile alone, and for messages that arrive from now on. What is left out is as it is for the profile now.',
    returns: MediaPolicyOut,
    errors: ['notFound'],
  })
  async put(
    @CurrentActor() actor: Actor,
    @IdParam() id: ProfileId,
    @Body() body: MediaPolicyIn,
  ): Promise<MediaPolicyOut> {
    return presentMediaPolicy(await this.settings.saveForProfile(actor, id, body));
  }

  @Delete()
  @Can('profiles.write')
  @Describe('Fetch received files of a profile as its organization says', {
    description: 'Takes back what was set for the profile; the answer shows what holds now.',
    returns: MediaPolicyOut,
    errors: ['notFound'],
  })
  async remove(@CurrentActor() actor: Actor, @IdParam() id: ProfileId): Promise<MediaPolicyOut> {
    return presentMediaPolicy(await this.settings.saveForProfile(actor, id, null));
  }
}
