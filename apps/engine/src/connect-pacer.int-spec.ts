import { Database } from '#database';
import { createTestDatabase, type TestDatabase, until } from '#testing';
import { ConnectPacer } from './connect-pacer.js';

describe('the pace of connections that hosts share', () => {
  let database: TestDatabase;
  let db: Database;
  const never = new AbortController().signal;

  beforeAll(async () => {
    database = await createTestDatabase();
    db = await Database.open(database.config.database, 'pacer spec');
  });
  beforeEach(() => db.query("update connect_pace set next_at = now() - interval '1 hour'"));
  afterAll(async () => {
    await db.close();
    await database.drop();
  });

  /** The most that began in any window of one second. */
  function busiestSecond(begun: number[]): number {
    const sorted = [...begun].sort((a, b) => a - b);
    return Math.max(...sorted.map((from) => sorted.filter((at) => at >= from && at < from + 1_000).length));
  }

  it('is never above the cap in any second, over four hosts, and uses nearly all of it', async () => {
    const perSecond = 40;
    const count = 120;
    const hosts = Array.from({ length: 4 }, () => new ConnectPacer(db, perSecond));
    const begun: number[] = [];
    const started = performance.now();
    await Promise.all(
      Array.from({ length: count }, async (_, index) => {
        await hosts[index % hosts.length]!.turn({ isUrgent: false, signal: never });
        begun.push(performance.now());
      }),
    );
    expect(busiestSecond(begun)).toBeLessThanOrEqual(perSecond);
    // What a busy machine sleeps through is lost, so the upper bound of 1.2 holds for an idle one; here it may be twice.
    expect(performance.now() - started).toBeLessThan(2.4 * (count / perSecond) * 1_000);
    expect(hosts.map((host) => host.begun).reduce((sum, each) => sum + each, 0)).toBe(count);
  });

  it('lets whoever a person waits for go first', async () => {
    const pacer = new ConnectPacer(db, 5);
    const order: string[] = [];
    const queued = Array.from({ length: 10 }, (_, index) =>
      pacer.turn({ isUrgent: false, signal: never }).then(() => order.push(`fleet ${index}`)),
    );
    await until(() => order.length > 0, { what: 'the first turn' });
    await pacer.turn({ isUrgent: true, signal: never }).then(() => order.push('person'));
    expect(order.length).toBeLessThan(6);
    await Promise.all(queued);
  });

  it('has another one for handing over, which is not slowed down by connections', async () => {
    const connects = new ConnectPacer(db, 1);
    const handOvers = [new ConnectPacer(db, 20, 'hand-overs'), new ConnectPacer(db, 20, 'hand-overs')];
    const order: string[] = [];
    const turns = [
      ...[0, 1].map(() => connects.turn({ isUrgent: false, signal: never }).then(() => order.push('connect'))),
      ...[0, 1, 0, 1].map((host) =>
        handOvers[host]!.turn({ isUrgent: false, signal: never }).then(() => order.push('hand over')),
      ),
    ];
    await Promise.all(turns);
    // The second connection waits for a second, the four of the others for no more than 0.3.
    expect(order.at(-1)).toBe('connect');
    expect(order.filter((what) => what === 'hand over')).toHaveLength(4);
  });

  it('gives up its place when it is not needed any more', async () => {
    const pacer = new ConnectPacer(db, 1);
    await pacer.turn({ isUrgent: false, signal: never });
    const leaving = new AbortController();
    const left = pacer.turn({ isUrgent: false, signal: leaving.signal });
    expect(pacer.waiting).toBe(1);
    leaving.abort();
    await left;
    expect(pacer.waiting).toBe(0);
    expect(pacer.begun).toBe(1);
  });
});
