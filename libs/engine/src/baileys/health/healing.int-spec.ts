import { setTimeout as delay } from 'node:timers/promises';
import type { HealingStep } from '#contracts';
import { Simulator } from '#simulator';
import { until } from '#testing';
import type { AskedPause } from '../../engine.js';
import type { Healing } from '../../health.js';
import type { EngineLogger } from '../baileys-logger.js';
import { engineFor, messageId, silentLogger, TestProfile } from '../test-profile.for-spec.js';
import type { HealthLimits } from './limits.js';

/** No limit is reached in a test by itself. */
const patient: Partial<HealthLimits> = {
  checkEveryMs: 20,
  restMs: 200,
  bufferHeldMs: Number.POSITIVE_INFINITY,
  inboundStuckMs: Number.POSITIVE_INFINITY,
  reportEveryMs: 0,
};

describe('a connection that is up and does not work', () => {
  let simulator: Simulator;
  let lastNumber = 15_550_006_000;
  const open: TestProfile[] = [];

  beforeAll(async () => {
    simulator = await Simulator.start();
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((each) => each.connection.close()));
  });
  afterAll(() => simulator.stop());

  async function connected(limits: Partial<HealthLimits>, logger: EngineLogger = silentLogger) {
    lastNumber += 1;
    const healings: Healing[] = [];
    const engine = engineFor(simulator, logger, simulator.url, { ...patient, ...limits });
    const profile: TestProfile = new TestProfile(engine, simulator, String(lastNumber), {
      healedBefore: healings,
      observer: {
        healed: (healing) => healings.push(healing),
        recreate: () => {
          // As the holder of a profile does: what hangs is left behind.
          void Promise.race([profile.connection.close(), delay(2_500)]).then(() => profile.reopen().connect());
        },
      },
    });
    open.push(profile);
    await profile.connect();
    const steps = () => healings.map(({ step }) => step);
    const healedBy = (step: HealingStep) =>
      until(() => steps().includes(step), { what: `a ${step}`, withinMs: 20_000 });
    return { profile, healings, steps, healedBy };
  }

  let lastContact = 15_550_007_000;
  const contact = () => {
    lastContact += 1;
    return simulator.person(String(lastContact));
  };
  const sendText = (profile: TestProfile, to: string, text: string) => {
    const chat = { kind: 'user', phone: to, lid: null } as const;
    return profile.connection.send(chat, { content: { kind: 'text', text } }, { waMessageId: messageId() });
  };

  /** Messages come at a steady pace, so that their absence means something; then the network loses them silently. */
  async function becomeZombie(profile: TestProfile): Promise<void> {
    const friend = contact();
    for (let count = 1; count <= 8; count += 1) await friend.sendText(profile.number, `regular ${count}`);
    await profile.received('regular 8');
    await simulator.settle();
    for (const stanza of ['message', 'receipt', 'notification'] as const) {
      simulator.faults(profile.number).disturb({ what: 'drop', direction: 'to-client', stanza, count: 1_000 });
    }
    await friend.sendText(profile.number, 'lost on the way');
  }

  it('a zombie (pings are answered, nothing else comes) is asked, reconnected, and gets what was held back', async () => {
    const { profile, healings, healedBy } = await connected({ silence: { silenceMs: 1_500, factor: 3 } });
    await becomeZombie(profile);
    await healedBy('reconnect');
    expect(healings[0]).toMatchObject({ step: 'reconnect', code: 'inbound_silent', at: expect.any(Date) });
    simulator.faults(profile.number).clear();
    await profile.received('lost on the way');
    expect(profile.connection.health.healed.reconnect).toBe(1);
  });

  it('without that cure it stays a zombie', async () => {
    const { profile, healings } = await connected({ silence: { silenceMs: Number.POSITIVE_INFINITY, factor: 3 } });
    await becomeZombie(profile);
    // As long as the cure of the case above takes, and some more; what must not happen has no event to wait for.
    await delay(4_000);
    expect(healings).toEqual([]);
    expect(profile.sink.texts).not.toContain('lost on the way');
    expect(profile.connection.health.isOpen).toBe(true);
  });

  it('an event buffer that is never released (Baileys#2810) is flushed by us', async () => {
    const { profile, healings, healedBy, steps } = await connected({ bufferHeldMs: 300 });
    await simulator.settle();
    const before = steps().length;
    simulator.faults(profile.number).omitNextOfflineMarkers(1);
    simulator.faults(profile.number).cut();
    await until(() => steps().length > before, { what: 'the flush', withinMs: 20_000 });
    await healedBy('flush');
    expect(healings.at(-1)).toMatchObject({ step: 'flush', code: 'buffer_held' });
    await until(() => profile.connection.health.bufferHeldSince === null);
    expect(profile.codes.filter((code) => code === 'connection_lost')).toHaveLength(1);
  });

  it('without that cure the buffer is held', async () => {
    const { profile, healings } = await connected({});
    await simulator.settle();
    simulator.faults(profile.number).omitNextOfflineMarkers(1);
    simulator.faults(profile.number).cut();
    await profile.reached('connection_lost');
    await until(() => profile.codes.at(-1) === 'connected');
    await until(() => {
      const since = profile.connection.health.bufferHeldSince;
      return since !== null && Date.now() - since.getTime() > 1_500;
    });
    expect(healings).toEqual([]);
  });

  it('sends that nobody acknowledges any more lead to another socket, and go out there', async () => {
    const { profile, healings, healedBy } = await connected({ acksMissing: 3 });
    const friend = contact();
    await sendText(profile, friend.number, 'acknowledged');
    const { acks } = (profile.connection as unknown as { parts: { acks: { timeoutMs: number } } }).parts;
    acks.timeoutMs = 150;
    simulator.faults(profile.number).dropNextAcks(3);
    const fates = await Promise.allSettled([1, 2, 3].map((index) => sendText(profile, friend.number, `mute ${index}`)));
    expect(fates.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    await healedBy('reconnect');
    expect(healings[0]!.code).toBe('acks_missing');
    acks.timeoutMs = 20_000;
    await until(() => profile.codes.at(-1) === 'connected' && profile.connection.health.isOpen);
    await sendText(profile, friend.number, 'acknowledged again');
    expect(profile.connection.health).toMatchObject({ acksMissing: 0, ack: { samples: expect.any(Number) } });
  });

  it('a message whose processing hangs for good costs the connection, not the messages behind it', async () => {
    const { profile, healings, healedBy } = await connected({ inboundStuckMs: 300 });
    const friend = contact();
    await friend.sendText(profile.number, 'before');
    await profile.received('before');
    let hangs = 1;
    profile.store.before = (operation) => {
      if (operation !== 'commit' || hangs === 0) return undefined;
      hangs -= 1;
      return new Promise<void>(() => undefined);
    };
    await friend.sendText(profile.number, 'hangs');
    await friend.sendText(profile.number, 'waits behind it');
    await healedBy('reconnect');
    // The lock of the keys is held for ever: only another connection helps.
    await healedBy('recreate');
    expect(healings.every(({ code }) => code === 'inbound_stuck')).toBe(true);
    await profile.received('waits behind it');
    expect(profile.sink.texts).toContain('hangs');
  });

  it('a storm of unreadable messages is counted and told in bounds, and the keys are read anew', async () => {
    const lines: string[] = [];
    const counting: EngineLogger = {
      ...silentLogger,
      child: () => counting,
      info: (_, line) => void lines.push(line),
      warn: (_, line) => void lines.push(line),
      error: (_, line) => void lines.push(line),
    };
    const count = 160;
    const { profile, healings, healedBy } = await connected(
      { decryptStorm: 100, stepsPerHour: { flush: 9, reconnect: 9, recreate: 1 } },
      counting,
    );
    const friend = contact();
    await friend.sendText(profile.number, 'readable');
    await profile.received('readable');
    simulator.faults(profile.number).corruptNextMessages(1_000_000);
    for (let sent = 1; sent <= count; sent += 1) await friend.sendText(profile.number, `storm ${sent}`);

    await healedBy('recreate');
    expect(healings.find(({ step }) => step === 'recreate')!.code).toBe('decrypt_storm');
    simulator.faults(profile.number).corruptNextMessages(0);
    await friend.sendText(profile.number, 'after the storm');
    await until(() => profile.sink.texts.includes('after the storm'), { what: 'a readable message', withinMs: 60_000 });
    expect(lines.length).toBeLessThan(30);
  }, 120_000);

  it('a number that WhatsApp asks to connect less often keeps its place on the ladder over a restart', async () => {
    lastNumber += 1;
    const pauses: (AskedPause | null)[] = [];
    const observer = { pauseAsked: (pause: AskedPause | null) => void pauses.push(pause) };
    const profile = await new TestProfile(engineFor(simulator), simulator, String(lastNumber), { observer }).connect();
    open.push(profile);
    simulator.faults(profile.number).failNextLogins(429);
    simulator.faults(profile.number).cut();
    await profile.reached('rate_limited');
    expect(pauses).toEqual([{ until: expect.any(Date), times: 1 }]);
    expect(pauses[0]!.until.getTime() - Date.now()).toBeGreaterThan(8_000);
    await profile.connection.close();

    const until_ = new Date(Date.now() + 1_500);
    const restarted = new TestProfile(engineFor(simulator), simulator, profile.number, {
      observer,
      store: profile.store,
      sink: profile.sink,
      pause: { until: until_, times: 1 },
    });
    open.push(restarted);
    restarted.connection.connect();
    await restarted.reached('connected');
    expect(Date.now()).toBeGreaterThanOrEqual(until_.getTime());
    expect(restarted.codes.slice(0, 2)).toEqual(['connecting', 'rate_limited']);
    expect(pauses.at(-1)).toBeNull();
  });
});
