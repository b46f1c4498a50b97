import type { ApiKeyId, OrganizationId, ProfileId, UserId, WorkspaceId } from '#contracts';
import type { Tx } from '../transaction.js';

export interface ApiKeyLimits {
  /** Scopes from the permission catalogue, or `*`. */
  permissions: string[];
  /** Empty: not limited to profiles. */
  profileIds: ProfileId[];
  /** CIDR; empty: from anywhere. */
  ipRanges: string[];
  ratePerMinute: number | null;
  expiresAt: Date | null;
}

export interface ApiKeyRow extends ApiKeyLimits {
  id: ApiKeyId;
  userId: UserId;
  name: string;
  prefix: string;
  rotatedAt: Date | null;
  /** Until when the secret from before the last rotation works; null when it does not any more. */
  previousUntil: Date | null;
  lastUsedAt: Date | null;
  lastUsedIp: string | null;
  createdAt: Date;
}

const columns = `id, user_id as "userId", name, prefix, permissions, profile_ids as "profileIds",
  ip_ranges as "ipRanges", rate_per_minute as "ratePerMinute", expires_at as "expiresAt", rotated_at as "rotatedAt",
  case when previous_until > now() then previous_until end as "previousUntil", last_used_at as "lastUsedAt",
  last_used_ip as "lastUsedIp", created_at as "createdAt"`;

export async function insertApiKey(
  tx: Tx,
  key: ApiKeyLimits & {
    id: ApiKeyId;
    organizationId: OrganizationId;
    userId: UserId;
    name: string;
    prefix: string;
    keyHash: Buffer;
  },
): Promise<ApiKeyRow> {
  const [row] = await tx.query<ApiKeyRow>(
    `insert into api_keys (id, organization_id, user_id, name, prefix, key_hash, permissions, profile_ids, ip_ranges,
                           rate_per_minute, expires_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) returning ${columns}`,
    [
      key.id,
      key.organizationId,
      key.userId,
      key.name,
      key.prefix,
      key.keyHash,
      key.permissions,
      key.profileIds,
      key.ipRanges,
      key.ratePerMinute,
      key.expiresAt,
    ],
  );
  return row!;
}

/** Keys that were not revoked, newest first; `limit` rows older than `before`. */
export function listApiKeys(
  tx: Tx,
  scope: { organizationId: OrganizationId; before?: string; limit: number },
): Promise<ApiKeyRow[]> {
  return tx.query<ApiKeyRow>(
    `select ${columns} from api_keys
      where organization_id = $1 and revoked_at is null and ($2::uuid is null or id < $2) order by id desc limit $3`,
    [scope.organizationId, scope.before ?? null, scope.limit],
  );
}

/** A key that was not revoked; null when the organization has none with this id. */
export async function findApiKey(
  tx: Tx,
  organizationId: OrganizationId,
  id: ApiKeyId,
  lock?: 'lock',
): Promise<ApiKeyRow | null> {
  const [row] = await tx.query<ApiKeyRow>(
    `select ${columns} from api_keys where organization_id = $1 and id = $2 and revoked_at is null
     ${lock ? 'for update' : ''}`,
    [organizationId, id],
  );
  return row ?? null;
}

/** Writes the name and all limits of a key. The caller holds its lock. */
export async function updateApiKey(
  tx: Tx,
  organizationId: OrganizationId,
  id: ApiKeyId,
  key: ApiKeyLimits & { name: string },
): Promise<ApiKeyRow> {
  const [row] = await tx.query<ApiKeyRow>(
    `update api_keys set name = $3, permissions = $4, profile_ids = $5, ip_ranges = $6, rate_per_minute = $7,
            expires_at = $8
      where organization_id = $1 and id = $2 returning ${columns}`,
    [organizationId, id, key.name, key.permissions, key.profileIds, key.ipRanges, key.ratePerMinute, key.expiresAt],
  );
  return row!;
}

/** Puts a new secret in place of the present one, which works until the given moment. An older one is refused at once. */
export async function rotateApiKey(
  tx: Tx,
  organizationId: OrganizationId,
  id: ApiKeyId,
  next: { prefix: string; keyHash: Buffer; previousUntil: Date },
): Promise<ApiKeyRow> {
  const [row] = await tx.query<ApiKeyRow>(
    `update api_keys set previous_hash = key_hash, previous_until = $5, key_hash = $4, prefix = $3, rotated_at = now()
      where organization_id = $1 and id = $2 returning ${columns}`,
    [organizationId, id, next.prefix, next.keyHash, next.previousUntil],
  );
  return row!;
}

/** Revokes a key. @returns it, or null when the organization has no such key, or none any more. */
export async function revokeApiKey(tx: Tx, organizationId: OrganizationId, id: ApiKeyId): Promise<ApiKeyRow | null> {
  const [row] = await tx.query<ApiKeyRow>(
    `update api_keys set revoked_at = now(), previous_hash = null, previous_until = null
      where organization_id = $1 and id = $2 and revoked_at is null returning ${columns}`,
    [organizationId, id],
  );
  return row ?? null;
}

/** In which workspace each of the profiles is; those that the organization does not have are left out. */
export function workspacesOfProfiles(
  tx: Tx,
  organizationId: OrganizationId,
  profileIds: readonly ProfileId[],
): Promise<{ profileId: ProfileId; workspaceId: WorkspaceId }[]> {
  return tx.query(
    `select id as "profileId", workspace_id as "workspaceId" from profiles
      where organization_id = $1 and id = any($2::uuid[])`,
    [organizationId, profileIds],
  );
}
