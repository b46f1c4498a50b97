import { createHash } from 'node:crypto';
import { decryptEventResponse, decryptPollVote, proto, type WAMessage } from '@whiskeysockets/baileys';
import type { Person } from './people/person.js';
import { sealPayload } from './people/secret-payload.js';
import { TestBench, type TestClient, textOf } from './test-client.js';
import { DrivenClock } from './time/clock.js';

const OWNER = '6281200000001';
const FRIEND = '6281300000002';
const AUNT = '6281300000003';

const pn = (number: string): string => `${number}@s.whatsapp.net`;
const hash = (option: string): Buffer => createHash('sha256').update(option).digest();

describe('kinds of messages', () => {
  const bench = new TestBench();
  let gateway: TestClient;
  let owner: Person;
  let friend: Person;

  beforeAll(async () => {
    await bench.start({ seed: 'kinds' });
    friend = bench.simulator.person(FRIEND, { name: 'Friend' });
    bench.simulator.person(AUNT, { name: 'Aunt' });
    gateway = await bench.linked(OWNER);
    owner = bench.simulator.person(OWNER);
  });

  afterAll(() => bench.stop());

  afterEach(async () => {
    await bench.simulator.settle();
    bench.simulator.assertHealthy();
  });

  /** A text of the client that has arrived, as the client knows it. */
  async function sent(text: string, to = pn(FRIEND)): Promise<WAMessage> {
    const message = await gateway.socket.sendMessage(to, { text });
    if (!message) throw new Error('nothing was sent');
    await friend.expectMessage(text);
    return message;
  }

  it('edits of a client and of a person change what is shown', async () => {
    const original = await sent('first wording');
    await gateway.socket.sendMessage(pn(FRIEND), { text: 'second wording', edit: original.key });
    await friend.expectMessage({ kind: 'edit', text: 'second wording' });
    expect(friend.chats.message(OWNER, original.key.id ?? '')).toMatchObject({ text: 'second wording', edited: true });
    expect(owner.chats.message(FRIEND, original.key.id ?? '')).toMatchObject({ text: 'second wording', edited: true });

    const id = await friend.sendText(OWNER, 'typo');
    await gateway.expectText('typo');
    const update = gateway.next<{ key: { id?: string }; update: { message?: proto.IMessage } }>(
      'messages.update',
      ({ key, update: one }) => key.id === id && Boolean(one.message),
    );
    await friend.messages.edit(OWNER, id, 'no typo');
    expect((await update).update.message?.editedMessage?.message?.conversation).toBe('no typo');
    expect(friend.chats.message(OWNER, id)).toMatchObject({ text: 'no typo', edited: true, fromMe: true });
  });

  it('deletions for everyone take the text away', async () => {
    // A copy: Baileys puts the key of the deletion in its place.
    const key = { ...(await sent('delete me')).key };
    await gateway.socket.sendMessage(pn(FRIEND), { delete: key });
    await friend.expectMessage({ kind: 'revoke' });
    const shown = friend.chats.message(OWNER, key.id ?? '');
    expect(shown).toMatchObject({ kind: 'deleted', revoked: { by: OWNER } });
    expect(shown?.text).toBeUndefined();

    const id = await friend.sendText(OWNER, 'regretted');
    await gateway.expectText('regretted');
    const update = gateway.next<{ key: { id?: string }; update: { message?: unknown } }>(
      'messages.update',
      ({ key, update: one }) => key.id === id && one.message === null,
    );
    await friend.messages.revoke({ chat: OWNER, id, from: FRIEND });
    await update;
  });

  it('admins delete messages of others in groups, members do not', async () => {
    const { id: jid } = await gateway.socket.groupCreate('Deletions', [pn(FRIEND), pn(AUNT)]);
    const aunt = bench.simulator.person(AUNT);
    const id = await friend.sendText(jid, 'rude');
    const key = { ...(await gateway.expectText('rude')).message.key };
    await aunt.messages.revoke({ chat: jid, id, from: FRIEND });
    await friend.expectMessage({ kind: 'revoke', from: AUNT });
    expect(friend.chats.message(jid, id)).toMatchObject({ text: 'rude' });
    await gateway.socket.sendMessage(jid, { delete: key });
    await friend.expectMessage(({ kind, chat, from }) => kind === 'revoke' && chat === jid && from === OWNER);
    expect(friend.chats.message(jid, id)).toMatchObject({ revoked: { by: OWNER } });
  });

  it('reactions are shown and taken back', async () => {
    const original = await sent('like this?');
    const got = await friend.expectMessage('like this?');
    const reacted = gateway.next<{ reaction: { text?: string }; key: { id?: string; fromMe?: boolean } }>(
      'messages.reaction',
    );
    await friend.sendReaction(got, '👍');
    expect(await reacted).toMatchObject({ reaction: { text: '👍' }, key: { id: original.key.id, fromMe: true } });
    const { message } = await gateway.expectMessage((one) => Boolean(one.message?.reactionMessage));
    expect(message.message?.reactionMessage?.text).toBe('👍');
    await gateway.socket.sendMessage(pn(FRIEND), { react: { text: '🎉', key: original.key } });
    await friend.expectMessage({ kind: 'reaction', text: '🎉' });
    expect(friend.chats.message(OWNER, original.key.id ?? '')?.reactions).toEqual([
      { emoji: '👍', senders: [FRIEND] },
      { emoji: '🎉', senders: [OWNER] },
    ]);
    await friend.sendReaction(got, '');
    expect(friend.chats.message(OWNER, original.key.id ?? '')?.reactions).toEqual([{ emoji: '🎉', senders: [OWNER] }]);
  });

  it('polls of a client are voted in by people, in a chat and in a group', async () => {
    const { id: jid } = await gateway.socket.groupCreate('Polls', [pn(FRIEND), pn(AUNT)]);
    const aunt = bench.simulator.person(AUNT);
    for (const to of [pn(FRIEND), jid]) {
      const poll = await gateway.socket.sendMessage(to, {
        poll: { name: 'Lunch?', values: ['Rice', 'Noodles'], selectableCount: 1 },
      });
      const id = poll?.key.id ?? '';
      const got = await friend.expectMessage({ kind: 'poll', id });
      await friend.messages.vote(got, ['Noodles']);
      const { message } = await gateway.expectMessage(
        (one) => one.message?.pollUpdateMessage?.pollCreationMessageKey?.id === id,
      );
      const vote = message.message?.pollUpdateMessage?.vote;
      const decrypted = decryptPollVote(vote ?? {}, {
        pollEncKey: poll?.message?.messageContextInfo?.messageSecret ?? new Uint8Array(),
        pollCreatorJid: `${owner.account.lid}@lid`,
        pollMsgId: id,
        voterJid: `${friend.account.lid}@lid`,
      });
      expect(decrypted.selectedOptions?.map((one) => Buffer.from(one))).toEqual([hash('Noodles')]);
      if (to === jid) {
        await aunt.expectMessage({ kind: 'vote' });
        await aunt.messages.vote({ chat: jid, id, from: OWNER }, ['Rice']);
        await friend.expectMessage({ kind: 'vote', from: AUNT });
      }
      expect(friend.chats.message(to === jid ? jid : OWNER, id)?.poll).toEqual({
        question: 'Lunch?',
        selectable: 1,
        options: [
          { name: 'Rice', voters: to === jid ? [AUNT] : [] },
          { name: 'Noodles', voters: [FRIEND] },
        ],
      });
    }
    await expect(async () => friend.messages.vote({ chat: jid, id: 'none', from: OWNER }, ['Rice'])).rejects.toThrow();
  });

  it('polls of a person are voted in by a client', async () => {
    const id = await friend.messages.poll(OWNER, { question: 'Tea?', options: ['Yes', 'No'], selectable: 0 });
    const { message } = await gateway.expectMessage((one) => Boolean(one.message?.pollCreationMessage));
    expect(message.message?.pollCreationMessage).toMatchObject({ name: 'Tea?' });
    const secret = message.message?.messageContextInfo?.messageSecret ?? new Uint8Array();
    const context = { messageId: id, author: `${friend.account.lid}@lid`, answerer: `${owner.account.lid}@lid` };
    const choose = async (...options: string[]): Promise<void> => {
      const plain = proto.Message.PollVoteMessage.encode({ selectedOptions: options.map(hash) }).finish();
      const vote = sealPayload(plain, 'Poll Vote', secret, context, Buffer.alloc(12, 7));
      const pollUpdateMessage = { pollCreationMessageKey: message.key, vote, senderTimestampMs: Date.now() };
      const after = friend.phone.inbox.lastIndex;
      await gateway.socket.relayMessage(pn(FRIEND), { pollUpdateMessage }, {});
      await friend.expectMessage({ kind: 'vote' }, { after });
    };
    const votes = () => friend.chats.message(OWNER, id)?.poll?.options.map(({ voters }) => voters);
    await choose('Yes', 'No');
    expect(votes()).toEqual([[OWNER], [OWNER]]);
    await choose('No');
    expect(votes()).toEqual([[], [OWNER]]);
    await choose();
    expect(votes()).toEqual([[], []]);
  });

  it('events are answered both ways', async () => {
    const startDate = new Date(Date.UTC(2027, 0, 1));
    const event = await gateway.socket.sendMessage(pn(FRIEND), { event: { name: 'Party', startDate } });
    const id = event?.key.id ?? '';
    const got = await friend.expectMessage({ kind: 'event', id });
    await friend.messages.respond(got, 'going');
    const { message } = await gateway.expectMessage((one) => Boolean(one.message?.encEventResponseMessage));
    const response = decryptEventResponse(message.message?.encEventResponseMessage ?? {}, {
      eventEncKey: event?.message?.messageContextInfo?.messageSecret ?? new Uint8Array(),
      eventCreatorJid: pn(OWNER),
      eventMsgId: id,
      responderJid: `${friend.account.lid}@lid`,
    });
    expect(response.response).toBe(proto.Message.EventResponseMessage.EventResponseType.GOING);
    expect(friend.chats.message(OWNER, id)?.event).toMatchObject({
      name: 'Party',
      startsAt: startDate.getTime(),
      going: [FRIEND],
    });
    await friend.messages.event(OWNER, { name: 'Picnic', startsAt: startDate.getTime() });
    const { message: picnic } = await gateway.expectMessage((one) => one.message?.eventMessage?.name === 'Picnic');
    expect(picnic.message?.messageContextInfo?.messageSecret).toHaveLength(32);
  });

  it('pins, keeps, stars, forwards, quotes and mentions', async () => {
    const original = await sent('important');
    const got = await friend.expectMessage('important');
    await gateway.socket.sendMessage(pn(FRIEND), { pin: original.key, type: 1, time: 604_800 });
    await friend.expectMessage({ kind: 'pin' });
    expect(friend.chats.open(OWNER)?.pinned).toEqual([got.id]);
    await friend.messages.unpin(got);
    await gateway.expectMessage((one) => one.message?.pinInChatMessage?.type === 2);
    expect(friend.chats.open(OWNER)?.pinned).toEqual([]);
    await friend.messages.keep(got);
    await gateway.expectMessage((one) => Boolean(one.message?.keepInChatMessage));
    friend.messages.star(got);
    expect(friend.chats.message(OWNER, got.id)).toMatchObject({ kept: true, starred: true });
    await friend.messages.forward(got, OWNER);
    const { message } = await gateway.expectMessage(
      (one) => one.message?.extendedTextMessage?.contextInfo?.isForwarded === true,
    );
    expect(textOf(message)).toBe('important');
    await gateway.socket.sendMessage(pn(FRIEND), { text: 'about that', mentions: [pn(AUNT)] }, { quoted: message });
    const answer = await friend.expectMessage('about that');
    expect(friend.chats.message(OWNER, answer.id)).toMatchObject({
      quoted: { id: message.key.id, text: 'important', sender: FRIEND },
      mentions: [AUNT],
    });
    await friend.sendText(OWNER, `@${AUNT} look`, { mentions: [AUNT] });
    const { message: mention } = await gateway.expectText(`@${AUNT} look`);
    expect(mention.message?.extendedTextMessage?.contextInfo?.mentionedJid).toEqual([
      `${bench.simulator.person(AUNT).account.lid}@lid`,
    ]);
  });

  it('places, cards, files and choices of people', async () => {
    const file = Buffer.from('some bytes of a file');
    const arrives = (matches: (content: proto.IMessage) => unknown): Promise<unknown> =>
      gateway.expectMessage((one) => Boolean(one.message && matches(one.message)));
    await friend.cards.location(OWNER, { latitude: -6.2, longitude: 106.8, name: 'Monas' });
    await arrives(({ locationMessage }) => locationMessage?.name === 'Monas');
    await friend.cards.liveLocation(OWNER, { latitude: -6.2, longitude: 106.8 }, { sequence: 2 });
    await arrives(({ liveLocationMessage }) => liveLocationMessage);
    await friend.cards.contacts(OWNER, { name: 'Aunt', number: AUNT });
    await arrives(({ contactMessage }) => contactMessage?.vcard?.includes(AUNT));
    await friend.cards.contacts(OWNER, { name: 'Aunt', number: AUNT }, { name: 'Me', number: FRIEND });
    await arrives(({ contactsArrayMessage }) => contactsArrayMessage?.contacts?.length === 2);
    await friend.cards.sticker(OWNER, file);
    await arrives(({ stickerMessage }) => stickerMessage);
    await friend.cards.voice(OWNER, file, 3);
    await arrives(({ audioMessage }) => audioMessage?.ptt && audioMessage.seconds === 3);
    await friend.cards.roundVideo(OWNER, file);
    await arrives(({ ptvMessage }) => ptvMessage);
    await friend.cards.viewOnce(OWNER, 'image', file);
    await arrives(({ viewOnceMessageV2 }) => viewOnceMessageV2?.message?.imageMessage?.viewOnce);
    const kinds = owner.chats
      .open(FRIEND)
      ?.messages.slice(-8)
      .map(({ kind, viewOnce }) => `${kind}${viewOnce ? ' once' : ''}`);
    expect(kinds).toEqual(['location', 'location', 'contact', 'contact', 'sticker', 'audio', 'video', 'image once']);
  });

  it('buttons, lists and templates are chosen from', async () => {
    const choices = [
      { id: 'y', text: 'Yes' },
      { id: 'n', text: 'No' },
    ];
    for (const kind of ['buttons', 'list', 'template'] as const) {
      const id = await friend.cards[kind](OWNER, `${kind}?`, choices);
      await owner.expectMessage({ kind, id });
      expect(owner.chats.message(FRIEND, id)?.choices).toEqual({ kind, options: choices });
      await owner.cards.choose({ chat: FRIEND, id, from: FRIEND }, 'n');
      const answer = await friend.expectMessage({ kind: 'choice' }, { after: friend.phone.inbox.lastIndex - 1 });
      expect(answer).toMatchObject({ text: 'No' });
      await gateway.expectMessage((one) => one.key.id === answer.id);
    }
    await gateway.socket.relayMessage(
      pn(FRIEND),
      {
        buttonsMessage: { contentText: 'Client asks', buttons: [{ buttonId: 'a', buttonText: { displayText: 'A' } }] },
      },
      {},
    );
    const asked = await friend.expectMessage({ kind: 'buttons', text: 'Client asks' });
    await friend.cards.choose(asked, 'a');
    await gateway.expectMessage((one) => one.message?.buttonsResponseMessage?.selectedButtonId === 'a');
  });

  it('the other kinds of a client are shown', async () => {
    const expectKind = async (kind: string): Promise<void> => {
      await friend.expectMessage({ kind }, { after });
      after = friend.phone.inbox.lastIndex;
    };
    let after = friend.phone.inbox.lastIndex;
    await gateway.socket.sendMessage(pn(FRIEND), { location: { degreesLatitude: 1, degreesLongitude: 2 } });
    await expectKind('location');
    const vcard = `BEGIN:VCARD\nVERSION:3.0\nFN:Aunt\nTEL;waid=${AUNT}:+${AUNT}\nEND:VCARD`;
    await gateway.socket.sendMessage(pn(FRIEND), { contacts: { displayName: 'Aunt', contacts: [{ vcard }] } });
    await expectKind('contact');
    await gateway.socket.relayMessage(
      pn(FRIEND),
      { viewOnceMessage: { message: { imageMessage: { caption: 'once' } } } },
      {},
    );
    await expectKind('image');
    expect(friend.chats.open(OWNER)?.messages.at(-1)).toMatchObject({ kind: 'image', viewOnce: true });
  });
});

describe('messages that vanish', () => {
  const bench = new TestBench();
  afterEach(() => bench.stop());

  it('are gone when their time has come, unless they are kept', async () => {
    const clock = new DrivenClock(Date.now());
    await bench.start({ clock });
    const one = bench.simulator.person(OWNER);
    const other = bench.simulator.person(FRIEND);
    await one.messages.setDisappearing(FRIEND, 60);
    const first = await one.sendText(FRIEND, 'short');
    const second = await one.sendText(FRIEND, 'kept');
    const kept = await other.expectMessage('kept');
    await other.messages.keep(kept);
    await bench.simulator.settle();
    expect(other.chats.message(OWNER, first)?.expiresAt).toBe(clock.now() + 60_000);
    await clock.advance(61_000);
    const texts = (person: Person, chat: string) => person.chats.open(chat)?.messages.map(({ id }) => id);
    expect(texts(other, OWNER)).not.toContain(first);
    expect(texts(other, OWNER)).toContain(second);
    expect(texts(one, FRIEND)).not.toContain(first);
  });

  it('follow the setting of a client', async () => {
    await bench.start();
    const friend = bench.simulator.person(FRIEND);
    const gateway = await bench.linked(OWNER);
    await gateway.socket.sendMessage(pn(FRIEND), { disappearingMessagesInChat: 86_400 });
    await friend.expectMessage({ kind: 'disappearing' });
    expect(friend.chats.open(OWNER)?.disappearingSeconds).toBe(86_400);
    await gateway.socket.sendMessage(pn(FRIEND), { text: 'a day' }, { ephemeralExpiration: 86_400 });
    const got = await friend.expectMessage('a day');
    expect(friend.chats.message(OWNER, got.id)?.expiresAt).toBeGreaterThan(Date.now());
    const changed = gateway.next<{ ephemeralExpiration?: number }>(
      'chats.update',
      (one) => one.ephemeralExpiration === 604_800,
    );
    await friend.messages.setDisappearing(OWNER, 604_800);
    await changed;
    await bench.simulator.settle();
    bench.simulator.assertHealthy();
  });
});
