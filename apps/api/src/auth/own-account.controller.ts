import { Body, Controller, Get, Patch, Post, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Actor } from '#contracts';
import { PasswordChanges, ReAuthentication, UserPreferences } from '#domain';
import { Authenticated, SessionOnly } from '../http/access.js';
import { CurrentActor } from '../http/current-actor.js';
import { Describe } from '../http/describe.js';
import type { ApiRequest } from '../http/request.js';
import {
  ChangePasswordIn,
  ConfirmationMethodsOut,
  PasskeyQuestionOut,
  PasswordChangedOut,
  PreferencesIn,
  PreferencesOut,
} from './own-account.dto.js';

/** What people set for themselves. */
@ApiTags('Auth')
@Controller('auth')
export class OwnAccountController {
  constructor(
    private readonly passwords: PasswordChanges,
    private readonly preferences: UserPreferences,
    private readonly reauthentication: ReAuthentication,
  ) {}

  @Post('change-password')
  @SessionOnly()
  @Describe('Change the password', {
    description:
      'Ends all other sessions of the person; this one goes on. API keys stay: they are not made with the password. A mail tells the person.',
    returns: PasswordChangedOut,
    status: 200,
    errors: ['reauthenticationFailed', 'tooManyAttempts'],
  })
  async changePassword(@CurrentActor() actor: Actor, @Body() body: ChangePasswordIn): Promise<PasswordChangedOut> {
    const proof = { password: body.currentPassword };
    return { success: true, revokedCount: await this.passwords.change(actor, body.newPassword, proof) };
  }

  @Get('preferences')
  @Authenticated()
  @Describe('Get your preferences', {
    description: 'Every preference with its value; what you never changed has its default.',
    returns: PreferencesOut,
  })
  getPreferences(@CurrentActor() actor: Actor): Promise<PreferencesOut> {
    return this.preferences.get(actor);
  }

  @Patch('preferences')
  @Authenticated()
  @Describe('Change your preferences', {
    description: 'Merges: what is left out stays as it is. Unknown names are refused. Answers all of them.',
    returns: PreferencesOut,
  })
  changePreferences(
    @CurrentActor() actor: Actor,
    @Body() _documented: PreferencesIn,
    @Req() request: ApiRequest,
  ): Promise<PreferencesOut> {
    // The body as it came: unknown names are to be refused here, and the pipe drops them.
    return this.preferences.change(actor, { ...(request.body as Record<string, unknown>) });
  }

  @Get('confirm/methods')
  @SessionOnly()
  @Describe('With what you can confirm that it is you', {
    description: 'Some operations ask again who is sitting there. This is what they take from you.',
    returns: ConfirmationMethodsOut,
  })
  async confirmationMethods(@CurrentActor() actor: Actor): Promise<ConfirmationMethodsOut> {
    return { methods: await this.reauthentication.methods(actor) };
  }

  @Post('confirm/passkey-options')
  @SessionOnly()
  @Describe('Begin to confirm by passkey', {
    description:
      'A challenge for your passkeys, good once and for five minutes. Its answer goes as `passkey` into the operation.',
    returns: PasskeyQuestionOut,
    status: 200,
    errors: ['passkeysUnavailable'],
  })
  confirmByPasskey(@CurrentActor() actor: Actor): Promise<PasskeyQuestionOut> {
    return this.reauthentication.askPasskey(actor);
  }
}
