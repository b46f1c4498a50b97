import type { WASocket } from '@whiskeysockets/baileys';
import { type Person, Simulator } from '#simulator';
import { until } from '#testing';
import type { Connection } from '../engine.js';
import type { EngineLogger } from './baileys-logger.js';
import { engineFor, TestProfile } from './test-profile.for-spec.js';

const friends = Array.from({ length: 40 }, (_, index) => String(15_550_008_100 + index));
const friend = friends[0]!;

/** The socket of the moment: what the library tells of settings stays within the engine. */
const socketOf = (connection: Connection): WASocket | undefined =>
  (connection as unknown as { session: { sock: WASocket } | null }).session?.sock;

describe('what a phone already has', () => {
  let simulator: Simulator;
  let owner: Person;
  let profile: TestProfile;
  /** Warnings and errors of the engine, and what failed in the library, whose every word is of the level "debug". */
  let complaints: string[];
  let lastNumber = 15_550_008_000;

  beforeEach(async () => {
    simulator = await Simulator.start();
    lastNumber += 1;
    owner = simulator.person(String(lastNumber), { name: 'Owner' });
    complaints = [];
    const complain = (facts: unknown, message?: string) =>
      void complaints.push(
        `${message} ${JSON.stringify(facts, (_, value) => (value instanceof Error ? value.stack : value))}`,
      );
    const logger: EngineLogger = {
      child: () => logger,
      trace: () => undefined,
      debug: (facts, message) => /fail/i.test(message) && complain(facts, message),
      info: () => undefined,
      warn: complain,
      error: complain,
    };
    profile = new TestProfile(engineFor(simulator, logger), simulator, owner.number);
  });
  afterEach(async () => {
    await profile.connection.close();
    await simulator.stop();
  });

  /** Collects the settings of chats that the library applied, by the socket of the moment. */
  function settingsApplied(): { archived: (boolean | null | undefined)[]; labels: string[] } {
    const applied = { archived: [] as (boolean | null | undefined)[], labels: [] as string[] };
    const { ev } = socketOf(profile.connection)!;
    ev.on('chats.update', (chats) => {
      applied.archived.push(...chats.map(({ archived }) => archived).filter((archived) => archived !== undefined));
    });
    ev.on('labels.edit', ({ name }) => applied.labels.push(name));
    return applied;
  }

  async function linked(): Promise<ReturnType<typeof settingsApplied>> {
    profile.connection.connect();
    await until(() => profile.qrs.length > 0);
    await simulator.scanQr(profile.qrs.at(-1)!.text, owner.number);
    // Linked by one socket, logged in by the next.
    const first = socketOf(profile.connection);
    await until(() => socketOf(profile.connection) !== first);
    const applied = settingsApplied();
    await profile.reached('connected');
    return applied;
  }

  it('is fetched from the media host of the sandbox, though it names none', async () => {
    await owner.history.generate({ with: friends, messages: 4_000, days: 100, seed: 1 });
    for (let id = 1; id <= 60; id += 1) await owner.settings.saveLabel({ id: String(id), name: `Label ${id}` });
    const { labels } = await linked();
    await simulator.settle({ timeoutMs: 20_000 });
    const parts = await until(() => simulator.stats['media.downloads'], { what: 'parts of the history' });
    // The library asks for settings when they change next, and gets a snapshot of all that were before.
    await owner.settings.saveLabel({ id: '61', name: 'Label 61' });
    await until(() => new Set(labels).size === 61, { what: 'all settings' });
    expect(simulator.stats['media.downloads']).toBe(parts + 1);
    await simulator.settle();
    expect(complaints).toEqual([]);
    expect(profile.codes.at(-1)).toBe('connected');
    expect(simulator.problems).toEqual([]);
    simulator.assertHealthy();
  });

  it('may change after a restart: keys of settings are read back from the store as they were', async () => {
    simulator.person(friend);
    await linked();
    await until(async () => (await profile.store.getKeys('app-state-sync-key', [await keyId()])).size === 1);
    await profile.connection.close();
    profile.reopen();
    profile.connection.connect();
    await until(() => socketOf(profile.connection));
    const applied = settingsApplied();
    await until(() => profile.connection.health.isOpen);
    await owner.settings.archive(friend);
    await until(() => applied.archived.includes(true), { what: 'the archived chat' });
    expect(complaints).toEqual([]);
    await simulator.settle();
    simulator.assertHealthy();
  });

  /** By which the phone seals its settings, as the profile stored it. */
  async function keyId(): Promise<string> {
    const text = Buffer.from((await profile.store.loadCredentials()) ?? []).toString();
    return text ? (JSON.parse(text).creds?.myAppStateKeyId ?? '') : '';
  }
});
