import { AsyncLocalStorage } from 'node:async_hooks';
import { Simulator } from '#simulator';
import { until } from '#testing';
import { userChat } from '../chat-address.js';
import { engineFor, messageId, silentLogger, TestProfile } from './test-profile.for-spec.js';

const never = () => new Promise<void>(() => undefined);

describe('inbound messages and receipts', () => {
  let simulator: Simulator;
  let profile: TestProfile;
  const open: TestProfile[] = [];
  let lastNumber = 15_550_001_000;

  const newProfile = async () => {
    lastNumber += 1;
    profile = await new TestProfile(engineFor(simulator), simulator, String(lastNumber)).connect();
    open.push(profile);
    return profile;
  };
  let lastContact = 15_550_002_000;
  const newContact = () => {
    lastContact += 1;
    return simulator.person(String(lastContact), { name: `Contact ${lastContact}` });
  };
  const to = (contact: { number: string }) => userChat({ phone: contact.number, lid: null });
  const sendText = (contact: { number: string }, text: string, waMessageId = messageId()) =>
    profile.connection.send(to(contact), { content: { kind: 'text', text } }, { waMessageId });
  const stanzasFrom = (number: string, tag: string) =>
    simulator.stanzaLog().filter((each) => each.direction === 'in' && each.tag === tag && each.who.startsWith(number));

  beforeAll(async () => {
    simulator = await Simulator.start({ logLimit: 20_000 });
  });
  beforeEach(newProfile);
  afterEach(async () => {
    await Promise.all(open.splice(0).map((each) => each.connection.close()));
  });
  afterAll(() => simulator.stop());

  /** The process dies: nothing of the old connection reaches store or sink any more, and its socket is gone. */
  async function crash(): Promise<void> {
    const { store, sink } = profile;
    store.before = never;
    sink.before = never;
    simulator.faults(profile.number).cut();
    await until(() => !profile.connection.health.isOpen, { what: 'the socket to be cut' });
    const dead = profile.connection;
    // What the old process would still do must not be seen: it is closed without waiting for its calls that hang.
    void dead.close();
    store.before = () => undefined;
    sink.before = () => undefined;
  }

  it('what arrived while the profile was away (append) is new like any other', async () => {
    const contact = newContact();
    await contact.sendText(profile.number, 'live');
    await profile.received('live');
    await profile.connection.close();
    await contact.sendText(profile.number, 'while away 1');
    await contact.sendText(profile.number, 'while away 2');
    profile.reopen();
    await profile.connect();
    await profile.received('while away 2');
    expect(profile.sink.texts).toEqual(['live', 'while away 1', 'while away 2']);
    await simulator.settle();
  });

  it('does not wait for the marker that ends the offline messages', async () => {
    const contact = newContact();
    simulator.faults(profile.number).omitNextOfflineMarkers(5);
    await profile.connection.close();
    profile.reopen();
    await profile.connect();
    await contact.sendText(profile.number, 'no marker yet');
    await profile.received('no marker yet');
  });

  it('a crash between the commit and the sink replays the message at the next start', async () => {
    const contact = newContact();
    profile.sink.before = (call) => (call === 'messages' ? never() : undefined);
    await contact.sendText(profile.number, 'only in the journal');
    await until(() => [...profile.store.journal.values()].some(({ recorded }) => !recorded));
    await simulator.settle();
    await crash();
    expect(profile.sink.texts).toEqual([]);
    profile.reopen();
    await profile.connect();
    await profile.received('only in the journal');
    expect(profile.sink.stored.size).toBe(1);
  });

  it('a crash between the commit and the receipt: the redelivery is served from the journal, once for the reader', async () => {
    const contact = newContact();
    await contact.sendText(profile.number, 'first');
    await profile.received('first');
    await simulator.settle();
    simulator.faults(profile.number).loseNextReceipts(1);
    await contact.sendText(profile.number, 'receipt is lost');
    await profile.received('receipt is lost');
    await until(() => simulator.faults(profile.number).state.loseReceipts === 0, { what: 'the receipt to be lost' });
    simulator.faults(profile.number).cut();
    await until(() => profile.codes.includes('connection_lost'));
    await until(() => profile.codes.at(-1) === 'connected');
    await simulator.settle();
    expect(profile.sink.texts).toEqual(['first', 'receipt is lost']);
    expect(profile.connection.health.decryptFailures).toBe(0);
    expect(stanzasFrom(profile.number, 'receipt').filter((each) => each.attrs.type === 'retry')).toEqual([]);
  });

  it('no receipt goes out before the message and its ratchet are committed', async () => {
    const contact = newContact();
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    profile.store.before = (operation) => (operation === 'commit' ? held : undefined);
    await contact.sendText(profile.number, 'held back');
    await until(() =>
      simulator
        .stanzaLog()
        .some(
          (each) =>
            each.direction === 'out' && each.attrs.from?.startsWith(contact.account.address('lid').split('@')[0]!),
        ),
    );
    // A ping of our own crosses the wire meanwhile: the socket is not blocked, only the receipt is.
    const answered = profile.connection.health.lastStanzaAt;
    expect(answered).not.toBeNull();
    expect(
      stanzasFrom(profile.number, 'receipt').filter(
        (each) => each.attrs.type !== 'peer_msg' && each.attrs.type !== 'hist_sync',
      ),
    ).toEqual([]);
    release();
    await profile.received('held back');
    await simulator.settle();
  });

  it('messages that arrive while one is being committed share the next commit, and are told in their order', async () => {
    const contact = newContact();
    await contact.sendText(profile.number, 'warm');
    await profile.received('warm');
    await simulator.settle();
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    profile.store.before = (operation) => (operation === 'commit' ? held : undefined);
    const before = profile.store.commits.length;
    const arrived = () => profile.connection.health.recentMessagesIn;
    const expected = arrived() + 8;
    const texts = Array.from({ length: 8 }, (_, index) => `together ${index}`);
    for (const text of texts) await contact.sendText(profile.number, text);
    await until(() => arrived() === expected, { what: 'all to arrive' });
    const receipts = () => stanzasFrom(profile.number, 'receipt').length;
    const confirmed = receipts();
    expect(profile.sink.texts).toEqual(['warm']);
    release();
    await profile.received(texts.at(-1)!);
    await simulator.settle();
    expect(profile.sink.texts).toEqual(['warm', ...texts]);
    expect(profile.store.commits.slice(before).filter(({ journal }) => journal).length).toBeLessThan(5);
    expect(receipts()).toBe(confirmed + 8);
    simulator.assertHealthy();
  });

  it('no message goes out before the ratchets that encrypted it are committed', async () => {
    const contact = newContact();
    await sendText(contact, 'warm');
    await contact.expectMessage('warm');
    await simulator.settle();
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let waiting = 0;
    profile.store.before = (operation) => {
      if (operation !== 'commit') return undefined;
      waiting += 1;
      return held;
    };
    const ids = [messageId(), messageId(), messageId()];
    const sent = Promise.all(ids.map((id, index) => sendText(contact, `held back ${index}`, id)));
    await until(() => waiting > 0, { what: 'the commit to begin' });
    // What tells of nothing new is not held back, as long as nothing that is stands before it.
    const onTheWire = () => stanzasFrom(profile.number, 'message').filter((each) => ids.includes(each.attrs.id!));
    await simulator.settle();
    expect(onTheWire()).toEqual([]);
    release();
    await sent;
    expect(onTheWire().map((each) => each.attrs.id)).toEqual(ids);
    await contact.expectMessage('held back 2');
    await simulator.settle();
    simulator.assertHealthy();
  });

  it('messages that are sent at once share commits of their ratchets', async () => {
    const contacts = Array.from({ length: 8 }, newContact);
    await Promise.all(contacts.map((contact) => sendText(contact, 'warm')));
    await simulator.settle();
    const before = profile.store.commits.length;
    await Promise.all(contacts.map((contact) => sendText(contact, 'together')));
    await Promise.all(contacts.map((contact) => contact.expectMessage('together')));
    const sessions = profile.store.commits.slice(before).filter(({ keys }) => keys?.session);
    expect(sessions.length).toBeLessThan(8);
    expect(new Set(sessions.flatMap(({ keys }) => Object.keys(keys!.session!))).size).toBe(9);
  });

  it('a burst to new contacts opens one session with our own phone, not one for each', async () => {
    const contacts = Array.from({ length: 6 }, newContact);
    await Promise.all(contacts.map((contact) => sendText(contact, 'hello')));
    const ownLid = profile.changes.findLast(({ self }) => self)!.self!.address.lid!;
    const ownSessions = profile.store.commits.flatMap(({ keys }) =>
      Object.entries(keys?.session ?? {}).filter(([address]) => address.startsWith(ownLid)),
    );
    const [, last] = ownSessions.at(-1)!;
    // One from the pairing, which the phone opened, and ours.
    expect(Object.keys(JSON.parse(Buffer.from(last!).toString())._sessions).length).toBeLessThanOrEqual(2);
  });

  it('a sink that fails is tried again until it succeeds, without losing or repeating', async () => {
    const contact = newContact();
    let failures = 4;
    profile.sink.before = () => {
      failures -= 1;
      if (failures >= 0) throw new Error('the database restarts');
    };
    for (let index = 1; index <= 10; index += 1) await contact.sendText(profile.number, `text ${index}`);
    await profile.received('text 10');
    expect(profile.sink.texts).toEqual(Array.from({ length: 10 }, (_, index) => `text ${index + 1}`));
  });

  it('one message that the sink cannot take does not hold up the others', async () => {
    const contact = newContact();
    const { messages } = profile.sink;
    let refused = 0;
    profile.sink.messages = async (facts) => {
      if (
        refused < 6 &&
        facts.some((fact) => fact.type === 'message' && fact.content.kind === 'text' && fact.content.text === 'poison')
      ) {
        refused += 1;
        throw new Error('violates a constraint');
      }
      return messages.call(profile.sink, facts);
    };
    await contact.sendText(profile.number, 'poison');
    await contact.sendText(profile.number, 'wholesome');
    await profile.received('wholesome');
    await profile.received('poison');
  });

  it('a store that fails for a moment costs time, nothing else', async () => {
    const contact = newContact();
    await contact.sendText(profile.number, 'before');
    await profile.received('before');
    const failUntil = Date.now() + 400;
    profile.store.before = () => {
      if (Date.now() < failUntil) throw new Error('the database restarts');
    };
    await contact.sendText(profile.number, 'during');
    await sendText(contact, 'answer');
    await profile.received('during');
    expect(profile.connection.health.decryptFailures).toBe(0);
    await contact.expectMessage('answer');
    await simulator.settle();
    simulator.assertHealthy();
  });

  it('a store that is away for long ends the socket before WhatsApp is told anything, and nothing is lost', async () => {
    const contact = newContact();
    await contact.sendText(profile.number, 'before');
    await profile.received('before');
    await simulator.settle();
    const confirmed = () => stanzasFrom(profile.number, 'receipt').length;
    const before = confirmed();
    const { store } = (profile.connection as unknown as { parts: { store: { patience: { totalMs: number } } } }).parts;
    store.patience.totalMs = 100;
    profile.store.before = () => {
      throw new Error('the database is gone');
    };
    await contact.sendText(profile.number, 'while it is gone');
    await profile.reached('connection_lost');
    expect(confirmed()).toBe(before);
    expect(stanzasFrom(profile.number, 'ack').filter((each) => each.attrs.class === 'message')).toEqual([]);
    profile.store.before = () => undefined;
    await profile.received('while it is gone');
    expect(profile.connection.health.decryptFailures).toBe(0);
    await simulator.settle();
    simulator.assertHealthy();
  });

  it('crossing messages on one session with a slow store lose nothing', async () => {
    const contact = newContact();
    await sendText(contact, 'warm');
    await contact.expectMessage('warm');
    await contact.sendText(profile.number, 'warm too');
    await profile.received('warm too');
    profile.store.slowDown(() => 1 + Math.random() * 2);
    const count = 60;
    await Promise.all([
      (async () => {
        for (let index = 1; index <= count; index += 1) await sendText(contact, `out ${index}`);
      })(),
      (async () => {
        for (let index = 1; index <= count; index += 1) await contact.sendText(profile.number, `in ${index}`);
      })(),
    ]);
    await profile.received(`in ${count}`);
    await contact.expectMessage(`out ${count}`);
    await simulator.settle();
    const incoming = profile.sink.texts.filter((text) => text.startsWith('in '));
    expect(incoming).toEqual(Array.from({ length: count }, (_, index) => `in ${index + 1}`));
    const outgoing = contact.inbox().filter(({ text }) => text?.startsWith('out '));
    expect(outgoing.map(({ text }) => text)).toEqual(Array.from({ length: count }, (_, index) => `out ${index + 1}`));
    expect(stanzasFrom(profile.number, 'receipt').filter((each) => each.attrs.type === 'retry')).toEqual([]);
    simulator.assertHealthy();
  });

  it('two profiles that write to each other and to the same contact do not disturb each other', async () => {
    const contact = newContact();
    const first = profile;
    const second = await newProfile();
    first.store.slowDown(() => Math.random() * 3);
    second.store.slowDown(() => Math.random() * 3);
    const say = async (from: TestProfile, whom: { number: string }, word: string) => {
      for (let index = 1; index <= 20; index += 1) {
        const content = { kind: 'text', text: `${word} ${index}` } as const;
        await from.connection.send(to(whom), { content }, { waMessageId: messageId() });
      }
    };
    await Promise.all([
      say(first, contact, 'one'),
      say(second, contact, 'two'),
      say(first, second, 'to two'),
      say(second, first, 'to one'),
    ]);
    await first.received('to one 20');
    await second.received('to two 20');
    await simulator.settle();
    expect(first.sink.stored.size).toBe(20);
    expect(second.sink.stored.size).toBe(20);
    expect(contact.inbox()).toHaveLength(40);
    simulator.assertHealthy();
  });

  it('many profiles in one process share one AsyncLocalStorage: each more would make every message dearer', async () => {
    const contact = newContact();
    await newProfile();
    await newProfile();
    const used = new Set<AsyncLocalStorage<unknown>>();
    const { run } = AsyncLocalStorage.prototype;
    AsyncLocalStorage.prototype.run = function (this: AsyncLocalStorage<unknown>, ...args: [unknown, () => unknown]) {
      used.add(this);
      return run.apply(this, args);
    } as typeof run;
    try {
      for (const each of open) {
        await contact.sendText(each.number, 'hello');
        await each.received('hello');
      }
    } finally {
      AsyncLocalStorage.prototype.run = run;
    }
    expect(open).toHaveLength(3);
    expect(used.size).toBe(1);
  });

  it('what cannot be decrypted is reported, and completed when WhatsApp delivers it again', async () => {
    const contact = newContact();
    await contact.sendText(profile.number, 'readable');
    await profile.received('readable');
    const kinds: string[] = [];
    const { messages } = profile.sink;
    profile.sink.messages = async (facts) => {
      kinds.push(...facts.map((fact) => (fact.type === 'message' ? fact.content.kind : fact.action.kind)));
      return messages.call(profile.sink, facts);
    };
    simulator.faults(profile.number).corruptNextMessages(1);
    await contact.sendText(profile.number, 'damaged on the way');
    await profile.received('damaged on the way');
    expect(kinds).toEqual(['undecryptable', 'text']);
    expect(profile.connection.health.decryptFailures).toBe(1);
    expect(profile.sink.stored.size).toBe(2);
  });

  it('a receipt is stored before WhatsApp is told that it arrived', async () => {
    const contact = newContact();
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let asked = 0;
    profile.sink.before = (call) => {
      if (call !== 'receipts') return undefined;
      asked += 1;
      return held;
    };
    const waMessageId = messageId();
    await sendText(contact, 'to be confirmed', waMessageId);
    await until(() => asked > 0, { what: 'the receipt to reach the sink' });
    const acked = () =>
      stanzasFrom(profile.number, 'ack').filter(
        (each) => each.attrs.class === 'receipt' && each.attrs.id === waMessageId,
      );
    // A message that comes after the receipt is handled and confirmed; the receipt is still not acknowledged.
    await contact.sendText(profile.number, 'meanwhile');
    await until(() =>
      stanzasFrom(profile.number, 'receipt').some((each) =>
        each.attrs.to?.startsWith(contact.account.address('lid').split('@')[0]!),
      ),
    );
    expect(acked()).toEqual([]);
    release();
    await until(() => acked().length > 0, { what: 'the receipt to be acknowledged' });
    expect(profile.sink.receiptFacts).toEqual([
      {
        waMessageIds: [waMessageId],
        chat: { kind: 'user', phone: contact.number, lid: expect.any(String) },
        by: { phone: contact.number, lid: expect.any(String) },
        state: 'delivered',
        at: expect.any(Date),
      },
    ]);
  });

  it('a device that could not decrypt gets the message again, also after a restart', async () => {
    const contact = newContact();
    // The contact is itself a profile here: a companion device, which Baileys' own memory of sent messages misses.
    const reader = await new TestProfile(engineFor(simulator), simulator, contact.number).connect();
    open.push(reader);
    simulator.faults(contact.number).corruptNextMessages(1);
    const waMessageId = messageId();
    await sendText(contact, 'readable at the second attempt', waMessageId);
    await reader.received('readable at the second attempt');
    // From us, and not from the reader's own phone, which is asked when we stay silent.
    const timesSent = (id: string) => stanzasFrom(profile.number, 'message').filter((each) => each.attrs.id === id);
    expect(timesSent(waMessageId)).toHaveLength(2);

    // Now with a restart of ours between the message and the request to send it again.
    const content = { kind: 'text', text: 'readable after our restart' } as const;
    const second = messageId();
    await reader.connection.close();
    simulator.faults(contact.number).corruptNextMessages(1);
    await sendText(contact, content.text, second);
    await profile.connection.close();
    profile.store.sentContent.set(second, { content });
    profile.reopen();
    await profile.connect();
    reader.reopen();
    await reader.connect();
    await reader.received(content.text);
    expect(reader.sink.stored.get(second)?.content).toEqual(content);
    expect(timesSent(second)).toHaveLength(2);
  });

  it('a lost lease stops the socket at once, and nothing is written any more', async () => {
    const contact = newContact();
    await contact.sendText(profile.number, 'before');
    await profile.received('before');
    await simulator.settle();
    const { commits } = profile.store;
    const before = commits.length;
    profile.store.leaseLost = true;
    await contact.sendText(profile.number, 'for the new owner');
    await profile.reached('handed_over');
    expect(profile.connection.health.isOpen).toBe(false);
    await profile.connection.close();
    expect(commits.length).toBe(before);
    expect(profile.codes.at(-1)).toBe('handed_over');
    expect(profile.sink.texts).toEqual(['before']);
    // The new owner gets it from WhatsApp, which was never told that it arrived.
    profile.store.leaseLost = false;
    profile.reopen(engineFor(simulator, silentLogger));
    await profile.connect();
    await profile.received('for the new owner');
  });
});
