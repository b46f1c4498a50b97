import { createHash } from 'node:crypto';
import { encodeWAMessage, proto } from '@whiskeysockets/baileys';
import { MemoryInboundSink, MemoryProfileStore, until } from '#testing';
import type { ChatAddress } from '../chat-address.js';
import type { InboundFact, MessageTarget } from '../content.js';
import { LeaseLost } from '../store.js';
import { AccountFacts } from './account-facts.js';
import { AddressBook } from './address-book.js';
import { seal } from './content/sealed.js';
import { DurableStore } from './durable-store.js';
import { InboundReader } from './inbound-reader.js';
import { InboundRecorder } from './inbound-recorder.js';
import { type DecryptedStanza, writeEntry } from './journal.js';
import { KeyCache } from './key-cache.js';
import { KeyTransactions } from './key-transactions.js';
import { KeyWriter } from './key-writer.js';
import { Persistence } from './persistence.js';

const stanza = (index: number): DecryptedStanza => ({
  journalId: `222@lid||M${index}|0|`,
  attrs: { from: '222@lid', id: `M${index}`, t: '1800000000' },
  encAttrs: { type: 'msg' },
  plaintext: encodeWAMessage({ conversation: `text ${index}` }),
  me: { id: '15550001001:3@s.whatsapp.net', lid: '111:3@lid' },
});

function setUp() {
  const memory = new MemoryProfileStore();
  const sink = new MemoryInboundSink(memory);
  const told: string[] = [];
  const store = new DurableStore(memory, { leaseLost: () => told.push('lease lost'), unavailable: () => undefined });
  const keys = new KeyTransactions(
    new KeyWriter(new KeyCache(store), store, { take: () => null, giveBack: () => undefined }),
  );
  const persistence = new Persistence({ leaseLost: () => told.push('lease lost'), failed: () => undefined });
  const secrets = { find: (chat: ChatAddress, target: MessageTarget) => memory.findSecret(chat, target) };
  const book = new AddressBook(keys);
  const facts = new AccountFacts(sink, book, persistence);
  const recorder = new InboundRecorder(
    sink,
    store,
    new InboundReader(book, secrets),
    persistence,
    facts,
    () => undefined,
  );
  const journalled = async (count: number) => {
    const journal = Array.from({ length: count }, (_, index) => writeEntry(stanza(index)));
    await memory.commit({ journal });
  };
  /** Refuses one message by its text, so many times. */
  const refuse = (text: string, times: number) => {
    const { messages } = sink;
    let left = times;
    sink.messages = async (facts: InboundFact[]) => {
      const isHit = facts.some(
        (fact) => fact.type === 'message' && fact.content.kind === 'text' && fact.content.text === text,
      );
      if (isHit && left > 0) {
        left -= 1;
        throw new Error('violates a constraint');
      }
      return messages.call(sink, facts);
    };
  };
  return { memory, sink, told, persistence, recorder, journalled, refuse };
}

describe('the inbound recorder', () => {
  it('brings what an earlier process left, in its order, and then what arrives', async () => {
    const { sink, recorder, journalled } = setUp();
    await journalled(250);
    recorder.start();
    recorder.add({ stanza: stanza(1_000) });
    await recorder.idle();
    expect(sink.texts).toEqual([...Array.from({ length: 250 }, (_, index) => `text ${index}`), 'text 1000']);
    expect(sink.handed).toBe(251);
  });

  it('does not hand over again what it read from the journal and got live as well', async () => {
    const { sink, recorder, journalled } = setUp();
    await journalled(3);
    recorder.add({ stanza: stanza(2) });
    recorder.start();
    await recorder.idle();
    expect(sink.handed).toBe(3);
  });

  it('goes on behind a message that cannot be recorded yet, however long the backlog is', async () => {
    const { sink, recorder, journalled, refuse } = setUp();
    refuse('text 0', 6);
    await journalled(130);
    recorder.start();
    await until(() => sink.texts.includes('text 129'));
    await until(() => sink.texts.includes('text 0'));
    expect(sink.stored.size).toBe(130);
  });

  it('keeps what it cannot read as a message that could not be decrypted', async () => {
    const { sink, recorder } = setUp();
    recorder.start();
    recorder.add({ stanza: { ...stanza(1), plaintext: Buffer.from([0xff, 0xff, 0xff, 1]) } });
    await recorder.idle();
    expect([...sink.stored.values()]).toMatchObject([
      { waMessageId: 'M1', journalId: stanza(1).journalId, content: { kind: 'undecryptable' } },
    ]);
  });

  it('settles what carries no message, so that it is not replayed for ever', async () => {
    const { memory, sink, recorder } = setUp();
    const plaintext = encodeWAMessage({ protocolMessage: { type: 0 } });
    await memory.commit({ journal: [writeEntry({ ...stanza(1), plaintext })] });
    recorder.start();
    await recorder.idle();
    expect(sink.handed).toBe(0);
    expect(await memory.listUnrecorded(10)).toEqual([]);
  });

  describe('votes', () => {
    const secret = Buffer.alloc(32, 7);
    const vote = (): DecryptedStanza => {
      const context = { waMessageId: 'POLL', author: '222@lid', answerer: '222@lid' };
      const plain = proto.Message.PollVoteMessage.encode({
        selectedOptions: [createHash('sha256').update('tea').digest()],
      }).finish();
      const pollUpdateMessage = {
        pollCreationMessageKey: { id: 'POLL', fromMe: true, remoteJid: '111@lid' },
        vote: seal(plain, 'Poll Vote', secret, context),
      };
      return { ...stanza(2), plaintext: encodeWAMessage({ pollUpdateMessage }) };
    };
    const poll = (): DecryptedStanza => {
      const pollCreationMessageV3 = { name: 'q', options: [{ optionName: 'tea' }], selectableOptionsCount: 1 };
      const plaintext = encodeWAMessage({ pollCreationMessageV3, messageContextInfo: { messageSecret: secret } });
      return { ...stanza(1), attrs: { ...stanza(1).attrs, id: 'POLL' }, plaintext };
    };

    it('that come with their poll are read by it', async () => {
      const { sink, recorder } = setUp();
      recorder.add({ stanza: poll() });
      recorder.add({ stanza: vote() });
      await recorder.idle();
      expect([...sink.actions.values()]).toMatchObject([{ action: { kind: 'poll_vote', options: ['tea'] } }]);
    });

    it('that come before their poll wait for it, in the journal too', async () => {
      const { memory, sink, recorder } = setUp();
      await memory.commit({ journal: [writeEntry(vote())] });
      recorder.start();
      await recorder.idle();
      expect(sink.actions.size).toBe(0);
      expect(await memory.listUnrecorded(10)).toHaveLength(1);
      recorder.add({ stanza: poll() });
      await until(() => sink.actions.size > 0);
      expect(await memory.listUnrecorded(10)).toEqual([]);
    });
  });

  it('stops with the lease, and leaves the rest in the journal', async () => {
    const { memory, sink, told, recorder, journalled } = setUp();
    sink.before = () => {
      throw new LeaseLost('p');
    };
    await journalled(5);
    recorder.start();
    await recorder.idle();
    expect(told).toEqual(['lease lost']);
    expect(await memory.listUnrecorded(10)).toHaveLength(5);
  });
});
