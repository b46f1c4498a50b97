import { Injectable } from '@nestjs/common';
import { ExtractJwt, Strategy } from 'passport-jwt';
import type { Actor } from '#contracts';
import { type AccessClaims, AccessTokens, Authenticator, accessTokenRules, tokenError } from '#domain';
import type { ApiRequest } from './request.js';

/**
 * Checks `Authorization: Bearer <access token>` with passport-jwt. The strategy is run by hand instead of through
 * passport's registry, which is one per process: two apis in one process would check each other's tokens.
 */
@Injectable()
export class BearerStrategy {
  private readonly strategy: Strategy;

  constructor(tokens: AccessTokens, authenticator: Authenticator) {
    // The strategy's types know only text, but it hands on what it gets.
    const secretOrKey = tokens.key as unknown as string;
    this.strategy = new Strategy(
      { jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(), secretOrKey, ...accessTokenRules },
      (claims: AccessClaims, done) => {
        authenticator.ofSession(claims).then((actor) => done(null, actor), done);
      },
    );
  }

  /** @throws unauthenticated, tokenExpired, sessionRevoked */
  actorOf(request: ApiRequest): Promise<Actor> {
    return new Promise((resolve, reject) => {
      // A strategy reports to methods that its runner adds, on an object of the request's own.
      const run = Object.create(this.strategy) as Strategy & Outcome;
      run.success = resolve;
      run.fail = (problem) => reject(tokenError(problem));
      run.error = reject;
      run.authenticate(request);
    });
  }
}

interface Outcome {
  success(actor: Actor): void;
  fail(problem: unknown): void;
  error(problem: unknown): void;
}
