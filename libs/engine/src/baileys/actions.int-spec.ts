import type { MessageAction, MessageContent } from '#contracts';
import { type Person, Simulator } from '#simulator';
import { until } from '#testing';
import { type ChatAddress, parseChatJid, userChat } from '../chat-address.js';
import type { MessageTarget, SendableContent } from '../content.js';
import { addressOf, engineFor, messageId, TestProfile } from './test-profile.for-spec.js';

const poll: SendableContent = { kind: 'poll', question: 'Which?', options: ['tea', 'milk', 'water'], selectable: 0 };
const event: SendableContent = { kind: 'event', name: 'Party', startsAt: '2031-01-01T18:00:00.000Z' };

describe('what is done to messages', () => {
  let simulator: Simulator;
  let profile: TestProfile;
  let carl: Person;

  beforeAll(async () => {
    simulator = await Simulator.start();
    profile = await new TestProfile(engineFor(simulator), simulator, '15550006101').connect();
    carl = simulator.person('15550006102', { name: 'Carl' });
  });
  afterAll(async () => {
    await profile.connection.close();
    await simulator.stop();
  });

  const us = () => addressOf(simulator.person(profile.number));

  describe.each(['in a chat of two', 'in a group'])('%s', (where) => {
    let chat: ChatAddress;
    /** The name of the chat on Carl's phone, and on our own one. */
    let atCarl: string;
    let atOwn: string;

    beforeAll(() => {
      if (where === 'in a chat of two') {
        chat = userChat(addressOf(carl));
        atCarl = profile.number;
        atOwn = carl.number;
        return;
      }
      atCarl = carl.groups.create('Friends', [profile.number]).group.jid;
      atOwn = atCarl;
      chat = parseChatJid(atCarl)!;
      carl.groups.promote(atCarl, profile.number);
    });

    async function sent(content: SendableContent): Promise<string> {
      const waMessageId = messageId();
      await profile.connection.send(chat, { content }, { waMessageId });
      await carl.expectMessage({ id: waMessageId });
      return waMessageId;
    }
    async function said(text: string): Promise<MessageTarget> {
      const waMessageId = await carl.sendText(atCarl, text);
      await profile.received(text);
      return { waMessageId, fromMe: false, author: addressOf(carl) };
    }
    const ours = (waMessageId: string): MessageTarget => ({ waMessageId, fromMe: true, author: us() });
    const act = (
      action: MessageAction,
      target: MessageTarget,
      targetContent?: MessageContent,
      waMessageId = messageId(),
    ) => profile.connection.act(chat, { action, target, targetContent }, { waMessageId });
    const atCarls = (id: string, sender = profile.number) => carl.chats.message(atCarl, id, sender)!;
    const told = (waMessageId: string, kind: MessageAction['kind']) =>
      profile.receivedAction(({ target, action }) => target.waMessageId === waMessageId && action.kind === kind);

    it('reactions both ways, and taken back', async () => {
      const theirs = await said(`react to me, ${where}`);
      await act({ kind: 'reaction', emoji: '👍' }, theirs);
      await until(() => atCarls(theirs.waMessageId, carl.number).reactions?.some(({ emoji }) => emoji === '👍'));
      await act({ kind: 'reaction', emoji: null }, theirs);
      await until(() => !atCarls(theirs.waMessageId, carl.number).reactions?.length);
      const id = await sent({ kind: 'text', text: 'react' });
      await carl.sendReaction({ chat: atCarl, id, from: profile.number }, '❤️');
      expect(await told(id, 'reaction')).toMatchObject({
        chat,
        author: addressOf(carl),
        fromMe: false,
        target: ours(id),
        action: { kind: 'reaction', emoji: '❤️' },
      });
    });

    it('edits both ways', async () => {
      const id = await sent({ kind: 'text', text: 'frist' });
      await act({ kind: 'edit', text: 'first' }, ours(id), { kind: 'text', text: 'frist' });
      await until(() => atCarls(id).text === 'first');
      const theirs = await said(`secnod ${where}`);
      await carl.messages.edit(atCarl, theirs.waMessageId, 'second');
      expect(await told(theirs.waMessageId, 'edit')).toMatchObject({
        target: theirs,
        action: { kind: 'edit', text: 'second' },
      });
    });

    it('deletions for everyone both ways', async () => {
      const id = await sent({ kind: 'text', text: 'oops' });
      await act({ kind: 'revoke' }, ours(id));
      await until(() => atCarls(id).revoked);
      const theirs = await said(`delete me, ${where}`);
      await carl.messages.revoke({ chat: atCarl, id: theirs.waMessageId, from: carl.number });
      expect(await told(theirs.waMessageId, 'revoke')).toMatchObject({ target: theirs, author: addressOf(carl) });
    });

    it('pins and keeps both ways', async () => {
      const theirs = await said(`pin me, ${where}`);
      await act({ kind: 'pin', seconds: 86_400 }, theirs);
      await until(() => carl.chats.open(atCarl)!.pinned.includes(theirs.waMessageId));
      await act({ kind: 'pin', seconds: null }, theirs);
      await until(() => !carl.chats.open(atCarl)!.pinned.includes(theirs.waMessageId));
      const id = await sent({ kind: 'text', text: 'keep me' });
      await act({ kind: 'keep', kept: true }, ours(id));
      const named = { chat: atCarl, id, from: profile.number };
      await carl.messages.pin(named, 604_800);
      expect(await told(id, 'pin')).toMatchObject({ target: ours(id), action: { kind: 'pin', seconds: 604_800 } });
      await carl.messages.keep(named);
      expect(await told(id, 'keep')).toMatchObject({ action: { kind: 'keep', kept: true } });
    });

    it('votes in our polls, also after a restart', async () => {
      const id = await sent(poll);
      await carl.messages.vote({ chat: atCarl, id, from: profile.number }, ['tea', 'water']);
      const vote = await told(id, 'poll_vote');
      expect(vote).toMatchObject({
        chat,
        author: addressOf(carl),
        target: ours(id),
        action: { options: ['tea', 'water'] },
      });
      await profile.connection.close();
      profile.reopen();
      await profile.connect();
      await carl.messages.vote({ chat: atCarl, id, from: profile.number }, []);
      await profile.receivedAction(
        ({ target, action }) => target.waMessageId === id && action.kind === 'poll_vote' && action.options.length === 0,
      );
    });

    it('our votes in polls of others, and those made on our phone', async () => {
      const id = await carl.messages.poll(atCarl, { question: 'Which?', options: ['tea', 'milk'], selectable: 1 });
      const { content } = await profile.receivedMessage(({ waMessageId }) => waMessageId === id);
      const target = { waMessageId: id, fromMe: false, author: addressOf(carl) };
      await act({ kind: 'poll_vote', options: ['milk'] }, target, content);
      const voters = (name: string) =>
        atCarls(id, carl.number).poll!.options.find((option) => option.name === name)!.voters;
      await until(() => voters('milk').includes(profile.number));
      const owner = simulator.person(profile.number);
      await owner.messages.vote({ chat: atOwn, id, from: carl.number }, ['tea']);
      expect(await told(id, 'poll_vote')).toMatchObject({
        fromMe: true,
        author: us(),
        target,
        action: { options: ['tea'] },
      });
      await expect(act({ kind: 'poll_vote', options: ['beer'] }, target, content)).rejects.toMatchObject({
        code: 'no_such_option',
      });
      const unknown = { ...target, waMessageId: 'NEVER SEEN' };
      await expect(act({ kind: 'poll_vote', options: ['tea'] }, unknown)).rejects.toMatchObject({
        code: 'target_unknown',
      });
    });

    it('answers to events both ways', async () => {
      const id = await sent(event);
      await carl.messages.respond({ chat: atCarl, id, from: profile.number }, 'going');
      expect(await told(id, 'event_response')).toMatchObject({ target: ours(id), action: { response: 'going' } });
      const theirs = await carl.messages.event(atCarl, { name: 'Walk', startsAt: Date.parse('2031-02-01') });
      await profile.receivedMessage(({ waMessageId }) => waMessageId === theirs);
      await act(
        { kind: 'event_response', response: 'maybe' },
        { waMessageId: theirs, fromMe: false, author: addressOf(carl) },
      );
      await until(() => atCarls(theirs, carl.number).event!.maybe.includes(profile.number));
    });

    it('under one id is done once', async () => {
      const theirs = await said(`once, ${where}`);
      const waMessageId = messageId();
      await act({ kind: 'reaction', emoji: '🎉' }, theirs, undefined, waMessageId);
      await act({ kind: 'reaction', emoji: '🎉' }, theirs, undefined, waMessageId);
      await simulator.settle();
      const arrived = carl.inbox().filter(({ id }) => id === waMessageId);
      expect(arrived.map(({ repeat }) => repeat)).toEqual([0, 1]);
    });
  });

  it('votes in a group whose members go by number', async () => {
    simulator.groupAddressing = 'pn';
    const { jid } = carl.groups.create('By number', [profile.number]).group;
    const id = messageId();
    await profile.connection.send(parseChatJid(jid)!, { content: poll }, { waMessageId: id });
    await carl.expectMessage({ id });
    await carl.messages.vote({ chat: jid, id, from: profile.number }, ['milk']);
    await profile.receivedAction(({ target, action }) => target.waMessageId === id && action.kind === 'poll_vote');
  });

  it('an admin deletes what a member wrote', async () => {
    simulator.groupAddressing = 'lid';
    const { jid } = carl.groups.create('Rules', [profile.number]).group;
    carl.groups.promote(jid, profile.number);
    const waMessageId = await carl.sendText(jid, 'against the rules');
    await profile.received('against the rules');
    const target = { waMessageId, fromMe: false, author: addressOf(carl) };
    await profile.connection.act(
      parseChatJid(jid)!,
      { action: { kind: 'revoke' }, target },
      { waMessageId: messageId() },
    );
    await until(() => carl.chats.message(jid, waMessageId, carl.number)!.revoked);
    const own = messageId();
    await profile.connection.send(
      parseChatJid(jid)!,
      { content: { kind: 'text', text: 'mine' } },
      { waMessageId: own },
    );
    await carl.expectMessage({ id: own });
    await carl.messages.revoke({ chat: jid, id: own, from: profile.number });
    expect(await profile.receivedAction(({ target: of }) => of.waMessageId === own)).toMatchObject({
      action: { kind: 'revoke' },
      author: addressOf(carl),
      target: { fromMe: true },
    });
  });

  it('a device that could not read an action gets it again', async () => {
    await profile.connection.send(
      userChat(addressOf(carl)),
      { content: { kind: 'text', text: 'warm' } },
      { waMessageId: messageId() },
    );
    const waMessageId = await carl.sendText(profile.number, 'and again');
    await profile.received('and again');
    simulator.faults(carl.number).corruptNextMessages(1);
    const target = { waMessageId, fromMe: false, author: addressOf(carl) };
    await profile.connection.act(
      userChat(addressOf(carl)),
      { action: { kind: 'reaction', emoji: '🔁' }, target },
      { waMessageId: messageId() },
    );
    await until(() =>
      carl.chats.message(profile.number, waMessageId, carl.number)!.reactions?.some(({ emoji }) => emoji === '🔁'),
    );
  });

  it('the timer of a chat is told', async () => {
    await carl.messages.setDisappearing(profile.number, 86_400);
    await until(() =>
      profile.sink.accountFacts.some(
        (fact) => fact.type === 'chat_timer_changed' && fact.seconds === 86_400 && fact.chat.kind === 'user',
      ),
    );
  });
});
