import type { NewEvent, OrganizationId } from '#contracts';
import { appendEvents, deactivateUsers, type Tx } from '#database';

/** Nobody can log in to these accounts any more, and open sockets of theirs close. Part of the caller's transaction. */
export async function closeAccounts(
  tx: Tx,
  organizationId: OrganizationId | string,
  userIds: readonly string[],
  events: readonly NewEvent[] = [],
): Promise<void> {
  const { sessions, keys } = await deactivateUsers(tx, organizationId, userIds);
  const bySystem = { organizationId, profileId: null, actor: { kind: 'system' } } as const;
  await appendEvents(tx, [
    ...events,
    ...sessions.map(
      (session): NewEvent => ({ ...bySystem, name: 'session.ended', payload: { ...session, reason: 'revoked' } }),
    ),
    ...keys.map((key): NewEvent => ({ ...bySystem, name: 'api_key.revoked', payload: key })),
  ]);
}
