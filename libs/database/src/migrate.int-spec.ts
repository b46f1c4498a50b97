import pg from 'pg';
import { newId } from '#contracts';
import { createTestDatabase, type TestDatabase } from '#testing';
import { Database } from './database.js';
import { migrate } from './migrate.js';
import { ensurePartitions } from './partitions.js';

describe('migrate', () => {
  let test: TestDatabase;
  let client: pg.Client;
  let emptyUrl: string;

  beforeAll(async () => {
    test = await createTestDatabase();
    client = new pg.Client(test.url);
    await client.connect();
    const url = new URL(test.url);
    url.pathname = `${url.pathname}_empty`;
    emptyUrl = url.href;
  });
  afterAll(async () => {
    await client?.end();
    await test?.drop();
  });
  const empty = () => new URL(emptyUrl).pathname.slice(1);
  beforeEach(() => client.query(`create database ${empty()}`));
  afterEach(() => client.query(`drop database ${empty()} with (force)`));

  async function onEmpty(text: string): Promise<Record<string, unknown>[]> {
    const other = new pg.Client(emptyUrl);
    await other.connect();
    try {
      return (await other.query(text)).rows;
    } finally {
      await other.end();
    }
  }

  it('applies everything once, although three processes start together', async () => {
    const results = await Promise.all([migrate(emptyUrl), migrate(emptyUrl), migrate(emptyUrl)]);
    const applied = results.flat();
    expect(applied[0]).toMatch(/^\d{14}_init$/);
    expect(new Set(applied).size).toBe(applied.length);
    expect(await migrate(emptyUrl)).toEqual([]);
    const bookkeeping = await onEmpty('select migration_name from _prisma_migrations order by migration_name');
    expect(bookkeeping.map((row) => row.migration_name)).toEqual(applied);
  });

  it('refuses a history that was edited, and one that stopped half-way under another tool', async () => {
    await migrate(emptyUrl);
    await onEmpty("update _prisma_migrations set checksum = 'other' where migration_name like '%_init'");
    await expect(migrate(emptyUrl)).rejects.toThrow(/_init was edited after it was applied/);
    await onEmpty("update _prisma_migrations set finished_at = null where migration_name like '%_init'");
    await expect(migrate(emptyUrl)).rejects.toThrow(/_init failed under another tool/);
  });

  it('leaves nothing of a migration that fails', async () => {
    await onEmpty('create table outbox (x int)');
    await expect(migrate(emptyUrl)).rejects.toThrow(/_init failed: relation "outbox" already exists/);
    expect(await onEmpty('select from _prisma_migrations')).toEqual([]);
    expect(await onEmpty("select to_regclass('users') as users")).toEqual([{ users: null }]);
  });
});

describe('ensurePartitions', () => {
  let test: TestDatabase;
  let db: Database;
  const now = new Date();
  const month = (offset: number) => new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + offset, 15));
  const suffix = (offset: number) => month(offset).toISOString().slice(0, 7).replace('-', '_');
  const tables = ['messages', 'message_receipts', 'message_search', 'events', 'webhook_deliveries', 'webhook_attempts'];

  beforeEach(async () => {
    test = await createTestDatabase();
    db = await Database.open(test.config.database, 'spec');
  });
  afterEach(async () => {
    await db?.close();
    await test?.drop();
  });

  /** Where a row with this id ends up. */
  async function placeOf(id: string): Promise<string> {
    const [row] = await db.query<{ place: string }>(
      `insert into webhook_attempts (id, organization_id, delivery_id, attempt, duration_ms)
       values ($1, $2, $2, 1, 1) returning tableoid::regclass::text as place`,
      [id, newId()],
    );
    return row!.place;
  }
  const idAt = (at: Date) =>
    `${at
      .getTime()
      .toString(16)
      .padStart(12, '0')
      .replace(/^(.{8})/, '$1-')}-7abc-9abc-0123456789ab`;

  it('was done by migrate: ids of now, of the next two months and of long ago have a place', async () => {
    expect(await ensurePartitions(db, now)).toEqual([]);
    expect(await placeOf(newId())).toBe(`webhook_attempts_${suffix(0)}`);
    expect(await placeOf(idAt(month(1)))).toBe(`webhook_attempts_${suffix(1)}`);
    expect(await placeOf(idAt(month(2)))).toBe(`webhook_attempts_${suffix(2)}`);
    expect(await placeOf(idAt(new Date('2019-05-01')))).toBe('webhook_attempts_past');
    expect(await placeOf('00000000-0000-0000-0000-000000000001')).toBe('webhook_attempts_past');
    await expect(placeOf(idAt(month(3)))).rejects.toThrow(/no partition/);
  });

  it('puts the first and the last id of a month into that month', async () => {
    const first = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1));
    expect(await placeOf(idAt(first))).toBe(`webhook_attempts_${suffix(1)}`);
    expect(await placeOf(idAt(new Date(first.getTime() - 1)))).toBe(`webhook_attempts_${suffix(0)}`);
  });

  it('leaves no hole after months of sleep, and bears several callers at once', async () => {
    const made = await Promise.all([1, 2, 3].map(() => ensurePartitions(db, month(5))));
    const expected = tables.flatMap((table) => [3, 4, 5, 6, 7].map((offset) => `${table}_${suffix(offset)}`));
    expect(made.flat().sort()).toEqual(expected.sort());
    for (let offset = 0; offset <= 7; offset++) {
      expect(await placeOf(idAt(month(offset)))).toBe(`webhook_attempts_${suffix(offset)}`);
    }
  });

  it('does not wait for writers, nor they for it', async () => {
    await db.system(async (tx) => {
      await tx.query(
        `insert into webhook_attempts (id, organization_id, delivery_id, attempt, duration_ms) values ($1, $1, $1, 1, 1)`,
        [newId()],
      );
      expect(await ensurePartitions(db, month(1))).toHaveLength(tables.length);
      await db.system(async (other) => {
        await other.query('set local lock_timeout = 1000');
        await ensurePartitions(db, month(2));
        expect(await other.query('select count(*) as n from webhook_attempts')).toEqual([{ n: 0 }]);
      });
    });
  });

  it('gives partitions the indexes, checks and row security of their table', async () => {
    const [facts] = await db.query<Record<string, unknown>>(
      `select (select count(*) from pg_index where indrelid = $1::regclass)
                = (select count(*) from pg_index where indrelid = 'messages'::regclass) as "hasAllIndexes",
              (select count(*) from pg_constraint where conrelid = $1::regclass and contype = 'c') as checks,
              relrowsecurity as on, relforcerowsecurity as forced, reloptions as options
         from pg_class where oid = $1::regclass`,
      [`messages_${suffix(0)}`],
    );
    expect(facts).toEqual({ hasAllIndexes: true, checks: 3, on: true, forced: true, options: ['fillfactor=85'] });
  });
});
