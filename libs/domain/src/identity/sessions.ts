import { randomBytes } from 'node:crypto';
import {
  type Actor,
  type EventPayloads,
  errors,
  type NewEvent,
  newId,
  type OrganizationId,
  type SessionId,
  type UserId,
} from '#contracts';
import {
  appendEvents,
  type Database,
  endSession,
  endSessionsOf,
  findRefreshTokenOwner,
  findSessionHolder,
  findSessionMethod,
  insertRefreshToken,
  insertSession,
  listSessions,
  lockRefreshToken,
  markRefreshTokenUsed,
  type OrganizationSealer,
  prolongSession,
  type RefreshTokenRow,
  type Sealer,
  type SessionRow,
  type Tx,
} from '#database';
import { recordAudit } from '../platform/audit-trail.js';
import type { AccessTokens } from './access-tokens.js';
import { hashSecret } from './api-key-format.js';
import type { ClientInfo } from './client-info.js';

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
    { ipAddress, userAgent }: Pick<ClientInfo, 'ipAddress' | 'userAgent'>,
    method: string,
  ): Promise<{ sessionId: SessionId; refreshToken: string; event: NewEvent }> {
    const session = { sessionId: newId<SessionId>(), organizationId: user.organizationId, userId: user.id };
    await insertSession(tx, { ...session, ipAddress, userAgent, method, expiresAt: this.expiry() });
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

    const outcome = await this.db.organization(organizationId, async (tx) => {
      const token = await lockRefreshToken(tx, tokenHash);
      if (!token || token.expiresAt <= new Date()) return { error: errors.refreshTokenInvalid() };
      const session = await findSessionHolder(tx, token.sessionId);
      if (!session || session.endedAt || !session.isActive) return { error: errors.sessionRevoked() };
      if (token.usedAt === null) return { session, refreshToken: await this.rotate(tx, token, sealer) };
      if (Date.now() - token.usedAt.getTime() <= GRACE_MS && token.successorSealed) {
        return { session, refreshToken: sealer.open(token.successorSealed, successorOf(token.id)).toString() };
      }
      // The transaction commits: the end of the session must outlast the error.
      await this.endForReuse(tx, session);
      return { error: errors.refreshTokenReused() };
    });
    if ('error' in outcome) throw outcome.error;
    return this.tokensFor(outcome.session, outcome.refreshToken);
  }

  /**
   * Ends the actor's session. Its tokens are refused from now on.
   * @returns how the person had logged in; null when it had ended already
   * @throws forbidden for an API key
   */
  async end(actor: Actor): Promise<string | null> {
    const { credential } = actor;
    if (credential.kind !== 'session') {
      throw errors.forbidden({ message: 'An API key has no session. Delete the key to end it.' });
    }
    return this.db.tenant(actor, async (tx) => {
      const method = await findSessionMethod(tx, credential.id);
      await this.revokeWithin(tx, actor, { only: credential.id }, 'logout');
      return method;
    });
  }

  /** The person's sessions, newest first: `limit` of them after `before`. */
  list(actor: Actor, page: { before?: SessionId; limit: number }): Promise<SessionRow[]> {
    return this.db.tenant(actor, (tx) => listSessions(tx, actor.userId, page));
  }

  /** Ends one of the person's own sessions. @throws notFound also for a session that has ended */
  async revoke(actor: Actor, sessionId: SessionId): Promise<void> {
    const ended = await this.db.tenant(actor, (tx) => this.revokeWithin(tx, actor, { only: sessionId }, 'revoked'));
    if (ended === 0) throw errors.notFound({ details: { id: sessionId } });
  }

  /** Ends all of the person's sessions but the one that asks. @returns how many */
  revokeOthers(actor: Actor): Promise<number> {
    return this.db.tenant(actor, (tx) => this.revokeWithin(tx, actor, { except: actor.credential.id }, 'revoked'));
  }

  /**
   * Ends sessions of the actor within a transaction, with record and events; to be called last in it. Every process
   * refuses their tokens with the next request, and closes their sockets when it reads the event.
   * @returns how many ended
   */
  async revokeWithin(
    tx: Tx,
    actor: Actor,
    which: { only: string } | { except: string | null },
    reason: EndReason,
    events: NewEvent[] = [],
  ): Promise<number> {
    const ended = await endSessionsOf(tx, actor.userId, which, reason);
    if (ended.length > 0 && (reason === 'logout' || reason === 'revoked')) {
      await recordAudit(tx, actor, {
        action: reason === 'logout' ? 'auth.logout' : 'auth.session_revoke',
        resource: { type: 'session', id: ended.length === 1 ? ended[0]! : null },
        before: { sessions: ended.length },
      });
    }
    await appendEvents(tx, [...events, ...endEvents(actor, ended, reason)]);
    return ended.length;
  }

  private async endForReuse(
    tx: Tx,
    session: { sessionId: SessionId; organizationId: OrganizationId; userId: UserId },
  ): Promise<void> {
    if (!(await endSession(tx, session.sessionId, 'refresh_reuse'))) return;
    await recordAudit(
      tx,
      { kind: 'system', organizationId: session.organizationId },
      {
        action: 'auth.token_reuse',
        resource: { type: 'session', id: session.sessionId },
        after: { userId: session.userId },
        outcome: 'denied',
      },
    );
    await appendEvents(tx, endEvents(session, [session.sessionId], 'refresh_reuse'));
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

export type EndReason = EventPayloads['session.ended']['reason'];

/** The events of sessions that ended. */
export function endEvents(
  who: { organizationId: OrganizationId; userId: UserId },
  ended: readonly SessionId[],
  reason: EndReason,
): NewEvent[] {
  return ended.map((sessionId) => ({
    organizationId: who.organizationId,
    profileId: null,
    name: 'session.ended',
    actor: reason === 'refresh_reuse' ? { kind: 'system' } : { kind: 'user', id: who.userId },
    payload: { sessionId, userId: who.userId, reason },
  }));
}

function successorOf(tokenId: string): string {
  return `refresh-token.successor:${tokenId}`;
}
