import type { NewEvent, OrganizationId, UserId } from '#contracts';
import { appendEvents, deactivateUsers, endSessionsOf, type Tx } from '#database';

/** Nobody can log in to these accounts any more, and open sockets of theirs close. Part of the caller's transaction. */
export async function closeAccounts(
  tx: Tx,
  organizationId: OrganizationId | string,
  userIds: readonly string[],
  events: readonly NewEvent[] = [],
): Promise<void> {
  const keys = await deactivateUsers(tx, organizationId, userIds);
  const told: NewEvent[] = [...events];
  for (const userId of userIds) {
    for (const sessionId of await endSessionsOf(tx, userId as UserId, { except: null }, 'revoked')) {
      told.push({
        organizationId,
        profileId: null,
        name: 'session.ended',
        actor: { kind: 'system' },
        payload: { sessionId, userId, reason: 'revoked' },
      });
    }
  }
  for (const key of keys) {
    told.push({ organizationId, profileId: null, name: 'api_key.revoked', actor: { kind: 'system' }, payload: key });
  }
  await appendEvents(tx, told);
}
