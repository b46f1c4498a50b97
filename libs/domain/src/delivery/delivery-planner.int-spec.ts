import pg from 'pg';
import { newId, type WebhookId } from '#contracts';
import { appendEvents, Database, insertWebhook, startWebhook } from '#database';
import { type BuiltProfile, buildProfile, createTestDatabase, type TestDatabase, until } from '#testing';
import { createLogger } from '../platform/logger.js';
import { DeliveryPlanner } from './delivery-planner.js';

let test: TestDatabase;
let db: Database;
let profile: BuiltProfile;
const log = createLogger({ level: 'silent' }, 'spec');

beforeAll(async () => {
  test = await createTestDatabase();
  db = await Database.open(test.config.database, 'planner spec', { warn: () => undefined });
});
afterAll(async () => {
  await db.close();
  await test.drop();
});
beforeEach(async () => {
  profile = await buildProfile(db);
});

/** A webhook row that begins at the present end of the stream, as the service makes it. */
async function webhook(events = ['*'], on = profile): Promise<WebhookId> {
  const { organizationId, profileId } = on;
  const id = newId<WebhookId>();
  await db.system(async (tx) => {
    await insertWebhook(tx, {
      ...{ id, organizationId, profileId, url: 'https://93.184.216.34/', events, headersSealed: null },
      secretSealed: Buffer.from('unused here'),
    });
    const [told] = await appendEvents(tx, [
      { organizationId, profileId, name: 'webhook.created', actor: { kind: 'system' }, payload: { id, name: '' } },
    ]);
    await startWebhook(tx, id, told!.seq);
  });
  return id;
}

async function qr(count: number, on = profile, conversationId: string | null = null): Promise<number[]> {
  const { organizationId, profileId } = on;
  const events = await db.system((tx) =>
    appendEvents(
      tx,
      Array.from({ length: count }, () => ({
        ...{ organizationId, profileId, conversationId, actor: { kind: 'system' as const } },
        name: 'connection.qr_changed' as const,
        payload: { expiresAt: new Date().toISOString(), attempt: 1 },
      })),
    ),
  );
  return events.map((event) => event.seq);
}

const planAll = async (planner: DeliveryPlanner) => {
  while (await planner.planOnce(null));
};

const plannedFor = (webhookId: WebhookId) =>
  db
    .query<{ seq: number }>(
      `select e.seq from webhook_deliveries d join webhook_queue q on q.delivery_id = d.id join events e on e.id = d.event_id
        where d.webhook_id = $1 and e.name = 'connection.qr_changed' order by q.seq`,
      [webhookId],
    )
    .then((rows) => rows.map((row) => row.seq));

describe('planning', () => {
  it('queues each event for each webhook that asked for it, from its creation on', async () => {
    await qr(3);
    const all = await webhook();
    const between = await qr(2);
    const messages = await webhook(['message.received']);
    const qrs = await webhook(['connection.qr', 'message.received']);
    const after = await qr(2);
    await planAll(new DeliveryPlanner(db, log));
    expect(await plannedFor(all)).toEqual([...between, ...after]);
    expect(await plannedFor(messages)).toEqual([]);
    expect(await plannedFor(qrs)).toEqual(after);
  });

  it('plans each event exactly once with many planners at work and planners that die', async () => {
    const profiles = await Promise.all(Array.from({ length: 6 }, () => buildProfile(db)));
    const webhooks = await Promise.all(profiles.flatMap((on) => [webhook(['*'], on), webhook(['connection.qr'], on)]));
    const planners = Array.from({ length: 4 }, () => new DeliveryPlanner(db, log));
    const expected = new Map<string, number[]>();
    const killer = new pg.Client({ connectionString: test.superuserUrl });
    await killer.connect();
    let kills = 0;
    for (let round = 0; round < 15; round++) {
      await Promise.all(
        profiles.map(async (on) => {
          expected.set(on.profileId, [...(expected.get(on.profileId) ?? []), ...(await qr(40, on))]);
        }),
      );
      let underWay = true;
      const planning = Promise.allSettled(planners.map((planner) => planAll(planner))).then(() => {
        underWay = false;
      });
      // Transactions of planners are cut at whatever point they are at. A look may fall before the first statement or
      // between two, so it is repeated until it has met one.
      for (let killed = 0; underWay && killed === 0; kills += killed) {
        const { rowCount } = await killer.query(
          `select pg_terminate_backend(pid) from pg_stat_activity
            where application_name = 'planner spec' and state <> 'idle' and pid <> pg_backend_pid() limit 2`,
        );
        killed = rowCount ?? 0;
      }
      await planning;
    }
    await killer.end();
    await until(async () => {
      await planAll(planners[0]!);
      return true;
    });
    expect(kills).toBeGreaterThan(0);
    for (const [position, webhookId] of webhooks.entries()) {
      const on = profiles[Math.floor(position / 2)]!;
      expect(await plannedFor(webhookId)).toEqual(expected.get(on.profileId));
    }
    const [double] = await db.query(
      'select 1 from webhook_deliveries group by webhook_id, event_id having count(*) > 1 limit 1',
    );
    expect(double).toBeUndefined();
  });

  it('makes one lane for each conversation, and one for what has none', async () => {
    const id = await webhook();
    const [one, two] = [newId<string>(), newId<string>()];
    await qr(3, profile, one);
    await qr(2, profile, two);
    await qr(2);
    await planAll(new DeliveryPlanner(db, log));
    const lanes = await db.query<{ key: string }>(
      'select ordering_key as key from webhook_lanes where webhook_id = $1',
      [id],
    );
    expect(lanes.map((lane) => lane.key).toSorted()).toEqual([one, two, profile.profileId].toSorted());
  });

  it('never reads a stream that has no webhook', async () => {
    await qr(5);
    await planAll(new DeliveryPlanner(db, log));
    const cursors = await db.query('select 1 from event_cursors where stream_id = $1', [profile.profileId]);
    expect(cursors).toEqual([]);
  });

  it('follows the log on its own while it runs', async () => {
    const planned: WebhookId[] = [];
    const planner = new DeliveryPlanner(db, log, { onPlanned: (ids) => planned.push(...ids) });
    planner.start();
    const id = await webhook();
    const seqs = await qr(700);
    await until(async () => (await plannedFor(id)).length === 700);
    expect(await plannedFor(id)).toEqual(seqs);
    expect(new Set(planned)).toEqual(new Set([id]));
    await planner.stop();
  });

  it('lets nobody stand in line behind the backlog of another', async () => {
    const long = await webhook();
    await qr(6000);
    const other = await buildProfile(db);
    const short = await webhook(['*'], other);
    const planner = new DeliveryPlanner(db, log);
    planner.start();
    await until(async () => (await plannedFor(long)).length > 0);
    const seqs = await qr(1, other);
    await until(async () => (await plannedFor(short)).length === 1);
    expect((await plannedFor(long)).length).toBeLessThan(6000);
    expect(await plannedFor(short)).toEqual(seqs);
    await planner.stop();
  });
});
