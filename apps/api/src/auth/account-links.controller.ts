import { Body, Controller, Post, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import type { Actor } from '#contracts';
import { EmailLinks, Registrar } from '#domain';
import { LimitedByAddress, Public, SessionOnly } from '../http/access.js';
import { CurrentActor } from '../http/current-actor.js';
import { Describe } from '../http/describe.js';
import type { ApiRequest } from '../http/request.js';
import {
  AcceptedOut,
  ChangeEmailIn,
  DoneOut,
  EmailIn,
  FinishRegistrationIn,
  LinkTokenIn,
  ResetPasswordIn,
} from './account-links.dto.js';
import { LoginOut, loginExample, presentLogin } from './auth.dto.js';
import { clientInfo } from './client-info.js';
import { proofOf } from './reauthentication.dto.js';
import { SignInAnswers } from './sign-in-answers.js';

/** What people do with links that are mailed to them. */
@ApiTags('Auth')
@Controller('auth')
export class AccountLinksController {
  constructor(
    private readonly registrar: Registrar,
    private readonly links: EmailLinks,
    private readonly answers: SignInAnswers,
  ) {}

  @Post('register/confirm')
  @Public()
  @LimitedByAddress()
  @Describe('Finish a registration', {
    description:
      'With the token of the mailed link, where `EMAIL_VERIFICATION=required`. Makes the organization and its owner, and logs the owner in.',
    returns: LoginOut,
    status: 201,
    errors: ['linkInvalid', 'invalidCredentials', 'tooManyAttempts', 'emailTaken', 'registrationClosed', 'rateLimited'],
    example: loginExample,
  })
  async finishRegistration(
    @Body() body: FinishRegistrationIn,
    @Req() request: ApiRequest,
    @Res({ passthrough: true }) response: Response,
  ): Promise<LoginOut> {
    const loggedIn = await this.registrar.finish(body.token, body.password, clientInfo(request));
    return presentLogin(this.answers.remember(response, loggedIn));
  }

  @Post('verify-email')
  @Public()
  @LimitedByAddress()
  @Describe('Verify an e-mail address', {
    description: 'With the token of the mailed link. It works once, for one day.',
    returns: DoneOut,
    status: 200,
    errors: ['linkInvalid', 'rateLimited'],
  })
  async verifyEmail(@Body() body: LinkTokenIn, @Req() request: ApiRequest): Promise<DoneOut> {
    await this.links.verify(body.token, clientInfo(request));
    return { success: true };
  }

  @Post('verify-email/resend')
  @Public()
  @LimitedByAddress()
  @Describe('Send the verification link again', {
    description:
      'Earlier links stop working. The answer is the same for every address, known or not; at most four mails an hour go to one.',
    returns: AcceptedOut,
    status: 202,
    errors: ['rateLimited'],
  })
  async resendVerification(@Body() body: EmailIn, @Req() request: ApiRequest): Promise<AcceptedOut> {
    await this.links.request('verify_email', body.email, clientInfo(request));
    return { accepted: true };
  }

  @Post('forgot-password')
  @Public()
  @LimitedByAddress()
  @Describe('Ask for a new password', {
    description:
      'Mails a link to the address, should it have an account; it works once, for one hour. The answer is the same for every address, known or not; at most four mails an hour go to one.',
    returns: AcceptedOut,
    status: 202,
    errors: ['rateLimited'],
  })
  async forgotPassword(@Body() body: EmailIn, @Req() request: ApiRequest): Promise<AcceptedOut> {
    await this.links.request('reset_password', body.email, clientInfo(request));
    return { accepted: true };
  }

  @Post('reset-password')
  @Public()
  @LimitedByAddress()
  @Describe('Set a new password', {
    description:
      'With the token of the mailed link. Ends all sessions of the person and verifies the address. Log in afterwards; a second factor is still asked for.',
    returns: DoneOut,
    status: 200,
    errors: ['linkInvalid', 'rateLimited'],
  })
  async resetPassword(
    @Body() body: ResetPasswordIn,
    @Req() request: ApiRequest,
    @Res({ passthrough: true }) response: Response,
  ): Promise<DoneOut> {
    this.answers.remember(response, await this.links.resetPassword(body.token, body.password, clientInfo(request)));
    return { success: true };
  }

  @Post('change-email')
  @SessionOnly()
  @Describe('Change the e-mail address', {
    description:
      'Mails a link to the new address; following it makes the change, and the former address is told. Needs a confirmation that it is you.',
    returns: AcceptedOut,
    status: 202,
    errors: ['reauthenticationFailed', 'tooManyAttempts'],
  })
  async changeEmail(@CurrentActor() actor: Actor, @Body() body: ChangeEmailIn): Promise<AcceptedOut> {
    await this.links.requestChange(actor, body.email, proofOf(body));
    return { accepted: true };
  }

  @Post('change-email/confirm')
  @Public()
  @LimitedByAddress()
  @Describe('Confirm the new e-mail address', {
    description: 'With the token of the mailed link. The new address is the login name from now on.',
    returns: DoneOut,
    status: 200,
    errors: ['linkInvalid', 'emailTaken', 'rateLimited'],
  })
  async confirmEmailChange(@Body() body: LinkTokenIn, @Req() request: ApiRequest): Promise<DoneOut> {
    await this.links.confirmChange(body.token, clientInfo(request));
    return { success: true };
  }
}
