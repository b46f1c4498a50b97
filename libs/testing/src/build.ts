import { randomBytes } from 'node:crypto';
import {
  type AccountId,
  type Actor,
  permissions as every,
  newId,
  type OrganizationId,
  type Permission,
  type ProfileId,
  type Reach,
  type UserId,
  type WorkspaceId,
} from '#contracts';
import type { Database } from '#database';

export interface BuiltOrganization {
  organizationId: OrganizationId;
  userId: UserId;
  workspaceId: WorkspaceId;
  accountId: AccountId;
}

export interface BuiltProfile extends BuiltOrganization {
  profileId: ProfileId;
}

/** An organization with an owner, a workspace and an account, straight in the database. Nobody can log in as the owner. */
export async function buildOrganization(db: Database): Promise<BuiltOrganization> {
  const built: BuiltOrganization = {
    organizationId: newId(),
    userId: newId(),
    workspaceId: newId(),
    accountId: newId(),
  };
  const { organizationId, userId, workspaceId, accountId } = built;
  const word = randomBytes(4).toString('hex');
  await db.system(async ({ prisma }) => {
    await prisma.organization.create({ data: { id: organizationId, name: `Organization ${word}`, slug: word } });
    await prisma.user.create({
      data: {
        ...{ id: userId, organizationId, email: `${word}@example.org`, name: 'Owner', passwordHash: 'none' },
        assignments: { create: { id: newId(), organizationId, systemRole: 'owner' } },
      },
    });
    await prisma.workspace.create({ data: { id: workspaceId, organizationId, name: 'Main', slug: 'main' } });
    await prisma.account.create({ data: { id: accountId, organizationId, workspaceId, name: 'Main' } });
  });
  return built;
}

/** An actor of the organization as a login would give it: with every permission everywhere unless said otherwise. */
export function buildActor(
  of: { organizationId: OrganizationId; userId: UserId },
  held: { permissions?: readonly Permission[]; reach?: Reach; credential?: Actor['credential'] } = {},
): Actor {
  const permissions = new Set(held.permissions ?? every);
  const reach = held.reach ?? 'everywhere';
  return {
    organizationId: of.organizationId,
    userId: of.userId,
    credential: held.credential ?? { kind: 'session', id: newId() },
    permissions,
    grants: [{ permissions, reach }],
    reach,
    isPlatformAdmin: false,
  };
}

/** A profile, in the given organization or one of its own. With a phone number it counts as linked. */
export async function buildProfile(
  db: Database,
  overrides: { in?: BuiltOrganization; phoneNumber?: string; desiredState?: string } = {},
): Promise<BuiltProfile> {
  const parents = overrides.in ?? (await buildOrganization(db));
  const profileId = newId<ProfileId>();
  const { organizationId, workspaceId, accountId } = parents;
  await db.system(({ prisma }) =>
    prisma.profile.create({
      data: {
        ...{ id: profileId, organizationId, workspaceId, accountId, name: 'Number' },
        phoneNumber: overrides.phoneNumber,
        desiredState: overrides.desiredState ?? 'disconnected',
        connection: {
          create: {
            organizationId,
            state: 'disconnected',
            code: overrides.phoneNumber === undefined ? 'never_connected' : 'disconnected_by_user',
          },
        },
        lease: { create: { organizationId, expiresAt: new Date() } },
      },
    }),
  );
  return { ...parents, profileId };
}
