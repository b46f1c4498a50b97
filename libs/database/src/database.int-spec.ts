import { newId } from '#contracts';
import { type BuiltOrganization, buildOrganization, createTestDatabase, type TestDatabase, until } from '#testing';
import { Database } from './database.js';
import type { Tx } from './transaction.js';
import { isTransient, retryTransient } from './transient.js';

describe('Database', () => {
  let test: TestDatabase;
  let db: Database;
  let owner: BuiltOrganization;
  const warnings: string[] = [];

  beforeAll(async () => {
    test = await createTestDatabase();
    db = await Database.open(test.config.database, 'spec', { warn: (line) => warnings.push(line) });
    owner = await buildOrganization(db);
  });
  afterAll(async () => {
    await db?.close();
    await test?.drop();
  });

  const person = async (tx: Pick<Tx, 'query'>, id: string) =>
    tx.query('insert into persons (id, organization_id) values ($1, $2)', [id, owner.organizationId]);
  const exists = async (id: string) => (await db.query('select from persons where id = $1', [id])).length === 1;

  describe('transactions', () => {
    it('commit when the work resolves, roll back when it throws', async () => {
      const [kept, lost] = [newId<string>(), newId<string>()];
      expect(await db.system(async (tx) => (await person(tx, kept)).length)).toBe(0);
      await expect(
        db.organization(owner.organizationId, async (tx) => {
          await person(tx, lost);
          throw new Error('no');
        }),
      ).rejects.toThrow('no');
      expect([await exists(kept), await exists(lost)]).toEqual([true, false]);
    });

    it('do not pass for committed when a failed statement was swallowed', async () => {
      const id = newId<string>();
      const work = db.system(async (tx) => {
        await person(tx, id);
        await tx.query('select 1 / 0').catch(() => undefined);
      });
      await expect(work).rejects.toThrow(/was rolled back/);
      expect(await exists(id)).toBe(false);
    });

    it('run what was left for afterwards only after a commit, and survive its failure', async () => {
      const ran: string[] = [];
      const failed = db.system(async (tx) => {
        tx.afterCommit(() => ran.push('rolled back'));
        throw new Error('no');
      });
      await expect(failed).rejects.toThrow('no');
      await db.system(async (tx) => {
        tx.afterCommit(() => {
          throw new Error('broken step');
        });
        tx.afterCommit(() => ran.push('committed'));
      });
      expect(ran).toEqual(['committed']);
      expect(warnings.at(-1)).toContain('broken step');
    });

    it('refuse to be used after their end', async () => {
      let kept: Tx | undefined;
      await db.system(async (tx) => {
        kept = tx;
      });
      await expect(kept!.query('select 1')).rejects.toThrow(/has ended/);
      expect(() => kept!.prisma).toThrow(/has ended/);
    });

    it('give numbers for int8, and refuse those that a number cannot hold', async () => {
      expect(await db.query('select 9007199254740991::int8 as n, count(*) as c')).toEqual([
        { n: 9007199254740991, c: 1 },
      ]);
      await expect(db.query('select 9007199254740993::int8 as n')).rejects.toThrow(RangeError);
    });

    it('take arrays of bytes as they are, whatever is in them', async () => {
      const every = Buffer.from(Array.from({ length: 256 }, (_, index) => index));
      const given = [every, null, Buffer.alloc(0), new Uint8Array(every.buffer, every.byteOffset + 9, 3)];
      const ask = (from: Pick<Tx, 'query'>, values: unknown[]) =>
        from.query<{ bytes: Buffer | null }>('select unnest($1::bytea[]) as bytes', [values]);
      const wanted = given.map((each) => each && Buffer.from(each));
      expect((await ask(db, given)).map(({ bytes }) => bytes)).toEqual(wanted);
      expect((await db.system((tx) => ask(tx, given))).map(({ bytes }) => bytes)).toEqual(wanted);
      expect(await ask(db, [])).toEqual([]);
      expect(await ask(db, [null])).toEqual([{ bytes: null }]);
    });

    it('leave no connection behind, whatever happens', async () => {
      const small = await Database.open({ url: test.url, poolSize: 2 }, 'small');
      await Promise.all(
        Array.from({ length: 50 }, (_, index) =>
          small
            .system(async (tx) => {
              if (index % 3 === 0) throw new Error('work');
              await tx.query(index % 3 === 1 ? 'select 1' : 'select 1 / 0');
            })
            .catch(() => undefined),
        ),
      );
      expect(await small.system((tx) => tx.query('select 1 as one'))).toEqual([{ one: 1 }]);
      await small.close();
    });

    it('refuse an organization id that is none', async () => {
      const work = db.organization("'; drop table users; --" as never, async () => undefined);
      await expect(work).rejects.toThrow(TypeError);
    });
  });

  describe('Prisma in a transaction', () => {
    it('sees and joins what SQL does there, and is undone with it', async () => {
      const id = newId<string>();
      const work = db.organization(owner.organizationId, async (tx) => {
        await person(tx, id);
        expect(await tx.prisma.person.findUnique({ where: { id } })).toMatchObject({ id });
        await tx.prisma.identity.create({
          data: { id: newId(), organizationId: owner.organizationId, personId: id, kind: 'phone', value: '4915112345' },
        });
        expect(await tx.query('select value from identities where person_id = $1', [id])).toEqual([
          { value: '4915112345' },
        ]);
        throw new Error('no');
      });
      await expect(work).rejects.toThrow('no');
      expect(await exists(id)).toBe(false);
      expect(await db.query('select from identities where person_id = $1', [id])).toEqual([]);
    });

    it('commits with it, nested writes included', async () => {
      const id = newId<string>();
      const { organizationId } = owner;
      await db.system(({ prisma }) =>
        prisma.person.create({
          data: {
            ...{ id, organizationId },
            identities: { create: [{ id: newId(), organizationId, kind: 'lid', value: '777' }] },
          },
        }),
      );
      const found = await db.system(({ prisma }) =>
        prisma.person.findUniqueOrThrow({ where: { id }, include: { identities: true } }),
      );
      expect(found.identities).toMatchObject([{ kind: 'lid', value: '777' }]);
    });

    it('tells what is wrong in Prisma’s words', async () => {
      const { organizationId } = owner;
      const twice = db.system(async ({ prisma }) => {
        for (let n = 0; n < 2; n++)
          await prisma.organization.create({ data: { id: organizationId, name: 'x', slug: 'x' } });
      });
      await expect(twice).rejects.toMatchObject({ code: 'P2002' });
    });

    it('keeps many transactions at once apart', async () => {
      const others = await Promise.all(Array.from({ length: 10 }, () => buildOrganization(db)));
      await Promise.all(
        Array.from({ length: 60 }, async (_, index) => {
          const mine = others[index % others.length]!;
          const seen = await db.organization(mine.organizationId, async ({ prisma }) => [
            ...(await Promise.all([
              prisma.workspace.findUnique({ where: { id: mine.workspaceId } }),
              prisma.workspace.findFirst(),
            ])),
            await prisma.workspace.findUnique({ where: { id: others[(index + 1) % others.length]!.workspaceId } }),
          ]);
          expect(seen.map((row) => row?.id)).toEqual([mine.workspaceId, mine.workspaceId, undefined]);
        }),
      );
    });
  });

  describe('when connections are lost', () => {
    const killConnections = () =>
      db.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
          where datname = current_database() and pid <> pg_backend_pid() and application_name like 'spec%'`,
      );

    it('fails what was under way with an error to retry, and goes on', async () => {
      const id = newId<string>();
      let tries = 0;
      await retryTransient(
        () =>
          db.system(async (tx) => {
            await person(tx, id);
            if (++tries > 1) return;
            await killConnections();
            const failed = await tx.query('select 1').catch((error) => error);
            expect(isTransient(failed)).toBe(true);
            throw failed;
          }),
        { attempts: 5 },
      );
      expect(tries).toBe(2);
      expect(await exists(id)).toBe(true);
    });

    it('says the same of Prisma', async () => {
      const failed = await db
        .system(async (tx) => {
          await tx.prisma.person.findFirst();
          await killConnections();
          await tx.prisma.person.findFirst();
        })
        .catch((error) => error);
      expect(isTransient(failed)).toBe(true);
    });

    it('listens again, and says that something may have been missed', async () => {
      const heard: (string | null)[] = [];
      const stop = db.listen('profiles', (id) => heard.push(id));
      await until(() => heard.includes(null), { what: 'listening' });
      heard.length = 0;
      await killConnections();
      await until(() => heard.includes(null), { what: 'listening again' });
      db.wake('profiles', 'p1');
      await until(() => heard.includes('p1'), { what: 'the wake-up' });
      stop();
    });
  });

  describe('wake-ups', () => {
    it('are one for each id in a short time', async () => {
      const heard: (string | null)[] = [];
      const stop = db.listen('outbox', (id) => heard.push(id));
      await until(() => heard.includes(null), { what: 'listening' });
      for (let n = 0; n < 500; n++) db.wake('outbox', `p${n % 2}`);
      db.wake('outbox', 'last');
      await until(() => heard.includes('last'), { what: 'the last wake-up' });
      expect(heard).toEqual([null, 'p0', 'p1', 'last']);
      stop();
    });

    it('come from transactions after the commit, never from those rolled back', async () => {
      const heard: (string | null)[] = [];
      const stop = db.listen('deliveries', (id) => heard.push(id));
      await until(() => heard.includes(null), { what: 'listening' });
      const failed = db.system(async (tx) => {
        tx.wake('deliveries', 'lost');
        throw new Error('no');
      });
      await expect(failed).rejects.toThrow('no');
      await db.system(async (tx) => tx.wake('deliveries', 'kept'));
      await until(() => heard.includes('kept'), { what: 'the wake-up' });
      expect(heard).toEqual([null, 'kept']);
      stop();
    });

    it('reach other handlers when one throws', async () => {
      const heard: (string | null)[] = [];
      const stopBroken = db.listen('outbox', () => {
        throw new Error('broken handler');
      });
      const stop = db.listen('outbox', (id) => heard.push(id));
      await until(() => heard.includes(null), { what: 'listening' });
      db.wake('outbox', 'p9');
      await until(() => heard.includes('p9'), { what: 'the wake-up' });
      expect(warnings.some((line) => line.includes('broken handler'))).toBe(true);
      stopBroken();
      stop();
    });
  });

  it('does not open when the server is not there, and says so at once', async () => {
    const nowhere = { url: 'postgres://nobody:x@127.0.0.1:1/none', poolSize: 2 };
    const failed = await Database.open(nowhere, 'spec').catch((error) => error);
    expect(isTransient(failed)).toBe(true);
  });
});
