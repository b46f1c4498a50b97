import { Body, Controller, Get, Post, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Actor } from '#contracts';
import { Logins, Registrar, Sessions } from '#domain';
import { Authenticated, LimitedByAddress, Public } from '../http/access.js';
import { CurrentActor } from '../http/current-actor.js';
import { Describe } from '../http/describe.js';
import type { ApiRequest } from '../http/request.js';
import {
  LoggedInOut,
  LoggedOutOut,
  LoginIn,
  MeOut,
  presentLoggedIn,
  presentMe,
  presentTokens,
  RefreshIn,
  RegisterIn,
  TokensOut,
} from './auth.dto.js';
import { clientInfo } from './client-info.js';

@ApiTags('Auth')
@Controller('auth')
export class AuthController {
  constructor(
    private readonly registrar: Registrar,
    private readonly logins: Logins,
    private readonly sessions: Sessions,
  ) {}

  @Post('register')
  @Public()
  @LimitedByAddress()
  @Describe('Register an organization', {
    description:
      'Makes an organization with a workspace "Default", an account "Default Account" and its owner, and logs the owner in: all of it or nothing. With `REGISTRATION_OPEN=false` only the first registration of the installation is possible.',
    returns: LoggedInOut,
    errors: ['emailTaken', 'registrationClosed', 'rateLimited'],
  })
  async register(@Body() body: RegisterIn, @Req() request: ApiRequest): Promise<LoggedInOut> {
    return presentLoggedIn(await this.registrar.register(body, clientInfo(request)));
  }

  @Post('login')
  @Public()
  @LimitedByAddress()
  @Describe('Log in', {
    description:
      'Starts a session. A wrong password and an unknown address get the same answer, and take the same time.',
    returns: LoggedInOut,
    status: 200,
    errors: ['invalidCredentials', 'rateLimited'],
  })
  async login(@Body() body: LoginIn, @Req() request: ApiRequest): Promise<LoggedInOut> {
    return presentLoggedIn(await this.logins.logIn(body.email, body.password, clientInfo(request)));
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
    description: 'Ends this session; its access and refresh tokens are refused from now on. Not for API keys.',
    returns: LoggedOutOut,
    status: 200,
    errors: ['forbidden'],
  })
  async logout(@CurrentActor() actor: Actor): Promise<LoggedOutOut> {
    await this.sessions.end(actor);
    return { loggedOut: true };
  }

  @Get('me')
  @Authenticated()
  @Describe('Who am I', {
    description: 'The user behind the credential, and what the credential may do now.',
    returns: MeOut,
  })
  async me(@CurrentActor() actor: Actor): Promise<MeOut> {
    return presentMe(actor, await this.logins.userOf(actor));
  }
}
