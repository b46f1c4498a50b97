import { type Person, Simulator } from '#simulator';
import { until } from '#testing';
import { userChat } from '../../chat-address.js';
import { addressOf, engineFor, TestProfile } from '../test-profile.for-spec.js';

const friends = Array.from({ length: 5 }, (_, index) => `1555010000${index}`);

describe('the history of a phone', () => {
  let simulator: Simulator;
  let last = 15_550_102_000;
  beforeAll(async () => {
    simulator = await Simulator.start();
    for (const number of friends) simulator.person(number, { name: `Friend ${number}` });
  });
  afterAll(() => simulator.stop());

  /** A phone with chats, the last hundred days of them. */
  async function phone(messages: number): Promise<Person> {
    last += 1;
    const owner = simulator.person(String(last));
    await owner.history.generate({ with: friends, messages, days: 100 });
    return owner;
  }
  const profileOf = (owner: Person, history: 'none' | 'recent' | 'full') =>
    new TestProfile(engineFor(simulator), simulator, owner.number, { history });
  const ids = (profile: TestProfile) => [...profile.sink.stored.keys()].sort();
  /** The ids of what the phone has. */
  const archived = (owner: Person) =>
    friends.flatMap((number) => owner.chats.open(number)!.messages.map(({ id }) => id)).sort();

  it('brings names and the state of chats, and no messages when they are not wanted', async () => {
    const owner = await phone(60);
    await owner.settings.archive(friends[0]!);
    await owner.settings.mute(friends[1]!, Date.parse('2099-01-01'));
    const profile = await profileOf(owner, 'none').connect();
    const facts = () => profile.sink.accountFacts.filter(({ source }) => source === 'history');
    await until(() => facts().some((fact) => fact.type === 'person_named' && fact.names.push));
    await until(async () => (await profile.store.listUnrecorded(10)).length === 0);
    const friend = (index: number) => addressOf(simulator.person(friends[index]!));
    expect(facts()).toContainEqual(
      expect.objectContaining({ type: 'chat_archived', chat: { kind: 'user', ...friend(0) }, archived: true }),
    );
    expect(facts()).toContainEqual(
      expect.objectContaining({
        type: 'chat_muted',
        chat: { kind: 'user', ...friend(1) },
        until: new Date('2099-01-01'),
      }),
    );
    expect(facts()).toContainEqual(
      expect.objectContaining({ type: 'person_named', person: friend(2), names: { push: `Friend ${friends[2]}` } }),
    );
    expect(profile.sink.stored.size).toBe(0);
    await profile.connection.close();
  });

  it('brings the recent messages once, as old ones, from both sides', async () => {
    const owner = await phone(400);
    const profile = await profileOf(owner, 'recent').connect();
    await until(async () => profile.sink.stored.size > 15 && (await profile.store.listUnrecorded(10)).length === 0);
    const stored = [...profile.sink.stored.values()];
    expect(stored.every(({ isHistory }) => isHistory)).toBe(true);
    expect(new Set(stored.map(({ fromMe }) => fromMe))).toEqual(new Set([true, false]));
    expect(stored.find(({ fromMe }) => fromMe)!.author).toEqual(addressOf(owner));
    expect(archived(owner)).toEqual(expect.arrayContaining(ids(profile)));
    // Phones count what is younger than ninety days as recent.
    expect(stored.length).toBeGreaterThan(200);
    expect(stored.length).toBeLessThan(400);
    expect(profile.sink.receiptFacts).toEqual([]);
    await profile.connection.close();
  });

  it('brings everything, in batches that wait for the sink, exactly once over a crash in the middle', async () => {
    const owner = await phone(3_000);
    const profile = profileOf(owner, 'full');
    let busy = 0;
    let most = 0;
    let batches = 0;
    const { messages } = profile.sink;
    profile.sink.messages = async (facts) => {
      busy += 1;
      most = Math.max(most, busy);
      batches += 1;
      expect(facts.length).toBeLessThanOrEqual(200);
      await new Promise((resolve) => setImmediate(resolve));
      busy -= 1;
      return messages.call(profile.sink, facts);
    };
    await profile.connect();
    await until(() => batches >= 5);
    await profile.connection.close();
    const before = profile.sink.stored.size;
    expect(before).toBeLessThan(2_000);
    profile.reopen();
    await profile.connect();
    const told = () => profile.sink.stored.size + profile.sink.actions.size;
    await until(() => told() === 3_000, { withinMs: 30_000 });
    await until(async () => (await profile.store.listUnrecorded(10)).length === 0);
    expect(told()).toBe(3_000);
    expect(most).toBe(1);
    await profile.connection.close();
  });

  it('live messages do not wait for it', async () => {
    const owner = await phone(300);
    const profile = profileOf(owner, 'recent');
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { messages } = profile.sink;
    profile.sink.messages = async (facts) => {
      if (facts.some(({ isHistory }) => isHistory)) await held;
      return messages.call(profile.sink, facts);
    };
    await profile.connect();
    await simulator.person(friends[0]!).sendText(owner.number, 'now');
    await profile.received('now');
    release();
    await until(() => profile.sink.stored.size > 200);
    await profile.connection.close();
  });

  it('gives older messages of a chat when it is asked', async () => {
    const owner = await phone(200);
    const profile = await profileOf(owner, 'none').connect();
    const friend = simulator.person(friends[0]!);
    const chat = userChat(addressOf(friend));
    const shown = owner.chats.open(friend.number)!.messages;
    const { id, at, fromMe } = shown.at(-1)!;
    const oldest = { waMessageId: id, fromMe, author: null, sentAt: new Date(at) };
    const { history } = profile.connection.abilities;
    await history!.requestOlder(chat, oldest, 5);
    const told = () => profile.sink.stored.size + profile.sink.actions.size;
    await until(() => told() === 5);
    expect(
      [...profile.sink.stored.values()].every(({ isHistory, sentAt }) => isHistory && sentAt.getTime() <= at),
    ).toBe(true);
    await expect(history!.requestOlder(chat, oldest, 501)).rejects.toMatchObject({ code: 'content_invalid' });
    const before = profile.sink.handed;
    await history!.requestAgain(chat, { waMessageId: id, fromMe, author: null });
    await until(() => profile.sink.handed > before);
    await profile.connection.close();
  });
});
