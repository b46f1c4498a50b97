import { Injectable } from '@nestjs/common';
import { type Actor, errors, type UserId } from '#contracts';
import {
  Database,
  findActiveUserByEmail,
  isAdministeredWithout,
  isPlatformAdmin,
  listPlatformAdmins,
  type PlatformAdminRow,
  setPlatformAdmin,
  type Tx,
} from '#database';
import { recordAudit } from '../platform/audit-trail.js';
import { inScope } from '../platform/settings/in-scope.js';

/** Who may change what belongs to the whole installation. There is always at least one. */
@Injectable()
export class PlatformAdmins {
  constructor(private readonly db: Database) {}

  /** Oldest first. @throws forbidden for others */
  list(actor: Actor): Promise<PlatformAdminRow[]> {
    return inScope(this.db, actor, null, listPlatformAdmins);
  }

  /** Acts with the person's next request. @throws forbidden; notFound when nobody active has the address */
  add(actor: Actor, email: string): Promise<PlatformAdminRow> {
    return inScope(this.db, actor, null, async (tx) => {
      const user = await findActiveUserByEmail(tx, email);
      if (!user) throw errors.notFound({ message: 'Nobody here has this address.', details: { email } });
      if (await setPlatformAdmin(tx, user.id, true)) await record(tx, actor, 'platform.admin_add', user);
      return user;
    });
  }

  /** Acts with the person's next request. @throws forbidden, notFound, lastPlatformAdmin */
  async remove(actor: Actor, userId: UserId): Promise<void> {
    await inScope(this.db, actor, null, async (tx) => {
      await assertAdministeredWithout(tx, userId);
      const user = (await listPlatformAdmins(tx)).find(({ id }) => id === userId);
      if (!user) throw errors.notFound({ message: 'This is no administrator.', details: { userId } });
      await setPlatformAdmin(tx, userId, false);
      await record(tx, actor, 'platform.admin_remove', user);
    });
  }
}

/**
 * For every change that ends a person's account or rights: the last administrator of an installation stays.
 * @throws lastPlatformAdmin
 */
export async function assertAdministeredWithout(tx: Tx, userId: UserId): Promise<void> {
  if ((await isPlatformAdmin(tx, userId)) && !(await isAdministeredWithout(tx, userId))) {
    throw errors.lastPlatformAdmin();
  }
}

function record(
  tx: Tx,
  actor: Actor,
  action: 'platform.admin_add' | 'platform.admin_remove',
  user: PlatformAdminRow,
): Promise<void> {
  return recordAudit(tx, actor, { action, resource: { type: 'user', id: user.id, name: user.email } });
}
