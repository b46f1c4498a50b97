import type { Database } from '../database.js';

/** What waits to be done, over the whole installation. */
export interface Backlog {
  /** Messages in the outbox, and those of them whose time has come. */
  sends: number;
  dueSends: number;
  /** How long the oldest of those waits, seconds. */
  oldestDueSeconds: number;
  webhookDeliveries: number;
  /** Mails to be sent, and mails that are held because no mail server is set. */
  queuedMails: number;
  heldMails: number;
}

/** Beyond this nobody counts exactly: a figure of monitoring must not read a whole table. */
const COUNT_UP_TO = 100_000;

export async function readBacklog(db: Database): Promise<Backlog> {
  const [backlog] = await db.query<Backlog>(
    `with sends as (select not_before from outbox limit ${COUNT_UP_TO}),
          deliveries as (select 1 from webhook_queue limit ${COUNT_UP_TO}),
          waiting as (select state from mails where state in ('queued', 'held') limit ${COUNT_UP_TO})
     select (select count(*) from sends) as sends,
            (select count(*) from sends where not_before <= now()) as "dueSends",
            (select coalesce(extract(epoch from now() - min(not_before)), 0)::float8
               from sends where not_before <= now()) as "oldestDueSeconds",
            (select count(*) from deliveries) as "webhookDeliveries",
            (select count(*) from waiting where state = 'queued') as "queuedMails",
            (select count(*) from waiting where state = 'held') as "heldMails"`,
    [],
    { name: 'backlog' },
  );
  return backlog!;
}
