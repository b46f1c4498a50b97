import pg from 'pg';
import { newId, type Reach } from '#contracts';
import {
  type BuiltOrganization,
  buildOrganization,
  buildProfile,
  createTestDatabase,
  type TestDatabase,
} from '#testing';
import { Database } from './database.js';
import type { Tx } from './transaction.js';

interface Column {
  name: string;
  type: string;
  checks: string | null;
}

/** Fills a row of any table from the catalogue, so that a table made tomorrow is tested without a change here. */
describe('row-level security', () => {
  let test: TestDatabase;
  let db: Database;
  let one: BuiltOrganization;
  let two: BuiltOrganization;
  let tables: { name: string; columns: Column[] }[];

  beforeAll(async () => {
    test = await createTestDatabase();
    db = await Database.open(test.config.database, 'spec');
    [one, two] = [await buildOrganization(db), await buildOrganization(db)];
    tables = await db.query(`
      select t.relname as name,
             json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, null), 'checks', (
               select string_agg(pg_get_constraintdef(k.oid), ' ') from pg_constraint k
                where k.conrelid = t.oid and k.contype = 'c' and a.attnum = any(k.conkey)
             )) order by a.attnum) filter (where a.attnotnull and not a.atthasdef) as columns
        from pg_class t join pg_attribute a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped
       where t.relkind in ('r', 'p') and not t.relispartition and t.relnamespace = 'public'::regnamespace
       group by t.relname
      having bool_or(a.attname = 'organization_id') order by 1`);
    await fillAll(one);
    await fillAll(two);
  });
  afterAll(async () => {
    await db?.close();
    await test?.drop();
  });

  /** One more row in each table. Foreign keys are left aside: they are not what is tested. */
  async function fillAll(owner: BuiltOrganization) {
    const superuser = new pg.Client(test.superuserUrl);
    await superuser.connect();
    await superuser.query('set session_replication_role = replica');
    for (const table of tables) await superuser.query(...insertInto(table, owner));
    await superuser.end();
  }

  /** What checks over several columns ask for. */
  const chosen: Record<string, Record<string, unknown>> = {
    role_assignments: { system_role: 'viewer' },
    invitations: { system_role: 'viewer' },
    conversations: { kind: 'group', room_id: '120363000000000001' },
  };

  function insertInto(table: { name: string; columns: Column[] }, owner: BuiltOrganization): [string, unknown[]] {
    const row = {
      ...Object.fromEntries(table.columns.map((column) => [column.name, sample(column)])),
      ...chosen[table.name],
      organization_id: owner.organizationId,
    };
    const names = Object.keys(row).map((name) => `"${name}"`);
    const places = names.map((_, index) => `$${index + 1}`);
    return [`insert into ${table.name} (${names}) values (${places})`, Object.values(row)];
  }

  function sample({ type, checks, name }: Column): unknown {
    const allowed = checks && /'([a-z_]+)'/.exec(checks)?.[1];
    if (allowed) return allowed;
    if (type === 'uuid') return newId();
    if (type === 'text') return `${name} ${newId()}`;
    if (type === 'jsonb') return '{}';
    if (type === 'bytea') return Buffer.from(newId());
    if (type === 'boolean') return true;
    if (type.startsWith('timestamp') || type === 'date') return new Date();
    if (/int/.test(type)) return 1;
    throw new Error(`The spec has no sample for the type ${type} of ${name}.`);
  }

  const count = async (run: (text: string) => Promise<unknown[]>, table: string, where = 'true') =>
    ((await run(`select count(*) as n from ${table} where ${where}`)) as { n: number }[])[0]!.n;

  it('knows the tenant tables', () => {
    expect(tables.map((table) => table.name)).toEqual(
      expect.arrayContaining(['users', 'messages', 'events', 'outbox']),
    );
    expect(tables.length).toBeGreaterThan(30);
  });

  it('shows a tenant its own rows and no others, in every table', async () => {
    await db.organization(one.organizationId, async (tx) => {
      for (const { name } of tables) {
        expect([name, await count((text) => tx.query(text), name)]).toEqual([
          name,
          await count((text) => tx.query(text), name, `organization_id = '${one.organizationId}'`),
        ]);
        expect([name, await count((text) => tx.query(text), name)]).not.toEqual([name, 0]);
      }
      expect(await tx.query('select id from organizations')).toEqual([{ id: one.organizationId }]);
      expect(await tx.query('select * from engine_hosts')).toEqual([]);
    });
  });

  it('shows nothing without a scope, in every table and partition', async () => {
    await db.query(`insert into engine_hosts (id, address) values ('${newId()}', 'http://x')`);
    const bare = new pg.Client(test.url);
    await bare.connect();
    const partitions = await db.query<{ name: string }>(
      'select inhrelid::regclass::text as name from pg_inherits join pg_class c on c.oid = inhrelid where c.relkind = $1',
      ['r'],
    );
    expect(partitions.length).toBeGreaterThan(10);
    for (const { name } of [...tables, ...partitions, { name: 'organizations' }, { name: 'engine_hosts' }]) {
      expect([name, (await bare.query(`select * from ${name}`)).rowCount]).toEqual([name, 0]);
    }
    await bare.end();
  });

  it('refuses rows of another organization, in every table', async () => {
    for (const table of tables) {
      await expect(db.organization(one.organizationId, (tx) => tx.query(...insertInto(table, two)))).rejects.toThrow(
        `new row violates row-level security policy for table "${table.name}"`,
      );
    }
  });

  it('neither updates nor deletes rows of another organization, nor gives its own away', async () => {
    await db.organization(one.organizationId, async (tx) => {
      const touched = await tx.query("update users set name = 'taken' where organization_id = $1 returning id", [
        two.organizationId,
      ]);
      expect(touched).toEqual([]);
      expect(
        await tx.query('delete from messages where organization_id = $1 returning id', [two.organizationId]),
      ).toEqual([]);
    });
    await expect(
      db.organization(one.organizationId, (tx) =>
        tx.query('update event_cursors set organization_id = $1', [two.organizationId]),
      ),
    ).rejects.toThrow(/row-level security/);
    expect(await count((text) => db.query(text), 'users', "name = 'taken'")).toBe(0);
  });

  describe('for rights that are limited to places', () => {
    /** Tables that name a place and are not limited by it, and why. */
    const unlimited: Record<string, string> = {
      events: 'Everyone writes to the log; who may read it is decided where it is read.',
      message_search: 'No policy lets the index of words be used; its ids are looked up in messages (docs/adr/0014).',
      role_assignments: 'Roles are a matter of the organization; whoever reads them holds that for all of it.',
    };

    it('every table that names a place, or something in one, is limited or says why not', async () => {
      const named = await db.query<{ name: string; limited: boolean }>(
        `select t.relname as name, exists (select 1 from pg_policy where polrelid = t.oid and polname = 'reach') as limited
           from pg_class t
          where t.relkind in ('r', 'p') and not t.relispartition and t.relnamespace = 'public'::regnamespace
            and exists (select 1 from pg_attribute a where a.attrelid = t.oid and a.attname = any($1))
          order by 1`,
        [
          [
            'workspace_id',
            'account_id',
            'profile_id',
            'conversation_id',
            'message_id',
            'batch_id',
            'webhook_id',
            'delivery_id',
          ],
        ],
      );
      const open = named.filter(({ limited }) => !limited).map(({ name }) => name);
      expect(open.filter((name) => !(name in unlimited))).toEqual([]);
      expect(Object.keys(unlimited).filter((name) => !open.includes(name))).toEqual([]);
    });

    it('shows and takes only what is in them', async () => {
      const [here, there] = [await buildProfile(db, { in: one }), await buildProfile(db)];
      const beside = await buildProfile(db, { in: one });
      const limited = { organizationId: one.organizationId };
      const ids = (reach: Reach) =>
        db.tenant({ ...limited, reach }, async (tx) =>
          (await tx.query<{ id: string }>('select id from profiles order by id')).map(({ id }) => id),
        );
      expect(await ids({ workspaceIds: [], profileIds: [] })).toEqual([]);
      expect(await ids({ workspaceIds: [], profileIds: [here.profileId, there.profileId] })).toEqual([here.profileId]);
      const inWorkspace = await ids({ workspaceIds: [one.workspaceId], profileIds: [] });
      expect(inWorkspace).toEqual(expect.arrayContaining([here.profileId, beside.profileId]));

      const only = { ...limited, reach: { workspaceIds: [], profileIds: [here.profileId] } };
      const touched = (text: string) => db.tenant(only, (tx) => tx.query(`${text} returning 1`));
      expect(await touched(`update profiles set name = 'taken' where id = '${beside.profileId}'`)).toEqual([]);
      expect(await touched(`delete from profile_connections where profile_id = '${beside.profileId}'`)).toEqual([]);
      expect(await touched(`update profiles set name = 'mine' where id = '${here.profileId}'`)).toHaveLength(1);
      const beyond = db.tenant(only, (tx) =>
        tx.query(
          'insert into batches (id, organization_id, profile_id, state, total, estimated_end_at) values ($1, $2, $3, $4, 1, now())',
          [newId(), one.organizationId, beside.profileId, 'processing'],
        ),
      );
      await expect(beyond).rejects.toMatchObject({ code: 'FORBIDDEN', status: 403 });
    });

    it('opens nothing when the places are not said', async () => {
      const vague = { organizationId: one.organizationId } as never;
      await expect(db.tenant(vague, (tx) => tx.query('select 1'))).rejects.toThrow(TypeError);
      const forged = {
        organizationId: one.organizationId,
        reach: { workspaceIds: ["'; reset all; --"], profileIds: [] },
      };
      await expect(db.tenant(forged as never, (tx) => tx.query('select 1'))).rejects.toThrow(TypeError);
    });

    it('forgets them with the transaction', async () => {
      const small = await Database.open({ url: test.url, poolSize: 1 }, 'one connection');
      const count = (tx: Tx) => tx.query('select id from profiles');
      const nowhere = { organizationId: one.organizationId, reach: { workspaceIds: [], profileIds: [] } };
      expect(await small.tenant(nowhere, count)).toEqual([]);
      expect((await small.organization(one.organizationId, count)).length).toBeGreaterThan(0);
      await small.close();
    });
  });

  it('forgets the organization with the transaction', async () => {
    const small = await Database.open({ url: test.url, poolSize: 1 }, 'one connection');
    await small.organization(one.organizationId, (tx) => tx.query('select 1'));
    expect(await small.organization(two.organizationId, (tx) => tx.query('select id from organizations'))).toEqual([
      { id: two.organizationId },
    ]);
    await small.close();
  });

  it('binds Prisma as well', async () => {
    const seen = await db.organization(one.organizationId, ({ prisma }) => prisma.organization.findMany());
    expect(seen.map((row) => row.id)).toEqual([one.organizationId]);
  });

  it('warns when the role of the database ignores it', async () => {
    const lines: string[] = [];
    const asSuperuser = await Database.open({ url: test.superuserUrl, poolSize: 2 }, 'spec', {
      warn: (line) => lines.push(line),
    });
    await asSuperuser.close();
    expect(lines).toEqual([expect.stringContaining('ignores row-level security')]);
  });
});
