import { Body, Controller, Delete, Get, Patch, Post, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import type { Actor } from '#contracts';
import { Logins, Passkeys } from '#domain';
import { LimitedByAddress, Public, SessionOnly } from '../http/access.js';
import { CurrentActor } from '../http/current-actor.js';
import { Describe } from '../http/describe.js';
import { IdParam } from '../http/id-param.js';
import type { ApiRequest } from '../http/request.js';
import { LoginOut, loginExample, presentLogin } from './auth.dto.js';
import { clientInfo } from './client-info.js';
import { PasskeyQuestionOut } from './own-account.dto.js';
import { PasskeyAnswerIn } from './passkey-answer.dto.js';
import {
  DeletedPasskeyOut,
  PasskeyOut,
  presentPasskey,
  RegisteredPasskeyOut,
  RegisterPasskeyIn,
  RenamePasskeyIn,
} from './passkeys.dto.js';
import { proofOf, ReauthenticationIn } from './reauthentication.dto.js';
import { SignInAnswers } from './sign-in-answers.js';

@ApiTags('Auth')
@Controller('auth')
export class PasskeysController {
  constructor(
    private readonly logins: Logins,
    private readonly passkeys: Passkeys,
    private readonly answers: SignInAnswers,
  ) {}

  @Post('passkey/options')
  @Public()
  @LimitedByAddress()
  @Describe('Begin a log-in by passkey', {
    description: 'A challenge that any passkey of this installation may answer, good once and for five minutes.',
    returns: PasskeyQuestionOut,
    status: 200,
    errors: ['passkeysUnavailable', 'rateLimited'],
  })
  loginOptions(): Promise<PasskeyQuestionOut> {
    return this.logins.askPasskey();
  }

  @Post('passkey/login')
  @Public()
  @LimitedByAddress()
  @Describe('Log in by passkey', {
    description:
      'Without address and password. The authenticator asked for a finger, a face or a PIN, so no second factor is asked for.',
    returns: LoginOut,
    status: 200,
    errors: ['passkeyInvalid', 'passkeysUnavailable', 'emailNotVerified', 'rateLimited'],
    example: loginExample,
  })
  async login(
    @Body() body: PasskeyAnswerIn,
    @Req() request: ApiRequest,
    @Res({ passthrough: true }) response: Response,
  ): Promise<LoginOut> {
    const loggedIn = await this.logins.logInByPasskey(body, clientInfo(request));
    return presentLogin(this.answers.remember(response, loggedIn));
  }

  @Get('passkeys')
  @SessionOnly()
  @Describe('List your passkeys', { description: 'Oldest first; at most 20.', returns: [PasskeyOut] })
  async list(@CurrentActor() actor: Actor): Promise<PasskeyOut[]> {
    return (await this.passkeys.list(actor)).map(presentPasskey);
  }

  @Post('passkeys/options')
  @SessionOnly()
  @Describe('Begin to add a passkey', {
    description:
      'Options for `navigator.credentials.create`, good once and for five minutes. When the log-in was more than ten minutes ago it needs a confirmation that it is you.',
    returns: PasskeyQuestionOut,
    status: 200,
    errors: ['passkeysUnavailable', 'reauthenticationFailed', 'tooManyAttempts'],
  })
  registrationOptions(@CurrentActor() actor: Actor, @Body() body: ReauthenticationIn): Promise<PasskeyQuestionOut> {
    return this.passkeys.invite(actor, proofOf(body));
  }

  @Post('passkeys')
  @SessionOnly()
  @Describe('Add a passkey', {
    description:
      'It logs in without a password, and is a second factor: log-ins by password ask for it, or for an authenticator app or backup code, from now on.',
    returns: RegisteredPasskeyOut,
    errors: ['passkeyInvalid', 'passkeyRegistered', 'passkeysUnavailable'],
  })
  async register(@CurrentActor() actor: Actor, @Body() body: RegisterPasskeyIn): Promise<RegisteredPasskeyOut> {
    const { passkey, backupCodes } = await this.passkeys.register(actor, body, body.name ?? 'Passkey');
    return { ...presentPasskey(passkey), backupCodes };
  }

  @Patch('passkeys/:passkeyId')
  @SessionOnly()
  @Describe('Rename a passkey', { description: 'Only the name for people changes.', returns: PasskeyOut })
  async rename(
    @CurrentActor() actor: Actor,
    @IdParam('passkeyId') id: string,
    @Body() body: RenamePasskeyIn,
  ): Promise<PasskeyOut> {
    return presentPasskey(await this.passkeys.rename(actor, id, body.name));
  }

  @Delete('passkeys/:passkeyId')
  @SessionOnly()
  @Describe('Remove a passkey', {
    description: 'It is refused from now on. Needs a confirmation that it is you.',
    returns: DeletedPasskeyOut,
    errors: ['reauthenticationFailed', 'tooManyAttempts', 'loginMethodNeeded'],
  })
  async remove(
    @CurrentActor() actor: Actor,
    @IdParam('passkeyId') id: string,
    @Body() body: ReauthenticationIn,
  ): Promise<DeletedPasskeyOut> {
    await this.passkeys.remove(actor, id, proofOf(body));
    return { id, deleted: true };
  }
}
