import type { Socket } from 'socket.io';
import { type Actor, errors, type Origin } from '#contracts';
import type { AccessTokens, Authenticator } from '#domain';

/** A socket's credential: who it is, and the way to ask again whether it still stands. */
export interface SocketCredential {
  actor: Actor;
  /** The actor as it is now, with its present permissions. @throws when the credential has ended */
  renew(): Promise<Actor>;
}

/**
 * Finds the credential of a handshake, in each place where clients of the older product put it: `auth.token`, the
 * Authorization header or `?token=` for access tokens; `auth.apiKey`, the x-api-key header or `?apiKey=` for API keys.
 * A socket outlives its access token, because the login behind the token is what counts.
 * @throws unauthenticated, tokenExpired, sessionRevoked, apiKeyAddressRefused
 */
export async function socketCredential(
  { auth, headers, query }: Socket['handshake'],
  authenticator: Authenticator,
  tokens: AccessTokens,
  origin: Origin,
): Promise<SocketCredential> {
  const bearer = firstText(auth.token, headers.authorization, query.token)?.replace(/^Bearer\s+/i, '');
  if (bearer !== undefined) {
    const claims = await tokens.verify(bearer);
    const renew = () => authenticator.ofSession(claims, origin);
    return { actor: await renew(), renew };
  }
  const apiKey = firstText(auth.apiKey, headers['x-api-key'], query.apiKey);
  if (apiKey === undefined) throw errors.unauthenticated();
  const renew = () => authenticator.authenticate({ apiKey, origin });
  return { actor: await renew(), renew };
}

function firstText(...values: unknown[]): string | undefined {
  return values.find((value): value is string => typeof value === 'string' && value !== '');
}
