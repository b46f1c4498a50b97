import { Body, Controller, Delete, Get, Post, Put, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Actor } from '#contracts';
import { SmtpSettings, StorageSettings } from '#domain';
import { PlatformAdmin } from '../http/access.js';
import { CurrentActor } from '../http/current-actor.js';
import { Describe } from '../http/describe.js';
import { SettingRoutes } from '../settings/setting-routes.js';
import { SettingTestOut, SmtpIn, SmtpOut, TestSmtpIn, TestSmtpQuery } from '../settings/smtp.dto.js';
import { StorageIn, StorageOut, StorageTestOut, TestStorageIn, TestStorageQuery } from '../settings/storage.dto.js';

/** What holds for the whole installation, where an organization has nothing of its own. */
@ApiTags('Installation')
@Controller('platform/settings')
export class InstallationSettingsController extends SettingRoutes {
  constructor(smtp: SmtpSettings, storage: StorageSettings) {
    super(smtp, storage);
  }

  @Get('smtp')
  @PlatformAdmin()
  @Describe('Get the mail server of the installation', {
    description: 'The server in force and where it was set. The password is never shown.',
    returns: SmtpOut,
  })
  getSmtp(): Promise<SmtpOut> {
    return this.viewSmtp(null);
  }

  @Put('smtp')
  @PlatformAdmin()
  @Describe('Set the mail server of the installation', {
    description:
      'For every organization that has none of its own. Mails that wait for a server go out with it. The address must be public, or within OUTBOUND_ALLOWED_RANGES.',
    returns: SmtpOut,
    errors: ['urlNotAllowed'],
  })
  putSmtp(@CurrentActor() actor: Actor, @Body() body: SmtpIn): Promise<SmtpOut> {
    return this.saveSmtp(actor, null, body);
  }

  @Delete('smtp')
  @PlatformAdmin()
  @Describe('Remove the mail server of the installation', {
    description: 'Back to the server that holds without it; the answer shows which.',
    returns: SmtpOut,
  })
  deleteSmtp(@CurrentActor() actor: Actor): Promise<SmtpOut> {
    return this.removeSmtp(actor, null);
  }

  @Post('smtp/test')
  @PlatformAdmin()
  @Describe('Test the mail server of the installation', {
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
    return this.testSmtp(actor, null, body, query.sendTo);
  }

  @Get('storage')
  @PlatformAdmin()
  @Describe('Get where media are kept of the installation', {
    description: 'Where new media go and where that was set. Keys are never shown.',
    returns: StorageOut,
  })
  getStorage(): Promise<StorageOut> {
    return this.viewStorage(null);
  }

  @Put('storage')
  @PlatformAdmin()
  @Describe('Set where media are kept of the installation', {
    description:
      'For every organization that has none of its own. The bucket is tried first. Media that exist stay where they are and are read from there. `type: local` removes the setting.',
    returns: StorageOut,
    errors: ['urlNotAllowed', 'storageRefused'],
  })
  putStorage(@CurrentActor() actor: Actor, @Body() body: StorageIn): Promise<StorageOut> {
    return this.saveStorage(actor, null, body);
  }

  @Post('storage/test')
  @PlatformAdmin()
  @Describe('Test where media are kept of the installation', {
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
    return this.testStorage(actor, null, body, query.createBucket === 'true');
  }
}
