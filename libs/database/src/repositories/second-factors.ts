import type { OrganizationId, UserId } from '#contracts';
import type { Tx } from '../transaction.js';

type Queryable = Pick<Tx, 'query'>;

export interface TotpRow {
  secretSealed: Buffer;
  confirmedAt: Date | null;
  /** The time step of the last code that was taken. */
  lastStep: number;
}

/** The secret of a person's authenticator app, also one that is not confirmed yet. */
export async function findTotp(on: Queryable, userId: UserId): Promise<TotpRow | null> {
  const [row] = await on.query<TotpRow>(
    `select secret_sealed as "secretSealed", confirmed_at as "confirmedAt", last_step as "lastStep"
       from totp_secrets where user_id = $1`,
    [userId],
    { name: 'find_totp' },
  );
  return row ?? null;
}

/** Begins an enrolment, in place of one that was never confirmed. @returns false when one is confirmed already */
export async function beginTotp(
  tx: Tx,
  secret: { userId: UserId; organizationId: OrganizationId; secretSealed: Buffer },
): Promise<boolean> {
  const begun = await tx.query(
    `insert into totp_secrets (user_id, organization_id, secret_sealed) values ($1, $2, $3)
     on conflict (user_id) do update set secret_sealed = excluded.secret_sealed, created_at = now(), last_step = 0
       where totp_secrets.confirmed_at is null
     returning 1`,
    [secret.userId, secret.organizationId, secret.secretSealed],
  );
  return begun.length > 0;
}

/** @returns false when another request confirmed it, or took a code of this step or later */
export async function confirmTotp(tx: Tx, userId: UserId, step: number): Promise<boolean> {
  const confirmed = await tx.query(
    `update totp_secrets set confirmed_at = now(), last_step = $2
      where user_id = $1 and confirmed_at is null and last_step < $2 returning 1`,
    [userId, step],
  );
  return confirmed.length > 0;
}

/** Takes the code of a time step, once. @returns false when it, or a later one, was taken before */
export async function takeTotpStep(tx: Tx, userId: UserId, step: number): Promise<boolean> {
  const taken = await tx.query(
    `update totp_secrets set last_step = $2
      where user_id = $1 and confirmed_at is not null and last_step < $2 returning 1`,
    [userId, step],
  );
  return taken.length > 0;
}

/** @returns whether there was one that was confirmed */
export async function deleteTotp(tx: Tx, userId: UserId): Promise<boolean> {
  const gone = await tx.query<{ confirmed: boolean }>(
    'delete from totp_secrets where user_id = $1 returning confirmed_at is not null as confirmed',
    [userId],
  );
  return gone[0]?.confirmed === true;
}

/** Puts these codes in the place of all earlier ones. */
export async function replaceBackupCodes(
  tx: Tx,
  owner: { userId: UserId; organizationId: OrganizationId },
  codes: readonly { id: string; hash: Buffer }[],
): Promise<void> {
  // One person's codes are replaced by one request at a time.
  await tx.query('select 1 from users where id = $1 for no key update', [owner.userId]);
  await tx.query('delete from backup_codes where user_id = $1', [owner.userId]);
  await tx.query(
    `insert into backup_codes (id, organization_id, user_id, code_hash)
     select code.id, $1, $2, code.hash from unnest($3::uuid[], $4::bytea[]) as code (id, hash)`,
    [owner.organizationId, owner.userId, codes.map(({ id }) => id), codes.map(({ hash }) => hash)],
  );
}

/** Takes a code, once. @returns false when there is no such unused code */
export async function takeBackupCode(tx: Tx, userId: UserId, hash: Buffer): Promise<boolean> {
  const taken = await tx.query(
    'update backup_codes set used_at = now() where user_id = $1 and code_hash = $2 and used_at is null returning 1',
    [userId, hash],
  );
  return taken.length > 0;
}

/** What stands behind the password of a person. */
export interface SecondFactors {
  totp: boolean;
  passkeys: number;
  backupCodes: number;
}

export async function secondFactorsOf(on: Queryable, userId: UserId | null): Promise<SecondFactors> {
  const [row] = await on.query<SecondFactors>(
    `select exists (select 1 from totp_secrets where user_id = $1 and confirmed_at is not null) as totp,
            (select count(*)::int from passkeys where user_id = $1) as passkeys,
            (select count(*)::int from backup_codes where user_id = $1 and used_at is null) as "backupCodes"`,
    [userId],
    { name: 'second_factors' },
  );
  return row!;
}
