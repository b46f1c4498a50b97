import { Body, Controller, Delete, Get, HttpStatus, Post, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { type Actor, pages } from '#contracts';
import { Logger, OidcLogins } from '#domain';
import { LimitedByAddress, Public, SessionOnly } from '../http/access.js';
import { CurrentActor } from '../http/current-actor.js';
import { Describe } from '../http/describe.js';
import { toCatalogueError } from '../http/error-body.js';
import { IdParam } from '../http/id-param.js';
import type { ApiRequest } from '../http/request.js';
import { LoginOut, loginExample, presentLogin } from './auth.dto.js';
import { clientInfo } from './client-info.js';
import { cookieOf, OIDC_COOKIE } from './cookies.js';
import {
  DeletedIdentityOut,
  ExchangeOidcIn,
  IdentityOut,
  LinkOidcIn,
  OidcStartOut,
  presentIdentity,
  StartOidcIn,
} from './oidc.dto.js';
import { proofOf, ReauthenticationIn } from './reauthentication.dto.js';
import { SignInAnswers } from './sign-in-answers.js';

@ApiTags('Auth')
@Controller('auth')
export class OidcController {
  constructor(
    private readonly oidc: OidcLogins,
    private readonly answers: SignInAnswers,
    private readonly log: Logger,
  ) {}

  @Post('oidc/start')
  @Public()
  @LimitedByAddress()
  @Describe('Begin a log-in at the identity provider', {
    description: 'Answers the address to send the browser to, and leaves a cookie in it: only this browser can finish.',
    returns: OidcStartOut,
    status: 200,
    errors: ['oidcNotConfigured', 'oidcUnavailable', 'rateLimited'],
  })
  async start(@Body() body: StartOidcIn, @Res({ passthrough: true }) response: Response): Promise<OidcStartOut> {
    const { url, browserToken } = await this.oidc.start(body.returnTo ?? '/');
    this.answers.bindBrowser(response, browserToken);
    return { url };
  }

  @Get('oidc/callback')
  @Public()
  @LimitedByAddress()
  @Describe('Return from the identity provider', {
    description:
      'Where the provider sends browsers back to; nobody else calls it. Redirects to the page `/login/oidc` of the dashboard with `#code=…` for `POST /auth/oidc/exchange` or `#error=<code of the catalogue>`, or back to where an account was linked.',
    returns: null,
    status: 302,
    errors: ['rateLimited'],
  })
  async callback(@Req() request: ApiRequest, @Res() response: Response): Promise<void> {
    const query = new URL(request.originalUrl, this.answers.publicUrl).searchParams;
    response.redirect(HttpStatus.FOUND, await this.pageAfter(query, request));
  }

  @Post('oidc/exchange')
  @Public()
  @LimitedByAddress()
  @Describe('Finish a log-in at the identity provider', {
    description:
      'Exchanges the code for tokens, in the browser that began. An account with a second factor is asked for it as after a password.',
    returns: LoginOut,
    status: 200,
    errors: ['oidcLoginFailed', 'rateLimited'],
    example: loginExample,
  })
  async exchange(
    @Body() body: ExchangeOidcIn,
    @Req() request: ApiRequest,
    @Res({ passthrough: true }) response: Response,
  ): Promise<LoginOut> {
    const result = await this.oidc.exchange(body.code, cookieOf(request, OIDC_COOKIE), clientInfo(request));
    this.answers.unbindBrowser(response);
    return presentLogin(this.answers.remember(response, result));
  }

  @Get('identities')
  @SessionOnly()
  @Describe('List your links to the identity provider', {
    description: 'Oldest first.',
    returns: [IdentityOut],
  })
  async identities(@CurrentActor() actor: Actor): Promise<IdentityOut[]> {
    return (await this.oidc.list(actor)).map(presentIdentity);
  }

  @Post('oidc/link')
  @SessionOnly()
  @Describe('Begin to link your account to the identity provider', {
    description:
      'As a log-in, but the person who returns from the provider is linked to your account. When the log-in was more than ten minutes ago it needs a confirmation that it is you.',
    returns: OidcStartOut,
    status: 200,
    errors: ['oidcNotConfigured', 'oidcUnavailable', 'reauthenticationFailed', 'tooManyAttempts'],
  })
  async link(
    @CurrentActor() actor: Actor,
    @Body() body: LinkOidcIn,
    @Res({ passthrough: true }) response: Response,
  ): Promise<OidcStartOut> {
    const { url, browserToken } = await this.oidc.startLink(actor, body.returnTo ?? '/', proofOf(body));
    this.answers.bindBrowser(response, browserToken);
    return { url };
  }

  @Delete('identities/:identityId')
  @SessionOnly()
  @Describe('Remove a link to the identity provider', {
    description: 'Nobody logs in through it any more. Needs a confirmation that it is you.',
    returns: DeletedIdentityOut,
    errors: ['reauthenticationFailed', 'tooManyAttempts', 'loginMethodNeeded'],
  })
  async unlink(
    @CurrentActor() actor: Actor,
    @IdParam('identityId') id: string,
    @Body() body: ReauthenticationIn,
  ): Promise<DeletedIdentityOut> {
    await this.oidc.unlink(actor, id, proofOf(body));
    return { id, deleted: true };
  }

  /** A person looks at the answer, so what went wrong is told by a page too. */
  private async pageAfter(query: URLSearchParams, request: ApiRequest): Promise<string> {
    const base = this.answers.publicUrl;
    try {
      const result = await this.oidc.returned(query, cookieOf(request, OIDC_COOKIE), clientInfo(request));
      if (result.kind === 'linked') return `${base}${result.returnTo}`;
      const fragment = new URLSearchParams({ code: result.code, returnTo: result.returnTo });
      return `${base}${pages.oidcLanding}#${fragment}`;
    } catch (thrown) {
      const error = toCatalogueError(thrown);
      this.log.warn({ err: error.cause ?? error, code: error.code }, 'a log-in at the identity provider failed');
      return `${base}${pages.oidcLanding}#${new URLSearchParams({ error: error.code })}`;
    }
  }
}
