import { join } from 'node:path';
import type { EventName, LoggedEvent } from '#contracts';
import { Database, readEvents, Sealer } from '#database';
import { EngineGateway, MessageSender, ProfileLinker } from '#domain';
import { userChat } from '#engine';
import { type Person, Simulator } from '#simulator';
import { type BuiltProfile, buildActor, buildProfile, createTestDatabase, type TestDatabase, until } from '#testing';
import { type RunningEngine, startEngine } from '../apps/engine/src/start-engine.js';

/** The engine process against the simulated network: everything is asked from outside, over the database. */
describe('the engine process', () => {
  let simulator: Simulator;
  let database: TestDatabase;
  let db: Database;
  let gateway: EngineGateway;
  let linker: ProfileLinker;
  let sender: MessageSender;
  const engines: RunningEngine[] = [];
  let lastNumber = 15550100000;

  beforeAll(async () => {
    simulator = await Simulator.start();
    database = await createTestDatabase();
    const { config } = database;
    const caFile = join(config.storage.dataDir, 'ca.pem');
    await simulator.writeCaFile(caFile);
    Object.assign(config.sandbox, { url: simulator.url, rootKey: simulator.rootKeyHex, caFile });
    db = await Database.open(config.database, 'engine spec');
    const sealer = new Sealer(db, { current: config.secrets.encryptionKey, previous: [] });
    gateway = new EngineGateway(db, { internalSecret: config.secrets.internalSecret });
    linker = new ProfileLinker(db, sealer, gateway);
    // These tests send no media, so nothing takes any in.
    sender = new MessageSender(db, undefined as never, { expiryMs: 3_600_000 });
    await start();
  });

  afterAll(async () => {
    await Promise.all(engines.map((engine) => engine.stop()));
    await gateway.close();
    await db.close();
    await simulator.stop();
    await database.drop();
  });

  async function start(): Promise<RunningEngine> {
    const engine = await startEngine(database.config);
    engines.push(engine);
    return engine;
  }

  const number = () => String(++lastNumber);
  const events = (profile: BuiltProfile) => readEvents(db, profile.profileId, 0, 1000);

  function event<N extends EventName>(
    profile: BuiltProfile,
    name: N,
    matches: (event: LoggedEvent<N>) => boolean = () => true,
    withinMs = 10_000,
  ): Promise<LoggedEvent<N>> {
    const found = async () => {
      const named = (await events(profile)).filter((each) => each.name === name) as LoggedEvent[] as LoggedEvent<N>[];
      return named.find(matches);
    };
    return until(found, { what: `${name} of ${profile.profileId}`, withinMs });
  }

  const reached = (profile: BuiltProfile, code: string, withinMs?: number) =>
    until(() => linker.status(buildActor(profile), profile.profileId).then((status) => status.code === code), {
      what: `the state ${code}`,
      withinMs,
    });

  /** A profile that a phone has linked by scanning, and that phone. */
  async function linkedProfile(): Promise<{ profile: BuiltProfile; phone: Person }> {
    const profile = await buildProfile(db);
    const phone = simulator.person(number());
    await linker.connect(buildActor(profile), profile.profileId);
    await scan(profile, phone);
    await event(profile, 'profile.linked');
    return { profile, phone };
  }

  async function scan(profile: BuiltProfile, phone: Person): Promise<void> {
    const qr = await until(() => linker.qr(buildActor(profile), profile.profileId).then((waiting) => waiting.text), {
      what: 'a QR code',
      withinMs: 15_000,
    });
    await simulator.scanQr(qr, phone.number);
  }

  async function send(profile: BuiltProfile, to: string, ...texts: string[]): Promise<string[]> {
    const drafts = texts.map((text) => ({
      to: userChat({ phone: to, lid: null }),
      content: { kind: 'text' as const, text },
    }));
    const accepted = await sender.accept(buildActor(profile), {
      profileId: profile.profileId,
      lane: 'interactive',
      drafts,
    });
    return accepted.messages.map((message) => message.id);
  }

  const stateOf = async (messageId: string) =>
    (await db.query<{ state: string }>('select state from messages where id = $1', [messageId]))[0]?.state;

  it('links a number by its QR code, and tells each step', async () => {
    const { profile, phone } = await linkedProfile();
    const status = await linker.status(buildActor(profile), profile.profileId);
    expect(status).toMatchObject({ code: 'connected', phoneNumber: phone.number, health: { isOpen: true } });
    const codes = (await events(profile)).flatMap((each) =>
      each.name === 'connection.changed' ? each.payload.code : [],
    );
    expect(codes.slice(0, 4)).toEqual(['waiting_for_engine', 'connecting', 'waiting_for_scan', 'pairing_accepted']);
    expect(codes.at(-1)).toBe('connected');
    expect(await linker.qr(buildActor(profile), profile.profileId)).toMatchObject({ text: null });
  });

  it('links a number by a pairing code', async () => {
    const profile = await buildProfile(db);
    const phone = simulator.person(number());
    const code = await linker.pairingCode(buildActor(profile), profile.profileId, phone.number);
    expect(code).toMatch(/^[0-9A-Z]{8}$/);
    await simulator.enterPairingCode(phone.number, code);
    expect((await event(profile, 'profile.linked')).payload.phoneNumber).toBe(phone.number);
  });

  it('carries messages both ways, with their receipts', async () => {
    const { profile } = await linkedProfile();
    const contact = simulator.person(number(), { name: 'Carla' });
    const [id] = await send(profile, contact.number, 'hello Carla');
    const arrived = await contact.expectMessage('hello Carla');
    await event(profile, 'message.sent', ({ payload }) => payload.messageId === id);
    contact.markRead(arrived);
    await event(profile, 'message.read', ({ payload }) => payload.messageId === id);
    expect(await db.query('select 1 from outbox where message_id = $1', [id])).toHaveLength(0);

    await contact.reply(arrived, 'hello back');
    const received = await event(profile, 'message.received');
    expect(received.payload).toMatchObject({
      content: { kind: 'text', text: 'hello back' },
      from: { phone: contact.number, name: 'Carla' },
      quotedWaMessageId: arrived.id,
    });
    const [{ conversationId }] = (await db.query<{ conversationId: string }>(
      'select conversation_id as "conversationId" from messages where id = $1',
      [id],
    )) as [{ conversationId: string }];
    expect(received.conversationId).toBe(conversationId);
    const [chat] = await db.query('select unread_count as unread from conversations where id = $1', [conversationId]);
    expect(chat).toEqual({ unread: 1 });
  });

  it('keeps the order within a conversation', async () => {
    const { profile } = await linkedProfile();
    const contact = simulator.person(number());
    const texts = Array.from({ length: 60 }, (_, index) => `message ${index}`);
    await send(profile, contact.number, ...texts);
    await contact.expectMessage('message 59', { timeoutMs: 20_000 });
    expect(contact.inbox().map((message) => message.text)).toEqual(texts);
  });

  it('stores the media of received messages', async () => {
    const { profile, phone } = await linkedProfile();
    const contact = simulator.person(number());
    await contact.sendDocument(phone.number, Buffer.from('the file'), { fileName: 'a.txt', mimetype: 'text/plain' });
    const stored = await event(profile, 'message.media_stored', undefined, 15_000);
    expect(stored.payload.content).toMatchObject({
      kind: 'document',
      media: { mediaId: expect.any(String), sizeBytes: 8, fileName: 'a.txt' },
    });
  });

  it('goes on after the connection was cut, with nothing lost or doubled', async () => {
    const { profile, phone } = await linkedProfile();
    const contact = simulator.person(number());
    simulator.faults(phone.number).cut();
    const ids = await send(profile, contact.number, 'sent while away');
    await contact.sendText(phone.number, 'received while away');
    await contact.expectMessage('sent while away', { timeoutMs: 20_000 });
    await event(
      profile,
      'message.received',
      ({ payload }) => 'text' in payload.content && payload.content.text === 'received while away',
      20_000,
    );
    await until(async () => (await stateOf(ids[0]!)) !== 'sending');
    expect(contact.inbox().filter((message) => message.text === 'sent while away')).toHaveLength(1);
  });

  it('sends again under the same id when no acknowledgement comes', async () => {
    const { profile, phone } = await linkedProfile();
    const contact = simulator.person(number());
    const [first] = await send(profile, contact.number, 'acknowledged');
    await event(profile, 'message.sent', ({ payload }) => payload.messageId === first);
    simulator.faults(phone.number).dropNextAcks(1);
    const [id] = await send(profile, contact.number, 'not acknowledged');
    const arrived = await contact.expectMessage('not acknowledged');
    // The receipt of the other phone proves it, whether or not the repeat is acknowledged first.
    await until(async () => ['sent', 'delivered'].includes((await stateOf(id!)) ?? ''), { withinMs: 40_000 });
    const ids = contact
      .inbox()
      .filter(({ text }) => text === 'not acknowledged')
      .map((message) => message.id);
    expect(new Set(ids)).toEqual(new Set([arrived.id]));
  });

  it('logs out on request, and links anew afterwards', async () => {
    const { profile, phone } = await linkedProfile();
    await linker.logout(buildActor(profile), profile.profileId);
    await reached(profile, 'logged_out_by_user');
    await linker.connect(buildActor(profile), profile.profileId);
    await scan(profile, phone);
    await reached(profile, 'connected');
  });

  it('stays logged out when the phone removes the device', async () => {
    const { profile, phone } = await linkedProfile();
    simulator.unlink(phone.number, 1);
    await reached(profile, 'logged_out_from_phone');
    const [row] = await db.query('select desired_state as wanted from profiles where id = $1', [profile.profileId]);
    expect(row).toEqual({ wanted: 'logged_out' });
  });

  it('refuses another number than the one of the profile', async () => {
    const { profile } = await linkedProfile();
    await linker.logout(buildActor(profile), profile.profileId);
    await reached(profile, 'logged_out_by_user');
    await linker.connect(buildActor(profile), profile.profileId);
    const stranger = simulator.person(number());
    await scan(profile, stranger);
    await reached(profile, 'wrong_number');
    expect(await db.query('select 1 from engine_credentials where profile_id = $1', [profile.profileId])).toEqual([]);
  });

  it('disconnects and connects without a new scan', async () => {
    const { profile } = await linkedProfile();
    await linker.disconnect(buildActor(profile), profile.profileId);
    await reached(profile, 'disconnected_by_user');
    await linker.connect(buildActor(profile), profile.profileId);
    await reached(profile, 'connected');
  });

  it('shares the profiles with an engine that joins', async () => {
    const second = await start();
    const perHost = async () =>
      db.query<{ host: string; count: number }>(
        `select l.host_id as host, count(*) as count from profile_leases l join profiles p on p.id = l.profile_id
          where p.desired_state = 'connected' and l.host_id is not null group by l.host_id`,
      );
    const shares = await until(
      async () => {
        const counts = await perHost();
        return counts.length === 2 && Math.abs(counts[0]!.count - counts[1]!.count) <= 1 ? counts : undefined;
      },
      { what: 'both engines to hold their share', withinMs: 20_000 },
    );
    expect(shares.map(({ host }) => host).sort()).toEqual([engines[0]!.hostId, second.hostId].sort());
  });

  it('hands everything over to another engine when it stops', async () => {
    const { profile, phone } = await linkedProfile();
    const contact = simulator.person(number());
    const ownerOf = async () =>
      (
        await db.query<{ host: string }>('select host_id as host from profile_leases where profile_id = $1', [
          profile.profileId,
        ])
      )[0]!.host;
    const host = await ownerOf();
    const owner = engines.find((engine) => engine.hostId === host)!;
    const other = engines.find((engine) => engine !== owner)!;
    await owner.stop();
    const [id] = await send(profile, contact.number, 'through the other engine');
    await contact.expectMessage('through the other engine', { timeoutMs: 15_000 });
    await event(profile, 'message.sent', ({ payload }) => payload.messageId === id);
    expect(await ownerOf()).toBe(other.hostId);
    await contact.sendText(phone.number, 'still there?');
    await event(profile, 'message.received');
    await simulator.settle();
    simulator.assertHealthy();
  });
});
