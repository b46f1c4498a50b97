import { type Database, listForgottenWebhooks, removeOldDeliveries } from '#database';

const AT_ONCE = 1000;

/** Removes the log of calls to webhooks that were deleted: nobody can see it any more, and it holds what they answered. */
export async function forgetWebhooks(db: Database, hasTime: () => boolean): Promise<void> {
  const now = new Date();
  for (const id of await listForgottenWebhooks(db)) {
    for (let count = AT_ONCE; count === AT_ONCE && hasTime(); ) {
      count = await db.system((tx) => removeOldDeliveries(tx, id, now, AT_ONCE));
    }
  }
}
