import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { type Person, Simulator } from '#simulator';
import { type ChatAddress, parseChatJid, userChat } from '../chat-address.js';
import type { OutgoingContent, SendableContent } from '../content.js';
import { addressOf, engineFor, messageId, TestProfile } from './test-profile.for-spec.js';

describe('sending every kind', () => {
  let simulator: Simulator;
  let profile: TestProfile;
  let carl: Person;
  let group: string;
  const bytes = randomBytes(3_000);
  const media = (mimeType: string) => ({ mediaId: 'm', mimeType, sizeBytes: bytes.length, sha256: null });
  const openMedia = async () => Readable.from([bytes]);

  beforeAll(async () => {
    simulator = await Simulator.start();
    profile = await new TestProfile(engineFor(simulator), simulator, '15550006001').connect();
    carl = simulator.person('15550006002', { name: 'Carl' });
    group = carl.groups.create('Friends', [profile.number]).group.jid;
  });
  afterAll(async () => {
    await profile.connection.close();
    await simulator.stop();
  });

  const chatWithCarl = (): ChatAddress => userChat(addressOf(carl));
  const theGroup = (): ChatAddress => parseChatJid(group)!;
  async function send(to: ChatAddress, outgoing: OutgoingContent): Promise<string> {
    const waMessageId = messageId();
    await profile.connection.send(to, outgoing, { waMessageId });
    await carl.expectMessage({ id: waMessageId });
    return waMessageId;
  }
  /** What Carl's phone shows of it. */
  const shown = (to: ChatAddress, id: string) =>
    carl.chats.message(to.kind === 'user' ? profile.number : group, id, profile.number)!;

  const buttons = [
    { type: 'reply' as const, id: 'y', title: 'Yes' },
    { type: 'url' as const, title: 'Shop', url: 'https://shop.example' },
  ];
  const sections = [{ title: 'Drinks', rows: [{ id: 'tea', title: 'Tea' }] }];
  const kinds: [string, SendableContent, object][] = [
    ['a text', { kind: 'text', text: 'hello' }, { kind: 'text', text: 'hello' }],
    ['a forwarded text', { kind: 'text', text: 'f', forwardingScore: 5 }, { text: 'f', forwarded: 5 }],
    [
      'a place',
      { kind: 'location', latitude: 1, longitude: -2, name: 'Here' },
      { location: { latitude: 1, longitude: -2, name: 'Here', live: false } },
    ],
    [
      'a place that moves',
      { kind: 'live_location', latitude: 1, longitude: 2, sequence: 2 },
      { location: { live: true } },
    ],
    [
      'a card',
      { kind: 'contacts', contacts: [{ name: 'Ann', vcard: 'BEGIN:VCARD\nEND:VCARD' }] },
      { contacts: ['Ann'] },
    ],
    [
      'cards',
      { kind: 'contacts', contacts: ['Ann', 'Bob'].map((name) => ({ name, vcard: 'BEGIN:VCARD\nEND:VCARD' })) },
      { contacts: ['Ann', 'Bob'] },
    ],
    [
      'a poll',
      { kind: 'poll', question: 'Tea?', options: ['yes', 'no'], selectable: 1 },
      { poll: { question: 'Tea?', selectable: 1 } },
    ],
    [
      'an event',
      { kind: 'event', name: 'Party', startsAt: '2031-01-01T18:00:00.000Z' },
      { event: { name: 'Party', startsAt: Date.parse('2031-01-01T18:00:00.000Z') } },
    ],
    [
      'an invitation',
      { kind: 'group_invite', groupId: '120363000000000001', code: 'CODE', groupName: 'Club' },
      { invite: { code: 'CODE' } },
    ],
    [
      'buttons',
      { kind: 'buttons', text: 'Well?', buttons, fallback: false },
      { kind: 'buttons', text: 'Well?', choices: { options: [{ id: 'y', text: 'Yes' }, { text: 'Shop' }] } },
    ],
    [
      'buttons as words',
      { kind: 'buttons', text: 'Well?', buttons, fallback: true },
      { kind: 'text', text: 'Well?\n\n• Yes\n• Shop: https://shop.example' },
    ],
    [
      'a list',
      { kind: 'list', text: 'Choose', buttonTitle: 'Open', sections, fallback: false },
      { kind: 'list', choices: { options: [{ id: 'tea', text: 'Tea' }] } },
    ],
    [
      'cards to swipe',
      { kind: 'carousel', text: 'See', cards: [{ text: 'one', buttons }], fallback: false },
      { kind: 'buttons', text: 'See' },
    ],
    ['text that disappears', { kind: 'text', text: 'gone soon', disappearsInSeconds: 86_400 }, { text: 'gone soon' }],
  ];

  it.each(kinds)('%s', async (_name, content, expected) => {
    const id = await send(chatWithCarl(), { content });
    expect(shown(chatWithCarl(), id)).toMatchObject({ ...expected, sender: profile.number });
  });

  it.each(kinds.filter(([name]) => ['a text', 'a poll', 'an event'].includes(name)))(
    '%s to a group',
    async (_name, content, expected) => {
      const id = await send(theGroup(), { content });
      expect(shown(theGroup(), id)).toMatchObject({ ...expected, sender: profile.number });
    },
  );

  it.each<[string, SendableContent, object]>([
    ['an image', { kind: 'image', media: media('image/png'), caption: 'look' }, { kind: 'image', text: 'look' }],
    [
      'an image to be seen once',
      { kind: 'image', media: media('image/png'), viewOnce: true },
      { kind: 'image', viewOnce: true },
    ],
    [
      'a video',
      { kind: 'video', media: { ...media('video/mp4'), durationSeconds: 3 } },
      { kind: 'video', media: { seconds: 3 } },
    ],
    ['a gif', { kind: 'video', media: media('video/mp4'), gif: true }, { kind: 'video' }],
    [
      'a round video',
      { kind: 'video', media: media('video/mp4'), round: true },
      { kind: 'video', media: { round: true } },
    ],
    ['music', { kind: 'audio', media: media('audio/mpeg'), voice: false }, { kind: 'audio' }],
    [
      'a voice note',
      { kind: 'audio', media: media('audio/ogg; codecs=opus'), voice: true },
      { media: { voice: true } },
    ],
    [
      'a document',
      { kind: 'document', media: { ...media('application/pdf'), fileName: 'a.pdf' }, caption: 'c' },
      { media: { fileName: 'a.pdf' } },
    ],
    ['a sticker', { kind: 'sticker', media: media('image/webp'), animated: true }, { kind: 'sticker' }],
  ])('%s, whose bytes arrive', async (_name, content, expected) => {
    const to = content.kind === 'image' ? theGroup() : chatWithCarl();
    const id = await send(to, { content, openMedia });
    expect(shown(to, id)).toMatchObject(expected);
    const got = await carl.expectMessage({ id });
    expect((await got.downloadMedia()).equals(bytes)).toBe(true);
  });

  it('mentions and quotes, by the names that the chat uses', async () => {
    for (const addressing of ['lid', 'pn'] as const) {
      simulator.groupAddressing = addressing;
      group = carl.groups.create(`By ${addressing}`, [profile.number]).group.jid;
      const said = await carl.sendText(group, 'the question');
      const quoted = {
        waMessageId: said,
        fromMe: false,
        author: addressOf(carl),
        content: { kind: 'text', text: 'the question' },
      } as const;
      const id = await send(theGroup(), {
        content: { kind: 'text', text: '@Carl yes', mentions: [addressOf(carl)] },
        quoted,
      });
      const message = (await carl.expectMessage({ id })).message.extendedTextMessage!;
      const jid = carl.account.address(addressing);
      expect(message.contextInfo).toMatchObject({ stanzaId: said, participant: jid, mentionedJid: [jid] });
      expect(shown(theGroup(), id)).toMatchObject({
        mentions: [carl.number],
        quoted: { sender: carl.number, text: 'the question' },
      });
    }
  });

  it('an answer to a status goes to its author and quotes it', async () => {
    const waMessageId = await carl.status.postText('my status');
    const quoted = {
      waMessageId,
      fromMe: false,
      author: addressOf(carl),
      content: { kind: 'text', text: 'my status' },
      isStatus: true,
    } as const;
    const id = await send(chatWithCarl(), { content: { kind: 'text', text: 'nice' }, quoted });
    const { message } = await carl.expectMessage({ id });
    expect(message.extendedTextMessage?.contextInfo).toMatchObject({
      stanzaId: waMessageId,
      remoteJid: 'status@broadcast',
    });
  });

  it('a file that came in is passed on without an upload, and uploaded when WhatsApp has it no more', async () => {
    const file = randomBytes(2_000);
    await carl.sendImage(profile.number, file);
    const { download, content } = await profile.receivedMessage(({ content }) => content.kind === 'image');
    const forwarded = { ...content, forwardingScore: 1 } as SendableContent;
    const opened: string[] = [];
    const open = async () => {
      opened.push('opened');
      return Readable.from([file]);
    };
    const first = await send(chatWithCarl(), { content: forwarded, download: download!, openMedia: open });
    expect(opened).toEqual([]);
    const got = await carl.expectMessage({ id: first });
    expect((await got.downloadMedia()).equals(file)).toBe(true);
    expect(shown(chatWithCarl(), first).forwarded).toBe(1);
    carl.files.expire(first);
    await send(chatWithCarl(), { content: forwarded, download: download!, openMedia: open });
    expect(opened).not.toEqual([]);
  });

  it.each<[string, SendableContent]>([
    ['a poll', { kind: 'poll', question: 'again?', options: ['a', 'b'], selectable: 1 }],
    ['a mention in a group', { kind: 'text', text: '@Carl', mentions: [{ phone: '15550006002', lid: null }] }],
  ])('%s under one id is one message, also after a restart', async (_name, content) => {
    const waMessageId = messageId();
    await profile.connection.send(theGroup(), { content }, { waMessageId });
    await profile.connection.close();
    profile.reopen();
    await profile.connect();
    await profile.connection.send(theGroup(), { content }, { waMessageId });
    await simulator.settle();
    const arrived = carl.inbox().filter(({ id }) => id === waMessageId);
    expect(arrived.map(({ repeat }) => repeat)).toEqual([0, 1]);
    expect(arrived[1]!.message).toEqual(arrived[0]!.message);
  });

  it.each<[string, ChatAddress, SendableContent, string]>([
    ['a broadcast list', { kind: 'broadcast', id: '1700000000' }, { kind: 'text', text: 'x' }, 'not_supported'],
    [
      'a poll as a status',
      { kind: 'status' },
      { kind: 'poll', question: 'q', options: ['a', 'b'], selectable: 1 },
      'not_supported',
    ],
    [
      'a document in a newsletter',
      { kind: 'newsletter', id: '1200000000' },
      { kind: 'document', media: media('text/plain') },
      'not_supported',
    ],
    [
      'too long a text',
      userChat({ phone: '15550006002', lid: null }),
      { kind: 'text', text: 'x'.repeat(65_537) },
      'content_too_long',
    ],
    [
      'a poll with one option',
      userChat({ phone: '15550006002', lid: null }),
      { kind: 'poll', question: 'q', options: ['a'], selectable: 1 },
      'content_invalid',
    ],
  ])('refuses %s before anything goes out', async (_name, to, content, code) => {
    await expect(profile.connection.send(to, { content }, { waMessageId: messageId() })).rejects.toMatchObject({
      code,
      facts: { retryable: false, outcome: 'not_sent' },
    });
  });
});
