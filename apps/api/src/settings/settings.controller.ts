import { Body, Controller, Delete, Get, Post, Put, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Actor } from '#contracts';
import { SmtpSettings, StorageSettings } from '#domain';
import { Can } from '../http/access.js';
import { CurrentActor } from '../http/current-actor.js';
import { Describe } from '../http/describe.js';
import { SettingRoutes } from './setting-routes.js';
import { SettingTestOut, SmtpIn, SmtpOut, TestSmtpIn, TestSmtpQuery } from './smtp.dto.js';
import { StorageIn, StorageOut, StorageTestOut, TestStorageIn, TestStorageQuery } from './storage.dto.js';

/** What an organization sets for itself in place of the installation's settings. */
@ApiTags('Settings')
@Controller('settings')
export class SettingsController extends SettingRoutes {
  constructor(smtp: SmtpSettings, storage: StorageSettings) {
    super(smtp, storage);
  }

  @Get('smtp')
  @Can('settings.read')
  @Describe('Get the mail server', {
    description: 'The server in force and where it was set. The password is never shown.',
    returns: SmtpOut,
  })
  getSmtp(@CurrentActor() actor: Actor): Promise<SmtpOut> {
    return this.viewSmtp(actor.organizationId);
  }

  @Put('smtp')
  @Can('settings.write')
  @Describe('Set the mail server', {
    description:
      'For this organization alone, in place of that of the installation. Mails that wait for a server go out with it. The address must be public, or within OUTBOUND_ALLOWED_RANGES.',
    returns: SmtpOut,
    errors: ['urlNotAllowed'],
  })
  putSmtp(@CurrentActor() actor: Actor, @Body() body: SmtpIn): Promise<SmtpOut> {
    return this.saveSmtp(actor, actor.organizationId, body);
  }

  @Delete('smtp')
  @Can('settings.write')
  @Describe('Remove the mail server', {
    description: 'Back to the server that holds without it; the answer shows which.',
    returns: SmtpOut,
  })
  deleteSmtp(@CurrentActor() actor: Actor): Promise<SmtpOut> {
    return this.removeSmtp(actor, actor.organizationId);
  }

  @Post('smtp/test')
  @Can('settings.write')
  @Describe('Test the mail server', {
    description:
      'Connects, logs in, and with `sendTo` sends a mail. Tests what is in force, or a candidate before it is saved.',
    returns: SettingTestOut,
    status: 200,
    errors: ['urlNotAllowed'],
  })
  postSmtpTest(
    @CurrentActor() actor: Actor,
    @Body() body: TestSmtpIn,
    @Query() query: TestSmtpQuery,
  ): Promise<SettingTestOut> {
    return this.testSmtp(actor, actor.organizationId, body, query.sendTo);
  }

  @Get('storage')
  @Can('settings.read')
  @Describe('Get where media are kept', {
    description: 'Where new media go and where that was set. Keys are never shown.',
    returns: StorageOut,
  })
  getStorage(@CurrentActor() actor: Actor): Promise<StorageOut> {
    return this.viewStorage(actor.organizationId);
  }

  @Put('storage')
  @Can('settings.write')
  @Describe('Set where media are kept', {
    description:
      'For this organization alone, in place of that of the installation. The bucket is tried first. Media that exist stay where they are and are read from there. `type: local` removes the setting.',
    returns: StorageOut,
    errors: ['urlNotAllowed', 'storageRefused'],
  })
  putStorage(@CurrentActor() actor: Actor, @Body() body: StorageIn): Promise<StorageOut> {
    return this.saveStorage(actor, actor.organizationId, body);
  }

  @Post('storage/test')
  @Can('settings.write')
  @Describe('Test where media are kept', {
    description: 'Writes, reads and removes a small object, in what is in force or in a candidate before it is saved.',
    returns: StorageTestOut,
    status: 200,
    errors: ['urlNotAllowed'],
  })
  postStorageTest(
    @CurrentActor() actor: Actor,
    @Body() body: TestStorageIn,
    @Query() query: TestStorageQuery,
  ): Promise<StorageTestOut> {
    return this.testStorage(actor, actor.organizationId, body, query.createBucket === 'true');
  }
}
