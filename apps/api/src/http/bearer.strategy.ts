import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { ExtractJwt, Strategy } from 'passport-jwt';
import type { Actor } from '#contracts';
import { type AccessClaims, AccessTokens, Authenticator, accessTokenRules } from '#domain';

/** Checks `Authorization: Bearer <access token>`. */
@Injectable()
export class BearerStrategy extends PassportStrategy(Strategy, 'bearer') {
  constructor(
    tokens: AccessTokens,
    private readonly authenticator: Authenticator,
  ) {
    super({
      jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
      secretOrKey: tokens.secret,
      ...accessTokenRules,
    });
  }

  validate(claims: AccessClaims): Promise<Actor> {
    return this.authenticator.ofSession(claims);
  }
}
