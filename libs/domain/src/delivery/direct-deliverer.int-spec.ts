import { type Actor, type ConversationId, type LoggedEvent, type MessageId, newId, type WebhookId } from '#contracts';
import { appendEvents, Database, Sealer } from '#database';
import {
  type BuiltProfile,
  buildActor,
  buildProfile,
  createTestDatabase,
  type ReceivedCall,
  type TestDatabase,
  until,
  WebhookReceiver,
} from '#testing';
import { MediaLinks } from '../media/media-links.js';
import { OutboundClient } from '../outbound/outbound-client.js';
import { createLogger } from '../platform/logger.js';
import { MailOutbox } from '../platform/mail/mail-outbox.js';
import { DeliveryPlanner } from './delivery-planner.js';
import { DisableNotices } from './disable-notices.js';
import { WebhookBodies } from './webhook-bodies.js';
import { WebhookCaller } from './webhook-call.js';
import { WebhookDeliverer } from './webhook-deliverer.js';
import { WebhookLog } from './webhook-log.js';
import { WebhookMediaLinks } from './webhook-media-links.js';
import { WebhookRedeliverer } from './webhook-redeliverer.js';
import { Webhooks } from './webhooks.js';

const log = createLogger({ level: 'silent' }, 'spec');

let test: TestDatabase;
let db: Database;
let client: OutboundClient;
let receiver: WebhookReceiver;
let profile: BuiltProfile;
let actor: Actor;
let sealer: Sealer;
let webhooks: Webhooks;
let deliveryLog: WebhookLog;
let workers: { stop(): Promise<unknown> }[] = [];
/** Milliseconds that the clock of the workers is ahead of the real one. */
let ahead = 0;
const clock = () => new Date(Date.now() + ahead);

beforeAll(async () => {
  test = await createTestDatabase();
  db = await Database.open(test.config.database, 'direct spec', { warn: () => undefined });
  client = OutboundClient.open({ allowedRanges: ['127.0.0.0/8'] });
});
afterAll(async () => {
  await client.close();
  await db.close();
  await test.drop();
});
beforeEach(async () => {
  ahead = 0;
  receiver = await WebhookReceiver.start();
  profile = await buildProfile(db);
  actor = buildActor(profile);
  sealer = new Sealer(db, { current: test.config.secrets.encryptionKey, previous: [] });
  const caller = new WebhookCaller(client, sealer, 2000, clock);
  webhooks = new Webhooks(db, sealer, client, caller);
  deliveryLog = new WebhookLog(db, bodiesOf(db));
});
afterEach(async () => {
  receiver.answer({ status: 200 });
  await Promise.all(workers.splice(0).map((one) => one.stop()));
  await receiver.close();
  await db.query('update webhooks set enabled = false');
});

const publicUrl = 'https://waypost.example';
const bodiesOf = (on: Database) =>
  new WebhookBodies(on, new WebhookMediaLinks(new MediaLinks('a key of the spec'), publicUrl, clock));

/** Planner, redeliverer and deliverer as a worker has them. */
function work(on = db) {
  const notices = new DisableNotices({ db: on, outbox: new MailOutbox(sealer), publicUrl });
  const caller = new WebhookCaller(client, sealer, 2000, clock);
  const deliverer = new WebhookDeliverer(
    { db: on, caller, bodies: bodiesOf(on), notices, log },
    { concurrency: 20, timeoutMs: 2000, drainMs: 300, clock, random: () => 0 },
  );
  const onPlanned = (ids: WebhookId[]) => deliverer.expect(ids);
  const planner = new DeliveryPlanner(on, log, { clock, onPlanned, direct: deliverer.direct });
  const redeliverer = new WebhookRedeliverer(on, log);
  for (const part of [deliverer, planner, redeliverer]) part.start();
  const worker = {
    deliverer,
    stop: async () => {
      await Promise.all([planner.stop(), redeliverer.stop()]);
      await deliverer.stop();
    },
  };
  workers.push(worker);
  return worker;
}

const create = async (url = receiver.url, events = ['connection.qr']) =>
  (await webhooks.create(actor, { profileId: profile.profileId, url, events })).webhook.id;

/** So many events of a conversation; `attempt` counts them. */
async function happen(count: number, conversationId: string | null = null): Promise<LoggedEvent[]> {
  const { organizationId, profileId } = profile;
  return db.system((tx) =>
    appendEvents(
      tx,
      Array.from({ length: count }, (_, attempt) => ({
        ...{ organizationId, profileId, conversationId, actor: { kind: 'system' as const } },
        name: 'connection.qr_changed' as const,
        payload: { expiresAt: new Date().toISOString(), attempt },
      })),
    ),
  );
}

/** So many messages of a new conversation. Unlike other events they are told with what is known around them. */
async function arrive(count: number): Promise<void> {
  const conversationId = newId<ConversationId>();
  const { organizationId, profileId } = profile;
  const chatId = '15550200000@s.whatsapp.net';
  const events = upTo(count).map(() => ({
    ...{ organizationId, profileId, conversationId, actor: { kind: 'whatsapp' as const } },
    name: 'message.received' as const,
    payload: {
      ...{ messageId: newId<MessageId>(), waMessageId: newId(), conversationId, chatId, quotedWaMessageId: null },
      chat: { kind: 'user' as const, id: chatId, name: null },
      from: { personId: null, phone: '15550200000', lid: null, name: 'Contact' },
      content: { kind: 'text' as const, text: 'Hello' },
      sentAt: new Date().toISOString(),
    },
  }));
  await db.system((tx) => appendEvents(tx, events));
}

const numbers = (calls: ReceivedCall[]) => calls.map(({ body }) => body.data.attempt as number);
const upTo = (count: number) => Array.from({ length: count }, (_, number) => number);
const ids = (calls: ReceivedCall[]) => calls.map(({ headers }) => headers['webhook-id'] as string);
const told = (id: WebhookId, count: number) =>
  until(
    async () => {
      const rows = await deliveryLog.deliveries(actor, id, { limit: 1000, state: 'succeeded' });
      return rows.length === count ? rows : undefined;
    },
    { what: `${count} deliveries to be recorded` },
  );
const cursor = async () => {
  const [row] = await db.query<{ seq: number; claim: string | null; isAtEnd: boolean }>(
    `select c.seq, c.claim, c.seq = s.last_seq as "isAtEnd" from event_cursors c join event_streams s using (stream_id)
      where c.reader = 'webhooks' and c.stream_id = $1`,
    [profile.profileId],
  );
  return row!;
};

it('writes one row for a delivery that succeeds at once, and gives the stream back when everybody was told', async () => {
  const id = await create();
  receiver.answer({ status: 200, body: 'thanks' });
  work();
  const conversation = newId<string>();
  const events = await happen(50, conversation);
  const rows = await told(id, 50);
  expect(numbers(await receiver.expect(50))).toEqual(upTo(50));
  expect(new Set(ids(receiver.calls))).toEqual(new Set(rows.map((row) => row.id)));
  expect(rows.map((row) => row.eventId).toSorted()).toEqual(events.map((event) => event.id).toSorted());
  const { delivery, attempts } = await deliveryLog.delivery(actor, id, rows[0]!.id);
  expect(delivery).toMatchObject({ attempts: 1, lastStatus: 200, redeliveries: 0 });
  expect(attempts).toMatchObject([{ attempt: 1, status: 200, error: null, responseBody: 'thanks' }]);
  const ofThem = [rows.map((row) => row.id)];
  expect(await db.query('select 1 from webhook_attempts where delivery_id = any($1)', ofThem)).toEqual([]);
  expect(await until(async () => ((await cursor()).claim === null ? cursor() : undefined))).toMatchObject({
    isAtEnd: true,
  });

  await deliveryLog.redeliver(actor, id, rows[0]!.id);
  await receiver.expect(51);
  await until(async () => (await deliveryLog.delivery(actor, id, rows[0]!.id)).delivery.state === 'succeeded');
  const again = await deliveryLog.delivery(actor, id, rows[0]!.id);
  expect(again.attempts).toMatchObject([{ attempt: 1, responseBody: 'thanks' }, { attempt: 2 }]);
});

it('queues what fails with everything of its conversation that comes after it, and goes on with the others', async () => {
  const id = await create();
  const [stuck, free] = [newId<string>(), newId<string>()];
  let isWell = false;
  receiver.answer((call) => ({ status: isWell || call.body.data.attempt >= 1000 ? 200 : 500 }));
  work();
  const held = await happen(5, stuck);
  await receiver.expect(1);
  await until(async () => (await deliveryLog.deliveries(actor, id, { limit: 9 })).some((row) => row.attempts === 1));
  await db.system((tx) =>
    appendEvents(
      tx,
      upTo(20).map((number) => ({
        ...{ organizationId: profile.organizationId, profileId: profile.profileId, conversationId: free },
        ...{ actor: { kind: 'system' }, name: 'connection.qr_changed' },
        payload: { expiresAt: new Date().toISOString(), attempt: 1000 + number },
      })),
    ),
  );
  await told(id, 20);
  expect(numbers(receiver.calls)).toEqual([0, ...upTo(20).map((number) => 1000 + number)]);
  isWell = true;
  ahead += 6000;
  for (const worker of workers as ReturnType<typeof work>[]) worker.deliverer.expect([id]);
  const rows = await told(id, 25);
  expect(numbers(receiver.calls.slice(21))).toEqual(upTo(5));
  const first = rows.find((row) => row.eventId === held[0]!.id)!;
  expect((await deliveryLog.delivery(actor, id, first.id)).attempts).toMatchObject([{ status: 500 }, { status: 200 }]);
  expect(ids(receiver.calls.slice(21))).toContain(ids(receiver.calls)[0]);
});

it('does not let an endpoint that hangs hold up another webhook of the same stream', async () => {
  const hanging = await WebhookReceiver.start();
  hanging.answer(() => new Promise(() => undefined));
  await create(hanging.url);
  const id = await create();
  work();
  for (let part = 0; part < 10; part++) await happen(40, newId());
  await told(id, 400);
  await hanging.close();
});

it('is followed, when it dies, by another that repeats under the same ids and in order', async () => {
  const id = await create();
  const dying = await Database.open(test.config.database, 'dying worker', { warn: () => undefined });
  // From some call on its database does not answer any more, as if the process had been killed after the call.
  let closing: Promise<void> | undefined;
  receiver.answer((_, number) => {
    if (number === 30) closing = dying.close();
    return { status: 200 };
  });
  const dead = work(dying);
  const conversation = newId<string>();
  await happen(120, conversation);
  await receiver.expect(30);
  await closing;
  work();
  await told(id, 120);
  const firsts = [...new Map(receiver.calls.map((call) => [call.headers['webhook-id'], call])).values()];
  expect(numbers(firsts)).toEqual(upTo(120));
  expect((await cursor()).isAtEnd).toBe(true);
  workers = workers.filter((one) => one !== dead);
  await dead.stop().catch(() => undefined);
}, 30_000);

it('tells nobody who was switched off, and what was missed once when it is wanted', async () => {
  const id = await create();
  work();
  let isOff = false;
  receiver.answer(async (_, number) => {
    if (number === 10) {
      await webhooks.update(actor, id, { enabled: false });
      isOff = true;
    }
    return { status: 200 };
  });
  await happen(100, newId());
  await until(() => isOff);
  await until(async () => {
    const { claim } = await cursor();
    return claim === null;
  });
  const called = receiver.calls.length;
  expect(called).toBeLessThan(100);
  await webhooks.update(actor, id, { enabled: true, deliverMissed: true });
  await told(id, 100);
  const firsts = [...new Map(receiver.calls.map((call) => [call.headers['webhook-id'], call])).values()];
  expect(numbers(firsts)).toEqual(upTo(100));
});

it('tells of everything, and of nothing twice, while messages come from all sides and the endpoint is changed', async () => {
  const id = await create(receiver.url, ['message.received']);
  const accepted: string[] = [];
  const refused = new Set<string>();
  // One in ten is refused at first, so that the queue is at work as well.
  receiver.answer(({ headers }, number) => {
    const delivery = headers['webhook-id'] as string;
    if (number % 10 === 0 && !refused.has(delivery)) {
      refused.add(delivery);
      return { status: 500 };
    }
    accepted.push(delivery);
    return { status: 200 };
  });
  work();
  let isOver = false;
  const changing = (async () => {
    for (let change = 0; !isOver; change++) await webhooks.update(actor, id, { url: `${receiver.url}/${change}` });
  })();
  const happening = upTo(6).map(async () => {
    for (let part = 0; part < 40; part++) await arrive(3);
  });
  await Promise.all(happening);
  await told(id, 720);
  isOver = true;
  await changing;
  expect(new Set(accepted).size).toBe(720);
  expect(accepted).toHaveLength(720);
}, 30_000);
