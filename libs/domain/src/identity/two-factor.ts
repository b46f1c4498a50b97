import { type Actor, errors, type NewEvent } from '#contracts';
import {
  appendEvents,
  beginTotp,
  confirmTotp,
  type Database,
  deleteTotp,
  findTotp,
  findUser,
  replaceBackupCodes,
  type Sealer,
  secondFactorsOf,
  type Tx,
} from '#database';
import { recordAudit } from '../platform/audit-trail.js';
import { newBackupCodes } from './backup-codes.js';
import type { GuessGuard } from './guess-guard.js';
import { organizationEvent } from './organization-event.js';
import type { ReAuthentication, ReauthenticationProof } from './re-authentication.js';
import type { SecurityNotices } from './security-notices.js';
import { newTotp, openTotp, sealTotp, totpStep } from './totp.js';

/** The authenticator app and the backup codes of a person. */
export class TwoFactor {
  constructor(
    private readonly parts: {
      db: Database;
      sealer: Sealer;
      reauthentication: ReAuthentication;
      guesses: GuessGuard;
      notices: SecurityNotices;
    },
  ) {}

  /**
   * Begins an enrolment; nothing is asked for at log-in before it is confirmed. A second call begins anew. Without a proof
   * the log-in must be of the last ten minutes.
   * @throws twoFactorAlreadyOn, reauthenticationFailed, tooManyAttempts
   */
  async setup(actor: Actor, proof: ReauthenticationProof): Promise<{ secret: string; uri: string }> {
    const { db, reauthentication } = this.parts;
    await reauthentication.confirmOrFresh(actor, proof);
    const user = await db.tenant(actor, (tx) => findUser(tx, actor.userId));
    const made = newTotp(user!.email);
    const sealer = await this.parts.sealer.forOrganization(actor.organizationId);
    const { userId, organizationId } = actor;
    const secretSealed = sealTotp(sealer, userId, made.secret);
    const begun = await db.tenant(actor, (tx) => beginTotp(tx, { userId, organizationId, secretSealed }));
    if (!begun) throw errors.twoFactorAlreadyOn();
    return made;
  }

  /**
   * Confirms the enrolment with a code of the app. From now on log-ins ask for one.
   * @returns new backup codes, which nobody can read again
   * @throws twoFactorSetupMissing, twoFactorAlreadyOn, twoFactorCodeInvalid, tooManyAttempts
   */
  async enable(actor: Actor, code: string): Promise<string[]> {
    const { db, guesses, notices } = this.parts;
    const waiting = await db.tenant(actor, (tx) => findTotp(tx, actor.userId));
    if (!waiting) throw errors.twoFactorSetupMissing();
    if (waiting.confirmedAt) throw errors.twoFactorAlreadyOn();
    const guess = await guesses.count('code', { account: actor.userId, network: null, known: actor.credential.id });
    const sealer = await this.parts.sealer.forOrganization(actor.organizationId);
    const secret = openTotp(sealer, actor.userId, waiting.secretSealed);
    const step = totpStep(secret, code.replaceAll(/\s/g, ''), waiting.lastStep);
    if (step === null) throw errors.twoFactorCodeInvalid();
    const notice = await notices.prepare(actor, 'An authenticator app was set up for your account.');
    const codes = await db.tenant(actor, async (tx) => {
      if (!(await confirmTotp(tx, actor.userId, step))) throw errors.twoFactorCodeInvalid();
      await recordAudit(tx, actor, { action: 'auth.mfa_enable', resource: userOf(actor), after: { method: 'totp' } });
      await notice.queue(tx);
      return this.renewCodes(tx, actor, [changed(actor, true)]);
    });
    await guess.wasRight();
    return codes;
  }

  /**
   * Removes the authenticator app; with no passkey left the backup codes go too.
   * @throws twoFactorNotOn, reauthenticationFailed, tooManyAttempts
   */
  async disable(actor: Actor, proof: ReauthenticationProof): Promise<void> {
    const { db, reauthentication, notices } = this.parts;
    await reauthentication.confirm(actor, proof);
    const notice = await notices.prepare(actor, 'The authenticator app was removed from your account.');
    await db.tenant(actor, async (tx) => {
      if (!(await deleteTotp(tx, actor.userId))) throw errors.twoFactorNotOn();
      const isStillOn = (await secondFactorsOf(tx, actor.userId)).passkeys > 0;
      if (!isStillOn) await replaceBackupCodes(tx, actor, []);
      await recordAudit(tx, actor, { action: 'auth.mfa_disable', resource: userOf(actor), before: { method: 'totp' } });
      await notice.queue(tx);
      await appendEvents(tx, [changed(actor, isStillOn)]);
    });
  }

  /**
   * New backup codes; the earlier ones stop working.
   * @throws twoFactorNotOn, reauthenticationFailed, tooManyAttempts
   */
  async regenerate(actor: Actor, proof: ReauthenticationProof): Promise<string[]> {
    const { db, reauthentication, notices } = this.parts;
    const factors = await secondFactorsOf(db, actor.userId);
    if (!factors.totp && factors.passkeys === 0) throw errors.twoFactorNotOn();
    await reauthentication.confirm(actor, proof);
    const notice = await notices.prepare(actor, 'New backup codes were made for your account.');
    return db.tenant(actor, async (tx) => {
      await recordAudit(tx, actor, { action: 'auth.backup_codes', resource: userOf(actor) });
      await notice.queue(tx);
      return this.renewCodes(tx, actor, []);
    });
  }

  private async renewCodes(tx: Tx, actor: Actor, events: NewEvent[]): Promise<string[]> {
    const { codes, stored } = newBackupCodes();
    await replaceBackupCodes(tx, actor, stored);
    await appendEvents(tx, events);
    return codes;
  }
}

function userOf(actor: Actor) {
  return { type: 'user', id: actor.userId };
}

function changed(actor: Actor, enabled: boolean): NewEvent {
  return organizationEvent(actor, 'user.two_factor_changed', { userId: actor.userId, enabled });
}
