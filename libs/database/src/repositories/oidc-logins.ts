import type { OrganizationId, UserId } from '#contracts';
import type { Tx } from '../transaction.js';

type Queryable = Pick<Tx, 'query'>;

export interface OidcLoginRow {
  id: string;
  browserHash: Buffer;
  secrets: { nonce: string; verifier: string };
  /** Where in the dashboard the person wanted to go. */
  returnTo: string;
  /** The person who links their account while logged in. */
  linkUserId: UserId | null;
}

export async function insertOidcLogin(
  on: Queryable,
  made: OidcLoginRow & { stateHash: Buffer; expiresAt: Date },
): Promise<void> {
  await on.query(
    `insert into oidc_logins (id, state_hash, browser_hash, secrets, return_to, link_user_id, expires_at)
     values ($1, $2, $3, $4::jsonb, $5, $6, $7)`,
    [
      made.id,
      made.stateHash,
      made.browserHash,
      JSON.stringify(made.secrets),
      made.returnTo,
      made.linkUserId,
      made.expiresAt,
    ],
  );
}

/** Takes a begun log-in by its state: it is answered once, rightly or not. */
export async function takeOidcState(on: Queryable, stateHash: Buffer): Promise<OidcLoginRow | null> {
  const [row] = await on.query<OidcLoginRow>(
    `delete from oidc_logins where state_hash = $1 and code_hash is null and expires_at > now()
     returning id, browser_hash as "browserHash", secrets, return_to as "returnTo", link_user_id as "linkUserId"`,
    [stateHash],
  );
  return row ?? null;
}

/** Keeps who logged in under a code that the page exchanges for tokens. */
export async function insertOidcResult(
  tx: Tx,
  made: { id: string; browserHash: Buffer; codeHash: Buffer; userId: UserId; expiresAt: Date },
): Promise<void> {
  await tx.query(
    `insert into oidc_logins (id, state_hash, browser_hash, secrets, return_to, code_hash, user_id, expires_at)
     values ($1, $3, $2, '{}', '', $3, $4, $5)`,
    [made.id, made.browserHash, made.codeHash, made.userId, made.expiresAt],
  );
}

/** Exchanges a code, once. */
export async function takeOidcResult(
  on: Queryable,
  codeHash: Buffer,
): Promise<{ browserHash: Buffer; userId: UserId } | null> {
  const [row] = await on.query<{ browserHash: Buffer; userId: UserId }>(
    `delete from oidc_logins where code_hash = $1 and expires_at > now()
     returning browser_hash as "browserHash", user_id as "userId"`,
    [codeHash],
  );
  return row ?? null;
}

export interface ExternalLoginRow {
  id: string;
  organizationId: OrganizationId;
  userId: UserId;
  issuer: string;
  subject: string;
  email: string | null;
  lastLoginAt: Date | null;
  createdAt: Date;
}

const columns = `id, organization_id as "organizationId", user_id as "userId", issuer, subject, email,
  last_login_at as "lastLoginAt", created_at as "createdAt"`;

export async function findExternalLogin(
  on: Queryable,
  issuer: string,
  subject: string,
): Promise<ExternalLoginRow | null> {
  const [row] = await on.query<ExternalLoginRow>(
    `select ${columns} from external_logins where issuer = $1 and subject = $2`,
    [issuer, subject],
  );
  return row ?? null;
}

export async function listExternalLogins(on: Queryable, userId: UserId): Promise<ExternalLoginRow[]> {
  return on.query<ExternalLoginRow>(`select ${columns} from external_logins where user_id = $1 order by id`, [userId]);
}

/** @returns false when this person of the provider is linked to somebody already */
export async function insertExternalLogin(
  tx: Tx,
  made: Omit<ExternalLoginRow, 'lastLoginAt' | 'createdAt'>,
): Promise<boolean> {
  const inserted = await tx.query(
    `insert into external_logins (id, organization_id, user_id, issuer, subject, email)
     values ($1, $2, $3, $4, $5, $6) on conflict (issuer, subject) do nothing returning 1`,
    [made.id, made.organizationId, made.userId, made.issuer, made.subject, made.email],
  );
  return inserted.length > 0;
}

export async function noteExternalLogin(tx: Tx, id: string, email: string | null): Promise<void> {
  await tx.query('update external_logins set last_login_at = now(), email = $2 where id = $1', [id, email]);
}

export async function deleteExternalLogin(tx: Tx, userId: UserId, id: string): Promise<ExternalLoginRow | null> {
  const [row] = await tx.query<ExternalLoginRow>(
    `delete from external_logins where id = $2 and user_id = $1 returning ${columns}`,
    [userId, id],
  );
  return row ?? null;
}
