import type { Socket as NetSocket } from 'node:net';
import { io, type Socket } from 'socket.io-client';
import { type EventName, type EventPayloads, type NewEvent, newId } from '#contracts';
import { appendEvents, Database, Sealer } from '#database';
import { ApiClient, buildProfile, createTestDatabase, type Registered, type TestDatabase, until } from '#testing';
import { type RunningApi, startApi } from '../apps/api/src/start-api.js';
import { asyncApiCheck } from './asyncapi.js';
import { startPart } from './part-process.js';

/** The namespace `/ws` as clients see it. Events come straight into the log. */
let database: TestDatabase;
let db: Database;
let api: RunningApi;
let owner: Registered;
let profileId: string;
let conversationId: string;
const clients: Listener[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  db = await Database.open(database.config.database, 'realtime spec', { warn: () => undefined });
  api = await startApi(database.config);
  owner = await ApiClient.register(api.url);
});
afterAll(async () => {
  await api?.stop();
  await db?.close();
  await database?.drop();
});
beforeEach(async () => {
  const [account] = (await owner.client.get('/accounts')).body.data;
  const parents = { accountId: account.id, workspaceId: account.workspaceId };
  const { organizationId, userId } = owner;
  ({ profileId } = await buildProfile(db, { in: { organizationId, userId, ...parents } as never }));
  conversationId = newId();
});
afterEach(() => {
  for (const client of clients.splice(0)) client.socket.disconnect();
});

/** A connected client and everything it heard. */
class Listener {
  // biome-ignore lint/suspicious/noExplicitAny: payloads of every shape
  readonly heard: { name: string; payload: any }[] = [];
  refusal: { message: string; data?: unknown } | undefined;
  disconnected: string | undefined;

  constructor(readonly socket: Socket) {
    socket.onAny((name: string, payload: unknown) => this.heard.push({ name, payload }));
    socket.on('connect_error', (error) => {
      this.refusal = error;
    });
    socket.on('disconnect', (reason) => {
      this.disconnected = reason;
    });
    clients.push(this);
  }

  // biome-ignore lint/suspicious/noExplicitAny: as above
  ask(name: string, request: unknown): Promise<any> {
    return this.socket.timeout(10_000).emitWithAck(name, request);
  }

  of(name: string) {
    return this.heard.filter((one) => one.name === name).map((one) => one.payload);
  }
}

async function connect(options: object = { auth: { token: owner.accessToken } }): Promise<Listener> {
  const socket = io(`${api.url}/ws`, { transports: ['websocket'], reconnection: false, forceNew: true, ...options });
  const listener = new Listener(socket);
  await until(() => socket.connected || listener.refusal);
  return listener;
}

async function happen<N extends EventName>(name: N, payload: EventPayloads[N], to = profileId): Promise<number> {
  const { organizationId } = owner;
  const event = { organizationId, profileId: to, conversationId, name, actor: { kind: 'system' }, payload } as NewEvent;
  const [logged] = await db.system((tx) => appendEvents(tx, [event]));
  return logged!.seq;
}

const chat = () => ({
  messageId: newId<string>(),
  waMessageId: '3EB0AA',
  conversationId,
  chatId: '628123@s.whatsapp.net',
});
const said = () => ({ ...chat(), chat: { kind: 'user' as const, id: '628123@s.whatsapp.net', name: null } });
const ana = { personId: null, phone: '628123', lid: null, name: 'Ana' };
const received = (text: string) =>
  happen('message.received', {
    ...said(),
    from: ana,
    content: { kind: 'text', text },
    quotedWaMessageId: null,
    sentAt: new Date().toISOString(),
  });

describe('connecting', () => {
  it('takes access tokens and API keys in every place where older clients put them', async () => {
    const key = (await owner.client.post('/api-keys', { name: 'socket', permissions: ['*'] })).body.data.key;
    const token = owner.accessToken;
    const ways = [
      { auth: { token } },
      { extraHeaders: { authorization: `Bearer ${token}` } },
      { query: { token } },
      { auth: { apiKey: key } },
      { extraHeaders: { 'x-api-key': key } },
      { query: { apiKey: key } },
    ];
    for (const way of ways) {
      const client = await connect(way);
      expect([way, client.socket.connected]).toEqual([way, true]);
      expect(await client.ask('subscribe:profile', { profileId })).toMatchObject({ success: true, profileId });
    }
    expect((await connect({ auth: { token }, transports: ['polling'] })).socket.connected).toBe(true);
  });

  it('refuses the rest with a code', async () => {
    const over = await ApiClient.register(api.url);
    await over.client.post('/auth/logout');
    const cases: [object, string][] = [
      [{}, 'UNAUTHENTICATED'],
      [{ auth: { token: 'nonsense' } }, 'UNAUTHENTICATED'],
      [{ auth: { apiKey: 'wp_wrong' } }, 'UNAUTHENTICATED'],
      [{ auth: { token: over.accessToken } }, 'SESSION_REVOKED'],
    ];
    for (const [way, code] of cases) {
      const client = await connect(way);
      expect([way, client.refusal?.message, client.refusal?.data]).toEqual([
        way,
        code,
        { code, message: expect.any(String) },
      ]);
    }
  });

  it('closes when the login ends or the key is revoked, at once', async () => {
    const { client: person, accessToken } = await ApiClient.register(api.url);
    const key = (await person.post('/api-keys', { name: 'socket', permissions: ['*'] })).body.data;
    const [byToken, byKey] = [
      await connect({ auth: { token: accessToken } }),
      await connect({ auth: { apiKey: key.key } }),
    ];
    await person.delete(`/api-keys/${key.id}`);
    await until(() => byKey.disconnected, { withinMs: 2000 });
    expect(byToken.socket.connected).toBe(true);
    await person.post('/auth/logout');
    await until(() => byToken.disconnected, { withinMs: 2000 });
  });
});

it('closes its sockets and stops in time when the api stops', async () => {
  const other = await startApi({ ...database.config, http: { ...database.config.http, port: 0 } });
  const socket = io(`${other.url}/ws`, {
    ...{ transports: ['websocket'], reconnection: false, forceNew: true },
    auth: { token: owner.accessToken },
  });
  const client = new Listener(socket);
  await until(() => socket.connected);
  await client.ask('subscribe:profile', { profileId });
  const began = Date.now();
  await other.stop();
  expect(Date.now() - began).toBeLessThan(4000);
  await until(() => client.disconnected);
});

describe('subscribing', () => {
  it('answers as not found for profiles of others and for none', async () => {
    const stranger = await ApiClient.register(api.url);
    const client = await connect({ auth: { token: stranger.accessToken } });
    for (const id of [profileId, newId()]) {
      for (const name of ['subscribe:profile', 'join']) {
        expect(await client.ask(name, { profileId: id })).toMatchObject({
          success: false,
          error: { code: 'NOT_FOUND' },
        });
      }
    }
    await received('secret');
    const own = await connect();
    await own.ask('subscribe:profile', { profileId, after: 0 });
    await until(() => own.of('message').length === 1);
    expect(client.heard).toEqual([]);
  });

  it('needs the permission, and sane requests', async () => {
    const key = (await owner.client.post('/api-keys', { name: 'socket', permissions: ['messages.read'] })).body.data
      .key;
    const client = await connect({ auth: { apiKey: key } });
    expect(await client.ask('subscribe:profile', { profileId })).toMatchObject({ error: { code: 'FORBIDDEN' } });
    const other = await connect();
    const wrong = [undefined, null, 5, 'x', [], {}, { profileId: 5 }, { profileId: 'x' }];
    const late = [
      { profileId, after: -1 },
      { profileId, after: 'x' },
      { profileId, after: 1.5 },
      { profileId, raw: 'x' },
    ];
    for (const request of [...wrong, ...late]) {
      expect([request, await other.ask('subscribe:profile', request)]).toMatchObject([
        request,
        { success: false, error: { code: 'VALIDATION_ERROR' } },
      ]);
    }
    other.socket.emit('subscribe:profile', { profileId });
    other.socket.emit('subscribe:profile');
    await until(() => other.of('connection:status').length === 1);
  });

  it('tells late comers the present state and QR code, if they may link', async () => {
    const sealer = await new Sealer(db, {
      current: database.config.secrets.encryptionKey,
      previous: [],
    }).forOrganization(owner.organizationId);
    // A QR code is only worth showing while an engine holds the profile.
    await db.query(
      `update profile_leases set host_id = gen_random_uuid(), expires_at = now() + interval '5 minutes' where profile_id = $1`,
      [profileId],
    );
    const show = async (text: string) => {
      await db.query(
        `update profile_connections set state = 'pairing', code = 'waiting_for_scan', qr_sealed = $2,
                qr_expires_at = now() + interval '1 minute' where profile_id = $1`,
        [profileId, sealer.seal(text, `profile.qr:${profileId}`)],
      );
      await happen('connection.qr_changed', { expiresAt: new Date().toISOString(), attempt: 1 });
    };
    await show('2@first');
    const client = await connect();
    const { seq } = await client.ask('subscribe:profile', { profileId });
    await until(() => client.of('qr:update').length === 1, { withinMs: 30_000 });
    expect(client.heard[0]).toEqual({
      name: 'connection:status',
      payload: {
        profileId,
        status: 'pairing',
        code: 'waiting_for_scan',
        message: expect.any(String),
        action: 'scan_qr',
        phoneNumber: null,
        seq,
      },
    });
    expect(client.heard[1]!.payload).toEqual({
      profileId,
      qrText: '2@first',
      qrCode: expect.stringMatching(/^data:image\/png;base64,/),
      expiresAt: expect.any(String),
      seq,
    });
    await show('2@second');
    await until(() => client.of('qr:update').length === 2, { withinMs: 30_000 });
    expect(client.of('qr:update')[1]).toMatchObject({ qrText: '2@second', seq: seq + 1 });

    const reader = (await owner.client.post('/api-keys', { name: 'reader', permissions: ['events.read'] })).body.data
      .key;
    const onlooker = await connect({ auth: { apiKey: reader } });
    await onlooker.ask('subscribe:profile', { profileId });
    await show('2@third');
    await happen('conversation.read', { conversationId, count: 1 });
    const last = await received('after');
    await until(() => onlooker.of('message').some((message) => message.seq === last));
    expect(onlooker.of('qr:update')).toEqual([]);
  });
});

describe('what is told', () => {
  it('gives each event its message, in order, with the position in the log', async () => {
    const client = await connect();
    const { seq } = await client.ask('subscribe:profile', { profileId });
    await until(() => client.heard.length === 1);
    const change = { ...chat(), state: 'read' as const, previousState: 'sent' as const, reason: null, batchId: null };
    await received('hello');
    await happen('message.sent_from_phone', {
      ...said(),
      to: ana,
      content: { kind: 'text', text: 'typed' },
      quotedWaMessageId: null,
      sentAt: new Date().toISOString(),
    });
    await happen('message.read', change);
    await happen('profile.updated', { id: profileId, name: 'x' });
    await happen('connection.changed', {
      state: 'connected',
      code: 'connected',
      sentence: 'Connected to WhatsApp.',
      userAction: 'none',
      phoneNumber: '628123',
    });
    await until(() => client.heard.length === 5);
    expect(client.heard.slice(1)).toEqual([
      {
        name: 'message',
        payload: {
          type: 'message:received',
          message: expect.objectContaining({
            body: 'hello',
            direction: 'incoming',
            type: 'text',
            chatId: change.chatId,
          }),
          conversation: expect.objectContaining({ id: conversationId, phone: '628123', name: 'Ana' }),
          profileId,
          seq: seq + 1,
        },
      },
      {
        name: 'message',
        payload: expect.objectContaining({ type: 'message:sent', seq: seq + 2 }),
      },
      {
        name: 'message:ack',
        payload: {
          profileId,
          messageId: change.messageId,
          waMessageId: '3EB0AA',
          status: 'read',
          reason: null,
          seq: seq + 3,
        },
      },
      {
        name: 'connection:status',
        payload: expect.objectContaining({
          status: 'connected',
          code: 'connected',
          phoneNumber: '628123',
          seq: seq + 5,
        }),
      },
    ]);
  });

  it('sends every event as it is to those who ask for raw ones', async () => {
    const client = await connect();
    await client.ask('subscribe:profile', { profileId, raw: true });
    const seq = await happen('profile.updated', { id: profileId, name: 'renamed' });
    await until(() => client.of('event').length === 1);
    const page = await owner.client.get(`/events?profileId=${profileId}&after=${seq - 1}`);
    expect(client.of('event')).toEqual(page.body.data);
  });

  it('stops when it is asked to', async () => {
    const client = await connect();
    await client.ask('subscribe:profile', { profileId });
    const seq = await received('one');
    await until(() => client.of('message').length === 1);
    expect(await client.ask('unsubscribe:profile', { profileId })).toMatchObject({ success: true, profileId, seq });
    expect(await client.ask('unsubscribe:profile', { profileId })).toMatchObject({ error: { code: 'NOT_FOUND' } });
    await received('two');
    await client.ask('subscribe:profile', { profileId });
    await received('three');
    await until(() => client.of('message').length === 2);
    expect(client.of('message').map(({ message }) => message.body)).toEqual(['one', 'three']);
  });
});

describe('resuming', () => {
  it('leaves out nothing and repeats nothing over many losses of the connection', async () => {
    const total = 400;
    let cursor = 0;
    const bodies: string[] = [];
    const writing = (async () => {
      for (let n = 0; n < total; n++) await received(String(n));
    })();
    let rounds = 0;
    while (bodies.length < total) {
      const client = await connect();
      await client.ask('subscribe:profile', { profileId, after: cursor });
      const enough = Math.min(bodies.length + 45, total) - bodies.length;
      await until(() => client.of('message').length >= enough);
      client.socket.disconnect();
      for (const { message, seq } of client.of('message')) {
        bodies.push(message.body);
        cursor = seq;
      }
      rounds++;
    }
    await writing;
    expect(bodies).toEqual(Array.from({ length: total }, (_, n) => String(n)));
    expect(rounds).toBeGreaterThan(3);
  }, 30_000);

  it('cuts off a client that does not read, and serves the others', async () => {
    const [deaf, good] = [await connect(), await connect()];
    await deaf.ask('subscribe:profile', { profileId });
    const { seq } = await good.ask('subscribe:profile', { profileId });
    // Its TCP window closes, as on a dead mobile connection.
    const { transport } = deaf.socket.io.engine as unknown as { transport: { ws: { _socket: NetSocket } } };
    const wire = transport.ws._socket;
    wire.pause();
    const text = 'x'.repeat(8000);
    const { organizationId } = owner;
    for (let batch = 0; batch < 30; batch++) {
      await db.system((tx) =>
        appendEvents(
          tx,
          Array.from({ length: 100 }, () => ({
            ...{ organizationId, profileId, conversationId, actor: { kind: 'whatsapp' as const } },
            name: 'message.received' as const,
            payload: {
              ...chat(),
              from: ana,
              content: { kind: 'text' as const, text },
              quotedWaMessageId: null,
              sentAt: new Date().toISOString(),
            },
          })),
        ),
      );
    }
    await until(() => good.of('message').length === 3000, { withinMs: 20_000 });
    expect(good.of('message').map((message) => message.seq)).toEqual(
      Array.from({ length: 3000 }, (_, n) => seq + 1 + n),
    );
    wire.resume();
    await until(() => deaf.disconnected, { withinMs: 20_000 });
    expect(deaf.of('message').length).toBeLessThan(3000);
    const again = await connect();
    const after = deaf.of('message').at(-1)?.seq ?? seq;
    await again.ask('subscribe:profile', { profileId, after });
    await until(() => again.of('message').at(-1)?.seq === seq + 3000, { withinMs: 20_000 });
    expect(again.of('message')[0].seq).toBe(after + 1);
  }, 60_000);
});

it('a client that resumes misses nothing and hears nothing twice over kills -9 of the api', async () => {
  const start = await happen('profile.updated', { id: profileId, name: 'start' });
  const seqs: number[] = [];
  let writing: Promise<unknown> = Promise.resolve();
  const rounds = 3;
  for (let round = 1; round <= rounds; round += 1) {
    const { process: own, port } = await startPart('api', database.config, { PORT: '0' });
    try {
      const auth = { token: owner.accessToken };
      const socket = io(`http://127.0.0.1:${port}/ws`, { transports: ['websocket'], reconnection: false, auth });
      const client = new Listener(socket);
      await until(() => socket.connected);
      writing = writing.then(async () => {
        for (let n = 0; n < 60; n++) await happen('profile.updated', { id: profileId, name: `${round} ${n}` });
      });
      await client.ask('subscribe:profile', { profileId, after: seqs.at(-1) ?? start, raw: true });
      // It dies in the middle of what is told, but the last time.
      const enough = round === rounds ? rounds * 60 - seqs.length : 30;
      await until(() => client.of('event').length >= enough, { withinMs: 30_000 });
      own.kill('SIGKILL');
      await until(() => client.disconnected);
      seqs.push(...client.of('event').map(({ seq }) => seq));
    } finally {
      own.kill('SIGKILL');
    }
  }
  expect(seqs).toEqual(Array.from({ length: rounds * 60 }, (_, n) => start + 1 + n));
}, 120_000);

describe('rooms', () => {
  it('a conversation, the organization and the own account are followed, and resumed, like a profile', async () => {
    const check = await asyncApiCheck(api.url);
    const { organizationId, userId } = owner;
    await db.query('insert into persons (id, organization_id) values ($1, $2)', [conversationId, organizationId]);
    await db.query('insert into conversations (id, organization_id, profile_id, person_id) values ($1, $2, $3, $1)', [
      conversationId,
      organizationId,
      profileId,
    ]);
    const client = await connect();
    const chat = await client.ask('subscribe:conversation', { conversationId, raw: true });
    expect(chat).toMatchObject({ success: true, room: 'conversation', id: conversationId, profileId });
    expect(await client.ask('subscribe:organization', {})).toMatchObject({ room: 'organization', id: organizationId });
    expect(await client.ask('subscribe:user', {})).toMatchObject({ room: 'user', id: userId });
    await received('hello');
    const mine = conversationId;
    conversationId = newId();
    await received('elsewhere');
    conversationId = mine;
    const last = await received('bye');
    await owner.client.post('/workspaces', { name: 'Room' });
    await client.ask('subscribe:profile', { profileId });
    const counts = { created: 1, updated: 0, unchanged: 0, skipped: 1, failed: 0 };
    const about = { importId: newId<string>(), isDryRun: false, fileName: 'fair.csv', counts, error: null };
    await happen('import.progress', { ...about, state: 'running', totalRows: 7, doneRows: 2 });
    const figures = { total: 3, pending: 1, queued: 0, sent: 2, delivered: 1, read: 0, failed: 0, cancelled: 0 };
    const broadcast = { broadcastId: newId<string>(), state: 'running' as const };
    const told = { ...broadcast, counts: { ...figures, expired: 0, unknown: 0, excluded: 4, replied: 0, optedOut: 0 } };
    await happen('broadcast.progressed', told);
    await owner.client.post('/account/exports', {});
    await until(() => ['import', 'broadcast', 'export'].every((what) => client.of(`${what}:progress`).length > 0));
    expect(client.of('broadcast:progress')[0]).toMatchObject({ ...told, profileId });
    expect(client.of('import:progress')[0]).toMatchObject({ ...about, profileId, progress: 28 });
    expect(client.of('export:progress')[0]).toMatchObject({ kind: 'user', state: 'queued', userId, progress: 0 });
    await until(() => client.of('message').length === 2);
    await until(() => client.of('event').some(({ name }) => name === 'workspace.created'));
    expect(client.of('message').map(({ message }) => message.body)).toEqual(['hello', 'bye']);
    for (const { name, payload } of client.heard) {
      const of = name === 'event' ? `event.${payload.name}` : `socket.${name.replaceAll(':', '_')}`;
      expect(check(of, payload)).toBeNull();
    }
    expect(check('event.message.received', { name: 'message.received' })).not.toBeNull();

    const again = await connect();
    const resumed = await again.ask('subscribe:conversation', { conversationId, after: chat.seq });
    expect(resumed).toMatchObject({ success: true, seq: chat.seq });
    await until(() => again.of('message').some(({ seq }) => seq === last));
    expect(again.of('message')).toHaveLength(2);

    const stranger = await ApiClient.register(api.url);
    const other = await connect({ auth: { token: stranger.accessToken } });
    expect(await other.ask('subscribe:conversation', { conversationId })).toMatchObject({
      error: { code: 'NOT_FOUND' },
    });
    const key = (await owner.client.post('/api-keys', { name: 'k', permissions: ['messages.read'] })).body.data.key;
    const weak = await connect({ auth: { apiKey: key } });
    for (const [name, request] of [
      ['subscribe:conversation', { conversationId }],
      ['subscribe:organization', {}],
      ['subscribe:user', {}],
    ] as const) {
      expect(await weak.ask(name, request)).toMatchObject({ error: { code: 'FORBIDDEN' } });
    }
  });
});
