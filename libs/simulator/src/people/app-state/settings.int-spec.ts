import type { Agent } from 'undici';
import { TestBench, type TestClient } from '../../test-client.js';
import { eventOf, synced } from '../../test-events.js';
import { downloadOptions, mediaDispatcher } from '../../test-media.js';
import type { Person } from '../person.js';

const OWNER = '6281200000001';
const FRIEND = '6281300000002';

describe('synchronised settings', () => {
  const bench = new TestBench();
  let dispatcher: Agent;
  let owner: Person;
  let chat: string;
  let gateway: TestClient;

  beforeEach(async () => {
    await bench.start();
    dispatcher = mediaDispatcher(bench.simulator);
    owner = bench.simulator.person(OWNER, { name: 'Owner' });
    chat = bench.simulator.person(FRIEND, { name: 'Friend' }).account.address('lid');
    gateway = await synced(await bench.linked(OWNER, { options: downloadOptions(dispatcher) }));
  });

  afterEach(async () => {
    await bench.simulator.settle();
    bench.simulator.assertHealthy();
    await bench.stop();
    await dispatcher.destroy();
  });

  it('reach a client when the phone changes them', async () => {
    const archived = eventOf(gateway, 'chats.update', ([one]) => one?.archived === true);
    await owner.settings.archive(FRIEND);
    expect(await archived).toEqual([expect.objectContaining({ id: chat, archived: true })]);

    const pinned = eventOf(gateway, 'chats.update', ([one]) => Boolean(one?.pinned));
    await owner.settings.pin(FRIEND);
    await pinned;
    const muted = eventOf(gateway, 'chats.update', ([one]) => one?.muteEndTime !== undefined);
    await owner.settings.mute(FRIEND, 1_900_000_000_000);
    expect((await muted)[0]).toMatchObject({ id: chat, muteEndTime: 1_900_000_000_000 });
    const unread = eventOf(gateway, 'chats.update', ([one]) => one?.unreadCount === -1);
    await owner.settings.markChatUnread(FRIEND);
    await unread;
    const deleted = eventOf(gateway, 'chats.delete', ([id]) => id === chat);
    await owner.settings.deleteChat(FRIEND);
    await deleted;
    const starred = eventOf(gateway, 'messages.update', ([one]) => one?.update.starred === true);
    await owner.settings.star(FRIEND, { id: 'ABC', fromMe: false });
    expect((await starred)[0]?.key).toMatchObject({ remoteJid: chat, id: 'ABC', fromMe: false });
    const locked = eventOf(gateway, 'chats.lock', ({ locked }) => locked);
    await owner.settings.lockChat(FRIEND);
    expect(await locked).toEqual({ id: chat, locked: true });
    expect(owner.settings.chat(FRIEND)).toMatchObject({
      archived: true,
      pinned: true,
      locked: true,
      markedUnread: true,
    });
  });

  it('carry labels, contacts, the push name and the locale', async () => {
    const edited = eventOf(gateway, 'labels.edit', ({ id }) => id === '7');
    await owner.settings.saveLabel({ id: '7', name: 'New customer', color: 3 });
    expect(await edited).toMatchObject({ id: '7', name: 'New customer', color: 3 });
    const labelled = eventOf(gateway, 'labels.association', ({ type }) => type === 'add');
    await owner.settings.labelChat(FRIEND, '7');
    expect((await labelled).association).toMatchObject({ chatId: chat, labelId: '7' });
    const saved = eventOf(gateway, 'contacts.upsert', ([one]) => one?.name === 'My friend');
    await owner.settings.saveContacts({ number: FRIEND, name: 'My friend' });
    expect((await saved)[0]).toMatchObject({ lid: chat, phoneNumber: `${FRIEND}@s.whatsapp.net` });
    const renamed = eventOf(gateway, 'creds.update', ({ me }) => me?.name === 'Shop');
    await owner.settings.setPushName('Shop');
    await renamed;
    const locale = eventOf(gateway, 'settings.update', ({ setting }) => setting === 'locale');
    await owner.settings.setLocale('id_ID');
    expect((await locale).value).toBe('id_ID');
    expect(owner.settings.labels).toEqual([{ id: '7', name: 'New customer', color: 3 }]);
    expect(owner.settings.chat(FRIEND).labels).toEqual(['7']);
  });

  it('reach the phone and other clients when a client changes them', async () => {
    const second = await synced(await bench.linked(OWNER, { options: downloadOptions(dispatcher) }));
    const lastMessages = [{ key: { remoteJid: chat, id: 'X', fromMe: true }, messageTimestamp: 1_700_000_000 }];
    const seen = eventOf(second, 'chats.update', ([one]) => one?.archived === true);
    await gateway.socket.chatModify({ archive: true, lastMessages }, chat);
    await seen;
    await owner.settings.expectChange('archive');
    expect(owner.settings.chat(FRIEND).archived).toBe(true);

    await gateway.socket.chatModify({ mute: 1_900_000_000_000 }, chat);
    await owner.settings.expectChange('mute');
    await gateway.socket.chatModify({ pin: true }, chat);
    await owner.settings.expectChange('pin_v1');
    await gateway.socket.chatModify({ markRead: false, lastMessages }, chat);
    await owner.settings.expectChange('markChatAsRead');
    await gateway.socket.addLabel(chat, { id: '9', name: 'Paid', color: 1 } as never);
    await gateway.socket.addChatLabel(chat, '9');
    await owner.settings.expectChange('label_jid');
    await gateway.socket.addOrEditContact(`${FRIEND}@s.whatsapp.net`, { fullName: 'From the web', lidJid: chat });
    await owner.settings.expectChange('contact');
    await gateway.socket.updateProfileName('Web name');
    await owner.settings.expectChange('setting_pushName');
    expect(owner.settings.chat(FRIEND)).toMatchObject({
      archived: true,
      pinned: true,
      markedUnread: true,
      mutedUntil: 1_900_000_000_000,
      labels: ['9'],
    });
    expect(owner.settings.contacts).toEqual([{ number: FRIEND, name: 'From the web' }]);
    expect(owner.account.name).toBe('Web name');
    const removed = owner.settings.changes.lastIndex;
    await gateway.socket.removeContact(`${FRIEND}@s.whatsapp.net`);
    expect((await owner.settings.expectChange('contact', { after: removed })).value).toBeUndefined();
  });

  it('are fetched in pages by a client that was away, and by snapshot when it begins from nothing', async () => {
    await gateway.stop();
    for (let count = 0; count < 30; count += 1) {
      await owner.settings.saveLabel({ id: String(count), name: `Label ${count}` });
    }
    const names: (string | undefined)[] = [];
    const listen = (client: TestClient): void => {
      client.socket.ev.on('labels.edit', ({ name }) => names.push(name));
    };
    gateway.start();
    listen(gateway);
    await eventOf(gateway, 'labels.edit', ({ name }) => name === 'Label 29');
    expect(new Set(names).size).toBe(30);

    for (let count = 30; count < 60; count += 1) {
      await owner.settings.saveLabel({ id: String(count), name: `Label ${count}` });
    }
    await bench.simulator.settle();
    names.length = 0;
    const fresh = bench.client({ options: downloadOptions(dispatcher) });
    fresh.start();
    const { text } = await fresh.qrs.wait(() => true, { timeoutMs: 10_000, what: 'QR code' });
    await bench.simulator.scanQr(text, OWNER);
    await fresh.opens.wait(() => true, { timeoutMs: 20_000, what: 'open connection' });
    listen(fresh);
    await eventOf(fresh, 'labels.edit', ({ name }) => name === 'Label 59');
    expect(new Set(names).size).toBe(60);
    expect(bench.simulator.stats['media.downloads']).toBeGreaterThan(0);
  });

  it('lie beside the patch when there are many', async () => {
    const numbers = Array.from({ length: 80 }, (_, index) => `62814${String(index).padStart(8, '0')}`);
    for (const number of numbers) bench.simulator.person(number);
    const saved = new Set<string>();
    gateway.socket.ev.on('contacts.upsert', (contacts) => {
      for (const { name } of contacts) if (name) saved.add(name);
    });
    const last = eventOf(gateway, 'contacts.upsert', () => saved.size === 80);
    await owner.settings.saveContacts(...numbers.map((number) => ({ number, name: `Contact ${number}` })));
    await last;
    expect(owner.settings.contacts).toHaveLength(80);
  });

  it('refuse a patch that was made on an older version, and say what is missing', async () => {
    await owner.settings.pin(FRIEND);
    await owner.settings.mute(FRIEND);
    const patch = Buffer.from('0a020801', 'hex');
    const answer = await gateway.socket.query({
      tag: 'iq',
      attrs: { to: 's.whatsapp.net', type: 'set', xmlns: 'w:sync:app:state' },
      content: [
        {
          tag: 'sync',
          attrs: {},
          content: [
            {
              tag: 'collection',
              attrs: { name: 'regular_low', version: '0', return_snapshot: 'false' },
              content: [{ tag: 'patch', attrs: {}, content: patch }],
            },
          ],
        },
      ],
    });
    const [sync] = answer.content as { content: { attrs: object; content: { tag: string; attrs: object }[] }[] }[];
    const [collection] = sync?.content ?? [];
    expect(collection?.attrs).toMatchObject({ type: 'error', version: '1', has_more_patches: 'false' });
    expect(collection?.content.map(({ tag }) => tag)).toEqual(['error', 'patches']);
    expect(collection?.content[0]?.attrs).toMatchObject({ code: '409' });
  });

  it('go on under a new key after a companion was removed', async () => {
    const second = await synced(await bench.linked(OWNER, { options: downloadOptions(dispatcher) }));
    const before = second.creds.myAppStateKeyId;
    const renewed = eventOf(second, 'creds.update', ({ myAppStateKeyId }) =>
      Boolean(myAppStateKeyId && myAppStateKeyId !== before),
    );
    bench.simulator.unlink(OWNER, 1);
    await renewed;
    const muted = eventOf(second, 'chats.update', ([one]) => one?.muteEndTime !== undefined);
    await owner.settings.mute(FRIEND);
    await muted;
    await second.socket.chatModify({ pin: true }, chat);
    await owner.settings.expectChange('pin_v1');
  });
});
