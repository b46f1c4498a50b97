import { type BaileysEventMap, BufferJSON, downloadMediaMessage, proto, type WAMessage } from '@whiskeysockets/baileys';
import type { Agent } from 'undici';
import { TestBench, type TestClient } from '../../test-client.js';
import { eventOf, synced } from '../../test-events.js';
import { downloadOptions, mediaDispatcher } from '../../test-media.js';

const OWNER = '6281200000001';
const FRIENDS = Array.from({ length: 12 }, (_, index) => `628130000${String(index).padStart(4, '0')}`);
const { HistorySyncType } = proto.HistorySync;

type History = BaileysEventMap['messaging-history.set'];

describe('history', () => {
  const bench = new TestBench();
  let dispatcher: Agent;

  beforeEach(async () => {
    await bench.start({ seed: 'history' });
    dispatcher = mediaDispatcher(bench.simulator);
  });

  afterEach(async () => {
    await bench.stop();
    await dispatcher.destroy();
  });

  /** Links a client and gathers all the history it gets until its push names have come. */
  async function linked(
    syncFullHistory: boolean,
  ): Promise<{ client: TestClient; parts: History[]; messages: WAMessage[] }> {
    const client = bench.client({
      options: downloadOptions(dispatcher),
      syncFullHistory,
      shouldSyncHistoryMessage: () => true,
    });
    const parts: History[] = [];
    const listen = (): void => void client.socket.ev.on('messaging-history.set', (part) => parts.push(part));
    client.start();
    const { text } = await client.qrs.wait(() => true, { timeoutMs: 10_000, what: 'QR code' });
    const opened = client.ends.wait(({ code }) => code === 515, { timeoutMs: 10_000, what: 'restart' });
    await bench.simulator.scanQr(text, OWNER);
    await opened;
    listen();
    const named = eventOf(client, 'messaging-history.set', ({ contacts }) =>
      contacts.some(({ notify }) => Boolean(notify)),
    );
    await named;
    await bench.simulator.settle({ timeoutMs: 30_000 });
    await synced(client);
    return { client, parts, messages: parts.flatMap((part) => part.messages) };
  }

  it('begins with the newest of each chat, goes on with what is recent, and names people', async () => {
    for (const number of FRIENDS) bench.simulator.person(number, { name: `Friend ${number}` });
    const owner = bench.simulator.person(OWNER);
    await owner.history.generate({ with: FRIENDS, messages: 600, days: 200 });
    const { client, parts, messages } = await linked(false);
    const [first] = parts;
    expect(first).toMatchObject({ syncType: HistorySyncType.INITIAL_BOOTSTRAP, progress: 100, isLatest: true });
    expect(first?.chats).toHaveLength(FRIENDS.length);
    const { lidMapping } = client.socket.signalRepository;
    const lid = bench.simulator.person(FRIENDS[0]!).account.address('lid');
    expect(await lidMapping.getLIDForPN(`${FRIENDS[0]}@s.whatsapp.net`)).toBe(lid);
    expect(parts.slice(0, 3).map(({ syncType }) => syncType)).toEqual([
      HistorySyncType.INITIAL_BOOTSTRAP,
      HistorySyncType.RECENT,
      HistorySyncType.PUSH_NAME,
    ]);
    expect(messages.length).toBeLessThan(600);
    expect(new Set(messages.map(({ key }) => key.id)).size).toBe(messages.length);
    const picture = messages.find(({ message }) => message?.imageMessage);
    const file = await downloadMediaMessage(picture!, 'buffer', { options: downloadOptions(dispatcher) as never });
    expect(file.subarray(1, 4).toString()).toBe('PNG');
    await bench.simulator.settle();
    bench.simulator.assertHealthy();
  });

  it('brings 20,000 messages, all of them once, to a client that wants everything', async () => {
    const owner = bench.simulator.person(OWNER);
    await owner.history.generate({ with: FRIENDS, messages: 20_000, days: 300 });
    const { parts, messages } = await linked(true);
    expect(new Set(messages.map(({ key }) => key.id)).size).toBe(20_000);
    const full = parts.filter(({ syncType }) => syncType === HistorySyncType.FULL);
    expect(full.map(({ chunkOrder }) => chunkOrder)).toEqual(full.map((_, index) => index + 1));
    expect(full.at(-1)?.progress).toBe(100);
    await bench.simulator.settle();
    bench.simulator.assertHealthy();
  }, 120_000);

  it('gives older messages of one chat on demand, until there are no more', async () => {
    const friend = FRIENDS[0]!;
    const owner = bench.simulator.person(OWNER);
    await owner.history.generate({ with: [friend], messages: 100, days: 3_000 });
    const all = owner.history.archive.chats()[0]!.messages;
    const { client } = await linked(false);
    const jid = bench.simulator.person(friend).account.address('lid');
    const ask = async (oldest: { id: string; fromMe: boolean; at: number }): Promise<History> => {
      const answer = eventOf(client, 'messaging-history.set', ({ syncType }) => syncType === HistorySyncType.ON_DEMAND);
      const key = { remoteJid: jid, fromMe: oldest.fromMe, id: oldest.id };
      const request = await client.socket.fetchMessageHistory(50, key, oldest.at);
      const part = await answer;
      expect(part.peerDataRequestSessionId).toBe(request);
      return part;
    };
    const first = await ask(all[60]!);
    expect(first.messages.map(({ key }) => key.id)).toEqual(
      all
        .slice(10, 60)
        .reverse()
        .map(({ id }) => id),
    );
    const second = await ask(all[10]!);
    expect(second.messages).toHaveLength(10);
    const third = await ask(all[0]!);
    expect(third.messages).toHaveLength(0);
    await bench.simulator.settle();
    bench.simulator.assertHealthy();
  });

  it('holds what was said during the simulation, and resends single messages', async () => {
    const friend = bench.simulator.person(FRIENDS[0]!);
    const owner = bench.simulator.person(OWNER);
    await friend.sendText(OWNER, 'before there was a client');
    await owner.expectMessage('before there was a client');
    await owner.sendText(friend.number, 'answered on the phone');
    const { client, messages } = await linked(false);
    const texts = messages.map(({ message }) => message?.conversation);
    expect(texts).toEqual(['answered on the phone', 'before there was a client']);

    const [, wanted] = messages;
    const resent = client.expectMessage(({ key }) => key.id === wanted!.key.id);
    const { remoteJid, fromMe, id } = wanted!.key;
    await client.socket.requestPlaceholderResend({ remoteJid, fromMe, id });
    expect((await resent).message.message?.conversation).toBe('before there was a client');
    await bench.simulator.settle();
    bench.simulator.assertHealthy();
  });

  it('is with people who have phones, also after a restart', async () => {
    const [friend, other] = FRIENDS as [string, string];
    await bench.simulator.person(OWNER).history.generate({ with: [friend, other], messages: 20 });
    const { client } = await linked(false);
    await client.socket.sendMessage(`${friend}@s.whatsapp.net`, { text: 'after all this time' });
    await bench.simulator.findPerson(friend)!.expectMessage('after all this time');
    const saved = JSON.parse(JSON.stringify(bench.simulator.snapshot(), BufferJSON.replacer), BufferJSON.reviver);
    await bench.stop();
    await bench.start();
    bench.simulator.restore(saved);
    expect(bench.simulator.findPerson(other)?.isOnline).toBe(true);
  });

  it('survives a restart of the simulator as it was', async () => {
    const owner = bench.simulator.person(OWNER);
    await owner.history.generate({ with: FRIENDS.slice(0, 2), messages: 20 });
    const ids = () =>
      bench.simulator
        .person(OWNER)
        .history.archive.chats()
        .map(({ messages }) => messages.map(({ id }) => id));
    const before = ids();
    const saved = JSON.parse(JSON.stringify(bench.simulator.snapshot(), BufferJSON.replacer), BufferJSON.reviver);
    await bench.stop();
    await bench.start();
    bench.simulator.restore(saved);
    expect(ids()).toEqual(before);
  });
});
