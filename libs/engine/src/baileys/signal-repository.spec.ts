import { type BinaryNode, initAuthCreds } from '@whiskeysockets/baileys';
import { MemoryProfileStore } from '#testing';
import { baileysLogger } from './baileys-logger.js';
import { DurableStore, StoreFailure } from './durable-store.js';
import { InboundCiphers } from './journal.js';
import { KeyCache } from './key-cache.js';
import { KeyTransactions } from './key-transactions.js';
import { KeyWriter } from './key-writer.js';
import { installConsoleFilter } from './libsignal/console-filter.js';
import { SignalParty } from './libsignal/signal-party.for-spec.js';
import { type InboundCipherEvents, makeJournallingRepository } from './signal-repository.js';
import { silentLogger } from './test-profile.for-spec.js';

function setUp() {
  const memory = new MemoryProfileStore();
  const trouble = { leaseLost: () => undefined, unavailable: () => undefined };
  const store = new DurableStore(memory, trouble, { totalMs: 20, firstDelayMs: 1, maxDelayMs: 2 });
  const keys = new KeyTransactions(
    new KeyWriter(new KeyCache(store), store, { take: () => null, giveBack: () => undefined }),
  );
  const ciphers = new InboundCiphers();
  const told: string[] = [];
  const events: InboundCipherEvents = {
    decrypted: ({ attrs }) => told.push(`decrypted ${attrs.id}`),
    undecryptable: async ({ attrs }) => void told.push(`undecryptable ${attrs.id}`),
    servedFromJournal: ({ attrs }) => told.push(`from journal ${attrs.id}`),
  };
  const make = makeJournallingRepository({ keys, store, ciphers, me: () => ({ id: '', lid: '' }), events });
  const creds = initAuthCreds();
  const us = make({ creds, keys: {} as never }, baileysLogger(silentLogger), async () => undefined);
  const peer = new SignalParty('2220@lid');
  const arrive = (attrs: Record<string, string>, ciphertext: Uint8Array): BinaryNode => {
    const node = { tag: 'message', attrs, content: [{ tag: 'enc', attrs: { type: 'msg' }, content: ciphertext }] };
    ciphers.register(node);
    return node;
  };
  return { memory, keys, us, creds, peer, told, arrive };
}

/** A first message from the peer, who has fetched our keys. */
async function firstMessage({ creds, peer }: ReturnType<typeof setUp>) {
  const ours = Object.assign(new SignalParty('1110@lid'), { creds });
  await peer.openSession(ours);
  return peer.encrypt(ours, 'hello');
}

describe('the Signal repository with the journal', () => {
  beforeAll(() => installConsoleFilter());

  it('commits the plaintext with the ratchet that gave it, and nothing before', async () => {
    const world = setUp();
    const message = await firstMessage(world);
    world.arrive({ from: '2220@lid', id: 'A' }, message.ciphertext);
    const plain = await world.us.decryptMessage({ jid: '2220@lid', ...message });
    expect(Buffer.from(plain).toString()).toBe('hello');
    await world.keys.settled();
    expect(world.memory.commits).toHaveLength(1);
    expect(world.memory.commits[0]).toMatchObject({
      keys: { session: expect.anything(), 'identity-key': expect.anything() },
      journal: [{ id: '2220@lid||A|0|', waMessageId: 'A' }],
    });
    expect(world.told).toEqual(['decrypted A']);
  });

  it('answers a redelivery from the journal: its key is used up', async () => {
    const world = setUp();
    const message = await firstMessage(world);
    for (const ciphertext of [message.ciphertext, Buffer.from(message.ciphertext)]) {
      world.arrive({ from: '2220@lid', id: 'A' }, ciphertext);
      const plain = await world.us.decryptMessage({ jid: '2220@lid', type: message.type, ciphertext });
      expect(Buffer.from(plain).toString()).toBe('hello');
    }
    expect(world.told).toEqual(['decrypted A', 'from journal A']);
  });

  it('reports what cannot be decrypted, and lets the library ask for it again', async () => {
    const world = setUp();
    const message = await firstMessage(world);
    // In the authentication code: behind it come two small numbers.
    message.ciphertext[message.ciphertext.length - 9]! ^= 1;
    world.arrive({ from: '2220@lid', id: 'A' }, message.ciphertext);
    await expect(world.us.decryptMessage({ jid: '2220@lid', ...message })).rejects.toThrow(/MAC/);
    expect(world.told).toEqual(['undecryptable A']);
    expect(world.memory.commits).toEqual([]);
  });

  it('takes a status that nobody can read for an empty one: refused, it would hold back the queue for ever', async () => {
    const world = setUp();
    const ciphertext = Buffer.from('not a message');
    world.arrive({ from: 'status@broadcast', participant: '2220@lid', id: 'S' }, ciphertext);
    const options = { group: 'status@broadcast', authorJid: '2220@lid', msg: ciphertext };
    await expect(world.us.decryptGroupMessage(options)).resolves.toEqual(Buffer.from([1]));
    expect(world.told).toEqual([]);
  });

  it('does not take a failing store for a message that cannot be read', async () => {
    const world = setUp();
    const message = await firstMessage(world);
    world.arrive({ from: '2220@lid', id: 'A' }, message.ciphertext);
    world.memory.before = () => {
      throw new Error('the database is gone');
    };
    await expect(world.us.decryptMessage({ jid: '2220@lid', ...message })).rejects.toThrow(StoreFailure);
    expect(world.told).toEqual([]);
  });

  it('tells of no message whose commit failed: it comes again', async () => {
    const world = setUp();
    const message = await firstMessage(world);
    world.arrive({ from: '2220@lid', id: 'A' }, message.ciphertext);
    world.memory.before = (operation) => {
      if (operation === 'commit') throw new Error('the database is gone');
    };
    const plain = await world.us.decryptMessage({ jid: '2220@lid', ...message });
    await world.keys.settled();
    expect(world.told).toEqual([]);
    world.memory.before = () => undefined;
    const again = Buffer.from(message.ciphertext);
    world.arrive({ from: '2220@lid', id: 'A' }, again);
    expect(await world.us.decryptMessage({ jid: '2220@lid', type: message.type, ciphertext: again })).toEqual(plain);
    await world.keys.settled();
    expect(world.told).toEqual(['decrypted A']);
  });
});
