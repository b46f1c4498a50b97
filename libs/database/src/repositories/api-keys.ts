import type { ApiKeyId, OrganizationId, UserId } from '#contracts';
import type { Tx } from '../transaction.js';

export interface ApiKeyRow {
  id: ApiKeyId;
  userId: UserId;
  name: string;
  prefix: string;
  permissions: string[];
  expiresAt: Date | null;
  lastUsedAt: Date | null;
  createdAt: Date;
}

const shown = {
  id: true,
  userId: true,
  name: true,
  prefix: true,
  permissions: true,
  expiresAt: true,
  lastUsedAt: true,
  createdAt: true,
} as const;

export async function insertApiKey(
  tx: Tx,
  key: {
    id: ApiKeyId;
    organizationId: OrganizationId;
    userId: UserId;
    name: string;
    prefix: string;
    keyHash: Buffer;
    permissions: string[];
    expiresAt: Date | null;
  },
): Promise<ApiKeyRow> {
  const row = await tx.prisma.apiKey.create({ data: { ...key, keyHash: new Uint8Array(key.keyHash) }, select: shown });
  return row as ApiKeyRow;
}

/** Keys that were not revoked, newest first; `limit` rows older than `before`. */
export async function listApiKeys(
  tx: Tx,
  scope: { organizationId: OrganizationId; before?: string; limit: number },
): Promise<ApiKeyRow[]> {
  const rows = await tx.prisma.apiKey.findMany({
    where: {
      organizationId: scope.organizationId,
      revokedAt: null,
      ...(scope.before !== undefined && { id: { lt: scope.before } }),
    },
    orderBy: { id: 'desc' },
    take: scope.limit,
    select: shown,
  });
  return rows as ApiKeyRow[];
}

/** Revokes a key. @returns it, or null when the organization has no such key, or none any more. */
export async function revokeApiKey(tx: Tx, organizationId: OrganizationId, id: ApiKeyId): Promise<ApiKeyRow | null> {
  const [row] = await tx.prisma.apiKey.updateManyAndReturn({
    where: { id, organizationId, revokedAt: null },
    data: { revokedAt: new Date() },
    select: shown,
  });
  return (row as ApiKeyRow | undefined) ?? null;
}
