import { randomBytes } from 'node:crypto';
import { type Actor, errors, type NewEvent, newId, type OrganizationId, type SessionId, type UserId } from '#contracts';
import {
  appendEvents,
  type Database,
  endSession,
  findRefreshTokenOwner,
  findSessionHolder,
  insertRefreshToken,
  insertSession,
  lockRefreshToken,
  markRefreshTokenUsed,
  type OrganizationSealer,
  prolongSession,
  type RefreshTokenRow,
  type Sealer,
  type Tx,
} from '#database';
import type { AccessTokens } from './access-tokens.js';
import { hashSecret } from './api-key-format.js';

/** From where a person logs in, as far as it is known. */
export interface ClientInfo {
  ipAddress: string | null;
  userAgent: string | null;
}

/** What a client gets: a short-lived access token, and a refresh token that works once. */
export interface SessionTokens {
  accessToken: string;
  refreshToken: string;
  expiresInSeconds: number;
}

/**
 * How long a used refresh token is answered with its successor again instead of ending the session: the answer may have
 * been lost, or two tabs may have refreshed at once.
 */
const GRACE_MS = 10_000;

/** Login sessions and the chain of their refresh tokens. */
export class Sessions {
  constructor(
    private readonly db: Database,
    private readonly sealer: Sealer,
    private readonly tokens: AccessTokens,
    private readonly lifeDays: number,
  ) {}

  /** Starts a session within the caller's transaction, which then appends the event. */
  async start(
    tx: Tx,
    user: { id: UserId; organizationId: OrganizationId },
    client: ClientInfo,
  ): Promise<{ sessionId: SessionId; refreshToken: string; event: NewEvent }> {
    const session = { sessionId: newId<SessionId>(), organizationId: user.organizationId, userId: user.id };
    await insertSession(tx, { ...session, ...client, expiresAt: this.expiry() });
    const refreshToken = await this.link(tx, session);
    const event: NewEvent = {
      organizationId: user.organizationId,
      profileId: null,
      name: 'session.started',
      actor: { kind: 'user', id: user.id },
      payload: { sessionId: session.sessionId, userId: user.id },
    };
    return { sessionId: session.sessionId, refreshToken, event };
  }

  async tokensFor(session: { userId: UserId; sessionId: SessionId }, refreshToken: string): Promise<SessionTokens> {
    const accessToken = await this.tokens.issue(session);
    return { accessToken, refreshToken, expiresInSeconds: this.tokens.lifeSeconds };
  }

  /**
   * Gives a new pair for a refresh token. A token that was used before, and longer ago than a lost answer explains, is in
   * two hands: the session ends.
   * @throws refreshTokenInvalid, refreshTokenReused, sessionRevoked
   */
  async refresh(refreshToken: string): Promise<SessionTokens> {
    const tokenHash = hashSecret(refreshToken);
    const organizationId = await findRefreshTokenOwner(this.db, tokenHash);
    if (!organizationId) throw errors.refreshTokenInvalid();
    // Before the transaction: it may need a connection of its own.
    const sealer = await this.sealer.forOrganization(organizationId);

    const outcome = await this.db.tenant({ organizationId }, async (tx) => {
      const token = await lockRefreshToken(tx, tokenHash);
      if (!token || token.expiresAt <= new Date()) return { error: errors.refreshTokenInvalid() };
      const session = await findSessionHolder(tx, token.sessionId);
      if (!session || session.endedAt || !session.isActive) return { error: errors.sessionRevoked() };
      if (token.usedAt === null) return { session, refreshToken: await this.rotate(tx, token, sealer) };
      if (Date.now() - token.usedAt.getTime() <= GRACE_MS && token.successorSealed) {
        return { session, refreshToken: sealer.open(token.successorSealed, successorOf(token.id)).toString() };
      }
      // The transaction commits: the end of the session must outlast the error.
      await this.finish(tx, session, 'refresh_reuse');
      return { error: errors.refreshTokenReused() };
    });
    if ('error' in outcome) throw outcome.error;
    return this.tokensFor(outcome.session, outcome.refreshToken);
  }

  /** Ends the actor's session. Its tokens are refused from now on. @throws forbidden for an API key */
  async end(actor: Actor): Promise<void> {
    const { credential } = actor;
    if (credential.kind !== 'session') {
      throw errors.forbidden({ message: 'An API key has no session. Delete the key to end it.' });
    }
    await this.db.tenant(actor, (tx) => this.finish(tx, { ...actor, sessionId: credential.id }, 'logout'));
  }

  private async finish(
    tx: Tx,
    session: { sessionId: SessionId; organizationId: OrganizationId; userId: UserId },
    reason: 'logout' | 'refresh_reuse',
  ): Promise<void> {
    if (!(await endSession(tx, session.sessionId, reason))) return;
    await appendEvents(tx, [
      {
        organizationId: session.organizationId,
        profileId: null,
        name: 'session.ended',
        actor: reason === 'logout' ? { kind: 'user', id: session.userId } : { kind: 'system' },
        payload: { sessionId: session.sessionId, userId: session.userId, reason },
      },
    ]);
  }

  private async rotate(tx: Tx, token: RefreshTokenRow, sealer: OrganizationSealer): Promise<string> {
    const successor = await this.link(tx, token);
    await markRefreshTokenUsed(tx, token.id, sealer.seal(successor, successorOf(token.id)));
    await prolongSession(tx, token.sessionId, this.expiry());
    return successor;
  }

  private async link(tx: Tx, session: { sessionId: SessionId; organizationId: OrganizationId }): Promise<string> {
    const refreshToken = `wpr_${randomBytes(32).toString('base64url')}`;
    const { sessionId, organizationId } = session;
    const tokenHash = hashSecret(refreshToken);
    await insertRefreshToken(tx, { id: newId(), organizationId, sessionId, tokenHash, expiresAt: this.expiry() });
    return refreshToken;
  }

  private expiry(): Date {
    return new Date(Date.now() + this.lifeDays * 86_400_000);
  }
}

function successorOf(tokenId: string): string {
  return `refresh-token.successor:${tokenId}`;
}
