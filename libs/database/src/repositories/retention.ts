import { idFloor, type RetentionDays } from '#contracts';
import type { Database } from '../database.js';
import type { Tx } from '../transaction.js';
import { isNamedSql } from './media-names.js';

type Reads = Pick<Tx, 'query'>;

export interface RetentionPolicyRow {
  organizationId: string;
  /** Only what was chosen. */
  days: Partial<RetentionDays>;
  updatedAt: Date;
  updatedBy: string;
}

export async function findRetentionPolicy(tx: Reads, organizationId: string): Promise<RetentionPolicyRow | null> {
  const [row] = await tx.query<RetentionPolicyRow>(
    `select organization_id as "organizationId", days, updated_at as "updatedAt", updated_by as "updatedBy"
       from retention_policies where organization_id = $1`,
    [organizationId],
  );
  return row ?? null;
}

export async function putRetentionPolicy(
  tx: Tx,
  organizationId: string,
  days: Partial<RetentionDays>,
  userId: string,
): Promise<RetentionPolicyRow> {
  const [row] = await tx.query<RetentionPolicyRow>(
    `insert into retention_policies (organization_id, days, updated_by) values ($1, $2::jsonb, $3)
     on conflict (organization_id) do update set days = excluded.days, updated_at = now(), updated_by = excluded.updated_by
     returning organization_id as "organizationId", days, updated_at as "updatedAt", updated_by as "updatedBy"`,
    [organizationId, JSON.stringify(days), userId],
  );
  return row!;
}

export interface RetentionRunRow {
  startedAt: Date;
  finishedAt: Date | null;
  /** Rows by kind. */
  removed: Record<string, number>;
}

export async function findRetentionRun(tx: Reads, organizationId: string): Promise<RetentionRunRow | null> {
  const [row] = await tx.query<RetentionRunRow>(
    `select started_at as "startedAt", finished_at as "finishedAt", removed from retention_runs
      where organization_id = $1`,
    [organizationId],
  );
  return row ?? null;
}

export async function putRetentionRun(tx: Reads, organizationId: string, run: RetentionRunRow): Promise<void> {
  await tx.query(
    `insert into retention_runs (organization_id, started_at, finished_at, removed) values ($1, $2, $3, $4::jsonb)
     on conflict (organization_id) do update
        set started_at = excluded.started_at, finished_at = excluded.finished_at, removed = excluded.removed`,
    [organizationId, run.startedAt, run.finishedAt, JSON.stringify(run.removed)],
  );
}

/** Organizations with what they chose, some at a time in the order of their ids; null: nothing was chosen. */
export async function listOrganizationPolicies(
  db: Reads,
  after: string | null,
  limit: number,
): Promise<{ organizationId: string; days: Partial<RetentionDays> | null }[]> {
  return db.query(
    `select o.id as "organizationId", p.days from organizations o
       left join retention_policies p on p.organization_id = o.id
      where $1::uuid is null or o.id > $1 order by o.id limit $2`,
    [after, limit],
  );
}

/**
 * Removes up to `limit` events of a stream that are older than `before`: never such as a durable reader has still to
 * read, nor beyond the first that is younger.
 */
export async function removeOldEvents(db: Reads, streamId: string, before: Date, limit: number): Promise<number> {
  const rows = await db.query(
    `delete from events where stream_id = $1 and id < $2 and id in (
       select id from events where stream_id = $1 and id < $2
          and seq <= (select coalesce(min(seq), 9223372036854775807) from event_cursors where stream_id = $1)
        order by seq limit $3)
     returning 1`,
    [streamId, idFloor(before), limit],
  );
  return rows.length;
}

export async function listWebhookIds(db: Reads, organizationId: string): Promise<string[]> {
  const rows = await db.query<{ id: string }>('select id from webhooks where organization_id = $1 order by id', [
    organizationId,
  ]);
  return rows.map((row) => row.id);
}

/** Removes up to `limit` ended deliveries of a webhook that are older than `before`, with their tries. */
export async function removeOldDeliveries(tx: Tx, webhookId: string, before: Date, limit: number): Promise<number> {
  const rows = await tx.query<{ id: string }>(
    `delete from webhook_deliveries where id in (
       select id from webhook_deliveries where webhook_id = $1 and id < $2 and state <> 'pending' order by id limit $3)
     returning id`,
    [webhookId, idFloor(before), limit],
  );
  if (rows.length > 0) {
    await tx.query('delete from webhook_attempts where delivery_id = any($1::uuid[])', [rows.map((row) => row.id)]);
  }
  return rows.length;
}

/** Webhooks of which only the log of deliveries knows any more. A loose scan of its index: one step a webhook. */
export async function listForgottenWebhooks(db: Reads): Promise<string[]> {
  const rows = await db.query<{ id: string }>(
    `with recursive found as (
       (select webhook_id as id from webhook_deliveries order by webhook_id limit 1)
       union all
       select (select webhook_id from webhook_deliveries where webhook_id > found.id order by webhook_id limit 1)
         from found where found.id is not null
     ) select id from found where id is not null and not exists (select 1 from webhooks w where w.id = found.id)`,
  );
  return rows.map((row) => row.id);
}

/**
 * Removes up to `limit` rows of media that are older than `before`; uploads have a time of their own.
 * @returns their places in storage
 */
export async function removeOldMedia(
  tx: Reads,
  organizationId: string,
  before: Date,
  limit: number,
): Promise<string[]> {
  const rows = await tx.query<{ key: string }>(
    `delete from media_objects where id in (
       select id from media_objects f where organization_id = $1 and id < $2 and created_at < $3
          and not exists (select 1 from uploads u where u.media_id = f.id)
        order by id limit $4)
     returning storage_key as key`,
    [organizationId, idFloor(before), before, limit],
  );
  return rows.map((row) => row.key);
}

/** Rows of media after an id that nothing names, and which are no longer young: left by what died or was refused. */
export async function removeUnnamedMediaAfter(
  db: Reads,
  after: string,
  before: Date,
  limit: number,
): Promise<{ keys: string[]; next: string | null }> {
  const seen = await db.query<{ id: string }>(
    'select id from media_objects where id > $1 and created_at < $2 order by id limit $3',
    [after, before, limit],
  );
  const rows = await db.query<{ key: string }>(
    `delete from media_objects f where f.id = any($1::uuid[])
        and not ${isNamedSql('f')}
     returning storage_key as key`,
    [seen.map((row) => row.id)],
  );
  return { keys: [...new Set(rows.map((row) => row.key))], next: seen.length < limit ? null : seen.at(-1)!.id };
}

/** Batches of which no message is left, older than `before`. */
export async function removeEmptyBatches(tx: Reads, profileId: string, before: Date): Promise<number> {
  const rows = await tx.query('delete from batches where profile_id = $1 and total = 0 and ended_at < $2 returning 1', [
    profileId,
    before,
  ]);
  return rows.length;
}

const droppable = { events: 'events', webhook_deliveries: 'webhookDeliveries', webhook_attempts: 'webhookDeliveries' };

/**
 * Drops monthly partitions in which everything is older than every organization keeps: at once and without the work of
 * deleting rows. Partitions of messages, whose rows others hang on, go when deleting has emptied them. One that is in
 * use for the moment is left to the next time.
 * @param cutoffs by kind: nothing younger may go; null: somebody keeps for ever
 */
export async function dropOldPartitions(
  db: Database,
  cutoffs: { events: Date | null; webhookDeliveries: Date | null; messages: Date },
): Promise<string[]> {
  const rows = await db.query<{ parent: string; name: string; bound: string }>(
    `select parent.relname as parent, child.relname as name, pg_get_expr(child.relpartbound, child.oid) as bound
       from pg_inherits join pg_class parent on parent.oid = inhparent join pg_class child on child.oid = inhrelid
      where parent.relname in ('messages', 'message_receipts', 'message_search', 'events', 'webhook_deliveries', 'webhook_attempts')
      order by 2`,
  );
  const dropped: string[] = [];
  for (const { parent, name, bound } of rows) {
    const [, from, to] = /FROM \((\S+)\) TO \('([0-9a-f-]{36})'\)/.exec(bound) ?? [];
    // What is before the first month keeps its place for ids from before.
    if (to === undefined || from === 'MINVALUE') continue;
    const isOfMessages = parent.startsWith('message');
    const cutoff = isOfMessages ? cutoffs.messages : cutoffs[droppable[parent as 'events'] as 'events'];
    if (cutoff === null || to > idFloor(cutoff)) continue;
    if (await dropPartition(db, name, isOfMessages)) dropped.push(name);
  }
  return dropped;
}

async function dropPartition(db: Database, name: string, onlyEmpty: boolean): Promise<boolean> {
  try {
    return await db.system(async (tx) => {
      await tx.query("set local lock_timeout = '2s'");
      await tx.query(`lock table ${name} in access exclusive mode`);
      if (onlyEmpty && (await tx.query(`select 1 from ${name} limit 1`)).length > 0) return false;
      await tx.query(`drop table ${name}`);
      return true;
    });
  } catch (error) {
    if ((error as { code?: string }).code === '55P03') return false;
    throw error;
  }
}
