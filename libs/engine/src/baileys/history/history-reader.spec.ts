import { deflateSync } from 'node:zlib';
import { proto } from '@whiskeysockets/baileys';
import { MockAgent } from 'undici';
import { MemoryInboundSink, MemoryProfileStore } from '#testing';
import type { HistoryWish } from '../../listening.js';
import { AccountFacts } from '../account-facts.js';
import { AddressBook } from '../address-book.js';
import { DurableStore } from '../durable-store.js';
import { KeyCache } from '../key-cache.js';
import { KeyTransactions } from '../key-transactions.js';
import { KeyWriter } from '../key-writer.js';
import { Persistence } from '../persistence.js';
import { silentLogger } from '../test-profile.for-spec.js';
import { HistoryReader } from './history-reader.js';

const { HistorySyncType } = proto.HistorySync;
const me = { id: '15550001001:3@s.whatsapp.net', lid: '111:3@lid' };

function setUp(wish: HistoryWish = 'full') {
  const memory = new MemoryProfileStore();
  const sink = new MemoryInboundSink(memory);
  const store = new DurableStore(memory, { leaseLost: () => undefined, unavailable: () => undefined });
  const nothing = { take: () => null, giveBack: () => undefined };
  const keys = new KeyTransactions(new KeyWriter(new KeyCache(store), store, nothing));
  const persistence = new Persistence({ leaseLost: () => undefined, failed: () => undefined });
  const book = new AddressBook(keys);
  const media = new MockAgent();
  media.disableNetConnect();
  const settled: string[] = [];
  sink.settled = async (ids) => void settled.push(...ids);
  const reader = new HistoryReader({
    sink,
    facts: new AccountFacts(sink, book, persistence),
    auth: { me, keys },
    book,
    downloads: media,
    persistence,
    logger: silentLogger,
    wish,
  });
  const take = async (journalId: string, notification: proto.Message.IHistorySyncNotification) => {
    reader.add({ type: 'history', journalId, notification });
    await reader.idle();
  };
  return { memory, sink, media, settled, reader, take };
}

/** A part that is inside its notice. */
const part = (type: proto.HistorySync.HistorySyncType, history: Partial<proto.IHistorySync>) => ({
  syncType: type as number,
  initialHistBootstrapInlinePayload: deflateSync(proto.HistorySync.encode({ ...history, syncType: type }).finish()),
});
const message = (info: proto.IWebMessageInfo) => ({ message: { messageTimestamp: 1_700_000_000, ...info } });
const text = (id: string, more: proto.IWebMessageInfo = {}) =>
  message({ key: { id, remoteJid: '222@lid' }, message: { conversation: id }, ...more });

describe('reading a part of the history', () => {
  it('by what is wanted', async () => {
    const types = [
      HistorySyncType.INITIAL_BOOTSTRAP,
      HistorySyncType.RECENT,
      HistorySyncType.FULL,
      HistorySyncType.ON_DEMAND,
    ];
    const got: Record<string, string[]> = {};
    for (const wish of ['none', 'recent', 'full'] as const) {
      const { sink, settled, take } = setUp(wish);
      for (const type of types) {
        await take(`J${type}`, part(type, { conversations: [{ id: '222@lid', messages: [text(`M${type}`)] }] }));
      }
      expect(settled).toHaveLength(4);
      got[wish] = sink.texts;
    }
    expect(got).toEqual({ none: ['M6'], recent: ['M0', 'M3', 'M6'], full: ['M0', 'M3', 'M2', 'M6'] });
  });

  it('reactions and votes that phones keep inside messages', async () => {
    const { sink, take } = setUp();
    const poll = { pollCreationMessageV3: { name: 'q', options: [{ optionName: 'a' }, { optionName: 'b' }] } };
    const { createHash } = await import('node:crypto');
    const chosen = createHash('sha256').update('b').digest();
    const info = text('P', {
      message: poll,
      messageSecret: Buffer.alloc(32, 5),
      reactions: [{ key: { id: 'R', remoteJid: '222@lid', fromMe: false }, text: '👍' }],
      pollUpdates: [
        { pollUpdateMessageKey: { id: 'V', remoteJid: '222@lid', fromMe: true }, vote: { selectedOptions: [chosen] } },
      ],
    });
    await take('J', part(HistorySyncType.RECENT, { conversations: [{ id: '222@lid', messages: [info] }] }));
    expect(sink.stored.get('P')).toMatchObject({ isHistory: true, secret: Buffer.alloc(32, 5) });
    expect([...sink.actions.values()]).toMatchObject([
      {
        waMessageId: 'R',
        fromMe: false,
        target: { waMessageId: 'P' },
        action: { kind: 'reaction', emoji: '👍' },
        isHistory: true,
      },
      { waMessageId: 'V', fromMe: true, action: { kind: 'poll_vote', options: ['b'] } },
    ]);
  });

  it('pairs of addresses, which later messages are completed by', async () => {
    const { sink, memory, take } = setUp();
    const conversations = [{ id: '222@lid', pnJid: '15550002001@s.whatsapp.net', messages: [text('A')] }];
    const mappings = [{ pnJid: '15550003001@s.whatsapp.net', lidJid: '333@lid' }];
    await take('J', part(HistorySyncType.RECENT, { conversations, phoneNumberToLidMappings: mappings }));
    expect(sink.stored.get('A')!.chat).toEqual({ kind: 'user', phone: '15550002001', lid: '222' });
    expect([...memory.keys.keys()]).toEqual(
      expect.arrayContaining(['lid-mapping/15550003001', 'lid-mapping/333_reverse']),
    );
  });

  it('lines about a group are no messages, and what was deleted is gone', async () => {
    const { sink, settled, take } = setUp();
    const group = '120363000000000001@g.us';
    const messages = [
      message({ key: { id: 'S', remoteJid: group }, messageStubType: 20 }),
      message({ key: { id: 'G', remoteJid: group, participant: '222@lid' }, message: { conversation: 'G' } }),
    ];
    await take('J', part(HistorySyncType.RECENT, { conversations: [{ id: group, messages }] }));
    expect(sink.texts).toEqual(['G']);
    expect(settled).toEqual(['J']);
  });

  it('one that is gone from the media host is left out, and the next goes on', async () => {
    const { sink, media, settled, reader, take } = setUp();
    media.get('https://mmg.whatsapp.net').intercept({ path: '/gone' }).reply(410).persist();
    const gone = {
      syncType: 3,
      directPath: '/gone',
      mediaKey: Buffer.alloc(32),
      fileSha256: Buffer.alloc(32),
      fileEncSha256: Buffer.alloc(32),
    };
    reader.add({ type: 'history', journalId: 'J1', notification: gone });
    await take('J2', part(HistorySyncType.RECENT, { conversations: [{ id: '222@lid', messages: [text('A')] }] }));
    expect(sink.texts).toEqual(['A']);
    expect(settled).toEqual(['J1', 'J2']);
  });
});
