import { join } from 'node:path';
import type { Actor } from '#contracts';
import { Database, Sealer } from '#database';
import { EngineGateway, MessageSender, ProfileLinker } from '#domain';
import { userChat } from '#engine';
import { type Person, Simulator } from '#simulator';
import { type BuiltProfile, buildActor, buildProfile, createTestDatabase, type TestDatabase, until } from '#testing';
import { type RunningEngine, startEngine } from '../apps/engine/src/start-engine.js';
import { TcpRelay } from './tcp-relay.js';

/** The engine while its database is away: nothing crashes, nobody is logged out, nothing is lost or doubled. */
describe('an engine without its database', () => {
  let simulator: Simulator;
  let database: TestDatabase;
  let relay: TcpRelay;
  let db: Database;
  let gateway: EngineGateway;
  let linker: ProfileLinker;
  let sender: MessageSender;
  let engine: RunningEngine;
  let profile: BuiltProfile;
  let actor: Actor;
  let phone: Person;
  let contact: Person;

  beforeAll(async () => {
    simulator = await Simulator.start();
    database = await createTestDatabase({ engine: { leaseSeconds: 4 } });
    const { config } = database;
    const caFile = join(config.storage.dataDir, 'ca.pem');
    await simulator.writeCaFile(caFile);
    const target = new URL(database.url);
    relay = await TcpRelay.to(target.hostname, Number(target.port));
    db = await Database.open(config.database, 'outage spec');
    const sealer = new Sealer(db, { current: config.secrets.encryptionKey, previous: [] });
    gateway = new EngineGateway(db, { internalSecret: config.secrets.internalSecret });
    linker = new ProfileLinker(db, sealer, gateway);
    sender = new MessageSender(db, undefined as never, { expiryMs: 3_600_000 });
    engine = await startEngine({
      ...config,
      database: { ...config.database, url: relay.through(database.url) },
      sandbox: { url: simulator.url, rootKey: simulator.rootKeyHex, caFile, controlUrl: simulator.controlUrl },
    });
    profile = await buildProfile(db);
    actor = buildActor(profile);
    phone = simulator.person('15550200001');
    contact = simulator.person('15550200002');
    await linker.connect(actor, profile.profileId);
    const qr = await until(async () => (await linker.qr(actor, profile.profileId)).text, { withinMs: 20_000 });
    await simulator.scanQr(qr, phone.number);
    await reached('connected');
    await send('before');
    await contact.expectMessage('before');
  }, 60_000);

  afterAll(async () => {
    relay.resume();
    await engine.stop();
    await gateway.close();
    await db.close();
    await relay.close();
    await simulator.stop();
    await database.drop();
  }, 60_000);

  const reached = (code: string) =>
    until(async () => (await linker.status(actor, profile.profileId)).code === code, {
      what: `the state ${code}`,
      withinMs: 30_000,
    });

  async function send(text: string): Promise<void> {
    const drafts = [{ to: userChat({ phone: contact.number, lid: null }), content: { kind: 'text' as const, text } }];
    await sender.accept(actor, { profileId: profile.profileId, lane: 'interactive', drafts });
  }

  const isStored = (text: string) =>
    until(
      async () =>
        (
          await db.query(`select 1 from messages where profile_id = $1 and content ->> 'text' = $2`, [
            profile.profileId,
            text,
          ])
        ).length === 1,
      { what: `"${text}" to be stored`, withinMs: 30_000 },
    );

  const epoch = async () =>
    (
      await db.query<{ epoch: number }>('select epoch from profile_leases where profile_id = $1', [profile.profileId])
    )[0]!.epoch;

  const isOnline = () =>
    [...phone.account.devices.values()].some((device) => device !== phone.phone.device && device.isReachable);

  /** The engine has noticed: it asked for the database again and again, in vain. */
  function refusals(count: number): Promise<boolean> {
    const before = relay.refused;
    return until(() => relay.refused >= before + count, { what: 'more tries to reach the database' });
  }

  it('keeps its sockets through a short outage', async () => {
    const before = await epoch();
    relay.cut();
    await contact.sendText(phone.number, 'during the short outage');
    await send('queued during the short outage');
    await refusals(5);
    expect(isOnline()).toBe(true);
    relay.resume();
    await isStored('during the short outage');
    await contact.expectMessage('queued during the short outage');
    expect(await epoch()).toBe(before);
  }, 60_000);

  it('closes its sockets before the lease ends, and comes back by itself', async () => {
    const before = await epoch();
    relay.cut();
    await contact.sendText(phone.number, 'during the long outage');
    await send('queued during the long outage');
    await until(() => !isOnline(), { what: 'the socket to be closed', withinMs: 4_000 });
    await refusals(5);
    relay.resume();
    await reached('connected');
    await isStored('during the long outage');
    await contact.expectMessage('queued during the long outage', { timeoutMs: 20_000 });
    expect(await epoch()).toBeGreaterThan(before);
  }, 60_000);

  it('bears a database that does not answer', async () => {
    relay.freeze();
    await contact.sendText(phone.number, 'during the silence');
    await until(() => !isOnline(), { what: 'the socket to be closed', withinMs: 4_000 });
    relay.resume();
    await reached('connected');
    await isStored('during the silence');
    await simulator.settle();
    // A repeat under the same id is one message on the other phone.
    const shown = new Set(contact.inbox().map((message) => message.id));
    const texts = new Set(contact.inbox().map((message) => message.text));
    expect([shown.size, texts.size]).toEqual([3, 3]);
    simulator.assertHealthy();
  }, 60_000);
});
