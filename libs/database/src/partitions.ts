import { idFloor } from '#contracts';
import type { Database } from './database.js';
import type { Tx } from './transaction.js';

/**
 * The tables that are partitioned by month over their ids, and the room that is left on their pages for the updates of
 * their rows (100: rows are never updated).
 */
const partitionedTables = {
  messages: 85,
  message_receipts: 85,
  message_search: 100,
  events: 100,
  webhook_deliveries: 85,
  webhook_attempts: 100,
};

/** Months made in advance, besides the present one. */
const monthsAhead = 2;

/** Any number: makers of partitions wait for each other. */
const advisoryLock = 7_270_736_902;

/**
 * Makes the partitions for ids of this month and the next two, so that a row always finds its place; at first also one
 * for everything older. Called at boot (by `migrate`) and once a day. Safe to call at the same time from several
 * processes, and does not stop readers or writers.
 * @returns the names of the partitions that it made.
 */
export function ensurePartitions(db: Database, now: Date): Promise<string[]> {
  return db.system((tx) => createMissingPartitions(tx, now));
}

export async function createMissingPartitions(tx: Pick<Tx, 'query'>, now: Date): Promise<string[]> {
  if ((await missingPartitions(tx, now)).length === 0) return [];
  await tx.query('select pg_advisory_xact_lock($1)', [advisoryLock]);
  const missing = await missingPartitions(tx, now);
  for (const partition of missing) await create(tx, partition);
  return missing.map((partition) => partition.name);
}

interface Partition {
  table: keyof typeof partitionedTables;
  name: string;
  /** Lowest id, or MINVALUE. */
  from: string;
  /** First id that does not belong. */
  to: string;
}

async function missingPartitions(tx: Pick<Tx, 'query'>, now: Date): Promise<Partition[]> {
  const rows = await tx.query<{ table: Partition['table']; name: string }>(
    `select parent.relname as table, child.relname as name
       from pg_inherits
       join pg_class parent on parent.oid = inhparent
       join pg_class child on child.oid = inhrelid
      where parent.oid = any($1::regclass[])`,
    [Object.keys(partitionedTables)],
  );
  return (Object.keys(partitionedTables) as Partition['table'][]).flatMap((table) => {
    const existing = new Set(rows.filter((row) => row.table === table).map((row) => row.name));
    return wantedPartitions(table, [...existing], now).filter((partition) => !existing.has(partition.name));
  });
}

/** Months follow each other without a hole, also after an installation slept for months. */
function wantedPartitions(table: Partition['table'], existing: string[], now: Date): Partition[] {
  const thisMonth = monthOf(now);
  const months = existing.map((name) => monthOfName(table, name)).filter((month) => month !== undefined);
  const first = Math.min(thisMonth, ...months);
  const partitions: Partition[] = [];
  if (existing.length === 0) partitions.push({ table, name: `${table}_past`, from: 'MINVALUE', to: floorOf(first) });
  for (let month = first; month <= thisMonth + monthsAhead; month++) {
    partitions.push({ table, name: nameOf(table, month), from: floorOf(month), to: floorOf(month + 1) });
  }
  return partitions;
}

/**
 * Made beside and then attached: that lets readers and writers go on, where CREATE … PARTITION OF would stop them. A
 * partition that is read directly, as pg_dump does, is under the same row-level security; the index of words is under
 * none (docs/adr/0014).
 */
async function create(tx: Pick<Tx, 'query'>, { table, name, from, to }: Partition): Promise<void> {
  await tx.query(`create table ${name} (like ${table} including all) with (fillfactor = ${partitionedTables[table]})`);
  if (table !== 'message_search') await tx.query('select waypost_protect($1::text::regclass)', [name]);
  const bound = (value: string) => (value === 'MINVALUE' ? value : `'${value}'`);
  await tx.query(`alter table ${table} attach partition ${name} for values from (${bound(from)}) to (${bound(to)})`);
}

/** Months as one number, UTC: year × 12 + month. */
const monthOf = (at: Date) => at.getUTCFullYear() * 12 + at.getUTCMonth();
const floorOf = (month: number) => idFloor(new Date(Date.UTC(Math.floor(month / 12), month % 12)));

function nameOf(table: string, month: number): string {
  return `${table}_${Math.floor(month / 12)}_${String((month % 12) + 1).padStart(2, '0')}`;
}

function monthOfName(table: string, name: string): number | undefined {
  const found = /^_(\d{4})_(\d{2})$/.exec(name.slice(table.length));
  return found ? Number(found[1]) * 12 + Number(found[2]) - 1 : undefined;
}
