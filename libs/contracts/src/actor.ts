import type { EventActor } from './events.js';
import type { ApiKeyId, HookId, OrganizationId, ProfileId, SessionId, UserId, WorkspaceId } from './ids.js';
import type { Permission } from './permissions.js';

/** Some workspaces, with all profiles in them, and some profiles besides. Nothing in it means nowhere. */
export interface Places {
  workspaceIds: readonly WorkspaceId[];
  profileIds: readonly ProfileId[];
}

/** Where something may be seen or done: in the whole organization, or in some places of it. */
export type Reach = 'everywhere' | Places;

/** Permissions that are held together in one reach: what one assignment of a role gives. */
export interface Grant {
  permissions: ReadonlySet<Permission>;
  reach: Reach;
}

/** From where a request came, as far as it is known. For records; nothing is decided by it. */
export interface Origin {
  ip?: string;
  userAgent?: string;
  requestId?: string;
}

/** Who is asking. The first argument of every scoped read and every domain call. */
export interface Actor {
  organizationId: OrganizationId;
  userId: UserId;
  /** What was shown: a login session, an API key, or the address of an incoming hook. */
  credential: { kind: 'session'; id: SessionId } | { kind: 'api-key'; id: ApiKeyId } | { kind: 'hook'; id: HookId };
  /** What the credential may do somewhere: the first gate of a route. Where it may is in `grants`. */
  permissions: ReadonlySet<Permission>;
  /** What is held where: the user's roles, cut down to the key's scopes and profiles. */
  grants: readonly Grant[];
  /**
   * What `Database.tenant` lets this actor see and change. The access guard sets it to the places in which the
   * permission of the route is held (`narrowTo`); before that it is every place in which anything is held.
   */
  reach: Reach;
  /** May change what belongs to the whole installation. Never true for API keys. */
  isPlatformAdmin: boolean;
  /** Requests per minute of an API key that has a limit of its own. */
  ratePerMinute?: number;
  origin?: Origin;
}

/** The places in which the actor holds the permission. */
export function reachOf(actor: Pick<Actor, 'grants'>, permission: Permission): Reach {
  return union(actor.grants.filter((grant) => grant.permissions.has(permission)));
}

/** The places in which the actor holds anything: what it may know to exist. */
export function sightOf(actor: Pick<Actor, 'grants'>): Reach {
  return union(actor.grants);
}

/** The actor as it acts under one permission: it sees and changes only where it holds that permission. */
export function narrowTo(actor: Actor, permission: Permission): Actor {
  return { ...actor, reach: reachOf(actor, permission) };
}

/** Whether the permission is held in the whole organization, not only in some places of it. */
export function holdsEverywhere(actor: Pick<Actor, 'grants'>, permission: Permission): boolean {
  return reachOf(actor, permission) === 'everywhere';
}

/** Whether the permission is held for a profile in its place; null: for what is of the whole organization. */
export function holdsAt(
  actor: Pick<Actor, 'grants'>,
  permission: Permission,
  place: { workspaceId: WorkspaceId; profileId: ProfileId } | null,
): boolean {
  const reach = reachOf(actor, permission);
  if (reach === 'everywhere') return true;
  return (
    place !== null && (reach.profileIds.includes(place.profileId) || reach.workspaceIds.includes(place.workspaceId))
  );
}

function union(grants: readonly Grant[]): Reach {
  const places: Places[] = [];
  for (const { reach } of grants) {
    if (reach === 'everywhere') return reach;
    places.push(reach);
  }
  return {
    workspaceIds: [...new Set(places.flatMap((place) => place.workspaceIds))],
    profileIds: [...new Set(places.flatMap((place) => place.profileIds))],
  };
}

/** How the log names an actor: by the key or hook where one was used, otherwise by the person. */
export function eventActor({ credential, userId }: Actor): EventActor {
  return credential.kind === 'session' ? { kind: 'user', id: userId } : { kind: credential.kind, id: credential.id };
}
