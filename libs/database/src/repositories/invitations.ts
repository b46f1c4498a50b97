import type { InvitationId, OrganizationId, ProfileId, RoleId, SystemRole, UserId, WorkspaceId } from '#contracts';
import type { Tx } from '../transaction.js';

export interface InvitationRow {
  id: InvitationId;
  organizationId: OrganizationId;
  email: string;
  name: string | null;
  systemRole: SystemRole | null;
  roleId: RoleId | null;
  /** The name of the organization's own role; null for a system role, or when it is gone. */
  roleName: string | null;
  /** Where the role will hold; both empty: in the whole organization. */
  workspaceIds: WorkspaceId[];
  profileIds: ProfileId[];
  invitedBy: UserId;
  /** Null when that member is gone. */
  invitedByName: string | null;
  createdAt: Date;
  sentAt: Date;
  expiresAt: Date;
  acceptedAt: Date | null;
  revokedAt: Date | null;
}

const columns = `i.id, i.organization_id as "organizationId", i.email, i.name, i.system_role as "systemRole",
  i.role_id as "roleId", r.name as "roleName", i.workspace_ids as "workspaceIds", i.profile_ids as "profileIds",
  i.invited_by as "invitedBy", u.name as "invitedByName", i.created_at as "createdAt", i.sent_at as "sentAt",
  i.expires_at as "expiresAt", i.accepted_at as "acceptedAt", i.revoked_at as "revokedAt"`;
const source = `invitations i left join roles r on r.id = i.role_id left join users u on u.id = i.invited_by`;

export type NewInvitation = Pick<
  InvitationRow,
  'id' | 'email' | 'name' | 'systemRole' | 'roleId' | 'workspaceIds' | 'profileIds' | 'invitedBy' | 'expiresAt'
> & { tokenHash: Buffer };

/** @returns false when there is an open invitation for the address. */
export async function insertInvitation(tx: Tx, organizationId: OrganizationId, made: NewInvitation): Promise<boolean> {
  const rows = await tx.query(
    `insert into invitations (id, organization_id, email, name, token_hash, system_role, role_id, workspace_ids,
                              profile_ids, invited_by, expires_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) on conflict do nothing returning 1`,
    [
      made.id,
      organizationId,
      made.email,
      made.name,
      made.tokenHash,
      made.systemRole,
      made.roleId,
      made.workspaceIds,
      made.profileIds,
      made.invitedBy,
      made.expiresAt,
    ],
  );
  return rows.length > 0;
}

/** Newest first; `limit` invitations older than `before`, only those that can still be accepted when `open`. */
export function listInvitations(
  tx: Tx,
  scope: { organizationId: OrganizationId; open: boolean; before?: string; limit: number },
): Promise<InvitationRow[]> {
  return tx.query<InvitationRow>(
    `select ${columns} from ${source}
      where i.organization_id = $1 and ($2::uuid is null or i.id < $2)
        and (not $3::boolean or (i.accepted_at is null and i.revoked_at is null and i.expires_at > now()))
      order by i.id desc limit $4`,
    [scope.organizationId, scope.before ?? null, scope.open, scope.limit],
  );
}

export async function findInvitation(
  tx: Tx,
  organizationId: OrganizationId,
  id: InvitationId,
  lock?: 'lock',
): Promise<InvitationRow | null> {
  const [row] = await tx.query<InvitationRow>(
    `select ${columns} from ${source} where i.organization_id = $1 and i.id = $2 ${lock ? 'for update of i' : ''}`,
    [organizationId, id],
  );
  return row ?? null;
}

/** By the token in its link, before it is known who asks: with the name of the organization. */
export async function findInvitationByToken(
  on: Pick<Tx, 'query'>,
  tokenHash: Buffer,
): Promise<(InvitationRow & { organizationName: string }) | null> {
  const [row] = await on.query<InvitationRow & { organizationName: string }>(
    `select ${columns}, o.name as "organizationName" from ${source} join organizations o on o.id = i.organization_id
      where i.token_hash = $1`,
    [tokenHash],
  );
  return row ?? null;
}

/** A new link in place of the old one. */
export async function renewInvitation(
  tx: Tx,
  id: InvitationId,
  renewed: { tokenHash: Buffer; expiresAt: Date },
): Promise<void> {
  await tx.query('update invitations set token_hash = $2, expires_at = $3, sent_at = now() where id = $1', [
    id,
    renewed.tokenHash,
    renewed.expiresAt,
  ]);
}

/** Withdraws an open invitation. @returns whether it was open */
export async function revokeInvitation(tx: Tx, id: InvitationId): Promise<boolean> {
  const rows = await tx.query(
    `update invitations set revoked_at = now()
      where id = $1 and accepted_at is null and revoked_at is null returning 1`,
    [id],
  );
  return rows.length > 0;
}

/** Withdraws what is over time for an address, so that it can be invited anew. */
export async function closeExpiredInvitations(tx: Tx, organizationId: OrganizationId, email: string): Promise<void> {
  await tx.query(
    `update invitations set revoked_at = now()
      where organization_id = $1 and email = $2 and accepted_at is null and revoked_at is null and expires_at <= now()`,
    [organizationId, email],
  );
}

export async function markInvitationAccepted(tx: Tx, id: InvitationId, userId: UserId): Promise<void> {
  await tx.query('update invitations set accepted_at = now(), user_id = $2 where id = $1', [id, userId]);
}

/** Which of the places still exist. */
export async function existingPlaces(
  tx: Tx,
  organizationId: OrganizationId,
  places: { workspaceIds: readonly string[]; profileIds: readonly string[] },
): Promise<{ workspaceIds: WorkspaceId[]; profileIds: ProfileId[] }> {
  const rows = await tx.query<{ kind: 'workspace' | 'profile'; id: string }>(
    `select 'workspace' as kind, id from workspaces where organization_id = $1 and id = any($2::uuid[])
     union all select 'profile', id from profiles where organization_id = $1 and id = any($3::uuid[])`,
    [organizationId, places.workspaceIds, places.profileIds],
  );
  const idsOf = (kind: string) => rows.filter((row) => row.kind === kind).map(({ id }) => id) as never[];
  return { workspaceIds: idsOf('workspace'), profileIds: idsOf('profile') };
}
