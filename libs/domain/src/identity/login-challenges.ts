import { randomBytes } from 'node:crypto';
import { errors, newId, type OrganizationId, type UserId } from '#contracts';
import {
  type Database,
  type FirstStep,
  findLoginChallenge,
  findUser,
  finishLoginChallenge,
  insertLoginChallenge,
  type LoginChallengeRow,
  type SecondFactors,
  type Tx,
  takeLoginAttempt,
} from '#database';
import { recordAudit } from '../platform/audit-trail.js';
import { hashSecret } from './api-key-format.js';
import { type ClientInfo, originOf } from './client-info.js';
import type { DeviceTokens } from './device-tokens.js';
import type { CountedGuess, GuessGuard } from './guess-guard.js';
import type { PasskeyAnswer, PasskeyCheck, PasskeyQuestion } from './passkey-check.js';
import type { SecondFactorCheck, SecondFactorKind } from './second-factor-check.js';
import type { LoggedIn, SignIn } from './sign-in.js';

const LIFE_SECONDS = 10 * 60;
const ATTEMPTS = 5;

/** The password was right; a second factor is needed. */
export interface AskedForSecondFactor {
  /** Opaque; for the second step, once. Whoever has it showed the password. */
  challenge: string;
  methods: ('totp' | 'backup_code' | 'passkey')[];
  expiresInSeconds: number;
}

/** Looks at the second factor before the transaction, and takes it within. */
type Check = (waiting: LoginChallengeRow) => Promise<(tx: Tx) => Promise<SecondFactorKind | 'passkey'>>;

/** The second step of a log-in: it is bound to the first by a token that only the first gives. */
export class LoginChallenges {
  constructor(
    private readonly parts: {
      db: Database;
      signIn: SignIn;
      codes: SecondFactorCheck;
      passkeys: PasskeyCheck;
      guesses: GuessGuard;
      devices: DeviceTokens;
    },
  ) {}

  async open(
    user: { id: UserId; organizationId: OrganizationId },
    method: FirstStep,
    factors: SecondFactors,
  ): Promise<AskedForSecondFactor> {
    const challenge = `wpc_${randomBytes(32).toString('base64url')}`;
    await this.parts.db.system((tx) =>
      insertLoginChallenge(tx, {
        id: newId(),
        organizationId: user.organizationId,
        userId: user.id,
        method,
        tokenHash: hashSecret(challenge),
        attempts: ATTEMPTS,
        expiresAt: new Date(Date.now() + LIFE_SECONDS * 1000),
      }),
    );
    const methods: AskedForSecondFactor['methods'] = [];
    if (factors.totp) methods.push('totp');
    if (factors.passkeys > 0) methods.push('passkey');
    if (factors.backupCodes > 0) methods.push('backup_code');
    return { challenge, methods, expiresInSeconds: LIFE_SECONDS };
  }

  /** A challenge for the passkeys of the person who waits. @throws loginChallengeInvalid, passkeysUnavailable */
  async askPasskey(challenge: string): Promise<PasskeyQuestion> {
    const { db, passkeys } = this.parts;
    const waiting = await findLoginChallenge(db, hashSecret(challenge));
    if (!waiting) throw errors.loginChallengeInvalid();
    return passkeys.ask('second_factor', waiting);
  }

  /** Finishes the log-in with a code. @throws loginChallengeInvalid, twoFactorCodeInvalid, tooManyAttempts */
  async finishByCode(challenge: string, code: string, client: ClientInfo): Promise<LoggedIn> {
    return this.finish(challenge, client, async (waiting) => {
      const sealer = await this.parts.codes.sealerOf(waiting.organizationId);
      return async (tx) => {
        const kind = await this.parts.codes.take(tx, sealer, waiting.userId, code);
        if (kind === null) throw errors.twoFactorCodeInvalid();
        return kind;
      };
    });
  }

  /** Finishes the log-in with a passkey. @throws loginChallengeInvalid, passkeyInvalid, tooManyAttempts */
  async finishByPasskey(challenge: string, answer: PasskeyAnswer, client: ClientInfo): Promise<LoggedIn> {
    return this.finish(challenge, client, async (waiting) => {
      const proven = await this.parts.passkeys.prove('second_factor', answer, waiting.userId);
      return async (tx) => {
        await proven.noteUse(tx);
        return 'passkey';
      };
    });
  }

  private async finish(challenge: string, client: ClientInfo, check: Check): Promise<LoggedIn> {
    const { db, guesses, devices } = this.parts;
    const tokenHash = hashSecret(challenge);
    const found = await findLoginChallenge(db, tokenHash);
    if (!found) throw errors.loginChallengeInvalid();
    const known = client.deviceToken === null ? null : devices.deviceOf(client.deviceToken, found.userId);
    const guess = await guesses.count('code', { account: found.userId, network: client.network, known });
    const waiting = await takeLoginAttempt(db, tokenHash);
    if (!waiting) throw errors.loginChallengeInvalid();

    const loggedIn = await this.complete(waiting, client, check).catch(async (error) => {
      await this.recordFailure(waiting, client, guess, error);
      throw error;
    });
    await guess.wasRight();
    return loggedIn;
  }

  private async complete(waiting: LoginChallengeRow, client: ClientInfo, check: Check): Promise<LoggedIn> {
    const take = await check(waiting);
    return this.parts.db.system(async (tx) => {
      const user = await findUser(tx, waiting.userId);
      if (!user?.isActive) throw errors.loginChallengeInvalid();
      const secondFactor = await take(tx);
      if (!(await finishLoginChallenge(tx, waiting.id))) throw errors.loginChallengeInvalid();
      return this.parts.signIn.complete(tx, user, client, { method: waiting.method, secondFactor });
    });
  }

  /** A wrong second factor after a right password is worth knowing: somebody has the password. */
  private async recordFailure(
    { organizationId, userId }: LoginChallengeRow,
    client: ClientInfo,
    guess: CountedGuess,
    error: unknown,
  ): Promise<void> {
    const { code } = error as { code?: string };
    if (code !== 'TWO_FACTOR_CODE_INVALID' && code !== 'PASSKEY_INVALID') return;
    const anonymous = { kind: 'anonymous' as const, organizationId, origin: originOf(client) };
    const resource = { type: 'user', id: userId };
    const after = { step: 'second_factor' };
    await this.parts.db.system(async (tx) => {
      await recordAudit(tx, anonymous, { action: 'auth.login_failed', resource, after, outcome: 'failure' });
      if (guess.closes)
        await recordAudit(tx, anonymous, { action: 'auth.lockout', resource, after, outcome: 'denied' });
    });
  }
}
