import { Body, Controller, Delete, Get, Post, Put, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Actor, ProfileId } from '#contracts';
import { ProfileLinker, Profiles } from '#domain';
import { Can } from '../http/access.js';
import type { Page } from '../http/answer.js';
import { CurrentActor } from '../http/current-actor.js';
import { Describe } from '../http/describe.js';
import { IdParam } from '../http/id-param.js';
import { Idempotency, IdempotencyScope, Idempotent } from '../http/idempotency.js';
import { decodeIdCursor, toPage } from '../http/page.js';
import { pairingPhone } from './pairing-phone.js';
import { profileActions } from './profile-actions.js';
import {
  CreateProfileIn,
  DeletedProfileOut,
  PairingCodeIn,
  PairingCodeOut,
  ProfileOut,
  ProfileStatusOut,
  ProfilesQuery,
  presentPairingCode,
  presentProfile,
  presentQr,
  presentStatus,
  QrOut,
  UpdateProfileIn,
} from './profiles.dto.js';

@ApiTags('Profiles')
@Controller('profiles')
export class ProfilesController {
  constructor(
    private readonly profiles: Profiles,
    private readonly linker: ProfileLinker,
  ) {}

  @Get()
  @Can('profiles.read')
  @Describe('List profiles', {
    description: 'The numbers of the organization with their measured connection state, oldest first.',
    returns: [ProfileOut],
    page: true,
    errors: ['notFound'],
  })
  async list(@CurrentActor() actor: Actor, @Query() query: ProfilesQuery): Promise<Page<ProfileOut>> {
    const { workspaceId, accountId, limit, cursor } = query;
    const page = { workspaceId, accountId, after: decodeIdCursor(cursor), limit: limit + 1 };
    return toPage(await this.profiles.list(actor, page), limit, (row) => [row.id], presentProfile);
  }

  @Post()
  @Can('profiles.write')
  @Idempotent()
  @Describe('Create a profile', {
    description: 'A place for one WhatsApp number. Connect it next, and scan the QR code or type a pairing code.',
    returns: ProfileOut,
    errors: ['notFound'],
  })
  async create(
    @CurrentActor() actor: Actor,
    @Body() body: CreateProfileIn,
    @Idempotency() idempotency: IdempotencyScope,
  ): Promise<ProfileOut> {
    const { displayName, name = displayName!, ...draft } = body;
    return presentProfile(await this.profiles.create(actor, { ...draft, name }, idempotency.storing(presentProfile)));
  }

  @Get(':id')
  @Can('profiles.read')
  @Describe('Get a profile', { description: 'One profile by its id.', returns: ProfileOut, errors: ['notFound'] })
  async get(@CurrentActor() actor: Actor, @IdParam() id: ProfileId): Promise<ProfileOut> {
    return presentProfile(await this.profiles.get(actor, id));
  }

  @Put(':id')
  @Can('profiles.write')
  @Describe('Change a profile', {
    description: 'Fields that are left out stay as they are; `settings` is replaced as a whole.',
    returns: ProfileOut,
    errors: ['notFound'],
  })
  async update(
    @CurrentActor() actor: Actor,
    @IdParam() id: ProfileId,
    @Body() body: UpdateProfileIn,
  ): Promise<ProfileOut> {
    return presentProfile(await this.profiles.update(actor, id, body));
  }

  @Delete(':id')
  @Can('profiles.write')
  @Describe('Delete a profile', profileActions.delete)
  async delete(@CurrentActor() actor: Actor, @IdParam() id: ProfileId): Promise<DeletedProfileOut> {
    await this.profiles.delete(actor, id);
    return { id, deleted: true };
  }

  @Post(':id/connect')
  @Can('profiles.connect')
  @Describe('Connect a profile', profileActions.connect)
  async connect(@CurrentActor() actor: Actor, @IdParam() id: ProfileId): Promise<ProfileStatusOut> {
    return presentStatus(await this.linker.connect(actor, id));
  }

  @Post(':id/disconnect')
  @Can('profiles.connect')
  @Describe('Disconnect a profile', profileActions.disconnect)
  async disconnect(@CurrentActor() actor: Actor, @IdParam() id: ProfileId): Promise<ProfileStatusOut> {
    return presentStatus(await this.linker.disconnect(actor, id));
  }

  @Post(':id/logout')
  @Can('profiles.connect')
  @Describe('Log a profile out', profileActions.logout)
  async logout(@CurrentActor() actor: Actor, @IdParam() id: ProfileId): Promise<ProfileStatusOut> {
    return presentStatus(await this.linker.logout(actor, id));
  }

  @Post(':id/restart')
  @Can('profiles.connect')
  @Describe('Restart the connection of a profile', profileActions.restart)
  async restart(@CurrentActor() actor: Actor, @IdParam() id: ProfileId): Promise<ProfileStatusOut> {
    return presentStatus(await this.linker.restart(actor, id));
  }

  @Get(':id/status')
  @Can('profiles.read')
  @Describe('Get the connection status', profileActions.status)
  async status(@CurrentActor() actor: Actor, @IdParam() id: ProfileId): Promise<ProfileStatusOut> {
    return presentStatus(await this.linker.status(actor, id));
  }

  @Get(':id/qr')
  @Can('profiles.connect')
  @Describe('Get the QR code', profileActions.qr)
  async qr(@CurrentActor() actor: Actor, @IdParam() id: ProfileId): Promise<QrOut> {
    return presentQr(await this.linker.qr(actor, id));
  }

  @Post(':id/pairing-code')
  @Can('profiles.connect')
  @Describe('Get a pairing code', profileActions.pairingCode)
  async pairingCode(
    @CurrentActor() actor: Actor,
    @IdParam() id: ProfileId,
    @Body() body: PairingCodeIn,
  ): Promise<PairingCodeOut> {
    return presentPairingCode(await this.linker.pairingCode(actor, id, pairingPhone(body.phoneNumber)));
  }
}
