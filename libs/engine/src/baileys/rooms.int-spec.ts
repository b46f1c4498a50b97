import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { MessageContent } from '#contracts';
import { type Person, Simulator } from '#simulator';
import { until } from '#testing';
import { type ChatAddress, parseChatJid } from '../chat-address.js';
import type { SendableContent } from '../content.js';
import { addressOf, engineFor, messageId, TestProfile } from './test-profile.for-spec.js';

describe('messages in rooms', () => {
  let simulator: Simulator;
  let profile: TestProfile;
  let carl: Person;
  let anna: Person;
  let own: Person;
  const us = () => addressOf(own);

  beforeAll(async () => {
    simulator = await Simulator.start();
    profile = await new TestProfile(engineFor(simulator), simulator, '15550006201').connect();
    own = simulator.person(profile.number);
    carl = simulator.person('15550006202', { name: 'Carl' });
    anna = simulator.person('15550006203', { name: 'Anna' });
  });
  afterAll(async () => {
    await profile.connection.close();
    await simulator.stop();
  });

  const received = (waMessageId: string) => profile.receivedMessage((message) => message.waMessageId === waMessageId);

  describe('a group', () => {
    let jid: string;
    let chat: ChatAddress;
    beforeAll(() => {
      jid = carl.groups.create('Friends', [profile.number, anna.number]).group.jid;
      chat = parseChatJid(jid)!;
    });

    it('tells who wrote, with both forms of the address', async () => {
      const id = await carl.sendText(jid, 'hello all');
      expect(await received(id)).toMatchObject({ chat, author: addressOf(carl), fromMe: false, pushName: 'Carl' });
    });

    it('brings every kind', async () => {
      const file = randomBytes(500);
      const sent: [string, MessageContent['kind']][] = [
        [await carl.sendText(jid, '@me', { mentions: [profile.number] }), 'text'],
        [await carl.sendImage(jid, file, { caption: 'look' }), 'image'],
        [await carl.cards.roundVideo(jid, file), 'video'],
        [await carl.cards.location(jid, { latitude: 1, longitude: 2 }), 'location'],
        [
          await carl.cards.contacts(jid, { name: 'A', number: anna.number }, { name: 'B', number: carl.number }),
          'contacts',
        ],
        [await carl.messages.poll(jid, { question: 'q', options: ['a', 'b'] }), 'poll'],
        [await carl.messages.event(jid, { name: 'e', startsAt: Date.parse('2031-01-01') }), 'event'],
        [await carl.cards.buttons(jid, 'b', [{ id: '1', text: 'one' }]), 'buttons'],
        [await carl.cards.list(jid, 'l', [{ id: '1', text: 'one' }]), 'list'],
      ];
      for (const [id, kind] of sent) expect((await received(id)).content.kind).toBe(kind);
      expect((await received(sent[0]![0])).content).toMatchObject({ mentions: [{ lid: us().lid }] });
      const { download } = await received(sent[1]![0]);
      expect((await buffer(await profile.connection.download(download!))).equals(file)).toBe(true);
    });

    it('brings what our own phone writes there, as ours', async () => {
      const id = await own.sendText(jid, 'from the phone');
      expect(await received(id)).toMatchObject({ chat, author: us(), fromMe: true });
    });

    it('tells of each member who got and read a message', async () => {
      const id = messageId();
      await profile.connection.send(chat, { content: { kind: 'text', text: 'read me' } }, { waMessageId: id });
      const got = await carl.expectMessage({ id });
      await anna.expectMessage({ id });
      carl.markRead(got);
      const states = (person: Person) =>
        profile.sink.receiptFacts
          .filter(({ waMessageIds, by }) => waMessageIds.includes(id) && by.lid === addressOf(person).lid)
          .map(({ state }) => state);
      await until(() => states(carl).includes('read') && states(anna).includes('delivered'));
      expect(states(carl)).toEqual(['delivered', 'read']);
      expect(states(anna)).toEqual(['delivered']);
      expect(profile.sink.receiptFacts.find(({ waMessageIds }) => waMessageIds.includes(id))!.chat).toEqual(chat);
    });

    it('tells the author that a message was read, and what our phone read', async () => {
      const id = await carl.sendText(jid, 'did you read');
      const { author } = await received(id);
      await profile.connection.markRead(chat, [{ waMessageId: id, author }]);
      await carl.expectReceipt(id, 'read');
      const other = await carl.sendText(jid, 'on the phone');
      own.markRead(await own.expectMessage({ id: other }));
      await until(() => profile.sink.readFacts.some(({ waMessageIds }) => waMessageIds.includes(other)));
      expect(profile.sink.readFacts.at(-1)).toMatchObject({ chat });
    });

    it('is typed in by members', async () => {
      carl.typing(jid);
      await until(() => profile.sink.typingFacts.some(({ chat: where }) => where.kind === 'group'));
      expect(profile.sink.typingFacts.at(-1)).toMatchObject({ chat, by: addressOf(carl) });
    });

    it('a message that cannot be read says so, and is completed when it comes again', async () => {
      simulator.faults(profile.number).corruptNextMessages(1);
      const id = await carl.sendText(jid, 'damaged');
      await until(() => profile.sink.stored.get(id)?.content.kind === 'text', { what: 'the message to be completed' });
      expect(profile.sink.stored.get(id)).toMatchObject({
        chat,
        author: addressOf(carl),
        content: { text: 'damaged' },
      });
    });
  });

  describe('statuses', () => {
    const chat: ChatAddress = { kind: 'status' };
    const post = async (content: SendableContent, audience: Person[], bytes?: Buffer) => {
      const waMessageId = messageId();
      const openMedia = async () => Readable.from([bytes!]);
      await profile.connection.send(chat, { content, openMedia }, { waMessageId, audience: audience.map(addressOf) });
      return waMessageId;
    };

    it('go to those who may see them, and to our own phone', async () => {
      const id = await post({ kind: 'text', text: 'for Carl', background: '#00aa55', font: 1 }, [carl]);
      await until(() => carl.status.list().some((status) => status.id === id));
      const { message } = await carl.expectMessage({ id });
      expect(message.extendedTextMessage).toMatchObject({ text: 'for Carl', backgroundArgb: 0xff00aa55, font: 1 });
      await own.expectMessage({ id });
      await simulator.settle();
      expect(anna.status.list()).toEqual([]);
    });

    it('with a picture, a film, a voice', async () => {
      const bytes = randomBytes(700);
      const media = { mediaId: 'm', sizeBytes: bytes.length, sha256: null };
      const kinds: SendableContent[] = [
        { kind: 'image', media: { ...media, mimeType: 'image/jpeg' }, caption: 'c' },
        { kind: 'video', media: { ...media, mimeType: 'video/mp4' } },
        { kind: 'audio', media: { ...media, mimeType: 'audio/ogg; codecs=opus' }, voice: true },
      ];
      for (const content of kinds) {
        const got = await carl.expectMessage({ id: await post(content, [carl, anna], bytes) });
        expect(got.kind).toBe(content.kind);
        expect((await got.downloadMedia()).equals(bytes)).toBe(true);
      }
    });

    it('are seen, liked and taken back', async () => {
      const id = await post({ kind: 'text', text: 'look' }, [carl]);
      await until(() => carl.status.list().some((status) => status.id === id));
      carl.status.view({ id, from: profile.number });
      await until(() => profile.sink.receiptFacts.some((fact) => fact.chat.kind === 'status' && fact.state === 'read'));
      expect(profile.sink.receiptFacts.at(-1)).toMatchObject({ by: addressOf(carl), waMessageIds: [id] });
      const target = { waMessageId: id, fromMe: true, author: us() };
      await profile.connection.act(
        chat,
        { action: { kind: 'revoke' }, target },
        { waMessageId: messageId(), audience: [addressOf(carl)] },
      );
      await until(() => !carl.status.list().some((status) => status.id === id));
    });

    it('of others come in, are told as seen, and can be taken back', async () => {
      carl.status.setAudience('only', [profile.number]);
      const id = await carl.status.postText('mine');
      const { author } = await received(id);
      expect(await received(id)).toMatchObject({ chat, author: addressOf(carl), fromMe: false });
      await profile.connection.markRead(chat, [{ waMessageId: id, author }]);
      await carl.expectReceipt(id, 'read');
      await carl.status.revoke(id);
      await profile.receivedAction(({ target, action }) => target.waMessageId === id && action.kind === 'revoke');
    });

    it('posted from our phone come in as ours', async () => {
      const id = await own.status.postText('from the phone');
      expect(await received(id)).toMatchObject({ chat, author: us(), fromMe: true });
    });

    it('need an audience', async () => {
      const sending = profile.connection.send(
        chat,
        { content: { kind: 'text', text: 'x' } },
        { waMessageId: messageId() },
      );
      await expect(sending).rejects.toMatchObject({ code: 'content_invalid' });
    });
  });

  describe('newsletters', () => {
    let jid: string;
    let chat: ChatAddress;
    beforeAll(() => {
      jid = own.newsletters.create('Ours').jid;
      carl.newsletters.follow(jid);
      chat = parseChatJid(jid)!;
    });
    const posts = () => carl.newsletters.info(jid).messages;
    const send = async (content: SendableContent, bytes?: Buffer) => {
      const waMessageId = messageId();
      await profile.connection.send(chat, { content, openMedia: async () => Readable.from([bytes!]) }, { waMessageId });
      return waMessageId;
    };

    it('are written to, in words, pictures and polls', async () => {
      const id = await send({ kind: 'text', text: 'news' });
      expect(posts().find((post) => post.id === id)).toMatchObject({ kind: 'text', text: 'news' });
      const bytes = randomBytes(900);
      const media = { mediaId: 'm', sizeBytes: bytes.length, sha256: null, mimeType: 'image/jpeg' };
      const picture = await send({ kind: 'image', media, caption: 'look' }, bytes);
      const { message } = await carl.expectMessage({ id: picture });
      expect(message.imageMessage).toMatchObject({ caption: 'look', directPath: expect.any(String) });
      expect(message.imageMessage!.mediaKey?.length ?? 0).toBe(0);
      const poll = await send({ kind: 'poll', question: 'q', options: ['a', 'b'], selectable: 1 });
      expect(posts().find((post) => post.id === poll)).toMatchObject({ kind: 'poll' });
    });

    it('are changed, and posts taken back', async () => {
      const id = await send({ kind: 'text', text: 'frist' });
      const target = { waMessageId: id, fromMe: true, author: null };
      const act = (action: { kind: 'edit'; text: string } | { kind: 'revoke' }) =>
        profile.connection.act(chat, { action, target }, { waMessageId: messageId() });
      await act({ kind: 'edit', text: 'first' });
      expect(posts().find((post) => post.id === id)).toMatchObject({ text: 'first' });
      await act({ kind: 'revoke' });
      expect(posts().find((post) => post.id === id)).toMatchObject({ kind: 'deleted' });
    });

    it('of others come in with their place, are liked by it, changed and taken back', async () => {
      const theirs = carl.newsletters.create('Theirs').jid;
      own.newsletters.follow(theirs);
      const id = await carl.newsletters.post(theirs, 'their news');
      const where = parseChatJid(theirs)!;
      const { serverId } = await received(id);
      expect(await received(id)).toMatchObject({ chat: where, author: null, fromMe: false, serverId: '1' });
      const target = { waMessageId: id, fromMe: false, author: null, serverId };
      await profile.connection.act(
        where,
        { action: { kind: 'reaction', emoji: '👏' }, target },
        { waMessageId: messageId() },
      );
      expect(carl.newsletters.info(theirs).messages[0]!.reactions).toEqual([{ code: '👏', count: 1 }]);
      await carl.messages.edit(theirs, id, 'their better news');
      expect(await profile.receivedAction(({ target: of }) => of.waMessageId === id)).toMatchObject({
        chat: where,
        action: { kind: 'edit', text: 'their better news' },
      });
    });

    it('a file of one comes down, though nobody encrypted it', async () => {
      const bytes = randomBytes(800);
      const media = { mediaId: 'm', sizeBytes: bytes.length, sha256: null, mimeType: 'image/jpeg' };
      const id = await send({ kind: 'image', media }, bytes);
      const other = await new TestProfile(engineFor(simulator), simulator, '15550006204').connect();
      simulator.person(other.number).newsletters.follow(jid);
      const again = await send({ kind: 'image', media }, bytes);
      const { download } = await other.receivedMessage(({ waMessageId }) => waMessageId === again);
      expect((await buffer(await other.connection.download(download!))).equals(bytes)).toBe(true);
      await other.connection.close();
      expect(id).not.toBe(again);
    });

    it('a post is in the journal before WhatsApp is told that it came', async () => {
      const theirs = carl.newsletters.create('Safe').jid;
      own.newsletters.follow(theirs);
      profile.sink.before = (call) => {
        if (call === 'messages') throw new Error('the database is away');
      };
      const id = await carl.newsletters.post(theirs, 'do not lose me');
      await until(async () => (await profile.store.listUnrecorded(100)).some(({ waMessageId }) => waMessageId === id));
      await profile.connection.close();
      profile.sink.before = () => undefined;
      profile.reopen();
      await profile.connect();
      expect((await received(id)).content).toMatchObject({ text: 'do not lose me' });
    });
  });
});
