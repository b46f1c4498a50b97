import { type Actor, errors, type UserId } from '#contracts';
import { type Database, type LoginOverview, loginOverviewOf, loginWaysOf, type Tx } from '#database';

/** To be asked after a way in was taken away, in the same transaction. @throws loginMethodNeeded when none is left */
export async function assertCanLogIn(tx: Tx, userId: UserId): Promise<void> {
  const ways = await loginWaysOf(tx, userId);
  if (!ways.hasPassword && ways.passkeys === 0 && ways.identities === 0) throw errors.loginMethodNeeded();
}

/** What people see of how they log in. */
export class LoginOverviews {
  constructor(private readonly db: Database) {}

  async of(actor: Actor): Promise<LoginOverview> {
    const overview = await this.db.tenant(actor, (tx) => loginOverviewOf(tx, actor.userId));
    if (!overview) throw errors.notFound();
    return overview;
  }
}
