import { Readable } from 'node:stream';
import { Simulator } from '#simulator';
import { until } from '#testing';
import {
  type AccountEngineUnderTest,
  type AccountUnderTest,
  type CallerUnderTest,
  describeAccount,
} from '../account.conformance.js';
import type { ContentEngineUnderTest, ReaderUnderTest, TalkerUnderTest } from '../content.conformance.js';
import { describeContent } from '../content.conformance.js';
import { describeEngine } from '../engine.conformance.js';
import type { Engine } from '../engine.js';
import { describeGroups } from '../groups.conformance.js';
import { does, says, sees } from './talking.for-spec.js';
import { addressOf, engineFor, messageId, TestProfile } from './test-profile.for-spec.js';

describe('on the simulated network', () => {
  let simulator: Simulator;
  let engine: Engine;
  let lastNumber = 15_550_007_000;
  const nextNumber = () => {
    lastNumber += 1;
    return String(lastNumber);
  };

  beforeAll(async () => {
    simulator = await Simulator.start();
    engine = engineFor(simulator);
  });
  afterAll(() => simulator.stop());

  async function profile(): Promise<AccountUnderTest & ReaderUnderTest> {
    const test = await new TestProfile(engine, simulator, nextNumber()).connect();
    const owner = simulator.person(test.number);
    return {
      facts: test.sink.accountFacts,
      phone: {
        isArchived: ({ phone }) => owner.settings.chat(phone!).archived,
        archive: ({ phone }) => owner.settings.archive(phone!),
        hasBlocked: ({ phone }) => owner.profile.blocked.includes(phone!),
        block: ({ phone }) => owner.profile.block(phone!),
        contactNames: () => owner.settings.contacts.map(({ name }) => name),
      },
      address: addressOf(simulator.person(test.number)),
      get connection() {
        return test.connection;
      },
      changes: test.changes,
      get received() {
        return [...test.sink.stored.values()];
      },
      get actions() {
        return [...test.sink.actions.values()];
      },
      receipts: test.sink.receiptFacts,
      typing: test.sink.typingFacts,
      get writes() {
        return test.store.commits.length + test.sink.handed + test.sink.receiptFacts.length;
      },
      async reopen() {
        test.reopen();
        await test.connect();
      },
    };
  }

  function contact(): CallerUnderTest & TalkerUnderTest {
    const person = simulator.person(nextNumber());
    const find = (id: string) => person.inbox().find((each) => each.id === id)!;
    return {
      address: addressOf(person),
      get received() {
        const first = person.inbox().filter(({ repeat }) => repeat === 0);
        return first.map((each) => ({
          id: each.id,
          text: each.text,
          file: () => each.downloadMedia(),
        }));
      },
      sendText: (to, text) => person.sendText(to.phone!, text),
      sendFile: (to, bytes) => person.sendDocument(to.phone!, bytes),
      read: (id) => person.markRead(find(id)),
      confirmed: async (id, state) => void (await person.expectReceipt(id, state)),
      showTyping: (to) => person.typing(to.phone!),
      seesTyping: async (from) => void (await person.expectTyping(from.phone!)),
      ring: (to) => person.calls.ring(to.phone!),
      isRefused: (callId) => person.calls.stateOf(callId) === 'rejected',
      says: (to, content) => says(person, to.phone!, content),
      does: (to, action, target) => does(person, to.phone!, action, target),
      sees: (chat, message) => sees(person, chat.phone!, message),
      setAbout: (text) => person.profile.setAbout(text),
    };
  }

  const world = (): AccountEngineUnderTest & ContentEngineUnderTest => ({
    profile,
    contact,
    nobody: { phone: '15559999999', lid: null },
    cut: ({ address }) => simulator.faults(address.phone!).cut(),
    newId: messageId,
    stream: (bytes) => Readable.from([bytes]),
    until,
  });
  describeEngine('Baileys', world);
  describeContent('Baileys', world);
  describeAccount('Baileys', world);
  describeGroups('Baileys', world);
});
