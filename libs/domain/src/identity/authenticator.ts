import { type Actor, errors, type Origin } from '#contracts';
import { type ApiKeyHolder, type Database, findApiKeyHolders, findSessionHolder, Gatherer } from '#database';
import type { AccessClaims, AccessTokens } from './access-tokens.js';
import { hashSecret, isApiKeyForm } from './api-key-format.js';
import { isInRanges } from './ip-ranges.js';
import type { LastUse } from './last-use.js';
import { rightsOfKey, rightsOfUser } from './rights.js';

/** What a caller showed. When both are there the access token counts. */
export interface ShownCredentials {
  bearer?: string;
  apiKey?: string;
  /** From where: some keys work from some addresses only. */
  origin?: Origin;
}

const LOOKED_UP_AT_ONCE = 100;

/**
 * Turns credentials into an actor, over HTTP and sockets alike. It asks the database each time, by primary key or unique
 * hash: an ended session, a revoked key and a changed role act with the next request, in every process.
 */
export class Authenticator {
  /** Requests that come while a look-up is under way share the next one, which begins after they came. */
  private readonly keys = new Gatherer<Buffer, ApiKeyHolder | null>({
    run: (hashes) => findApiKeyHolders(this.db, hashes),
    atOnce: LOOKED_UP_AT_ONCE,
    mayRepeat: () => false,
  });

  constructor(
    private readonly db: Database,
    private readonly tokens: AccessTokens,
    private readonly lastUse: LastUse,
  ) {}

  /** @throws unauthenticated, tokenExpired, sessionRevoked, apiKeyAddressRefused */
  async authenticate(shown: ShownCredentials): Promise<Actor> {
    if (shown.bearer !== undefined) return this.ofSession(await this.tokens.verify(shown.bearer), shown.origin);
    if (shown.apiKey !== undefined) return this.ofApiKey(shown.apiKey, shown.origin);
    throw errors.unauthenticated();
  }

  /** The actor of a token whose signature was checked. */
  async ofSession(claims: AccessClaims, origin?: Origin): Promise<Actor> {
    const session = isUuid(claims.sid) ? await findSessionHolder(this.db, claims.sid) : null;
    if (!session || session.userId !== claims.sub) throw errors.unauthenticated();
    if (session.endedAt || session.expiresAt <= new Date() || !session.isActive) throw errors.sessionRevoked();
    this.lastUse.note('session', session.sessionId);
    return {
      organizationId: session.organizationId,
      userId: session.userId,
      credential: { kind: 'session', id: session.sessionId },
      ...rightsOfUser(session.assignments),
      isPlatformAdmin: session.isPlatformAdmin,
      ...(origin && { origin }),
    };
  }

  private async ofApiKey(text: string, origin?: Origin): Promise<Actor> {
    const key = isApiKeyForm(text) ? await this.keys.add('', hashSecret(text)) : null;
    if (!key) throw errors.unauthenticated({ message: 'The API key is unknown.' });
    if (key.revokedAt) throw errors.unauthenticated({ message: 'The API key was revoked.' });
    if (key.expiresAt && key.expiresAt <= new Date()) {
      throw errors.unauthenticated({ message: 'The API key has expired. Create a new one.' });
    }
    if (!key.isActive) throw errors.unauthenticated({ message: 'The user of this API key is not active any more.' });
    if (key.isPrevious && !(key.previousUntil && key.previousUntil > new Date())) {
      throw errors.unauthenticated({ message: 'The API key was rotated. Use the new one.' });
    }
    if (key.ipRanges.length > 0 && !isInRanges(origin?.ip, key.ipRanges)) throw errors.apiKeyAddressRefused();
    this.lastUse.note('api-key', key.apiKeyId, origin?.ip);
    return {
      organizationId: key.organizationId,
      userId: key.userId,
      credential: { kind: 'api-key', id: key.apiKeyId },
      ...rightsOfKey(key),
      isPlatformAdmin: false,
      ...(key.ratePerMinute !== null && { ratePerMinute: key.ratePerMinute }),
      ...(origin && { origin }),
    };
  }
}

function isUuid(text: unknown): text is string {
  return typeof text === 'string' && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);
}
