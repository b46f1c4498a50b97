import { type Person, Simulator } from '#simulator';
import { until } from '#testing';
import type { EngineLogger } from './baileys-logger.js';
import { engineFor, TestProfile } from './test-profile.for-spec.js';

const friends = Array.from({ length: 40 }, (_, index) => String(15_550_008_100 + index));
const friend = friends[0]!;

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

  const labels = () =>
    new Set(profile.sink.accountFacts.flatMap((fact) => (fact.type === 'label_changed' ? fact.labelId : [])));

  it('is fetched from the media host of the sandbox, though it names none', async () => {
    await owner.history.generate({ with: friends, messages: 4_000, days: 100, seed: 1 });
    for (let id = 1; id <= 60; id += 1) await owner.settings.saveLabel({ id: String(id), name: `Label ${id}` });
    await profile.connect();
    // Sixty patches are more than the server keeps as such: the settings lie in a snapshot beside the history.
    await until(() => labels().size === 60, { what: 'all settings' });
    await simulator.settle({ timeoutMs: 20_000 });
    expect(simulator.stats['media.downloads']).toBeGreaterThan(1);
    await owner.settings.saveLabel({ id: '61', name: 'Label 61' });
    await until(() => labels().size === 61, { what: 'the newest label' });
    await simulator.settle();
    expect(complaints).toEqual([]);
    expect(profile.codes.at(-1)).toBe('connected');
    expect(simulator.problems).toEqual([]);
    simulator.assertHealthy();
  });

  it('may change after a restart: keys of settings are read back from the store as they were', async () => {
    simulator.person(friend);
    await owner.settings.saveLabel({ id: '1', name: 'Label 1' });
    await profile.connect();
    await until(() => labels().size === 1);
    await profile.connection.close();
    profile.reopen();
    await profile.connect();
    await owner.settings.archive(friend);
    await until(() => profile.sink.accountFacts.some(({ type }) => type === 'chat_archived'));
    expect(complaints).toEqual([]);
    await simulator.settle();
    simulator.assertHealthy();
  });
});
