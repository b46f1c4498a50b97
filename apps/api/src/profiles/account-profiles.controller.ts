import { Body, Controller, Delete, Get, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { AccountId, Actor, ProfileId } from '#contracts';
import { ProfileLinker, Profiles } from '#domain';
import { Can } from '../http/access.js';
import type { Page } from '../http/answer.js';
import { CurrentActor } from '../http/current-actor.js';
import { Describe } from '../http/describe.js';
import { IdParam } from '../http/id-param.js';
import { Idempotency, IdempotencyScope, Idempotent } from '../http/idempotency.js';
import { decodeIdCursor, PageQuery, toPage } from '../http/page.js';
import { pairingPhone } from './pairing-phone.js';
import { profileActions } from './profile-actions.js';
import {
  CreateAccountProfileIn,
  DeletedProfileOut,
  PairingCodeIn,
  PairingCodeOut,
  ProfileOut,
  ProfileStatusOut,
  presentPairingCode,
  presentProfile,
  presentQr,
  presentStatus,
  QrOut,
} from './profiles.dto.js';

/** The same profiles, looked for within one account: those of others answer 404. */
@ApiTags('Profiles')
@Controller('accounts/:accountId/profiles')
export class AccountProfilesController {
  constructor(
    private readonly profiles: Profiles,
    private readonly linker: ProfileLinker,
  ) {}

  @Get()
  @Can('profiles.read')
  @Describe('List profiles of an account', {
    description: 'The numbers of one account with their measured connection state, oldest first.',
    returns: [ProfileOut],
    page: true,
    errors: ['notFound'],
  })
  async list(
    @CurrentActor() actor: Actor,
    @IdParam('accountId') accountId: AccountId,
    @Query() { limit, cursor }: PageQuery,
  ): Promise<Page<ProfileOut>> {
    const page = { accountId, after: decodeIdCursor(cursor), limit: limit + 1 };
    return toPage(await this.profiles.list(actor, page), limit, (row) => [row.id], presentProfile);
  }

  @Post()
  @Can('profiles.write')
  @Idempotent()
  @Describe('Create a profile in an account', {
    description: 'A place for one WhatsApp number. Connect it next, and scan the QR code or type a pairing code.',
    returns: ProfileOut,
    errors: ['notFound'],
  })
  async create(
    @CurrentActor() actor: Actor,
    @IdParam('accountId') accountId: AccountId,
    @Body() body: CreateAccountProfileIn,
    @Idempotency() idempotency: IdempotencyScope,
  ): Promise<ProfileOut> {
    const { displayName, name = displayName!, settings } = body;
    return presentProfile(
      await this.profiles.create(actor, { name, settings, accountId }, idempotency.storing(presentProfile)),
    );
  }

  @Get(':profileId')
  @Can('profiles.read')
  @Describe('Get a profile of an account', {
    description: 'One profile by its id.',
    returns: ProfileOut,
    errors: ['notFound'],
  })
  async get(
    @CurrentActor() actor: Actor,
    @IdParam('accountId') accountId: AccountId,
    @IdParam('profileId') id: ProfileId,
  ): Promise<ProfileOut> {
    return presentProfile(await this.profiles.get(actor, id, { accountId }));
  }

  @Delete(':profileId')
  @Can('profiles.write')
  @Describe('Delete a profile of an account', profileActions.delete)
  async delete(
    @CurrentActor() actor: Actor,
    @IdParam('accountId') accountId: AccountId,
    @IdParam('profileId') id: ProfileId,
  ): Promise<DeletedProfileOut> {
    await this.profiles.delete(actor, id, { accountId });
    return { id, deleted: true };
  }

  @Post(':profileId/connect')
  @Can('profiles.connect')
  @Describe('Connect a profile of an account', profileActions.connect)
  async connect(
    @CurrentActor() actor: Actor,
    @IdParam('accountId') accountId: AccountId,
    @IdParam('profileId') id: ProfileId,
  ): Promise<ProfileStatusOut> {
    return presentStatus(await this.linker.connect(actor, id, { accountId }));
  }

  @Post(':profileId/disconnect')
  @Can('profiles.connect')
  @Describe('Disconnect a profile of an account', profileActions.disconnect)
  async disconnect(
    @CurrentActor() actor: Actor,
    @IdParam('accountId') accountId: AccountId,
    @IdParam('profileId') id: ProfileId,
  ): Promise<ProfileStatusOut> {
    return presentStatus(await this.linker.disconnect(actor, id, { accountId }));
  }

  @Post(':profileId/logout')
  @Can('profiles.connect')
  @Describe('Log a profile of an account out', profileActions.logout)
  async logout(
    @CurrentActor() actor: Actor,
    @IdParam('accountId') accountId: AccountId,
    @IdParam('profileId') id: ProfileId,
  ): Promise<ProfileStatusOut> {
    return presentStatus(await this.linker.logout(actor, id, { accountId }));
  }

  @Get(':profileId/status')
  @Can('profiles.read')
  @Describe('Get the connection status of a profile of an account', profileActions.status)
  async status(
    @CurrentActor() actor: Actor,
    @IdParam('accountId') accountId: AccountId,
    @IdParam('profileId') id: ProfileId,
  ): Promise<ProfileStatusOut> {
    return presentStatus(await this.linker.status(actor, id, { accountId }));
  }

  @Get(':profileId/qr')
  @Can('profiles.connect')
  @Describe('Get the QR code of a profile of an account', profileActions.qr)
  async qr(
    @CurrentActor() actor: Actor,
    @IdParam('accountId') accountId: AccountId,
    @IdParam('profileId') id: ProfileId,
  ): Promise<QrOut> {
    return presentQr(await this.linker.qr(actor, id, { accountId }));
  }

  @Post(':profileId/pairing-code')
  @Can('profiles.connect')
  @Describe('Get a pairing code for a profile of an account', profileActions.pairingCode)
  async pairingCode(
    @CurrentActor() actor: Actor,
    @IdParam('accountId') accountId: AccountId,
    @IdParam('profileId') id: ProfileId,
    @Body() body: PairingCodeIn,
  ): Promise<PairingCodeOut> {
    const phone = pairingPhone(body.phoneNumber);
    return presentPairingCode(await this.linker.pairingCode(actor, id, phone, { accountId }));
  }
}
