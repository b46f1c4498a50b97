import { type Actor, errors } from '#contracts';
import {
  type Database,
  endEmailTokens,
  endLoginChallenges,
  findPasswordHash,
  findUser,
  setPasswordHash,
} from '#database';
import { recordAudit } from '../platform/audit-trail.js';
import { organizationEvent } from './organization-event.js';
import type { PasswordHasher } from './password-hasher.js';
import { assertGoodPassword } from './password-rules.js';
import type { ReAuthentication, ReauthenticationProof } from './re-authentication.js';
import type { SecurityNotices } from './security-notices.js';
import type { Sessions } from './sessions.js';

/** Changes passwords of people who are logged in. */
export class PasswordChanges {
  constructor(
    private readonly parts: {
      db: Database;
      passwords: PasswordHasher;
      reauthentication: ReAuthentication;
      sessions: Sessions;
      notices: SecurityNotices;
    },
  ) {}

  /**
   * Sets a new password and ends all other sessions; the one that asks goes on. Who has no password yet sets the first one
   * with another proof.
   * @returns how many sessions ended
   * @throws reauthenticationFailed, tooManyAttempts, validation
   */
  async change(actor: Actor, newPassword: string, proof: ReauthenticationProof): Promise<number> {
    const { db, passwords, reauthentication, sessions, notices } = this.parts;
    const user = await db.tenant(actor, (tx) => findUser(tx, actor.userId));
    if (!user) throw errors.notFound();
    assertGoodPassword(newPassword, user.email, 'newPassword');
    await reauthentication.confirm(actor, proof);
    if (await passwords.verify(await findPasswordHash(db, actor.userId), newPassword)) {
      throw errors.validation({ fields: [{ path: 'newPassword', message: 'is the password that you have already' }] });
    }
    const hash = await passwords.hash(newPassword);
    const notice = await notices.prepare(actor, 'Your password was changed.');
    return db.tenant(actor, async (tx) => {
      await setPasswordHash(tx, actor.userId, hash);
      await endEmailTokens(tx, actor.userId, ['reset_password']);
      await endLoginChallenges(tx, actor.userId);
      await recordAudit(tx, actor, {
        action: 'auth.password_change',
        resource: { type: 'user', id: actor.userId, name: user.email },
      });
      await notice.queue(tx);
      const changed = organizationEvent(actor, 'user.password_changed', { userId: actor.userId });
      return sessions.revokeWithin(tx, actor, { except: actor.credential.id }, 'password_changed', [changed]);
    });
  }
}
