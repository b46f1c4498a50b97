import type { OrganizationId, UserId } from '#contracts';
import type { Tx } from '../transaction.js';

export interface PlatformAdminRow {
  id: UserId;
  organizationId: OrganizationId;
  organizationName: string;
  email: string;
  name: string;
  isActive: boolean;
}

/** Everyone who may change what belongs to the installation, oldest first. For system transactions. */
export function listPlatformAdmins(tx: Tx): Promise<PlatformAdminRow[]> {
  return tx.query<PlatformAdminRow>(`${select} where u.is_platform_admin order by u.id`);
}

/** The active person with this address, in whichever organization. For system transactions. */
export async function findActiveUserByEmail(tx: Tx, email: string): Promise<PlatformAdminRow | null> {
  const [row] = await tx.query<PlatformAdminRow>(`${select} where u.email = $1 and u.is_active`, [email.toLowerCase()]);
  return row ?? null;
}

/** Also of organizations other than the caller's. @returns whether it was otherwise before */
export async function setPlatformAdmin(tx: Tx, userId: UserId, isAdmin: boolean): Promise<boolean> {
  const rows = await tx.query(
    'update users set is_platform_admin = $2 where id = $1 and is_platform_admin <> $2 returning 1',
    [userId, isAdmin],
  );
  return rows.length > 0;
}

/**
 * Whether the installation still has an administrator when this person is none any more, or nobody else at all. Holds
 * until the end of the transaction, also one of a tenant.
 */
export async function isAdministeredWithout(tx: Tx, userId: UserId): Promise<boolean> {
  const [row] = await tx.query<{ is: boolean }>('select waypost_administered_without($1) as is', [userId]);
  return row!.is;
}

/** Whether the person may change what belongs to the installation. */
export async function isPlatformAdmin(tx: Tx, userId: UserId): Promise<boolean> {
  const rows = await tx.query('select 1 from users where id = $1 and is_platform_admin', [userId]);
  return rows.length > 0;
}

const select = `select u.id, u.organization_id as "organizationId", o.name as "organizationName", u.email, u.name,
  u.is_active as "isActive" from users u join organizations o on o.id = u.organization_id`;
