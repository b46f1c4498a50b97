import { type Actor, errors, type NewEvent, newId } from '#contracts';
import {
  appendEvents,
  type Database,
  endEmailTokens,
  endLoginChallenges,
  endSessionsOf,
  findEmailToken,
  findUser,
  findUserForLogin,
  insertEmailToken,
  setEmail,
  setEmailVerified,
  setPasswordHash,
  type Tx,
  takeEmailToken,
} from '#database';
import { recordAudit } from '../platform/audit-trail.js';
import type { MailOutbox } from '../platform/mail/mail-outbox.js';
import { hashSecret } from './api-key-format.js';
import { type ClientInfo, originOf } from './client-info.js';
import type { DeviceTokens } from './device-tokens.js';
import type { GuessGuard } from './guess-guard.js';
import { EMAIL_LINK_HOURS, type LinkMails } from './link-mails.js';
import { newEmailToken, queueMailRequest } from './mail-requests.js';
import type { PasswordHasher } from './password-hasher.js';
import { assertGoodPassword } from './password-rules.js';
import type { ReAuthentication, ReauthenticationProof } from './re-authentication.js';
import { endEvents } from './sessions.js';

/** What people do with links that were mailed to them: verify an address, change it, set a new password. */
export class EmailLinks {
  constructor(
    private readonly parts: {
      db: Database;
      outbox: MailOutbox;
      mails: LinkMails;
      passwords: PasswordHasher;
      guesses: GuessGuard;
      devices: DeviceTokens;
      reauthentication: ReAuthentication;
    },
  ) {}

  /** Mails a link to the address, should it have an account. Nothing tells the caller whether it has. */
  async request(purpose: 'verify_email' | 'reset_password', email: string, client: ClientInfo): Promise<void> {
    const address = email.trim().toLowerCase();
    await this.parts.db.system((tx) => queueMailRequest(tx, { purpose, email: address }, client));
  }

  /** Marks the address as verified that the link was sent to. @throws linkInvalid */
  async verify(token: string, client: ClientInfo): Promise<void> {
    await this.parts.db.system(async (tx) => {
      const taken = await takeEmailToken(tx, 'verify_email', hashSecret(token));
      if (!taken) throw errors.linkInvalid();
      if (!(await setEmailVerified(tx, taken.userId, taken.email))) return;
      await recordAudit(tx, anonymous(taken, client), {
        action: 'auth.email_verify',
        resource: { type: 'user', id: taken.userId, name: taken.email },
      });
      await appendEvents(tx, [userEvent(taken, 'user.email_verified')]);
    });
  }

  /**
   * Sets a new password and ends all sessions. What an account has besides (authenticator app, passkeys) stays: the next
   * log-in asks for it.
   * @returns a mark for the browser, whose owner just showed that the mailbox is theirs
   * @throws linkInvalid, validation
   */
  async resetPassword(token: string, password: string, client: ClientInfo): Promise<{ deviceToken: string }> {
    const { db, passwords, outbox, mails, guesses, devices } = this.parts;
    const tokenHash = hashSecret(token);
    const link = await findEmailToken(db, 'reset_password', tokenHash);
    if (!link) throw errors.linkInvalid();
    assertGoodPassword(password, link.email);
    const passwordHash = await passwords.hash(password);
    const found = await findUserForLogin(db, link.email);
    if (found?.user.id !== link.userId || !found.user.isActive) throw errors.linkInvalid();
    const notice = await outbox.prepare(mails.notice(found.user, 'Your password was set anew by a mailed link.'));

    await db.system(async (tx) => {
      if (!(await takeEmailToken(tx, 'reset_password', tokenHash))) throw errors.linkInvalid();
      await setPasswordHash(tx, link.userId, passwordHash);
      await setEmailVerified(tx, link.userId, link.email);
      await endEmailTokens(tx, link.userId, ['reset_password', 'verify_email']);
      await endLoginChallenges(tx, link.userId);
      const ended = await endSessionsOf(tx, link.userId, { except: null }, 'password_reset');
      await recordAudit(tx, anonymous(link, client), {
        action: 'auth.password_reset',
        resource: { type: 'user', id: link.userId, name: link.email },
        after: { sessionsEnded: ended.length },
      });
      await notice.queue(tx);
      await appendEvents(tx, [userEvent(link, 'user.password_changed'), ...endEvents(link, ended, 'password_reset')]);
    });
    await guesses.forgive(link.email);
    return { deviceToken: devices.issue(link.userId, client.deviceToken) };
  }

  /**
   * Mails a link to the new address; following it makes the change. When somebody has the address already the answer is
   * the same, and a mail tells them.
   * @throws reauthenticationFailed, tooManyAttempts, validation
   */
  async requestChange(actor: Actor, newEmail: string, proof: ReauthenticationProof): Promise<void> {
    const { db, outbox, mails, guesses, reauthentication } = this.parts;
    await reauthentication.confirm(actor, proof);
    const email = newEmail.trim().toLowerCase();
    const user = await db.tenant(actor, (tx) => findUser(tx, actor.userId));
    if (!user) throw errors.notFound();
    if (user.email === email) {
      throw errors.validation({ fields: [{ path: 'email', message: 'is your address already' }] });
    }
    const holder = await findUserForLogin(db, email);
    const mayMail = await guesses.mayMail(email);
    const { token, tokenHash } = newEmailToken();
    // The same work either way. The link that nobody is sent would not work: the address is taken.
    const mail = await outbox.prepare(
      holder ? mails.addressWanted(holder.user) : mails.changeEmail(user, email, token),
    );
    const expiresAt = new Date(Date.now() + EMAIL_LINK_HOURS.change_email * 3600_000);
    // Not within the actor's organization alone: the holder of the address may be of another.
    await db.system(async (tx) => {
      const { organizationId, userId } = actor;
      const purpose = 'change_email';
      await insertEmailToken(tx, { id: newId(), organizationId, userId, purpose, email, tokenHash, expiresAt });
      if (mayMail) await mail.queue(tx);
    });
  }

  /** Gives the person the address that the link was sent to. The former address is told. @throws linkInvalid, emailTaken */
  async confirmChange(token: string, client: ClientInfo): Promise<void> {
    const { db, outbox, mails } = this.parts;
    const link = await findEmailToken(db, 'change_email', hashSecret(token));
    const user = link && (await db.system((tx) => findUser(tx, link.userId)));
    if (!link || !user?.isActive) throw errors.linkInvalid();
    const what = `The address of your account was changed from ${user.email} to ${link.email}.`;
    const notice = await outbox.prepare(mails.notice(user, what, user.email));
    const change = db.system(async (tx) => {
      await notice.queue(tx);
      await this.change(tx, token, client);
    });
    await change.catch(refuseTaken);
  }

  private async change(tx: Tx, token: string, client: ClientInfo): Promise<void> {
    const link = await takeEmailToken(tx, 'change_email', hashSecret(token));
    const user = link && (await findUser(tx, link.userId));
    if (!link || !user) throw errors.linkInvalid();
    await setEmail(tx, link.userId, link.email);
    // Links to the former address must not speak for the account any more.
    await endEmailTokens(tx, link.userId, ['reset_password', 'verify_email', 'change_email']);
    await recordAudit(tx, anonymous(link, client), {
      action: 'auth.profile_update',
      resource: { type: 'user', id: link.userId, name: user.name },
      before: { email: user.email },
      after: { email: link.email },
    });
    await appendEvents(tx, [userEvent(link, 'user.email_changed')]);
  }
}

/** Whoever follows a link is not logged in; the link says for whom it is. */
function anonymous(link: { organizationId: Actor['organizationId'] }, client: ClientInfo) {
  return { kind: 'anonymous' as const, organizationId: link.organizationId, origin: originOf(client) };
}

function userEvent(
  who: Pick<Actor, 'organizationId' | 'userId'>,
  name: 'user.email_verified' | 'user.email_changed' | 'user.password_changed',
): NewEvent {
  return {
    organizationId: who.organizationId,
    profileId: null,
    name,
    actor: { kind: 'user', id: who.userId },
    payload: { userId: who.userId },
  };
}

/** Somebody registered the address while the link was under way. */
function refuseTaken(error: unknown): never {
  if ((error as { code?: string }).code === '23505') throw errors.emailTaken();
  throw error;
}
