import type { OrganizationId, UserId } from '#contracts';
import type { Tx } from '../transaction.js';

type Queryable = Pick<Tx, 'query'>;

export interface PasskeyRow {
  id: string;
  organizationId: OrganizationId;
  userId: UserId;
  name: string;
  /** As the authenticator names it, base64url. */
  credentialId: string;
  publicKey: Buffer;
  counter: number;
  transports: string[];
  backupEligible: boolean;
  backedUp: boolean;
  lastUsedAt: Date | null;
  createdAt: Date;
}

const columns = `id, organization_id as "organizationId", user_id as "userId", name, credential_id as "credentialId",
  public_key as "publicKey", counter, transports, backup_eligible as "backupEligible", backed_up as "backedUp",
  last_used_at as "lastUsedAt", created_at as "createdAt"`;

/** Oldest first. A person has few. */
export async function listPasskeys(on: Queryable, userId: UserId): Promise<PasskeyRow[]> {
  return on.query<PasskeyRow>(`select ${columns} from passkeys where user_id = $1 order by id`, [userId]);
}

/** By the authenticator's name of it, over the whole installation. */
export async function findPasskey(on: Queryable, credentialId: string): Promise<PasskeyRow | null> {
  const [row] = await on.query<PasskeyRow>(`select ${columns} from passkeys where credential_id = $1`, [credentialId]);
  return row ?? null;
}

export type NewPasskey = Omit<PasskeyRow, 'lastUsedAt' | 'createdAt'>;

/** @returns null when the credential is registered already */
export async function insertPasskey(tx: Tx, passkey: NewPasskey): Promise<PasskeyRow | null> {
  const [row] = await tx.query<PasskeyRow>(
    `insert into passkeys (id, organization_id, user_id, name, credential_id, public_key, counter, transports,
                           backup_eligible, backed_up)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict (credential_id) do nothing returning ${columns}`,
    [
      passkey.id,
      passkey.organizationId,
      passkey.userId,
      passkey.name,
      passkey.credentialId,
      passkey.publicKey,
      passkey.counter,
      passkey.transports,
      passkey.backupEligible,
      passkey.backedUp,
    ],
  );
  return row ?? null;
}

/** Notes a use. @returns false when a higher counter was noted meanwhile, which only a copy explains */
export async function notePasskeyUse(
  tx: Tx,
  id: string,
  use: { counter: number; backedUp: boolean },
): Promise<boolean> {
  const noted = await tx.query(
    `update passkeys set counter = $2, backed_up = $3, last_used_at = now()
      where id = $1 and (counter < $2 or (counter = 0 and $2 = 0)) returning 1`,
    [id, use.counter, use.backedUp],
  );
  return noted.length > 0;
}

export async function renamePasskey(tx: Tx, userId: UserId, id: string, name: string): Promise<PasskeyRow | null> {
  const [row] = await tx.query<PasskeyRow>(
    `update passkeys set name = $3 where id = $2 and user_id = $1 returning ${columns}`,
    [userId, id, name],
  );
  return row ?? null;
}

export async function deletePasskey(tx: Tx, userId: UserId, id: string): Promise<PasskeyRow | null> {
  const [row] = await tx.query<PasskeyRow>(`delete from passkeys where id = $2 and user_id = $1 returning ${columns}`, [
    userId,
    id,
  ]);
  return row ?? null;
}

export type PasskeyPurpose = 'register' | 'login' | 'second_factor' | 'confirm';

export interface PasskeyChallengeRow {
  organizationId: OrganizationId | null;
  userId: UserId | null;
  challenge: string;
}

/** Challenges of one person that may be open at once; the oldest give way. */
const OPEN_AT_ONCE = 5;

export async function insertPasskeyChallenge(
  on: Queryable,
  made: {
    id: string;
    organizationId: OrganizationId | null;
    userId: UserId | null;
    purpose: PasskeyPurpose;
    challenge: string;
    expiresAt: Date;
  },
): Promise<void> {
  await on.query(
    `with crowded as (
       delete from passkey_challenges where id in (
         select id from passkey_challenges where user_id = $3 order by id desc offset ${OPEN_AT_ONCE - 1}))
     insert into passkey_challenges (id, organization_id, user_id, purpose, challenge, expires_at)
     values ($1, $2, $3, $4, $5, $6)`,
    [made.id, made.organizationId, made.userId, made.purpose, made.challenge, made.expiresAt],
  );
}

/** Takes a challenge away, so that it is answered once, rightly or not. */
export async function takePasskeyChallenge(
  on: Queryable,
  id: string,
  purpose: PasskeyPurpose,
): Promise<PasskeyChallengeRow | null> {
  const [row] = await on.query<PasskeyChallengeRow>(
    `delete from passkey_challenges where id = $1 and purpose = $2 and expires_at > now()
     returning organization_id as "organizationId", user_id as "userId", challenge`,
    [id, purpose],
  );
  return row ?? null;
}
