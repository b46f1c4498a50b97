import { type Actor, errors } from '#contracts';
import { type Database, findPasswordHash, findSessionStart, secondFactorsOf } from '#database';
import { recordAudit } from '../platform/audit-trail.js';
import type { CountedGuess, GuessGuard } from './guess-guard.js';
import type { PasskeyAnswer, PasskeyCheck, PasskeyQuestion } from './passkey-check.js';
import type { PasswordHasher } from './password-hasher.js';
import type { SecondFactorCheck } from './second-factor-check.js';

/** What a person shows to confirm that it is them who sits there. One is enough; of several the first is looked at. */
export interface ReauthenticationProof {
  password?: string;
  /** Of the authenticator app, or a backup code. */
  code?: string;
  passkey?: PasskeyAnswer;
}

/** With what a person can confirm that it is them. */
export type ReauthenticationMethod = 'password' | 'totp' | 'backup_code' | 'passkey' | 'fresh_login';

/** How long after a log-in it needs no second confirmation. */
const FRESH_MS = 10 * 60_000;

/**
 * Asks people who are logged in to show again who they are, before what a stolen session must not do. Wrong answers are
 * counted by session: a stolen one is no way to guess, and its guesses do not make the owner's other sessions wait.
 */
export class ReAuthentication {
  constructor(
    private readonly db: Database,
    private readonly passwords: PasswordHasher,
    private readonly codes: SecondFactorCheck,
    private readonly passkeys: PasskeyCheck,
    private readonly guesses: GuessGuard,
  ) {}

  /**
   * Returns when the proof is right. A code and a challenge are used up by it. People who log in through the identity
   * provider only, and have nothing else to show, confirm by having logged in within the last ten minutes.
   * @throws reauthenticationFailed, tooManyAttempts; forbidden for an API key
   */
  async confirm(actor: Actor, proof: ReauthenticationProof): Promise<void> {
    assertSession(actor);
    if (isEmpty(proof)) {
      if ((await this.methods(actor)).includes('fresh_login') && (await this.isFresh(actor))) return;
      throw await this.failure(actor);
    }
    const guess = await this.count(actor);
    if (!(await this.isRight(actor, proof))) {
      await this.record(actor, guess);
      throw await this.failure(actor);
    }
    await guess.wasRight();
  }

  /**
   * As `confirm`, but without a proof a log-in within the last ten minutes is enough: for what adds to the ways to log in
   * and follows right after one.
   */
  async confirmOrFresh(actor: Actor, proof: ReauthenticationProof): Promise<void> {
    assertSession(actor);
    if (isEmpty(proof) && (await this.isFresh(actor))) return;
    await this.confirm(actor, proof);
  }

  /** With what this person can confirm. */
  async methods(actor: Actor): Promise<ReauthenticationMethod[]> {
    const factors = await secondFactorsOf(this.db, actor.userId);
    const hash = await findPasswordHash(this.db, actor.userId);
    const methods: ReauthenticationMethod[] = [];
    if (hash !== null) methods.push('password');
    if (factors.totp) methods.push('totp');
    if (factors.backupCodes > 0) methods.push('backup_code');
    if (factors.passkeys > 0) methods.push('passkey');
    return methods.length > 0 ? methods : ['fresh_login'];
  }

  /** A challenge for one of the person's passkeys. @throws passkeysUnavailable, forbidden */
  askPasskey(actor: Actor): Promise<PasskeyQuestion> {
    assertSession(actor);
    return this.passkeys.ask('confirm', actor);
  }

  private async isRight(actor: Actor, { password, code, passkey }: ReauthenticationProof): Promise<boolean> {
    if (password !== undefined) {
      return this.passwords.verify(await findPasswordHash(this.db, actor.userId), password);
    }
    if (code !== undefined) {
      const sealer = await this.codes.sealerOf(actor.organizationId);
      return this.db.system(async (tx) => (await this.codes.take(tx, sealer, actor.userId, code)) !== null);
    }
    try {
      const proven = await this.passkeys.prove('confirm', passkey!, actor.userId);
      await this.db.system((tx) => proven.noteUse(tx));
      return true;
    } catch (error) {
      if ((error as { code?: string }).code === 'PASSKEY_INVALID') return false;
      throw error;
    }
  }

  /** A session counts as its own device: the owner's other sessions do not wait for what a stolen one got wrong. */
  private count(actor: Actor): Promise<CountedGuess> {
    return this.guesses.count('confirm', { account: actor.userId, network: null, known: actor.credential.id });
  }

  /** What was refused has no transaction of its own to be recorded in. */
  private async record(actor: Actor, guess: CountedGuess): Promise<void> {
    const resource = { type: 'user', id: actor.userId };
    await this.db.system(async (tx) => {
      await recordAudit(tx, actor, { action: 'auth.reauthenticate', resource, outcome: 'failure' });
      if (guess.closes) await recordAudit(tx, actor, { action: 'auth.lockout', resource, outcome: 'denied' });
    });
  }

  private async isFresh(actor: Actor): Promise<boolean> {
    const startedAt = await findSessionStart(this.db, actor.credential.id);
    return startedAt !== null && Date.now() - startedAt.getTime() <= FRESH_MS;
  }

  private async failure(actor: Actor) {
    return errors.reauthenticationFailed({ details: { methods: await this.methods(actor) } });
  }
}

function isEmpty({ password, code, passkey }: ReauthenticationProof): boolean {
  return password === undefined && code === undefined && passkey === undefined;
}

function assertSession(actor: Actor): void {
  if (actor.credential.kind === 'session') return;
  throw errors.forbidden({ message: 'An API key cannot do this. Log in.' });
}
