import type {
  HookActionResult,
  HookId,
  HookRequestId,
  HookRequestState,
  HookSource,
  OrganizationId,
  ProfileId,
} from '#contracts';
import type { Database } from '../database.js';
import type { Tx } from '../transaction.js';

type Reads = Pick<Tx, 'query'>;

export interface HookRequestRow {
  id: HookRequestId;
  organizationId: OrganizationId;
  profileId: ProfileId;
  hookId: HookId;
  source: HookSource;
  replayOf: HookRequestId | null;
  deliveryKey: string | null;
  state: HookRequestState;
  address: string | null;
  sizeBytes: number;
  results: HookActionResult[];
  errorCode: string | null;
  errorMessage: string | null;
  attempts: number;
  nextAttemptAt: Date | null;
  receivedAt: Date;
  finishedAt: Date | null;
}

/** With what it said. */
export interface StoredHookRequest extends HookRequestRow {
  contentSealed: Buffer | null;
}

const columns = `id, organization_id as "organizationId", profile_id as "profileId", hook_id as "hookId", source,
  replay_of as "replayOf", delivery_key as "deliveryKey", state, address, size_bytes as "sizeBytes", results,
  error_code as "errorCode", error_message as "errorMessage", attempts, next_attempt_at as "nextAttemptAt",
  received_at as "receivedAt", finished_at as "finishedAt"`;

export type NewHookRequest = Pick<
  StoredHookRequest,
  | 'id'
  | 'organizationId'
  | 'profileId'
  | 'hookId'
  | 'source'
  | 'replayOf'
  | 'deliveryKey'
  | 'address'
  | 'sizeBytes'
  | 'contentSealed'
>;

/** Stores a request that is to be worked on. Null when the hook has one of this delivery key already. */
export async function insertHookRequest(tx: Tx, made: NewHookRequest): Promise<HookRequestRow | null> {
  const [row] = await tx.query<HookRequestRow>(
    `insert into hook_requests (id, organization_id, profile_id, hook_id, source, replay_of, delivery_key, state,
                                address, size_bytes, content_sealed, next_attempt_at)
     values ($1, $2, $3, $4, $5, $6, $7, 'queued', $8, $9, $10, now())
     on conflict (hook_id, delivery_key) do nothing returning ${columns}`,
    [
      made.id,
      made.organizationId,
      made.profileId,
      made.hookId,
      made.source,
      made.replayOf,
      made.deliveryKey,
      made.address,
      made.sizeBytes,
      made.contentSealed,
    ],
  );
  return row ?? null;
}

/** Notes a request that was refused before it was read; what it said is not kept. */
export async function insertRejectedRequest(
  tx: Tx,
  made: Omit<NewHookRequest, 'source' | 'replayOf' | 'deliveryKey' | 'contentSealed'> & {
    errorCode: string;
    errorMessage: string;
  },
): Promise<void> {
  await tx.query(
    `insert into hook_requests (id, organization_id, profile_id, hook_id, source, state, address, size_bytes,
                                error_code, error_message, finished_at)
     values ($1, $2, $3, $4, 'received', 'rejected', $5, $6, $7, $8, now())`,
    [
      made.id,
      made.organizationId,
      made.profileId,
      made.hookId,
      made.address,
      made.sizeBytes,
      made.errorCode,
      made.errorMessage,
    ],
  );
}

/** The request that the sender delivered under this id before. */
export async function findDelivered(tx: Reads, hookId: HookId, deliveryKey: string): Promise<HookRequestRow | null> {
  const [row] = await tx.query<HookRequestRow>(
    `select ${columns} from hook_requests where hook_id = $1 and delivery_key = $2`,
    [hookId, deliveryKey],
  );
  return row ?? null;
}

export async function findHookRequest(
  tx: Reads,
  where: { organizationId: OrganizationId; hookId: HookId; id: HookRequestId },
): Promise<StoredHookRequest | null> {
  const [row] = await tx.query<StoredHookRequest>(
    `select ${columns}, content_sealed as "contentSealed" from hook_requests
      where organization_id = $1 and hook_id = $2 and id = $3`,
    [where.organizationId, where.hookId, where.id],
  );
  return row ?? null;
}

/** Newest first; `limit` requests older than `before`. */
export function listHookRequests(
  tx: Reads,
  where: { organizationId: OrganizationId; hookId: HookId },
  page: { state?: HookRequestState; before?: HookRequestId; limit: number },
): Promise<HookRequestRow[]> {
  return tx.query<HookRequestRow>(
    `select ${columns} from hook_requests
      where organization_id = $1 and hook_id = $2 and ($3::text is null or state = $3) and ($4::uuid is null or id < $4)
      order by id desc limit $5`,
    [where.organizationId, where.hookId, page.state ?? null, page.before ?? null, page.limit],
  );
}

/**
 * Takes requests that are due, the oldest first: nobody else gets them for so many seconds, after which they are due
 * again, should this worker have died.
 */
export function claimHookRequests(db: Reads, limit: number, seconds: number): Promise<StoredHookRequest[]> {
  return db.query<StoredHookRequest>(
    `with due as (
       select id from hook_requests where next_attempt_at <= now()
        order by next_attempt_at, id limit $1 for update skip locked
     )
     update hook_requests r set attempts = attempts + 1, next_attempt_at = now() + make_interval(secs => $2)
       from due where r.id = due.id returning ${columns.replaceAll(/(^|,\s*)(\w+)/g, '$1r.$2')},
            r.content_sealed as "contentSealed"`,
    [limit, seconds],
    { name: 'claim_hook_requests' },
  );
}

type Claim = Pick<HookRequestRow, 'id' | 'attempts'>;

/**
 * Notes what the next action did, with the people it was about, in the transaction in which it does it. Keeps the claim.
 * @returns false when another worker has the request by now; the transaction must then roll back
 */
export async function noteHookResult(
  tx: Tx,
  claim: Claim,
  result: HookActionResult,
  phones: string[],
  seconds: number,
): Promise<boolean> {
  const rows = await tx.query(
    `update hook_requests
        set results = results || $3::jsonb, next_attempt_at = now() + make_interval(secs => $5),
            phones = array(select distinct unnest(phones || $4::text[]))
      where id = $1 and attempts = $2 and state = 'queued' returning 1`,
    [claim.id, claim.attempts, JSON.stringify([result]), phones, seconds],
  );
  return rows.length > 0;
}

/**
 * Ends it: as failed, or as done or skipped by what its actions did.
 * @returns the request as it ended; null when another worker has it by now
 */
export async function finishHookRequest(
  tx: Tx,
  claim: Claim,
  failure: { code: string; message: string } | null,
): Promise<HookRequestRow | null> {
  const [row] = await tx.query<HookRequestRow>(
    `update hook_requests
        set state = case when $3::text is not null then 'failed'
                         when results @> '[{"applied":true}]' then 'done' else 'skipped' end,
            error_code = $3, error_message = $4, next_attempt_at = null, finished_at = now()
      where id = $1 and attempts = $2 and state = 'queued' returning ${columns}`,
    [claim.id, claim.attempts, failure?.code ?? null, failure?.message ?? null],
  );
  return row ?? null;
}

/** Leaves the request for a later try. */
export async function postponeHookRequest(
  db: Reads,
  claim: Claim,
  later: { seconds: number; errorCode: string; errorMessage: string },
): Promise<void> {
  await db.query(
    `update hook_requests set next_attempt_at = now() + make_interval(secs => $3), error_code = $4, error_message = $5
      where id = $1 and attempts = $2 and state = 'queued'`,
    [claim.id, claim.attempts, later.seconds, later.errorCode, later.errorMessage],
  );
}

export interface HookDay {
  /** `2026-11-21`, by UTC. */
  day: string;
  state: HookRequestState;
  count: number;
  /** From receipt to the end, of those that have one, milliseconds. */
  meanMs: number | null;
}

/** How many requests came on each of the last days, by what became of them; oldest first. */
export function countHookRequests(
  tx: Reads,
  where: { organizationId: OrganizationId; hookId: HookId; fromId: string },
): Promise<HookDay[]> {
  return tx.query<HookDay>(
    `select to_char(received_at at time zone 'UTC', 'YYYY-MM-DD') as day, state, count(*) as count,
            avg(extract(epoch from finished_at - received_at) * 1000)::float8 as "meanMs"
       from hook_requests where organization_id = $1 and hook_id = $2 and id >= $3
      group by 1, 2 order by 1, 2`,
    [where.organizationId, where.hookId, where.fromId],
  );
}

/** Removes what an organization does not keep any longer; what still waits stays. @returns how many */
export async function removeOldHookRequests(
  db: Pick<Database, 'query'>,
  organizationId: string,
  beforeId: string,
  limit: number,
): Promise<number> {
  const rows = await db.query(
    `delete from hook_requests where id in (
       select id from hook_requests
        where organization_id = $1 and id < $2 and state <> 'queued' order by id limit $3)
     returning 1`,
    [organizationId, beforeId, limit],
  );
  return rows.length;
}

/** Removes the requests that were about these people. @returns how many */
export async function eraseHookRequests(tx: Tx, organizationId: string, phones: string[]): Promise<number> {
  if (phones.length === 0) return 0;
  const rows = await tx.query(
    'delete from hook_requests where organization_id = $1 and phones && $2::text[] returning 1',
    [organizationId, phones],
  );
  return rows.length;
}

/** Keeps claims alive while their work goes on. */
export async function renewHookClaims(db: Reads, claims: readonly Claim[], seconds: number): Promise<void> {
  await db.query(
    `update hook_requests r set next_attempt_at = now() + make_interval(secs => $3)
       from unnest($1::uuid[], $2::int[]) as c (id, attempts)
      where r.id = c.id and r.attempts = c.attempts and r.state = 'queued'`,
    [claims.map(({ id }) => id), claims.map(({ attempts }) => attempts), seconds],
  );
}
