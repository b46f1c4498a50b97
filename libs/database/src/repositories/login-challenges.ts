import type { OrganizationId, UserId } from '#contracts';
import type { Tx } from '../transaction.js';

type Queryable = Pick<Tx, 'query'>;

/** How the first step of a log-in was done. */
export type FirstStep = 'password' | 'oidc';

export interface LoginChallengeRow {
  id: string;
  organizationId: OrganizationId;
  userId: UserId;
  method: FirstStep;
}

export async function insertLoginChallenge(
  tx: Tx,
  made: LoginChallengeRow & { tokenHash: Buffer; attempts: number; expiresAt: Date },
): Promise<void> {
  await tx.query(
    `insert into login_challenges (id, organization_id, user_id, token_hash, method, attempts_left, expires_at)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [made.id, made.organizationId, made.userId, made.tokenHash, made.method, made.attempts, made.expiresAt],
  );
}

const open = 'used_at is null and attempts_left > 0 and expires_at > now()';
const columns = `id, organization_id as "organizationId", user_id as "userId", method`;

/** An open challenge, without taking an attempt. */
export async function findLoginChallenge(on: Queryable, tokenHash: Buffer): Promise<LoginChallengeRow | null> {
  const [row] = await on.query<LoginChallengeRow>(
    `select ${columns} from login_challenges where token_hash = $1 and ${open}`,
    [tokenHash],
  );
  return row ?? null;
}

/** Takes one of the attempts, before the answer is looked at. */
export async function takeLoginAttempt(on: Queryable, tokenHash: Buffer): Promise<LoginChallengeRow | null> {
  const [row] = await on.query<LoginChallengeRow>(
    `update login_challenges set attempts_left = attempts_left - 1
      where token_hash = $1 and ${open} returning ${columns}`,
    [tokenHash],
  );
  return row ?? null;
}

/** @returns false when it was finished before */
export async function finishLoginChallenge(tx: Tx, id: string): Promise<boolean> {
  const finished = await tx.query(
    'update login_challenges set used_at = now() where id = $1 and used_at is null and expires_at > now() returning 1',
    [id],
  );
  return finished.length > 0;
}

/** Log-ins that wait for their second factor end: the password they began with does not hold any more. */
export async function endLoginChallenges(tx: Tx, userId: UserId): Promise<void> {
  await tx.query('delete from login_challenges where user_id = $1', [userId]);
}
