import { createHash, randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import type { Database } from './database.js';
import { createMissingPartitions } from './partitions.js';
import { connectionOptions } from './pools.js';

/** Any number, the same in all versions: starts that migrate one database at the same time wait for each other. */
const advisoryLock = 7_270_736_901;

/**
 * Applies what is missing of prisma/migrations, oldest first, each in a transaction of its own, in Prisma's own
 * bookkeeping table (so the Prisma CLI can be used on the same database), and makes missing partitions. Safe to call from several processes at once.
 * @returns the names it applied.
 * @throws when a migration fails (it and later ones are not applied) or was edited after it was applied.
 */
export async function migrate(url: string): Promise<string[]> {
  const client = new pg.Client(connectionOptions(url, 'waypost migrate', { 'waypost.scope': 'system' }));
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [advisoryLock]);
    await client.query(bookkeepingTable);
    const { rows } = await client.query<{ name: string; checksum: string; finished: boolean }>(
      `select migration_name as name, checksum, finished_at is not null as finished
         from _prisma_migrations where rolled_back_at is null`,
    );
    const known = new Map(rows.map((row) => [row.name, row]));
    const applied: string[] = [];
    for (const migration of readMigrations()) {
      const row = known.get(migration.name);
      if (row && !row.finished) {
        throw new Error(
          `Migration ${migration.name} failed under another tool. Resolve it with \`prisma migrate resolve\`.`,
        );
      }
      if (row && row.checksum !== migration.checksum) {
        throw new Error(`Migration ${migration.name} was edited after it was applied. Restore it and add a new one.`);
      }
      if (row) continue;
      await apply(client, migration);
      applied.push(migration.name);
    }
    await inTransaction(client, () =>
      createMissingPartitions({ query: async (text, values) => (await client.query(text, values)).rows }, new Date()),
    );
    return applied;
  } finally {
    await client.end();
  }
}

/** The names of migrations that this version of the program has and the database lacks. */
export async function pendingMigrations(db: Pick<Database, 'query'>): Promise<string[]> {
  const rows = await db.query<{ name: string }>(
    'select migration_name as name from _prisma_migrations where finished_at is not null and rolled_back_at is null',
  );
  const applied = new Set(rows.map(({ name }) => name));
  bundled ??= readMigrations().map(({ name }) => name);
  return bundled.filter((name) => !applied.has(name));
}

let bundled: string[] | undefined;

interface Migration {
  name: string;
  sql: string;
  checksum: string;
}

async function apply(client: pg.Client, migration: Migration): Promise<void> {
  try {
    await inTransaction(client, async () => {
      await client.query(migration.sql);
      await client.query(
        `insert into _prisma_migrations (id, checksum, finished_at, migration_name, applied_steps_count)
         values ($1, $2, now(), $3, 1)`,
        [randomUUID(), migration.checksum, migration.name],
      );
    });
  } catch (cause) {
    throw new Error(`Migration ${migration.name} failed: ${(cause as Error).message}`, { cause });
  }
}

async function inTransaction(client: pg.Client, work: () => Promise<unknown>): Promise<void> {
  await client.query('begin');
  try {
    await work();
    await client.query('commit');
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
}

function readMigrations(): Migration[] {
  const folder = migrationsFolder();
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort()
    .map((name) => {
      const sql = readFileSync(join(folder, name, 'migration.sql'), 'utf8');
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
    });
}

/** prisma/migrations of this installation: upwards from here, since the depth differs between source and dist. */
function migrationsFolder(): string {
  for (let at = dirname(fileURLToPath(import.meta.url)); ; at = dirname(at)) {
    const folder = join(at, 'prisma', 'migrations');
    if (existsSync(folder)) return folder;
    if (dirname(at) === at) throw new Error('The folder prisma/migrations is missing from this installation.');
  }
}

const bookkeepingTable = `create table if not exists _prisma_migrations (
  id varchar(36) primary key,
  checksum varchar(64) not null,
  finished_at timestamptz,
  migration_name varchar(255) not null,
  logs text,
  rolled_back_at timestamptz,
  started_at timestamptz not null default now(),
  applied_steps_count integer not null default 0
)`;
