import {
  generateRegistrationOptions,
  type PublicKeyCredentialCreationOptionsJSON,
  type RegistrationResponseJSON,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import { type Actor, errors, type NewEvent, newId } from '#contracts';
import {
  appendEvents,
  type Database,
  deletePasskey,
  findUser,
  insertPasskey,
  insertPasskeyChallenge,
  listPasskeys,
  type NewPasskey,
  type PasskeyRow,
  renamePasskey,
  replaceBackupCodes,
  secondFactorsOf,
  takePasskeyChallenge,
} from '#database';
import { recordAudit } from '../platform/audit-trail.js';
import { newBackupCodes } from './backup-codes.js';
import { assertCanLogIn } from './login-ways.js';
import { organizationEvent } from './organization-event.js';
import { PASSKEY_CHALLENGE_MS, type PasskeyAnswer, userHandleBytes } from './passkey-check.js';
import type { PasskeySite } from './passkey-site.js';
import type { ReAuthentication, ReauthenticationProof } from './re-authentication.js';
import type { SecurityNotices } from './security-notices.js';

/** Most passkeys of one person. */
const MOST = 20;

/** What a browser is handed for `navigator.credentials.create`, and the id under which it answers. */
export interface PasskeyInvitation {
  challengeId: string;
  options: PublicKeyCredentialCreationOptionsJSON;
}

/** The passkeys of a person: each logs in alone, and is a second factor beside the password. */
export class Passkeys {
  constructor(
    private readonly parts: {
      db: Database;
      site: PasskeySite | null;
      reauthentication: ReAuthentication;
      notices: SecurityNotices;
    },
  ) {}

  list(actor: Actor): Promise<PasskeyRow[]> {
    return this.parts.db.tenant(actor, (tx) => listPasskeys(tx, actor.userId));
  }

  /**
   * A challenge for a new passkey. Without a proof the log-in must be of the last ten minutes.
   * @throws passkeysUnavailable, reauthenticationFailed, tooManyAttempts; validation when there are too many
   */
  async invite(actor: Actor, proof: ReauthenticationProof): Promise<PasskeyInvitation> {
    const { db, reauthentication } = this.parts;
    const { rpId } = this.requireSite();
    await reauthentication.confirmOrFresh(actor, proof);
    const [user, known] = await db.tenant(
      actor,
      async (tx) => [(await findUser(tx, actor.userId))!, await listPasskeys(tx, actor.userId)] as const,
    );
    if (known.length >= MOST) {
      throw errors.validation({ message: `You have ${MOST} passkeys, the most there can be. Remove one first.` });
    }
    const options = await generateRegistrationOptions({
      rpName: 'Waypost',
      rpID: rpId,
      userID: new Uint8Array(userHandleBytes(actor.userId)),
      userName: user.email,
      userDisplayName: user.name,
      timeout: PASSKEY_CHALLENGE_MS,
      attestationType: 'none',
      excludeCredentials: known.map(({ credentialId, transports }) => ({ id: credentialId, transports })),
      // Kept on the authenticator, so that it can log in without a name.
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    });
    const { organizationId, userId } = actor;
    const challengeId = newId<string>();
    const expiresAt = new Date(Date.now() + PASSKEY_CHALLENGE_MS);
    const { challenge } = options;
    await db.tenant(actor, (tx) =>
      insertPasskeyChallenge(tx, {
        id: challengeId,
        organizationId,
        userId,
        purpose: 'register',
        challenge,
        expiresAt,
      }),
    );
    return { challengeId, options };
  }

  /**
   * Keeps what the authenticator made.
   * @returns the passkey; and backup codes, when it is the first second factor of the person
   * @throws passkeyInvalid, passkeyRegistered, passkeysUnavailable
   */
  async register(
    actor: Actor,
    answer: PasskeyAnswer,
    name: string,
  ): Promise<{ passkey: PasskeyRow; backupCodes: string[] | null }> {
    const { db, notices } = this.parts;
    const passkey = await this.verified(actor, answer, name);
    const notice = await notices.prepare(actor, `The passkey "${name}" was added to your account.`);
    return db.tenant(actor, async (tx) => {
      const before = await secondFactorsOf(tx, actor.userId);
      const row = await insertPasskey(tx, passkey);
      if (!row) throw errors.passkeyRegistered();
      const isFirst = !before.totp && before.passkeys === 0;
      const codes = isFirst ? newBackupCodes() : null;
      if (codes) await replaceBackupCodes(tx, actor, codes.stored);
      await recordAudit(tx, actor, { action: 'auth.passkey_add', resource: resourceOf(row), after: { name } });
      await notice.queue(tx);
      await appendEvents(tx, [
        organizationEvent(actor, 'passkey.added', changeOf(row)),
        ...(isFirst ? [twoFactorChanged(actor, true)] : []),
      ]);
      return { passkey: row, backupCodes: codes?.codes ?? null };
    });
  }

  /** @throws notFound */
  rename(actor: Actor, id: string, name: string): Promise<PasskeyRow> {
    return this.parts.db.tenant(actor, async (tx) => {
      const before = (await listPasskeys(tx, actor.userId)).find((passkey) => passkey.id === id);
      const row = await renamePasskey(tx, actor.userId, id, name);
      if (!row) throw errors.notFound({ details: { id } });
      await recordAudit(tx, actor, {
        action: 'auth.passkey_rename',
        resource: resourceOf(row),
        before: { name: before?.name },
        after: { name },
      });
      await appendEvents(tx, [organizationEvent(actor, 'passkey.renamed', changeOf(row))]);
      return row;
    });
  }

  /** The passkey is refused from now on. @throws notFound, reauthenticationFailed, tooManyAttempts, loginMethodNeeded */
  async remove(actor: Actor, id: string, proof: ReauthenticationProof): Promise<void> {
    const { db, reauthentication, notices } = this.parts;
    // An id that is not the person's own tells nothing about proofs.
    if (!(await this.list(actor)).some((passkey) => passkey.id === id)) throw errors.notFound({ details: { id } });
    await reauthentication.confirm(actor, proof);
    const notice = await notices.prepare(actor, 'A passkey was removed from your account.');
    await db.tenant(actor, async (tx) => {
      const row = await deletePasskey(tx, actor.userId, id);
      if (!row) throw errors.notFound({ details: { id } });
      await assertCanLogIn(tx, actor.userId);
      const left = await secondFactorsOf(tx, actor.userId);
      const isLast = left.passkeys === 0 && !left.totp;
      if (isLast) await replaceBackupCodes(tx, actor, []);
      await recordAudit(tx, actor, {
        action: 'auth.passkey_remove',
        resource: resourceOf(row),
        before: { name: row.name },
      });
      await notice.queue(tx);
      await appendEvents(tx, [
        organizationEvent(actor, 'passkey.removed', changeOf(row)),
        ...(isLast ? [twoFactorChanged(actor, false)] : []),
      ]);
    });
  }

  /** The new passkey in an answer. The challenge is used up, whatever comes out. */
  private async verified(actor: Actor, { challengeId, response }: PasskeyAnswer, name: string): Promise<NewPasskey> {
    const site = this.requireSite();
    const asked = await this.parts.db.tenant(actor, (tx) => takePasskeyChallenge(tx, challengeId, 'register'));
    if (!asked || asked.userId !== actor.userId) throw errors.passkeyInvalid();
    const verification = await verifyRegistrationResponse({
      response: response as unknown as RegistrationResponseJSON,
      expectedChallenge: asked.challenge,
      expectedOrigin: site.origins,
      expectedRPID: site.rpId,
      requireUserVerification: true,
    }).catch((cause: unknown) => {
      // Anything that the library does not understand in the answer of a client is a wrong answer.
      throw errors.passkeyInvalid({ cause });
    });
    if (!verification.verified) throw errors.passkeyInvalid();
    const { credential, credentialDeviceType, credentialBackedUp } = verification.registrationInfo;
    return {
      id: newId(),
      organizationId: actor.organizationId,
      userId: actor.userId,
      name,
      credentialId: credential.id,
      publicKey: Buffer.from(credential.publicKey),
      counter: credential.counter,
      transports: (credential.transports ?? []).slice(0, 10).map((transport) => String(transport).slice(0, 20)),
      backupEligible: credentialDeviceType === 'multiDevice',
      backedUp: credentialBackedUp,
    };
  }

  private requireSite(): PasskeySite {
    if (this.parts.site === null) throw errors.passkeysUnavailable();
    return this.parts.site;
  }
}

function resourceOf({ id, name }: PasskeyRow) {
  return { type: 'passkey', id, name };
}

function changeOf({ id, userId, name }: PasskeyRow) {
  return { userId, passkeyId: id, name };
}

function twoFactorChanged(actor: Actor, enabled: boolean): NewEvent {
  return organizationEvent(actor, 'user.two_factor_changed', { userId: actor.userId, enabled });
}
