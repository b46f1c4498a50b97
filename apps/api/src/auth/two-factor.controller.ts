import { Body, Controller, Post, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { type Actor, errors } from '#contracts';
import { LoginChallenges, qrImage, TwoFactor } from '#domain';
import { LimitedByAddress, Public, SessionOnly } from '../http/access.js';
import { CurrentActor } from '../http/current-actor.js';
import { Describe } from '../http/describe.js';
import type { ApiRequest } from '../http/request.js';
import { LoginOut, loginExample, presentLogin } from './auth.dto.js';
import { clientInfo } from './client-info.js';
import { PasskeyQuestionOut } from './own-account.dto.js';
import { proofOf, ReauthenticationIn } from './reauthentication.dto.js';
import { SignInAnswers } from './sign-in-answers.js';
import {
  BackupCodesOut,
  EnableTwoFactorIn,
  LoginChallengeIn,
  TwoFactorDisabledOut,
  TwoFactorEnabledOut,
  TwoFactorSetupOut,
  VerifySecondFactorIn,
} from './two-factor.dto.js';

@ApiTags('Auth')
@Controller('auth/2fa')
export class TwoFactorController {
  constructor(
    private readonly challenges: LoginChallenges,
    private readonly twoFactor: TwoFactor,
    private readonly answers: SignInAnswers,
  ) {}

  @Post('verify')
  @Public()
  @LimitedByAddress()
  @Describe('Finish a log-in with the second factor', {
    description:
      'With the `challenge` of the first step, which only who showed the right password has. It takes five tries in ten minutes. A code works once.',
    returns: LoginOut,
    status: 200,
    errors: ['loginChallengeInvalid', 'twoFactorCodeInvalid', 'passkeyInvalid', 'tooManyAttempts', 'rateLimited'],
    example: loginExample,
  })
  async verify(
    @Body() body: VerifySecondFactorIn,
    @Req() request: ApiRequest,
    @Res({ passthrough: true }) response: Response,
  ): Promise<LoginOut> {
    const challenge = challengeOf(body);
    const client = clientInfo(request);
    if (body.token === undefined && body.passkey === undefined) throw missing('token');
    const loggedIn =
      body.token !== undefined
        ? await this.challenges.finishByCode(challenge, body.token, client)
        : await this.challenges.finishByPasskey(challenge, body.passkey!, client);
    return presentLogin(this.answers.remember(response, loggedIn));
  }

  @Post('passkey-options')
  @Public()
  @LimitedByAddress()
  @Describe('Begin the second step by passkey', {
    description: 'A challenge for the passkeys of the person who waits, good once and for five minutes.',
    returns: PasskeyQuestionOut,
    status: 200,
    errors: ['loginChallengeInvalid', 'passkeysUnavailable', 'rateLimited'],
  })
  passkeyOptions(@Body() body: LoginChallengeIn): Promise<PasskeyQuestionOut> {
    return this.challenges.askPasskey(challengeOf(body));
  }

  @Post('setup')
  @SessionOnly()
  @Describe('Set up an authenticator app', {
    description:
      'A new secret for the app; log-ins ask for nothing before `POST /auth/2fa/enable`. A second call begins anew. When the log-in was more than ten minutes ago it needs a confirmation that it is you.',
    returns: TwoFactorSetupOut,
    status: 200,
    errors: ['twoFactorAlreadyOn', 'reauthenticationFailed', 'tooManyAttempts'],
  })
  async setup(@CurrentActor() actor: Actor, @Body() body: ReauthenticationIn): Promise<TwoFactorSetupOut> {
    const { secret, uri } = await this.twoFactor.setup(actor, proofOf(body));
    return { secret, otpauthUrl: uri, qrCodeDataUrl: await qrImage(uri) };
  }

  @Post('enable')
  @SessionOnly()
  @Describe('Confirm the authenticator app', {
    description: 'With the code it shows. From now on log-ins by password ask for one. Answers the backup codes, once.',
    returns: TwoFactorEnabledOut,
    status: 200,
    errors: ['twoFactorSetupMissing', 'twoFactorAlreadyOn', 'twoFactorCodeInvalid', 'tooManyAttempts'],
  })
  async enable(@CurrentActor() actor: Actor, @Body() body: EnableTwoFactorIn): Promise<TwoFactorEnabledOut> {
    return { enabled: true, backupCodes: await this.twoFactor.enable(actor, body.token) };
  }

  @Post('disable')
  @SessionOnly()
  @Describe('Remove the authenticator app', {
    description:
      'Needs a confirmation that it is you. With no passkey left, log-ins need the password alone and the backup codes go too.',
    returns: TwoFactorDisabledOut,
    status: 200,
    errors: ['twoFactorNotOn', 'reauthenticationFailed', 'tooManyAttempts'],
  })
  async disable(@CurrentActor() actor: Actor, @Body() body: ReauthenticationIn): Promise<TwoFactorDisabledOut> {
    await this.twoFactor.disable(actor, proofOf(body));
    return { enabled: false, success: true };
  }

  @Post('backup-codes')
  @SessionOnly()
  @Describe('Make new backup codes', {
    description: 'The earlier ones stop working. Needs a confirmation that it is you.',
    returns: BackupCodesOut,
    status: 200,
    errors: ['twoFactorNotOn', 'reauthenticationFailed', 'tooManyAttempts'],
  })
  async backupCodes(@CurrentActor() actor: Actor, @Body() body: ReauthenticationIn): Promise<BackupCodesOut> {
    return { backupCodes: await this.twoFactor.regenerate(actor, proofOf(body)) };
  }
}

function challengeOf({ challenge, userId }: LoginChallengeIn): string {
  const given = challenge ?? userId;
  if (given === undefined) throw missing('challenge');
  return given;
}

function missing(path: string): Error {
  return errors.validation({ fields: [{ path, message: 'must be given' }] });
}
