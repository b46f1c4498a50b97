import { Simulator } from '#simulator';
import { until } from '#testing';
import { userChat } from '../chat-address.js';
import { engineFor, messageId, TestProfile } from './test-profile.for-spec.js';

describe('sending', () => {
  let simulator: Simulator;
  let profile: TestProfile;
  let lastContact = 15_550_005_000;

  const newContact = () => {
    lastContact += 1;
    return simulator.person(String(lastContact), { name: 'Carl' });
  };
  const send = (phone: string, text: string, waMessageId = messageId()) =>
    profile.connection.send(userChat({ phone, lid: null }), { content: { kind: 'text', text } }, { waMessageId });
  const failed = (sending: Promise<unknown>) =>
    sending.then(
      () => undefined,
      (error) => error,
    );

  beforeAll(async () => {
    simulator = await Simulator.start();
    profile = await new TestProfile(engineFor(simulator), simulator, '15550005999').connect();
  });
  afterEach(() => simulator.faults(profile.number).clear());
  afterAll(async () => {
    await profile.connection.close();
    await simulator.stop();
  });

  it('to a phone number and to a LID reaches the same person', async () => {
    const contact = newContact();
    await send(contact.number, 'by number');
    const lid = contact.account.address('lid').split('@')[0]!;
    await profile.connection.send(
      userChat({ phone: null, lid }),
      { content: { kind: 'text', text: 'by LID' } },
      { waMessageId: messageId() },
    );
    await contact.expectMessage('by number');
    await contact.expectMessage('by LID');
  });

  it('again under the same id is the same message', async () => {
    const contact = newContact();
    const id = messageId();
    await send(contact.number, 'twice', id);
    await send(contact.number, 'twice', id);
    await simulator.settle();
    expect(contact.inbox().map((each) => [each.id, each.repeat])).toEqual([
      [id, 0],
      [id, 1],
    ]);
  });

  it('a number that is not on WhatsApp is a certain refusal', async () => {
    expect(await failed(send('15559999999', 'nobody'))).toMatchObject({
      code: 'recipient_not_on_whatsapp',
      facts: { retryable: false, outcome: 'not_sent' },
    });
  });

  it.each([463, 479])('a refusal of the server (%i) is certain', async (code) => {
    const contact = newContact();
    simulator.faults(profile.number).nackNext(code);
    expect(await failed(send(contact.number, 'refused'))).toMatchObject({
      code: `rejected_${code}`,
      facts: { retryable: false, outcome: 'not_sent' },
    });
    expect(contact.inbox()).toEqual([]);
  });

  it('a connection that is cut before the acknowledgement leaves the outcome open, and a repeat is safe', async () => {
    const contact = newContact();
    await send(contact.number, 'warm');
    const id = messageId();
    simulator.faults(profile.number).dropNextAcks(1);
    const sending = failed(send(contact.number, 'acknowledged late', id));
    await contact.expectMessage('acknowledged late');
    simulator.faults(profile.number).cut();
    expect(await sending).toMatchObject({ facts: { retryable: true, outcome: 'unknown' } });
    await until(() => profile.connection.health.isOpen, { what: 'the reconnect' });
    await send(contact.number, 'acknowledged late', id);
    await simulator.settle();
    expect(contact.inbox().filter((each) => each.id === id && each.repeat === 0)).toHaveLength(1);
  });

  it('an acknowledgement that takes its time is waited for', async () => {
    const contact = newContact();
    simulator.faults(profile.number).delayAcks(300);
    const started = Date.now();
    await send(contact.number, 'slow');
    expect(Date.now() - started).toBeGreaterThanOrEqual(300);
  });

  it('many at once all arrive, each once', async () => {
    const contacts = [newContact(), newContact(), newContact()];
    await Promise.all(
      contacts.flatMap((contact) => Array.from({ length: 20 }, (_, index) => send(contact.number, `text ${index}`))),
    );
    await simulator.settle();
    for (const contact of contacts) expect(new Set(contact.inbox().map(({ text }) => text)).size).toBe(20);
    simulator.assertHealthy();
  });

  it('a known contact costs no new session after a restart', async () => {
    const contact = newContact();
    await send(contact.number, 'first');
    await contact.expectMessage('first');
    await profile.connection.close();
    profile.reopen();
    await profile.connect();
    const before = simulator.stanzaLog().at(-1)?.sequence ?? 0;
    await send(contact.number, 'second');
    const asked = simulator.stanzaLog(before).filter((each) => each.direction === 'in' && each.tag === 'iq');
    expect(asked.filter((each) => each.attrs.xmlns === 'usync' || each.attrs.xmlns === 'encrypt')).toEqual([]);
  });

  it('an answer quotes the message it answers', async () => {
    const contact = newContact();
    const id = await contact.sendText(profile.number, 'which size?');
    await profile.received('which size?');
    await profile.connection.send(
      userChat({ phone: contact.number, lid: null }),
      {
        content: { kind: 'text', text: 'medium' },
        quoted: {
          waMessageId: id,
          fromMe: false,
          author: { phone: contact.number, lid: null },
          content: { kind: 'text', text: 'which size?' },
        },
      },
      { waMessageId: messageId() },
    );
    const { message } = await contact.expectMessage('medium');
    expect(message.extendedTextMessage?.contextInfo).toMatchObject({
      stanzaId: id,
      quotedMessage: { conversation: 'which size?' },
    });
  });

  it('and quotes come in with the id of what they quote', async () => {
    const contact = newContact();
    const id = messageId();
    await send(contact.number, 'question', id);
    const question = await contact.expectMessage('question');
    await contact.reply(question, 'answer');
    await profile.received('answer');
    const answer = [...profile.sink.stored.values()].at(-1);
    expect(answer).toMatchObject({ quotedWaMessageId: id });
  });

  it('delivered and read come in, in their order, for the person', async () => {
    const contact = newContact().autoRead(20);
    const id = messageId();
    await send(contact.number, 'read me', id);
    const states = () =>
      profile.sink.receiptFacts.filter(({ waMessageIds }) => waMessageIds.includes(id)).map(({ state }) => state);
    await until(() => states().includes('read'));
    expect(states()).toEqual(['delivered', 'read']);
    const chats = profile.sink.receiptFacts.map(({ by }) => by).filter(({ phone }) => phone === contact.number);
    expect(chats).toContainEqual({ phone: contact.number, lid: expect.any(String) });
  });

  it('what the owner writes on the phone comes in as ours', async () => {
    const contact = newContact();
    const owner = simulator.person(profile.number);
    const id = await owner.sendText(contact.number, 'from my phone');
    await profile.received('from my phone');
    expect(profile.sink.stored.get(id)).toMatchObject({
      fromMe: true,
      chat: { phone: contact.number, lid: expect.any(String) },
      pushName: null,
    });
  });

  it('what the owner reads on the phone comes in as read elsewhere', async () => {
    const contact = newContact();
    const id = await contact.sendText(profile.number, 'for the owner');
    await profile.received('for the owner');
    const owner = simulator.person(profile.number);
    owner.markRead(await owner.expectMessage('for the owner'));
    await until(() => profile.sink.readFacts.some(({ waMessageIds }) => waMessageIds.includes(id)));
    expect(profile.sink.readFacts.at(-1)).toMatchObject({ chat: { phone: contact.number } });
  });

  it('reading is told to the other side', async () => {
    const contact = newContact();
    const id = await contact.sendText(profile.number, 'read this');
    await profile.received('read this');
    await profile.connection.markRead(userChat({ phone: contact.number, lid: null }), [
      { waMessageId: id, author: null },
    ]);
    await contact.expectReceipt(id, 'read');
  });

  it('typing is shown both ways', async () => {
    const contact = newContact();
    await send(contact.number, 'warm');
    await profile.connection.setTyping(userChat({ phone: contact.number, lid: null }), 'composing');
    await contact.expectTyping(profile.number);
    await profile.connection.setTyping(userChat({ phone: contact.number, lid: null }), 'paused');
    await contact.expectTyping(profile.number, { state: 'paused' });
    contact.typing(profile.number, 'recording');
    await until(() => profile.sink.typingFacts.length > 0, { what: 'the typing notice' });
    const by = { phone: contact.number, lid: expect.any(String) };
    expect(profile.sink.typingFacts[0]).toEqual({
      chat: { kind: 'user', ...by },
      by,
      state: 'recording',
    });
  });

  it('who is who is told once both forms of an address are known', async () => {
    const contact = newContact();
    await send(contact.number, 'who are you');
    await until(() => profile.sink.identities.some(({ phone, lid }) => phone === contact.number && lid !== null));
  });
});
