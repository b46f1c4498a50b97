import {
  type AuditAction,
  type AuditActorKind,
  type AuditOutcome,
  idFloor,
  type OrganizationId,
  type UserId,
} from '#contracts';
import type { Tx } from '../transaction.js';

type Reads = Pick<Tx, 'query'>;

/** Who, as known at the time. Erased as one when the person is. */
export interface AuditActorDetails {
  salt: string;
  name?: string | null;
  email?: string | null;
  /** Name of the API key that was used. */
  keyName?: string | null;
  ip?: string;
  userAgent?: string;
}

/** What was changed. Erased as one when what it tells of is. */
export interface AuditChange {
  salt: string;
  name?: string;
  before?: Readonly<Record<string, unknown>>;
  after?: Readonly<Record<string, unknown>>;
}

export interface NewAuditEntry {
  id: string;
  organizationId: OrganizationId;
  action: AuditAction;
  outcome: AuditOutcome;
  actorKind: AuditActorKind;
  userId: UserId | null;
  credentialId: string | null;
  resourceType: string;
  resourceId: string | null;
  requestId: string | null;
  actorDetails: AuditActorDetails;
  change: AuditChange;
}

export interface AuditEntryRow extends Omit<NewAuditEntry, 'actorDetails' | 'change'> {
  /** Null until the entry is sealed. */
  seq: number | null;
  at: Date;
  /** Null when the person was erased. */
  actorDetails: AuditActorDetails | null;
  /** Null when what it tells of was erased. */
  change: AuditChange | null;
  actorDigest: Buffer | null;
  changeDigest: Buffer | null;
  hash: Buffer | null;
  redactedBy: string | null;
}

const columns = `id, organization_id as "organizationId", seq, at, action, outcome, actor_kind as "actorKind",
  user_id as "userId", credential_id as "credentialId", resource_type as "resourceType", resource_id as "resourceId",
  request_id as "requestId", actor_details as "actorDetails", change, actor_digest as "actorDigest",
  change_digest as "changeDigest", hash, redacted_by as "redactedBy"`;

/** Writes an entry, with the names that the person and the key have now. Takes no lock that another entry waits for. */
export async function insertAuditEntry(tx: Tx, entry: NewAuditEntry): Promise<void> {
  await tx.query(
    `insert into audit_entries (id, organization_id, action, outcome, actor_kind, user_id, credential_id, resource_type,
                                resource_id, request_id, actor_details, change)
     select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10,
            $11::jsonb
              || coalesce((select jsonb_build_object('name', name, 'email', email) from users
                            where id = $6 and organization_id = $2), '{}')
              || coalesce((select jsonb_build_object('keyName', name) from api_keys
                            where id = $7 and organization_id = $2 and $5 = 'api-key'), '{}'),
            $12::jsonb`,
    [
      entry.id,
      entry.organizationId,
      entry.action,
      entry.outcome,
      entry.actorKind,
      entry.userId,
      entry.credentialId,
      entry.resourceType,
      entry.resourceId,
      entry.requestId,
      JSON.stringify(entry.actorDetails),
      JSON.stringify(entry.change),
    ],
    { name: 'insert_audit_entry' },
  );
}

export async function hasAuditEntrySince(
  tx: Reads,
  entry: Pick<NewAuditEntry, 'organizationId' | 'action' | 'resourceType' | 'resourceId' | 'credentialId'> & {
    since: Date;
  },
): Promise<boolean> {
  const rows = await tx.query(
    `select 1 from audit_entries
      where organization_id = $1 and resource_type = $2 and resource_id is not distinct from $3 and id >= $4
        and action = $5 and credential_id = $6 and outcome = 'success' limit 1`,
    [
      entry.organizationId,
      entry.resourceType,
      entry.resourceId,
      idFloor(entry.since),
      entry.action,
      entry.credentialId,
    ],
  );
  return rows.length > 0;
}

/** The end of a chain, as it is signed. */
export interface AuditHeadRow {
  organizationId: string;
  anchorSeq: number;
  anchorHash: Buffer;
  lastSeq: number;
  lastHash: Buffer;
  signature: Buffer;
  keyId: string;
}

const headColumns = `organization_id as "organizationId", anchor_seq as "anchorSeq", anchor_hash as "anchorHash",
  last_seq as "lastSeq", last_hash as "lastHash", signature, key_id as "keyId"`;

/** Makes the sealers of one organization wait for each other until the end of the transaction, also for the first. */
export async function lockAuditChain(tx: Tx, organizationId: string): Promise<AuditHeadRow | null> {
  await tx.query("select pg_advisory_xact_lock(hashtextextended('waypost audit ' || $1, 0))", [organizationId]);
  return findAuditHead(tx, organizationId);
}

export async function findAuditHead(db: Reads, organizationId: string): Promise<AuditHeadRow | null> {
  const [head] = await db.query<AuditHeadRow>(`select ${headColumns} from audit_heads where organization_id = $1`, [
    organizationId,
  ]);
  return head ?? null;
}

export async function putAuditHead(tx: Tx, head: AuditHeadRow): Promise<void> {
  await tx.query(
    `insert into audit_heads (organization_id, anchor_seq, anchor_hash, last_seq, last_hash, signature, key_id)
     values ($1, $2, $3, $4, $5, $6, $7)
     on conflict (organization_id) do update
        set anchor_seq = excluded.anchor_seq, anchor_hash = excluded.anchor_hash, last_seq = excluded.last_seq,
            last_hash = excluded.last_hash, signature = excluded.signature, key_id = excluded.key_id`,
    [head.organizationId, head.anchorSeq, head.anchorHash, head.lastSeq, head.lastHash, head.signature, head.keyId],
  );
}

/** Organizations with entries that wait to be sealed. A loose scan of the partial index: one step an organization. */
export async function listUnsealedOrganizations(db: Reads): Promise<string[]> {
  const rows = await db.query<{ id: string }>(
    `with recursive found as (
       (select organization_id as id from audit_entries where seq is null order by organization_id limit 1)
       union all
       select (select organization_id from audit_entries
                where seq is null and organization_id > found.id order by organization_id limit 1)
         from found where found.id is not null
     ) select id from found where id is not null`,
  );
  return rows.map((row) => row.id);
}

/** What waits, in the order in which it is sealed. */
export async function listUnsealedEntries(tx: Tx, organizationId: string, limit: number): Promise<AuditEntryRow[]> {
  return tx.query<AuditEntryRow>(
    `select ${columns} from audit_entries where organization_id = $1 and seq is null order by id limit $2`,
    [organizationId, limit],
  );
}

/** How many wait to be sealed, and since when the oldest does. */
export async function countUnsealed(
  db: Reads,
  organizationId: string,
): Promise<{ count: number; oldest: Date | null }> {
  const [row] = await db.query<{ count: number; oldest: Date | null }>(
    'select count(*) as count, min(at) as oldest from audit_entries where organization_id = $1 and seq is null',
    [organizationId],
  );
  return row!;
}

export interface AuditSeal {
  id: string;
  seq: number;
  actorDigest: Buffer;
  changeDigest: Buffer;
  hash: Buffer;
}

export async function sealEntries(tx: Tx, seals: readonly AuditSeal[]): Promise<void> {
  await tx.query(
    `update audit_entries e
        set seq = s.seq, actor_digest = s.actor_digest, change_digest = s.change_digest, hash = s.hash
       from unnest($1::uuid[], $2::bigint[], $3::bytea[], $4::bytea[], $5::bytea[])
              as s (id, seq, actor_digest, change_digest, hash)
      where e.id = s.id`,
    [
      seals.map((seal) => seal.id),
      seals.map((seal) => seal.seq),
      seals.map((seal) => seal.actorDigest),
      seals.map((seal) => seal.changeDigest),
      seals.map((seal) => seal.hash),
    ],
  );
}

/** Sealed entries after a position, in the order of the chain. */
export async function listSealedEntries(
  db: Reads,
  organizationId: string,
  after: number,
  limit: number,
): Promise<AuditEntryRow[]> {
  return db.query<AuditEntryRow>(
    `select ${columns} from audit_entries where organization_id = $1 and seq > $2 order by seq limit $3`,
    [organizationId, after, limit],
  );
}

const CLOCKS_DIFFER_MS = 10 * 60_000;

/** What the log is asked for. */
export interface AuditFilter {
  userId?: string;
  /** An action, or the beginning of some: `auth` or `auth.` finds all of `auth`. */
  action?: string;
  outcome?: AuditOutcome;
  resourceType?: string;
  resourceId?: string;
  /** Inclusive. */
  from?: Date;
  /** Exclusive. */
  to?: Date;
}

function conditions(organizationId: string, filter: AuditFilter): { where: string; values: unknown[] } {
  const values: unknown[] = [organizationId];
  const parts = ['organization_id = $1'];
  const add = (sql: (n: string) => string, value: unknown) => {
    if (value === undefined) return;
    values.push(value);
    parts.push(sql(`$${values.length}`));
  };
  add((n) => `user_id = ${n}`, filter.userId);
  add((n) => `starts_with(action, ${n})`, filter.action);
  add((n) => `outcome = ${n}`, filter.outcome);
  add((n) => `resource_type = ${n}`, filter.resourceType);
  add((n) => `resource_id = ${n}`, filter.resourceId);
  // Ids carry the time of the process that made them, which may differ a little from the database's: they find the
  // place in the index, and the time decides.
  add((n) => `at >= ${n}`, filter.from);
  add((n) => `id >= ${n}`, filter.from && idFloor(new Date(Math.max(0, filter.from.getTime() - CLOCKS_DIFFER_MS))));
  add((n) => `at < ${n}`, filter.to);
  add((n) => `id < ${n}`, filter.to && idFloor(new Date(Math.max(0, filter.to.getTime() + CLOCKS_DIFFER_MS))));
  return { where: parts.join(' and '), values };
}

/** Newest first; `limit` entries older than `before`, or after `offset` entries. */
export async function listAuditEntries(
  tx: Reads,
  organizationId: string,
  filter: AuditFilter,
  page: { before?: string; offset?: number; limit: number },
): Promise<AuditEntryRow[]> {
  const { where, values } = conditions(organizationId, filter);
  const n = values.length;
  return tx.query<AuditEntryRow>(
    `select ${columns} from audit_entries
      where ${where} and ($${n + 1}::uuid is null or id < $${n + 1}) order by id desc limit $${n + 2} offset $${n + 3}`,
    [...values, page.before ?? null, page.limit, page.offset ?? 0],
  );
}

export async function countAuditEntries(tx: Reads, organizationId: string, filter: AuditFilter): Promise<number> {
  const { where, values } = conditions(organizationId, filter);
  const [row] = await tx.query<{ count: number }>(`select count(*) as count from audit_entries where ${where}`, values);
  return row!.count;
}

/** Entries by action, and by day and outcome, since a moment. */
export async function summarizeAudit(
  tx: Reads,
  organizationId: string,
  since: Date,
): Promise<{
  byAction: { action: AuditAction; count: number }[];
  daily: { day: string; count: number; failed: number }[];
}> {
  const byAction = await tx.query<{ action: AuditAction; count: number }>(
    `select action, count(*) as count from audit_entries where organization_id = $1 and at >= $2
      group by action order by count(*) desc, action`,
    [organizationId, since],
  );
  const daily = await tx.query<{ day: string; count: number; failed: number }>(
    `select to_char(at at time zone 'UTC', 'YYYY-MM-DD') as day, count(*) as count,
            count(*) filter (where outcome <> 'success') as failed
       from audit_entries where organization_id = $1 and at >= $2 group by 1 order by 1`,
    [organizationId, since],
  );
  return { byAction, daily };
}

/** How many entries each of these redactions says that it emptied; only sealed ones count. */
export async function listRedactions(
  db: Reads,
  organizationId: string,
  ids: readonly string[],
): Promise<Map<string, number>> {
  if (ids.length === 0) return new Map();
  const rows = await db.query<{ id: string; entries: number }>(
    `select id, coalesce((change #>> '{after,entries}')::int, 0) as entries from audit_entries
      where organization_id = $1 and id = any($2::uuid[]) and action = 'audit.redact' and seq is not null`,
    [organizationId, ids],
  );
  return new Map(rows.map((row) => [row.id, row.entries]));
}

/** Whom entries may name. */
export interface AuditMatch {
  /** Whose deeds they are. */
  userId: string | null;
  /** Of things that they were done to. */
  resourceIds: readonly string[];
  /** Numbers, names and addresses; wherever they stand in a personal field. */
  texts: readonly string[];
}

/** Sealed entries with personal fields that name somebody, of the `limit` after `after`. */
export async function findAuditEntriesNaming(
  tx: Tx,
  organizationId: string,
  match: AuditMatch,
  after: string,
  limit: number,
): Promise<{ ofActor: string[]; ofChange: string[]; next: string | null }> {
  const naming = (column: string) =>
    `exists (select 1 from unnest($5::text[]) as t where strpos(${column}::text, trim(both '"' from to_jsonb(t)::text)) > 0)`;
  const rows = await tx.query<{ id: string; actor: boolean; change: boolean }>(
    `select id,
            seq is not null and actor_details is not null
              and (coalesce(user_id = $3, false) or ${naming('actor_details')}) as actor,
            seq is not null and change is not null and action <> 'audit.redact'
              and (coalesce(resource_id = any($4::text[]), false) or ${naming('change')}) as change
       from (select * from audit_entries where organization_id = $1 and id > $2 order by id limit $6) e order by id`,
    [organizationId, after, match.userId, match.resourceIds, match.texts, limit],
  );
  return {
    ofActor: rows.filter((row) => row.actor).map((row) => row.id),
    ofChange: rows.filter((row) => row.change).map((row) => row.id),
    next: rows.length < limit ? null : rows.at(-1)!.id,
  };
}

/** Empties personal fields under the entry that tells of it. Nothing else of a sealed entry can be changed. */
export async function redactAuditEntries(
  tx: Tx,
  redactionId: string,
  entries: { ofActor: string[]; ofChange: string[] },
): Promise<void> {
  await tx.query(
    `update audit_entries
        set actor_details = case when id = any($2::uuid[]) then null else actor_details end,
            change = case when id = any($3::uuid[]) then null else change end,
            redacted_by = $1
      where id = any($2::uuid[] || $3::uuid[])`,
    [redactionId, entries.ofActor, entries.ofChange],
  );
}

/** Removes sealed entries through a position; the caller moves the anchor of the chain in the same transaction. */
export async function removeAuditEntries(tx: Tx, organizationId: string, through: number): Promise<void> {
  await tx.query("set local waypost.audit_removal = 'on'");
  await tx.query('delete from audit_entries where organization_id = $1 and seq <= $2', [organizationId, through]);
  await tx.query("set local waypost.audit_removal = 'off'");
}
