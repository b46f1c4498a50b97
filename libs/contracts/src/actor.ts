import type { EventActor } from './events.js';
import type { ApiKeyId, OrganizationId, SessionId, UserId } from './ids.js';
import type { Permission } from './permissions.js';

/** Who is asking. The first argument of every scoped read and every domain call. */
export interface Actor {
  organizationId: OrganizationId;
  userId: UserId;
  /** The credential that was shown: a login session or an API key. */
  credential: { kind: 'session'; id: SessionId } | { kind: 'api-key'; id: ApiKeyId };
  /** What the credential may do now: the user's rights, cut down to the key's scopes. */
  permissions: ReadonlySet<Permission>;
}

/** How the log names an actor: by the key where one was used, otherwise by the person. */
export function eventActor(actor: Actor): EventActor {
  return actor.credential.kind === 'api-key'
    ? { kind: 'api-key', id: actor.credential.id }
    : { kind: 'user', id: actor.userId };
}
