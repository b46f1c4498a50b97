import { Webhook } from 'standardwebhooks';
import { newId } from '#contracts';
import { appendEvents, Database, Sealer } from '#database';
import { OutboundClient, WebhookCaller, Webhooks } from '#domain';
import { buildActor, buildProfile, createTestDatabase, type TestDatabase, until, WebhookReceiver } from '#testing';
import { type RunningWorker, startWorker } from './start-worker.js';

const day = 86_400_000;

let test: TestDatabase;
let db: Database;
let worker: RunningWorker | undefined;

beforeEach(async () => {
  test = await createTestDatabase({ outbound: { allowedRanges: ['127.0.0.0/8'] } });
  db = await Database.open(test.config.database, 'worker spec', { warn: () => undefined });
});
afterEach(async () => {
  await worker?.stop();
  worker = undefined;
  await db.close();
  await test.drop();
});

it('carries what happens to the webhooks that asked for it, also what happened while it was down', async () => {
  const profile = await buildProfile(db);
  const { organizationId, profileId } = profile;
  const actor = buildActor(profile);
  const receiver = await WebhookReceiver.start();
  const sealer = new Sealer(db, { current: test.config.secrets.encryptionKey, previous: [] });
  const client = OutboundClient.open(test.config.outbound);
  const webhooks = new Webhooks(db, sealer, client, new WebhookCaller(client, sealer, 1000));
  const { secret } = await webhooks.create(actor, { profileId, url: receiver.url, events: ['*'] });
  const happen = () =>
    db.system((tx) =>
      appendEvents(tx, [
        {
          ...{ organizationId, profileId, name: 'profile.linked', actor: { kind: 'whatsapp' } },
          payload: { phoneNumber: '628123', lid: null, pushName: null },
        },
      ]),
    );

  await happen();
  worker = await startWorker(test.config);
  await receiver.expect(1);
  const delays: number[] = [];
  for (let count = 2; count <= 6; count++) {
    await happen();
    const committed = Date.now();
    const calls = await receiver.expect(count);
    delays.push(calls.at(-1)!.at - committed);
  }
  // Woken, not polled.
  expect(Math.min(...delays)).toBeLessThan(500);
  await worker.stop();
  await happen();
  worker = await startWorker(test.config);
  const calls = await receiver.expect(7);
  for (const { rawBody, headers } of calls) {
    expect(new Webhook(secret).verify(rawBody, headers as Record<string, string>)).toMatchObject({
      type: 'profile.linked',
      data: { profileId, phoneNumber: '628123' },
    });
  }
  expect(new Set(calls.map((call) => call.headers['webhook-id'])).size).toBe(7);
  await client.close();
  await receiver.close();
});

it('removes what has had its time and leaves the rest', async () => {
  const { organizationId, userId, profileId } = await buildProfile(db);
  const at = (days: number) => new Date(Date.now() + days * day);
  await db.query(
    `insert into idempotency_keys (organization_id, scope, key, request_hash, locked_until, expires_at)
     select $1, 'user', 'key' || n, '\\x00', now(), case when n % 2 = 0 then $2::timestamptz else $3::timestamptz end
       from generate_series(1, 12000) n`,
    [organizationId, at(-1), at(1)],
  );
  const sessions = [at(-31), at(-5), at(5)].map((expiresAt) => ({ id: newId<string>(), expiresAt }));
  for (const { id, expiresAt } of sessions) {
    await db.query('insert into sessions (id, organization_id, user_id, expires_at) values ($1, $2, $3, $4)', [
      ...[id, organizationId, userId, expiresAt],
    ]);
    await db.query(
      'insert into refresh_tokens (id, organization_id, session_id, token_hash, expires_at) values ($1, $2, $3, $4, $5)',
      [newId(), organizationId, id, Buffer.from(id), expiresAt],
    );
  }
  await db.query(
    `insert into inbox_journal (profile_id, journal_id, organization_id, wa_message_id, sealed, recorded_at)
     values ($1, 'old', $2, 'a', '\\x00', $3), ($1, 'new', $2, 'b', '\\x00', $4), ($1, 'waiting', $2, 'c', '\\x00', null)`,
    [profileId, organizationId, at(-8), at(-6)],
  );
  await db.query(
    `insert into sent_protos (profile_id, wa_message_id, organization_id, sealed, created_at)
     values ($1, 'old', $2, '\\x00', $3), ($1, 'new', $2, '\\x00', $4)`,
    [profileId, organizationId, at(-31), at(-29)],
  );
  worker = await startWorker(test.config);
  const count = (table: string) =>
    db.query<{ count: number }>(`select count(*) as count from ${table}`).then(([row]) => row!.count);
  await until(async () => (await count('sent_protos')) === 1, { what: 'the sweep' });
  expect(await count('idempotency_keys')).toBe(6000);
  expect(await count('sessions')).toBe(2);
  expect(await count('refresh_tokens')).toBe(1);
  expect(await db.query('select journal_id as id from inbox_journal order by 1')).toEqual([
    { id: 'new' },
    { id: 'waiting' },
  ]);
});

it('ends sends whose time is over although no engine holds their profile', async () => {
  const { organizationId, profileId } = await buildProfile(db);
  const [personId, conversationId] = [newId<string>(), newId<string>()];
  await db.query('insert into persons (id, organization_id) values ($1, $2)', [personId, organizationId]);
  await db.query('insert into conversations (id, organization_id, profile_id, person_id) values ($1, $2, $3, $4)', [
    conversationId,
    organizationId,
    profileId,
    personId,
  ]);
  const send = async (wired: boolean, expiresInMs: number) => {
    const id = newId<string>();
    const expiresAt = new Date(Date.now() + expiresInMs);
    await db.query(
      `insert into messages (id, organization_id, profile_id, conversation_id, direction, wa_message_id, kind, content,
                             state, sent_at, expires_at)
       values ($1, $2, $3, $4, 'outgoing', $5, 'text', '{"kind":"text","text":"x"}', $6, now(), $7)`,
      [id, organizationId, profileId, conversationId, `3EB0${id.slice(-12)}`, wired ? 'sending' : 'queued', expiresAt],
    );
    await db.query(
      `insert into outbox (message_id, organization_id, profile_id, conversation_id, lane, not_before, expires_at, wired)
       values ($1, $2, $3, $4, 0, now(), $5, $6)`,
      [id, organizationId, profileId, conversationId, expiresAt, wired],
    );
    return id;
  };
  const [over, unsure, waiting] = [await send(false, -1000), await send(true, -1000), await send(false, day)];
  worker = await startWorker(test.config);
  const stateOf = async (id: string) =>
    (await db.query<{ state: string }>('select state from messages where id = $1', [id]))[0]!.state;
  await until(async () => (await stateOf(over)) === 'expired', { what: 'the send to expire' });
  expect(await stateOf(unsure)).toBe('unknown');
  expect(await stateOf(waiting)).toBe('queued');
  const told = await db.query<{ name: string }>('select name from events where stream_id = $1 order by name', [
    profileId,
  ]);
  expect(told.map((event) => event.name)).toEqual(['message.expired', 'message.unknown']);
});

it('answers probes and figures on an address of its own', async () => {
  const { organizationId, profileId } = await buildProfile(db);
  await db.query(
    `insert into outbox (message_id, organization_id, profile_id, conversation_id, lane, not_before, expires_at)
     select gen_random_uuid(), $1, $2, gen_random_uuid(), 0, now() + make_interval(mins => n - 2), now() + interval '1 day'
       from generate_series(1, 3) n`,
    [organizationId, profileId],
  );
  worker = await startWorker({ ...test.config, http: { ...test.config.http, metricsToken: 'for figures' } });
  const at = `http://127.0.0.1:${worker.port}`;
  expect((await fetch(`${at}/health`)).status).toBe(200);
  expect((await fetch(`${at}/other`)).status).toBe(404);
  expect((await fetch(`${at}/metrics`)).status).toBe(403);
  const answer = await fetch(`${at}/metrics`, { headers: { authorization: 'Bearer for figures' } });
  const figures = await answer.text();
  const figure = (name: string) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(figures)?.[1]);
  expect([figure('waypost_sends_waiting'), figure('waypost_sends_due')]).toEqual([3, 2]);
  expect(figure('waypost_sends_oldest_due_seconds')).toBeGreaterThanOrEqual(60);
  expect(figure('waypost_webhook_deliveries_waiting')).toBe(0);
  for (const name of [
    'waypost_jobs{state="delayed"}',
    'waypost_db_connections{pool="system"',
    'nodejs_eventloop_lag',
  ]) {
    expect(figures).toContain(name);
  }
});
