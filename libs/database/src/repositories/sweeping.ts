import { retentionCatalogue } from '#contracts';
import type { Tx } from '../transaction.js';

type Reads = Pick<Tx, 'query'>;

/** Rows that are removed by one statement, so that none holds locks for long. */
const atOnce = 5000;

/**
 * What is kept for how long after it ended. Each statement removes up to `$1` rows and is repeated until it removes
 * fewer.
 */
const sweeps = {
  idempotencyKeys: removal('idempotency_keys', ['organization_id', 'scope', 'key'], 'expires_at < now()'),
  refreshTokens: removal('refresh_tokens', ['id'], "expires_at < now() - interval '1 day'"),
  /** Ended or expired logins are kept as long as the organization wants it, for the list of sessions. */
  sessions: removal(
    'sessions',
    ['id'],
    `least(expires_at, ended_at) < now() - make_interval(days => coalesce(
    (select (days ->> 'sessions')::int from retention_policies p where p.organization_id = sessions.organization_id),
    ${retentionCatalogue.sessions.default}))`,
  ),
  loginChallenges: removal('login_challenges', ['id'], "expires_at < now() - interval '1 day'"),
  passkeyChallenges: removal('passkey_challenges', ['id'], 'expires_at < now()'),
  emailTokens: removal('email_tokens', ['id'], "expires_at < now() - interval '1 day'"),
  pendingRegistrations: removal('pending_registrations', ['id'], 'expires_at < now()'),
  mailRequests: removal('mail_requests', ['id'], "created_at < now() - interval '1 day'"),
  oidcLogins: removal('oidc_logins', ['id'], 'expires_at < now()'),
  guessCounters: removal('guess_counters', ['key'], 'expires_at < now()'),
  /** Recorded inbound plaintexts, kept to answer redeliveries. */
  journal: removal('inbox_journal', ['profile_id', 'journal_id'], "recorded_at < now() - interval '7 days'"),
  /** What was put on the wire, kept to answer retry requests of the other phone. */
  sentProtos: removal('sent_protos', ['profile_id', 'wa_message_id'], "created_at < now() - interval '30 days'"),
  /** What was done to messages that never came. */
  waitingActions: removal('waiting_actions', ['id'], 'expires_at < now()'),
  /** Files at WhatsApp that are named no more. */
  mediaUploads: removal('media_uploads', ['profile_id', 'name'], 'expires_at < now()'),
  /** The list of mails, without their contents, for 30 days. */
  mails: removal('mails', ['id'], "expires_at < now() - interval '30 days'"),
  apiKeyUsage: removal('api_key_usage', ['api_key_id', 'day', 'operation'], 'day < current_date - 90'),
  /** Full again since long: as good as absent. */
  rateBuckets: removal('rate_buckets', ['key'], "refilled_at < now() - interval '2 minutes'"),
} as const;

export type SweptKind = keyof typeof sweeps;

/** Removes what has had its time. @returns how many rows of each kind were removed */
export async function sweepExpired(db: Reads, hasTime: () => boolean): Promise<Record<SweptKind, number>> {
  const removed = {} as Record<SweptKind, number>;
  for (const [kind, statement] of Object.entries(sweeps) as [SweptKind, string][]) {
    removed[kind] = 0;
    for (let count = atOnce; count === atOnce && hasTime(); ) {
      count = (await db.query(statement, [atOnce])).length;
      removed[kind] += count;
    }
  }
  return removed;
}

/**
 * Ends deliveries whose webhook was removed together with its profile: nobody else cancels those.
 * @returns how many were cancelled
 */
export async function cancelOrphanedDeliveries(tx: Tx): Promise<number> {
  const lanes = await tx.query<{ webhookId: string }>(
    `select webhook_id as "webhookId" from webhook_lanes l
      where not exists (select 1 from webhooks w where w.id = l.webhook_id)
      order by webhook_id, ordering_key limit ${atOnce} for update skip locked`,
  );
  if (lanes.length === 0) return 0;
  const [cancelled] = await tx.query<{ count: number }>(
    `with gone as (
       delete from webhook_queue where webhook_id = any($1::uuid[]) returning delivery_id
     ), lanes as (
       delete from webhook_lanes where webhook_id = any($1::uuid[])
     ), ended as (
       update webhook_deliveries d set state = 'cancelled', ended_at = now()
         from gone where d.id = gone.delivery_id and d.state = 'pending' returning 1
     )
     select count(*) as count from ended`,
    [[...new Set(lanes.map((lane) => lane.webhookId))]],
  );
  return cancelled!.count;
}

function removal(table: string, key: string[], condition: string): string {
  const columns = key.join(', ');
  return `
    delete from ${table} where (${columns}) in (
      select ${columns} from ${table} where ${condition} limit $1 for update skip locked)
    returning 1`;
}
