import type { Actor, LoggedEvent } from '#contracts';

/**
 * What an event of the organization's stream means for a connection that is held open for the actor: its credential has
 * `ended`, its rights may have `changed` and must be looked at again, or nothing. Whoever holds connections open follows
 * that stream.
 */
export function accessEffect(event: LoggedEvent, actor: Actor): 'ended' | 'changed' | null {
  const isOwn = (kind: Actor['credential']['kind'], id: string) =>
    actor.credential.kind === kind && actor.credential.id === id;
  switch (event.name) {
    case 'session.ended':
      return isOwn('session', event.payload.sessionId) ? 'ended' : null;
    case 'api_key.revoked':
      return isOwn('api-key', event.payload.apiKeyId) ? 'ended' : null;
    case 'api_key.updated':
    case 'api_key.rotated':
      return isOwn('api-key', event.payload.apiKeyId) ? 'changed' : null;
    case 'member.deactivated':
    case 'member.removed':
      return event.payload.userId === actor.userId ? 'ended' : null;
    case 'member.roles_changed':
      return event.payload.userId === actor.userId ? 'changed' : null;
    // Who has the role is not in the event.
    case 'role.updated':
      return 'changed';
    default:
      return null;
  }
}
