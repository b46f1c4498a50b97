import type { ApiKeyId, OrganizationId } from '#contracts';
import type { Database } from '../database.js';
import type { Tx } from '../transaction.js';

/** Most calls of a key that are kept one by one. */
export const CALLS_KEPT = 100;

/** One call that a key made. */
export interface ApiKeyCall {
  id: string;
  at: Date;
  method: string;
  /** Without the query. */
  path: string;
  /** The operation id of the API document. */
  operation: string;
  status: number;
  ip: string | null;
  requestId: string;
}

export interface ApiKeyDay {
  /** `2026-11-21`, UTC. */
  day: string;
  operation: string;
  calls: number;
  refused: number;
  failed: number;
}

/** Adds calls to the counts of their days. Keys that are gone meanwhile are left out. */
export async function addApiKeyUsage(
  db: Database,
  counts: readonly (ApiKeyDay & { apiKeyId: ApiKeyId })[],
): Promise<void> {
  // In one order in every process, so that two of them do not wait for each other in a circle.
  const sorted = counts.toSorted((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
  await db.query(
    `insert into api_key_usage as u (api_key_id, organization_id, day, operation, calls, refused, failed)
     select k.id, k.organization_id, c.day, c.operation, c.calls, c.refused, c.failed
       from unnest($1::uuid[], $2::date[], $3::text[], $4::int[], $5::int[], $6::int[])
         as c (api_key_id, day, operation, calls, refused, failed)
       join api_keys k on k.id = c.api_key_id
     on conflict (api_key_id, day, operation) do update
        set calls = u.calls + excluded.calls, refused = u.refused + excluded.refused, failed = u.failed + excluded.failed`,
    [
      sorted.map(({ apiKeyId }) => apiKeyId),
      sorted.map(({ day }) => day),
      sorted.map(({ operation }) => operation),
      sorted.map(({ calls }) => calls),
      sorted.map(({ refused }) => refused),
      sorted.map(({ failed }) => failed),
    ],
  );
}

function sortKey({ apiKeyId, day, operation }: ApiKeyDay & { apiKeyId: ApiKeyId }): string {
  return `${apiKeyId} ${day} ${operation}`;
}

/** Keeps calls, and of each key that made some only the last `CALLS_KEPT`. */
export async function addApiKeyCalls(
  db: Database,
  calls: readonly (ApiKeyCall & { apiKeyId: ApiKeyId })[],
): Promise<void> {
  const column = <K extends keyof (typeof calls)[number]>(name: K) => calls.map((call) => call[name]);
  await db.query(
    `insert into api_key_calls (id, organization_id, api_key_id, at, method, path, operation, status, ip, request_id)
     select c.id, k.organization_id, k.id, c.at, c.method, c.path, c.operation, c.status, c.ip, c.request_id
       from unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::text[], $5::text[], $6::text[], $7::int[], $8::text[],
                   $9::text[])
         as c (id, api_key_id, at, method, path, operation, status, ip, request_id)
       join api_keys k on k.id = c.api_key_id`,
    [
      column('id'),
      column('apiKeyId'),
      column('at'),
      column('method'),
      column('path'),
      column('operation'),
      column('status'),
      column('ip'),
      column('requestId'),
    ],
  );
  await db.query(
    `delete from api_key_calls c using unnest($1::uuid[]) as k (id)
      where c.api_key_id = k.id
        and c.id < (select id from api_key_calls where api_key_id = k.id order by id desc offset $2 limit 1)`,
    [[...new Set(column('apiKeyId'))], CALLS_KEPT - 1],
  );
}

/** What a key did since a day, by day and operation, newest day first. */
export function listApiKeyDays(
  tx: Tx,
  scope: { organizationId: OrganizationId; apiKeyId: ApiKeyId; since: Date },
): Promise<ApiKeyDay[]> {
  return tx.query<ApiKeyDay>(
    `select to_char(day, 'YYYY-MM-DD') as day, operation, calls, refused, failed from api_key_usage
      where organization_id = $1 and api_key_id = $2 and day >= $3::date order by day desc, operation limit 10000`,
    [scope.organizationId, scope.apiKeyId, scope.since],
  );
}

/** The last calls of a key, newest first. */
export function listApiKeyCalls(
  tx: Tx,
  scope: { organizationId: OrganizationId; apiKeyId: ApiKeyId; before?: string; limit: number },
): Promise<ApiKeyCall[]> {
  return tx.query<ApiKeyCall>(
    `select id, at, method, path, operation, status, ip, request_id as "requestId" from api_key_calls
      where organization_id = $1 and api_key_id = $2 and ($3::uuid is null or id < $3) order by id desc limit $4`,
    [scope.organizationId, scope.apiKeyId, scope.before ?? null, scope.limit],
  );
}
