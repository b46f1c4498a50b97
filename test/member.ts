import { type Config } from '#config';
import { newId, type Permission, type SessionId, type UserId } from '#contracts';
import type { Database } from '#database';
import { AccessTokens } from '#domain';
import { ApiClient } from '#testing';

/** A further member of an organization, logged in, with a role of its own that holds these permissions everywhere. */
export async function loggedInMember(
  { db, config, url }: { db: Database; config: Config; url: string },
  organizationId: string,
  permissions: Permission[],
): Promise<{ client: ApiClient; userId: UserId; sessionId: SessionId }> {
  const [userId, roleId, sessionId] = [newId<UserId>(), newId<string>(), newId<SessionId>()];
  await db.system(async ({ prisma }) => {
    const email = `${userId}@example.com`;
    await prisma.user.create({ data: { id: userId, organizationId, email, name: 'Member', passwordHash: 'none' } });
    await prisma.role.create({ data: { id: roleId, organizationId, name: roleId, permissions } });
    await prisma.roleAssignment.create({ data: { id: newId(), organizationId, userId, roleId } });
    const expiresAt = new Date(Date.now() + 86_400_000);
    await prisma.session.create({ data: { id: sessionId, organizationId, userId, expiresAt } });
  });
  const tokens = new AccessTokens(config.auth.jwtSecret, config.auth.accessTokenSeconds);
  return { client: ApiClient.bearer(url, await tokens.issue({ userId, sessionId })), userId, sessionId };
}
