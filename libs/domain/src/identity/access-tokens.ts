import { createSecretKey, type KeyObject } from 'node:crypto';
import { JwtService } from '@nestjs/jwt';
import { errors, type SessionId, type UserId } from '#contracts';

/** What an access token says. It names the session; rights are looked up, so that a change acts at once. */
export interface AccessClaims {
  sub: UserId;
  sid: SessionId;
}

/** How access tokens are checked, wherever that happens. The algorithm is fixed: the token does not choose it. */
export const accessTokenRules = { algorithms: ['HS256' as const], issuer: 'waypost', audience: 'waypost-api' };

/** Makes and checks access tokens. */
export class AccessTokens {
  /** A key object, because the library tries to read a plain text as a public key first, with each token. */
  readonly key: KeyObject;
  private readonly jwt: JwtService;

  constructor(
    secret: string,
    readonly lifeSeconds: number,
  ) {
    this.key = createSecretKey(Buffer.from(secret));
    this.jwt = new JwtService({ secret: this.key });
  }

  issue(session: { userId: UserId; sessionId: SessionId }): Promise<string> {
    return this.jwt.signAsync(
      { sid: session.sessionId },
      {
        subject: session.userId,
        algorithm: accessTokenRules.algorithms[0],
        issuer: accessTokenRules.issuer,
        audience: accessTokenRules.audience,
        expiresIn: this.lifeSeconds,
      },
    );
  }

  /** @throws tokenExpired, unauthenticated */
  async verify(token: string): Promise<AccessClaims> {
    try {
      return await this.jwt.verifyAsync<AccessClaims>(token, accessTokenRules);
    } catch (problem) {
      throw tokenError(problem);
    }
  }
}

/** What the JWT library throws, as an error of ours. */
export function tokenError(problem: unknown): Error {
  return (problem as Error | undefined)?.name === 'TokenExpiredError'
    ? errors.tokenExpired()
    : errors.unauthenticated({ message: 'The access token is not valid.' });
}
