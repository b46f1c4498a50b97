import type { ApiKeyId, OrganizationId, ProfileId, SessionId, UserId, WorkspaceId } from '#contracts';
import type { Database } from '../database.js';
import type { Tx } from '../transaction.js';
import { type AssignedRole, assignedRoles } from './role-assignments.js';

/** A transaction, or the database itself for one statement. */
type Queryable = Pick<Tx, 'query'>;

/** What is known of the person behind a credential, at this moment. */
interface Holder {
  organizationId: OrganizationId;
  userId: UserId;
  /** Every role that the user has, and where. */
  assignments: AssignedRole[];
  isActive: boolean;
  isPlatformAdmin: boolean;
}

export interface SessionHolder extends Holder {
  sessionId: SessionId;
  expiresAt: Date;
  endedAt: Date | null;
}

export interface ApiKeyHolder extends Holder {
  apiKeyId: ApiKeyId;
  permissions: string[];
  /** The profiles to which the key is limited; empty: it is not. */
  profileIds: ProfileId[];
  /** In which workspace each of them is now; those that are gone are left out. */
  profiles: { profileId: ProfileId; workspaceId: WorkspaceId }[];
  ipRanges: string[];
  ratePerMinute: number | null;
  /** Whether the secret that was shown is the one from before the last rotation, and until when that works. */
  isPrevious: boolean;
  previousUntil: Date | null;
  expiresAt: Date | null;
  revokedAt: Date | null;
}

/** Read for each request, by primary key, so that an end or a changed role acts at once. */
export async function findSessionHolder(on: Queryable, sessionId: string): Promise<SessionHolder | null> {
  const rows = await on.query<SessionHolder>(
    `select s.id as "sessionId", s.organization_id as "organizationId", s.user_id as "userId",
            s.expires_at as "expiresAt", s.ended_at as "endedAt", u.is_active as "isActive",
            u.is_platform_admin as "isPlatformAdmin", ${assignedRoles('u.id')} as assignments
       from sessions s join users u on u.id = s.user_id
      where s.id = $1`,
    [sessionId],
    { name: 'session_holder' },
  );
  return rows[0] ?? null;
}

/** Read for each request as well, for those that come at the same time in one statement. In the order of the hashes. */
export async function findApiKeyHolders(db: Database, keyHashes: Buffer[]): Promise<(ApiKeyHolder | null)[]> {
  const rows = await db.query<ApiKeyHolder & { shown: Buffer }>(
    `select shown.hash as shown, k.id as "apiKeyId", k.organization_id as "organizationId", k.user_id as "userId",
            k.permissions, k.profile_ids as "profileIds", k.ip_ranges as "ipRanges", k.rate_per_minute as "ratePerMinute",
            k.key_hash <> shown.hash as "isPrevious", k.previous_until as "previousUntil", k.expires_at as "expiresAt",
            k.revoked_at as "revokedAt", u.is_active as "isActive", u.is_platform_admin as "isPlatformAdmin",
            ${assignedRoles('u.id')} as assignments,
            case when cardinality(k.profile_ids) = 0 then '[]' else (
              select coalesce(json_agg(json_build_object('profileId', p.id, 'workspaceId', p.workspace_id)), '[]')
                from profiles p where p.id = any(k.profile_ids) and p.organization_id = k.organization_id
            ) end as profiles
       from unnest($1::bytea[]) as shown (hash)
       join api_keys k on k.key_hash = shown.hash or k.previous_hash = shown.hash
       join users u on u.id = k.user_id`,
    [[...new Map(keyHashes.map((hash) => [hash.toString('latin1'), hash])).values()]],
    { name: 'api_key_holders' },
  );
  const found = new Map(rows.map(({ shown, ...holder }) => [shown.toString('latin1'), holder]));
  return keyHashes.map((hash) => found.get(hash.toString('latin1')) ?? null);
}

/** Notes when credentials were last used. Times only move forward, whichever process writes last. */
export async function noteUse(
  db: Database,
  kind: 'session' | 'api-key',
  uses: readonly { id: string; at: Date; ip: string | null }[],
): Promise<void> {
  const change =
    kind === 'session'
      ? 'sessions t set last_active_at = greatest(t.last_active_at, use.at)'
      : 'api_keys t set last_used_at = greatest(t.last_used_at, use.at), last_used_ip = coalesce(use.ip, t.last_used_ip)';
  await db.query(
    `update ${change}
       from unnest($1::uuid[], $2::timestamptz[], $3::text[]) as use (id, at, ip) where t.id = use.id`,
    [uses.map(({ id }) => id), uses.map(({ at }) => at), uses.map(({ ip }) => ip)],
    { name: `note_use_${kind}` },
  );
}

export interface NewSession {
  sessionId: SessionId;
  organizationId: OrganizationId;
  userId: UserId;
  ipAddress: string | null;
  userAgent: string | null;
  /** How the person logged in. */
  method: string;
  expiresAt: Date;
}

export async function insertSession(tx: Tx, session: NewSession): Promise<void> {
  await tx.query(
    `insert into sessions (id, organization_id, user_id, ip_address, user_agent, method, expires_at)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [
      session.sessionId,
      session.organizationId,
      session.userId,
      session.ipAddress,
      session.userAgent,
      session.method,
      session.expiresAt,
    ],
  );
}

/** Ends a session that is not ended yet. @returns whether it was this call. */
export async function endSession(tx: Tx, sessionId: string, reason: string): Promise<boolean> {
  const ended = await tx.query(
    'update sessions set ended_at = now(), end_reason = $2 where id = $1 and ended_at is null returning id',
    [sessionId, reason],
  );
  return ended.length > 0;
}

export async function prolongSession(tx: Tx, sessionId: string, expiresAt: Date): Promise<void> {
  await tx.query('update sessions set expires_at = $2, last_active_at = now() where id = $1', [sessionId, expiresAt]);
}

/** Whose token it is, without a lock. */
export async function findRefreshTokenOwner(db: Database, tokenHash: Buffer): Promise<OrganizationId | null> {
  const [row] = await db.query<{ organizationId: OrganizationId }>(
    'select organization_id as "organizationId" from refresh_tokens where token_hash = $1',
    [tokenHash],
  );
  return row?.organizationId ?? null;
}

export interface RefreshTokenRow {
  id: string;
  organizationId: OrganizationId;
  sessionId: SessionId;
  expiresAt: Date;
  usedAt: Date | null;
  successorSealed: Buffer | null;
}

/** The token with this hash, locked: of two requests with one token, the second sees what the first did. */
export async function lockRefreshToken(tx: Tx, tokenHash: Buffer): Promise<RefreshTokenRow | null> {
  const rows = await tx.query<RefreshTokenRow>(
    `select id, organization_id as "organizationId", session_id as "sessionId", expires_at as "expiresAt",
            used_at as "usedAt", successor_sealed as "successorSealed"
       from refresh_tokens where token_hash = $1 for update`,
    [tokenHash],
  );
  return rows[0] ?? null;
}

export async function insertRefreshToken(
  tx: Tx,
  token: { id: string; organizationId: string; sessionId: string; tokenHash: Buffer; expiresAt: Date },
): Promise<void> {
  await tx.query(
    'insert into refresh_tokens (id, organization_id, session_id, token_hash, expires_at) values ($1, $2, $3, $4, $5)',
    [token.id, token.organizationId, token.sessionId, token.tokenHash, token.expiresAt],
  );
}

export async function markRefreshTokenUsed(tx: Tx, id: string, successorSealed: Buffer): Promise<void> {
  await tx.query('update refresh_tokens set used_at = now(), successor_sealed = $2 where id = $1', [
    id,
    successorSealed,
  ]);
}
