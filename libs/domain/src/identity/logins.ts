import { type Actor, errors, type OrganizationId, type UserId } from '#contracts';
import { appendEvents, type Database, findUser, findUserForLogin, noteLogin, type UserRow } from '#database';
import type { PasswordHasher } from './password-hasher.js';
import type { ClientInfo, Sessions, SessionTokens } from './sessions.js';

export interface LoggedIn extends SessionTokens {
  user: {
    id: UserId;
    email: string;
    name: string;
    role: string;
    organizationId: OrganizationId;
    organizationName: string;
  };
}

/** Logs people in by e-mail address and password. */
export class Logins {
  constructor(
    private readonly db: Database,
    private readonly passwords: PasswordHasher,
    private readonly sessions: Sessions,
  ) {}

  /**
   * Starts a session. An unknown address, a wrong password and an inactive user get the same answer after the same work,
   * so that nobody learns who has an account.
   * @throws invalidCredentials
   */
  async logIn(email: string, password: string, client: ClientInfo): Promise<LoggedIn> {
    const found = await findUserForLogin(this.db, email.trim().toLowerCase());
    const isRight = await this.passwords.verify(found?.passwordHash ?? null, password);
    if (!found || !isRight || !found.user.isActive) throw errors.invalidCredentials();
    const { user } = found;

    return this.db.tenant(user, async (tx) => {
      const { sessionId, refreshToken, event } = await this.sessions.start(tx, user, client);
      await noteLogin(tx, user.id);
      await appendEvents(tx, [event]);
      return { ...(await this.sessions.tokensFor({ userId: user.id, sessionId }, refreshToken)), user };
    });
  }

  /** The user behind an actor. */
  async userOf(actor: Actor): Promise<UserRow> {
    const user = await this.db.tenant(actor, (tx) => findUser(tx, actor.userId));
    if (!user) throw errors.notFound();
    return user;
  }
}
