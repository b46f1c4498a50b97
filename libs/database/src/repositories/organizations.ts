import { type AccountId, newId, type OrganizationId, type UserId, type WorkspaceId } from '#contracts';
import type { Database } from '../database.js';
import type { Tx } from '../transaction.js';
import { insertAssignments, mainRole } from './role-assignments.js';

export interface UserRow {
  id: UserId;
  organizationId: OrganizationId;
  organizationName: string;
  email: string;
  name: string;
  /** The name of the widest and oldest of the roles; `none` without any. */
  role: string;
  isActive: boolean;
  lastLoginAt: Date | null;
  createdAt: Date;
}

const userColumns = `u.id, u.organization_id as "organizationId", o.name as "organizationName", u.email, u.name,
  coalesce(${mainRole('u.id')}, 'none') as role,
  u.is_active as "isActive", u.last_login_at as "lastLoginAt", u.created_at as "createdAt"`;

/** By login name, over the whole installation: before it is known who asks. */
export async function findUserForLogin(
  db: Database,
  email: string,
): Promise<{ user: UserRow; passwordHash: string } | null> {
  const [row] = await db.query<UserRow & { passwordHash: string }>(
    `select ${userColumns}, u.password_hash as "passwordHash"
       from users u join organizations o on o.id = u.organization_id where u.email = $1`,
    [email],
  );
  if (!row) return null;
  const { passwordHash, ...user } = row;
  return { user, passwordHash };
}

export async function findUser(tx: Tx, id: string): Promise<UserRow | null> {
  const rows = await tx.query<UserRow>(
    `select ${userColumns} from users u join organizations o on o.id = u.organization_id where u.id = $1`,
    [id],
  );
  return rows[0] ?? null;
}

export async function noteLogin(tx: Tx, userId: string): Promise<void> {
  await tx.query('update users set last_login_at = now() where id = $1', [userId]);
}

/** Makes first registrations wait for each other until the end of the transaction. */
export async function lockRegistration(tx: Tx): Promise<void> {
  await tx.query("select pg_advisory_xact_lock(hashtext('waypost registration'))");
}

export async function hasOrganizations(tx: Tx): Promise<boolean> {
  const [row] = await tx.query<{ any: boolean }>('select exists (select 1 from organizations) as any');
  return row!.any;
}

export interface NewOrganization {
  organization: { id: OrganizationId; name: string; slug: string };
  workspace: { id: WorkspaceId; name: string; slug: string };
  account: { id: AccountId; name: string };
  user: { id: UserId; email: string; name: string; passwordHash: string };
}

/**
 * An organization with its first workspace and account, and its owner.
 * @returns false when the e-mail address is taken; the transaction must then roll back
 */
export async function insertOrganization(tx: Tx, made: NewOrganization): Promise<boolean> {
  const { organization, workspace, account, user } = made;
  await tx.prisma.organization.create({ data: organization });
  // Whoever is first runs the installation; of two at once, one is.
  await lockRegistration(tx);
  const inserted = await tx.query(
    `insert into users (id, organization_id, email, name, password_hash, last_login_at, is_platform_admin)
     values ($1, $2, $3, $4, $5, now(), not exists (select 1 from users)) on conflict (email) do nothing returning id`,
    [user.id, organization.id, user.email, user.name, user.passwordHash],
  );
  if (inserted.length === 0) return false;
  await insertAssignments(tx, organization.id, user.id, { systemRole: 'owner', roleId: null }, [
    { id: newId(), workspaceId: null, profileId: null },
  ]);
  await tx.prisma.workspace.create({ data: { ...workspace, organizationId: organization.id } });
  await tx.prisma.account.create({
    data: { ...account, organizationId: organization.id, workspaceId: workspace.id },
  });
  return true;
}
