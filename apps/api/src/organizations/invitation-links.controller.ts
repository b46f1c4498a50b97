import { Body, Controller, Post, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { Invitations } from '#domain';
import { LoginOut, loginExample, presentLogin } from '../auth/auth.dto.js';
import { clientInfo } from '../auth/client-info.js';
import { SignInAnswers } from '../auth/sign-in-answers.js';
import { LimitedByAddress, Public } from '../http/access.js';
import { Describe } from '../http/describe.js';
import type { ApiRequest } from '../http/request.js';
import { AcceptInvitationIn, InvitationTokenIn, OpenInvitationOut, presentOpenInvitation } from './invitations.dto.js';

/** For people who have the link of an invitation and no account yet. The token is never in a path, which servers log. */
@ApiTags('Organizations')
@Controller('invitations')
export class InvitationLinksController {
  constructor(
    private readonly invitations: Invitations,
    private readonly answers: SignInAnswers,
  ) {}

  @Post('lookup')
  @Public()
  @LimitedByAddress()
  @Describe('Look an invitation up', {
    description: 'Who invites whom to what, for the page to which the link leads.',
    returns: OpenInvitationOut,
    status: 200,
    errors: ['invitationInvalid', 'rateLimited'],
  })
  async lookUp(@Body() body: InvitationTokenIn): Promise<OpenInvitationOut> {
    return presentOpenInvitation(await this.invitations.lookUp(body.token));
  }

  @Post('accept')
  @Public()
  @LimitedByAddress()
  @Describe('Accept an invitation', {
    description:
      'Makes an account of your own in the organization and logs you in. The link works once. It gives no more than who invited you holds now. An address has one account on an installation: one that has an account in another organization cannot be used.',
    returns: LoginOut,
    errors: ['invitationInvalid', 'emailTaken', 'registrationClosed', 'rateLimited'],
    example: loginExample,
  })
  async accept(
    @Body() body: AcceptInvitationIn,
    @Req() request: ApiRequest,
    @Res({ passthrough: true }) response: Response,
  ): Promise<LoginOut> {
    const { token, ...person } = body;
    const loggedIn = await this.invitations.accept(token, person, clientInfo(request));
    return presentLogin(this.answers.remember(response, loggedIn));
  }
}
