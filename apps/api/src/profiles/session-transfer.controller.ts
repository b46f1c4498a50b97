import { Body, Controller, Post, StreamableFile } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Actor, ProfileId } from '#contracts';
import { SessionTransfers } from '#domain';
import { Can } from '../http/access.js';
import { CurrentActor } from '../http/current-actor.js';
import { Describe } from '../http/describe.js';
import { IdParam } from '../http/id-param.js';
import { ProfileStatusOut, presentStatus } from './profiles.dto.js';
import { ExportSessionIn, ImportSessionIn } from './session-transfer.dto.js';

/** Linked sessions that move between installations without a new scan. */
@ApiTags('Profiles')
@Controller('profiles/:id/session')
export class SessionTransferController {
  constructor(private readonly transfers: SessionTransfers) {}

  @Post('export')
  @Can('profiles.transfer')
  @Describe('Export the session', {
    description:
      'The link with WhatsApp as an encrypted file, of a profile that is disconnected. Whoever has file and passphrase is the number. Use it in one place only: two that use it at a time spoil its keys. The profile stays disconnected, with the code `session_exported`, until somebody connects it.',
    returns: 'file',
    status: 200,
    errors: ['notFound', 'profileConnected', 'profileNotLinked', 'sessionUnreadable'],
  })
  async export(
    @CurrentActor() actor: Actor,
    @IdParam() id: ProfileId,
    @Body() { passphrase }: ExportSessionIn,
  ): Promise<StreamableFile> {
    const { file, phoneNumber } = await this.transfers.export(actor, id, passphrase);
    return new StreamableFile(file, {
      type: 'application/octet-stream',
      disposition: `attachment; filename="${phoneNumber ?? 'profile'}.waypost-session"`,
      length: file.length,
    });
  }

  @Post('import')
  @Can('profiles.transfer')
  @Describe('Import a session', {
    description:
      'Makes the session in the file that of a profile which has none: an export of Waypost, or a zip of the folder of a program that uses Baileys. Stop that program first. Only the number that the profile belongs to is taken. Connect the profile afterwards; no scan is needed.',
    returns: ProfileStatusOut,
    status: 200,
    errors: ['notFound', 'profileConnected', 'profileAlreadyLinked', 'sessionUnreadable'],
  })
  async import(
    @CurrentActor() actor: Actor,
    @IdParam() id: ProfileId,
    @Body() { data, passphrase }: ImportSessionIn,
  ): Promise<ProfileStatusOut> {
    return presentStatus(await this.transfers.import(actor, id, Buffer.from(data, 'base64'), passphrase));
  }
}
