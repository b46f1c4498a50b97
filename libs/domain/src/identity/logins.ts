import { type Actor, errors, type OrganizationId, type UserId } from '#contracts';
import {
  type Database,
  findLoginFacts,
  findUser,
  findUserForLogin,
  replacePasswordHash,
  secondFactorsOf,
  type UserRow,
} from '#database';
import { recordAudit } from '../platform/audit-trail.js';
import type { Logger } from '../platform/logger.js';
import { type ClientInfo, originOf } from './client-info.js';
import type { DeviceTokens } from './device-tokens.js';
import type { CountedGuess, GuessGuard } from './guess-guard.js';
import type { AskedForSecondFactor, LoginChallenges } from './login-challenges.js';
import type { PasskeyAnswer, PasskeyCheck, PasskeyQuestion } from './passkey-check.js';
import type { PasswordHasher } from './password-hasher.js';
import type { RegistrationPolicy } from './registration-policy.js';
import type { LoggedIn, SignIn } from './sign-in.js';

/** Logs people in: by e-mail address and password, then a second factor where there is one; or by passkey alone. */
export class Logins {
  constructor(
    private readonly parts: {
      db: Database;
      passwords: PasswordHasher;
      signIn: SignIn;
      challenges: LoginChallenges;
      passkeys: PasskeyCheck;
      guesses: GuessGuard;
      devices: DeviceTokens;
      policy: RegistrationPolicy;
      log: Logger;
    },
  ) {}

  /**
   * Starts a session, or asks for the second factor. An unknown address, a wrong password and an inactive user get the
   * same answer after the same work: the same statements, the same hash, the same waits. What only an account can have
   * (the record in its audit trail) is written after the answer.
   * @throws invalidCredentials, tooManyAttempts, emailNotVerified
   */
  async logIn(email: string, password: string, client: ClientInfo): Promise<LoggedIn | AskedForSecondFactor> {
    const { db, passwords, signIn, challenges, guesses, policy } = this.parts;
    const account = email.trim().toLowerCase();
    const found = await findUserForLogin(db, account);
    const userId = found?.user.id ?? null;
    const facts = await findLoginFacts(db, userId, client.ipAddress);
    const guess = await guesses.count('password', {
      account,
      network: client.network,
      known: this.knownAs(userId, facts.isKnownAddress, client),
    });
    const hash = found?.passwordHash ?? null;
    const isRight = await passwords.verify(hash, password);
    if (!found || !isRight || !found.user.isActive) {
      if (found) this.recordFailure(found.user, client, guess);
      throw errors.invalidCredentials();
    }
    await guess.wasRight();
    const { user } = found;
    if (policy.needsVerifiedEmail && facts.emailVerifiedAt === null) throw errors.emailNotVerified();
    await this.renewHash(user.id, hash!, password);
    const factors = await secondFactorsOf(db, user.id);
    if (factors.totp || factors.passkeys > 0) return challenges.open(user, 'password', factors);
    return db.system((tx) => signIn.complete(tx, user, client, { method: 'password' }));
  }

  /** A challenge that any passkey of this installation may answer. @throws passkeysUnavailable */
  askPasskey(): Promise<PasskeyQuestion> {
    return this.parts.passkeys.ask('login', null);
  }

  /**
   * Starts a session for whoever's passkey answered. The authenticator asked for a finger, a face or a PIN, so it counts
   * as two factors.
   * @throws passkeyInvalid, emailNotVerified
   */
  async logInByPasskey(answer: PasskeyAnswer, client: ClientInfo): Promise<LoggedIn> {
    const { db, passkeys, signIn, policy } = this.parts;
    const { passkey, noteUse } = await passkeys.prove('login', answer, null);
    const facts = await findLoginFacts(db, passkey.userId, client.ipAddress);
    return db.system(async (tx) => {
      const user = await findUser(tx, passkey.userId);
      if (!user?.isActive) throw errors.passkeyInvalid();
      if (policy.needsVerifiedEmail && facts.emailVerifiedAt === null) throw errors.emailNotVerified();
      await noteUse(tx);
      return signIn.complete(tx, user, client, { method: 'passkey' });
    });
  }

  /** The user behind an actor. */
  async userOf(actor: Actor): Promise<UserRow> {
    const user = await this.parts.db.tenant(actor, (tx) => findUser(tx, actor.userId));
    if (!user) throw errors.notFound();
    return user;
  }

  /** What the account knows this client by: a mark in its browser, or an address that it logged in from lately. */
  private knownAs(userId: UserId | null, isKnownAddress: boolean, client: ClientInfo): string | null {
    if (userId === null) return null;
    const device = client.deviceToken === null ? null : this.parts.devices.deviceOf(client.deviceToken, userId);
    return device ?? (isKnownAddress ? client.network : null);
  }

  /** The parameters of a hash are those of its day; whoever logs in gets one of today. */
  private async renewHash(userId: UserId, hash: string, password: string): Promise<void> {
    const { db, passwords, log } = this.parts;
    if (!passwords.isOutdated(hash)) return;
    await passwords
      .hash(password)
      .then((renewed) => replacePasswordHash(db, userId, hash, renewed))
      .catch((err) => log.warn({ err }, 'a password hash was not renewed; the next log-in tries again'));
  }

  private recordFailure(
    user: { id: UserId; organizationId: OrganizationId; email: string },
    client: ClientInfo,
    guess: CountedGuess,
  ): void {
    const { db, log } = this.parts;
    const anonymous = { kind: 'anonymous' as const, organizationId: user.organizationId, origin: originOf(client) };
    const resource = { type: 'user', id: user.id, name: user.email };
    // After the answer has gone out: an account that does not exist has no such work.
    setImmediate(() => {
      db.system(async (tx) => {
        await recordAudit(tx, anonymous, { action: 'auth.login_failed', resource, outcome: 'failure' });
        if (guess.closes) await recordAudit(tx, anonymous, { action: 'auth.lockout', resource, outcome: 'denied' });
      }).catch((err) => log.warn({ err }, 'a failed log-in was not recorded'));
    });
  }
}
