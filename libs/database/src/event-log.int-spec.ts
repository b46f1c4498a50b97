import { type EventName, type NewEvent, newId } from '#contracts';
import { buildProfile, createTestDatabase, type TestDatabase, until } from '#testing';
import { Database } from './database.js';
import { appendEvents, readEvents, streamHead } from './event-log.js';

describe('event log', () => {
  let test: TestDatabase;
  let db: Database;
  let organizationId: string;

  beforeAll(async () => {
    test = await createTestDatabase({ database: { poolSize: 20 } });
    db = await Database.open(test.config.database, 'spec');
    ({ organizationId } = await buildProfile(db));
  });
  afterAll(async () => {
    await db?.close();
    await test?.drop();
  });

  const fact = (profileId: string | null, name = 'x'): NewEvent<'profile.updated'> => ({
    organizationId,
    profileId,
    name: 'profile.updated',
    actor: { kind: 'system' },
    payload: { id: profileId ?? organizationId, name },
  });
  const append = (...events: NewEvent<EventName>[]) => db.system((tx) => appendEvents(tx, events));
  const seqs = async (streamId: string) =>
    (await db.system((tx) => readEvents(tx, streamId, 0, 10_000))).map((event) => event.seq);
  const upTo = (n: number) => Array.from({ length: n }, (_, index) => index + 1);

  it('gives back and reads back what was written, in the given order', async () => {
    const [a, b] = [newId<string>(), newId<string>()];
    const written = await append(fact(a, 'first'), fact(b, 'other'), fact(a, 'it\'s {"second"} \\ ü'), fact(null));

    expect(written.map((event) => [event.streamId, event.seq])).toEqual([
      [a, 1],
      [b, 1],
      [a, 2],
      [organizationId, 1],
    ]);
    const read = await db.system((tx) => readEvents(tx, a, 0, 10));
    expect(read).toEqual([written[0], written[2]]);
    expect(read[1]?.payload).toEqual({ id: a, name: 'it\'s {"second"} \\ ü' });
    expect(read[0]).toMatchObject({ version: 1, conversationId: null, actor: { kind: 'system' }, profileId: a });
    expect(await db.system((tx) => readEvents(tx, a, 1, 10))).toEqual([written[2]]);
    expect(await db.system((tx) => streamHead(tx, a))).toBe(2);
    expect(await db.system((tx) => streamHead(tx, newId()))).toBe(0);
  });

  it('has no gap and no repeat under 20 writers on one stream', async () => {
    const stream = newId<string>();
    await Promise.all(
      upTo(20).map(async () => {
        for (let round = 0; round < 10; round++) await append(fact(stream), fact(stream));
      }),
    );
    expect(await seqs(stream)).toEqual(upTo(400));
  });

  it('has no gap and no deadlock when writers meet on several streams in any order', async () => {
    const streams = upTo(5).map(() => newId<string>());
    await Promise.all(
      upTo(20).map(async (writer) => {
        for (let round = 0; round < 10; round++) {
          const turned = writer % 2 === 0 ? streams : [...streams].reverse();
          await append(...turned.map((stream) => fact(stream)));
        }
      }),
    );
    for (const stream of streams) expect(await seqs(stream)).toEqual(upTo(200));
  });

  it('loses event and change together on rollback, and leaves no gap', async () => {
    const stream = newId<string>();
    const person = newId<string>();
    await append(fact(stream));
    await expect(
      db.system(async (tx) => {
        await tx.query('insert into persons (id, organization_id) values ($1, $2)', [person, organizationId]);
        await appendEvents(tx, [fact(stream), fact(stream)]);
        throw new Error('changed my mind');
      }),
    ).rejects.toThrow('changed my mind');
    await append(fact(stream));

    expect(await seqs(stream)).toEqual([1, 2]);
    expect(await db.query('select from persons where id = $1', [person])).toEqual([]);
  });

  it('never shows n + 1 before n, although transactions commit at their own pace', async () => {
    const stream = newId<string>();
    let writing = true;
    const writers = Promise.all(
      upTo(8).map(async (writer) => {
        for (let round = 0; round < 25; round++) {
          await db.system(async (tx) => {
            await appendEvents(tx, [fact(stream)]);
            // Some hold the stream longer than others before they commit.
            if ((writer + round) % 3 === 0) await tx.query('select pg_sleep(0.002)');
          });
        }
      }),
    ).finally(() => {
      writing = false;
    });
    const seen: number[] = [];
    while (writing || seen.length < 200) {
      const page = await db.system((tx) => readEvents(tx, stream, seen.at(-1) ?? 0, 100));
      seen.push(...page.map((event) => event.seq));
      if (page.length === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await writers;
    expect(seen).toEqual(upTo(200));
  });

  it('times rise with positions', async () => {
    const stream = newId<string>();
    await Promise.all(upTo(10).map(() => append(fact(stream))));
    const times = (await db.system((tx) => readEvents(tx, stream, 0, 100))).map((event) => event.occurredAt.getTime());
    expect(times).toEqual([...times].sort((a, b) => a - b));
  });

  it('wakes the readers of each stream after the commit', async () => {
    const stream = newId<string>();
    const woken: (string | null)[] = [];
    const stop = db.listen('events', (id) => woken.push(id));
    await until(() => woken.includes(null), { what: 'listening' });
    await append(fact(stream), fact(null), fact(stream));
    await until(() => woken.includes(stream) && woken.includes(organizationId), { what: 'the wake-ups' });
    expect(woken.filter((id) => id === stream)).toHaveLength(1);
    stop();
  });

  it('refuses to write into the stream of another organization', async () => {
    const other = await buildProfile(db);
    const stream = newId<string>();
    await append(fact(stream));
    const intruder = { ...fact(stream), organizationId: other.organizationId };
    await expect(db.organization(other.organizationId, (tx) => appendEvents(tx, [intruder]))).rejects.toThrow(
      /row-level security/,
    );
    expect(await seqs(stream)).toEqual([1]);
  });
});
