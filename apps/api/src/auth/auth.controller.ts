import { Body, Controller, Get, Post, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import type { Actor } from '#contracts';
import { LoginOverviews, Logins, OidcLogins, Registrar, Sessions } from '#domain';
import { Authenticated, LimitedByAddress, Public } from '../http/access.js';
import { type Answer, answer } from '../http/answer.js';
import { CurrentActor } from '../http/current-actor.js';
import { Describe } from '../http/describe.js';
import type { ApiRequest } from '../http/request.js';
import {
  LoggedOutOut,
  LoginIn,
  LoginOut,
  loginExample,
  MeOut,
  presentLogin,
  presentMe,
  presentRegistered,
  presentTokens,
  RefreshIn,
  RegisteredOut,
  RegisterIn,
  registeredExample,
  SignInOptionsOut,
  TokensOut,
} from './auth.dto.js';
import { clientInfo } from './client-info.js';
import { SignInAnswers } from './sign-in-answers.js';

@ApiTags('Auth')
@Controller('auth')
export class AuthController {
  constructor(
    private readonly registrar: Registrar,
    private readonly logins: Logins,
    private readonly sessions: Sessions,
    private readonly oidc: OidcLogins,
    private readonly overviews: LoginOverviews,
    private readonly answers: SignInAnswers,
  ) {}

  @Get('options')
  @Public()
  @Describe('How people sign in here', {
    description: 'What a log-in page has to know: whether strangers may register, and which ways in there are.',
    returns: SignInOptionsOut,
  })
  options(): SignInOptionsOut {
    return this.answers.options();
  }

  @Post('register')
  @Public()
  @LimitedByAddress()
  @Describe('Register an organization', {
    description:
      'Makes an organization with a workspace "Default", an account "Default Account" and its owner, and logs the owner in: all of it or nothing. With `EMAIL_VERIFICATION=required` nothing is made yet: a link is mailed and the answer is 202, whether the address has an account or not; `POST /auth/register/confirm` finishes. The first registration of an installation is always possible at once, and makes its administrator.',
    returns: RegisteredOut,
    status: [201, 202],
    errors: ['emailTaken', 'registrationClosed', 'rateLimited'],
    example: registeredExample,
  })
  async register(
    @Body() body: RegisterIn,
    @Req() request: ApiRequest,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Answer<RegisteredOut>> {
    const loggedIn = await this.registrar.register(body, clientInfo(request));
    if (loggedIn) this.answers.remember(response, loggedIn);
    return answer(loggedIn ? 201 : 202, presentRegistered(loggedIn));
  }

  @Post('login')
  @Public()
  @LimitedByAddress()
  @Describe('Log in', {
    description:
      'Starts a session, or asks for the second factor (`requires2FA`, then `POST /auth/2fa/verify`). A wrong password and an unknown address get the same answer, and take the same time. After some wrong passwords one has to wait (429 with `Retry-After`); browsers and addresses that logged in to the account before do not wait for what strangers got wrong.',
    returns: LoginOut,
    status: 200,
    errors: ['invalidCredentials', 'tooManyAttempts', 'emailNotVerified', 'rateLimited'],
    example: loginExample,
  })
  async login(
    @Body() body: LoginIn,
    @Req() request: ApiRequest,
    @Res({ passthrough: true }) response: Response,
  ): Promise<LoginOut> {
    const result = await this.logins.logIn(body.email, body.password, clientInfo(request));
    return presentLogin(this.answers.remember(response, result));
  }

  @Post('refresh')
  @Public()
  @LimitedByAddress()
  @Describe('Refresh the tokens', {
    description:
      'Gives a new pair of tokens. Each refresh token works once; within 10 seconds the same successor is answered again, for answers that got lost. Later use of a used token means that it is in two hands: the session ends.',
    returns: TokensOut,
    status: 200,
    errors: ['refreshTokenInvalid', 'refreshTokenReused', 'sessionRevoked', 'rateLimited'],
  })
  async refresh(@Body() body: RefreshIn): Promise<TokensOut> {
    return presentTokens(await this.sessions.refresh(body.refreshToken));
  }

  @Post('logout')
  @Authenticated()
  @Describe('Log out', {
    description:
      'Ends this session; its access and refresh tokens are refused from now on and its sockets are closed. Not for API keys. `logoutUrl` leads to the identity provider, for who came from there and wants to log out there too.',
    returns: LoggedOutOut,
    status: 200,
    errors: ['forbidden'],
  })
  async logout(@CurrentActor() actor: Actor): Promise<LoggedOutOut> {
    const method = await this.sessions.end(actor);
    const logoutUrl = method === 'oidc' ? await this.oidc.logoutUrl(this.answers.publicUrl) : null;
    return { loggedOut: true, success: true, logoutUrl };
  }

  @Get('me')
  @Authenticated()
  @Describe('Who am I', {
    description: 'The user behind the credential, how they log in, and what the credential may do now.',
    returns: MeOut,
  })
  async me(@CurrentActor() actor: Actor): Promise<MeOut> {
    const [user, overview] = await Promise.all([this.logins.userOf(actor), this.overviews.of(actor)]);
    return presentMe(actor, user, overview);
  }
}
