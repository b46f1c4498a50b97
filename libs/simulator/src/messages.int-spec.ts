import { Sink } from './people/sink.js';
import { TestBench, type TestClient, textOf } from './test-client.js';

const OWNER = '6281200000001';
const OTHER_OWNER = '6281200000003';
const ADDRESSED_BY_NUMBER = '6281200000004';
const DELIVERED = 3;
const READ = 4;
const PLAYED = 5;

describe('1:1 messages', () => {
  const bench = new TestBench();
  let gateway: TestClient;
  let friendNumber: string;
  let friendCount = 0;
  let retriesBefore = 0;

  beforeAll(async () => {
    await bench.start();
    gateway = await bench.linked(OWNER);
  });

  /** Each test has a friend of its own, so that their inboxes begin empty. */
  beforeEach(() => {
    friendCount += 1;
    friendNumber = `62813${String(friendCount).padStart(8, '0')}`;
    retriesBefore = bench.simulator.stats['receipts.retry'] ?? 0;
  });

  const retries = (): number => (bench.simulator.stats['receipts.retry'] ?? 0) - retriesBefore;

  afterAll(() => bench.stop());

  async function healthy(): Promise<void> {
    await bench.simulator.settle();
    bench.simulator.assertHealthy();
  }

  it('carries text both ways between a client and a person', async () => {
    const friend = bench.simulator.person(friendNumber, { name: 'Friend' });

    const id = await gateway.sendText(friendNumber, 'hello');
    const received = await friend.expectMessage('hello');
    expect(received).toMatchObject({ id, from: OWNER, chat: OWNER, fromMe: false, repeat: 0 });
    const copy = await bench.simulator.person(OWNER).expectMessage('hello');
    expect(copy).toMatchObject({ id, fromMe: true, chat: friendNumber });

    await friend.reply(received, 'hi yourself');
    const { message } = await gateway.expectText('hi yourself');
    expect(message.pushName).toBe('Friend');
    expect(message.key.remoteJid).toMatch(/@lid$/);
    expect(message.key.remoteJidAlt).toBe(`${friendNumber}@s.whatsapp.net`);
    expect(message.message?.extendedTextMessage?.contextInfo?.stanzaId).toBe(id);
    await healthy();
  });

  it('addresses an account by phone number when it says so, with the LID beside it', async () => {
    const friend = bench.simulator.person(friendNumber);
    bench.simulator.person(ADDRESSED_BY_NUMBER, { addressing: 'pn' });
    const other = await bench.linked(ADDRESSED_BY_NUMBER);

    await friend.sendText(ADDRESSED_BY_NUMBER, 'by number');
    const { message } = await other.expectText('by number');
    expect(message.key.remoteJid).toBe(`${friendNumber}@s.whatsapp.net`);
    expect(message.key.remoteJidAlt).toMatch(/@lid$/);
    await other.sendText(friendNumber, 'back');
    await friend.expectMessage('back');
    await healthy();
    expect(retries()).toBe(0);
  });

  it('carries text and receipts between two clients', async () => {
    const one = gateway;
    const two = await bench.linked(OTHER_OWNER);

    const id = await one.sendText(OTHER_OWNER, 'to the other');
    const { message } = await two.expectText('to the other');
    await one.expectStatus(id, DELIVERED);
    await two.socket.readMessages([message.key]);
    await one.expectStatus(id, READ);
    // The reader's own phone learns of it too.
    const phone = bench.simulator.person(OTHER_OWNER);
    await phone.expectReceipt(id, 'read-self');
    await healthy();
    expect(retries()).toBe(0);
  });

  it('tells the sender when a person got, read and played a message', async () => {
    const friend = bench.simulator.person(friendNumber);
    const id = await gateway.sendText(friendNumber, 'read me');
    const received = await friend.expectMessage('read me');
    await gateway.expectStatus(id, DELIVERED);
    friend.markRead(received);
    await gateway.expectStatus(id, READ);
    friend.markPlayed(received);
    await gateway.expectStatus(id, PLAYED);

    const own = await friend.sendText(OWNER, 'and this?');
    const { message } = await gateway.expectText('and this?');
    await friend.expectReceipt(own, 'delivered');
    await gateway.socket.readMessages([message.key]);
    await friend.expectReceipt(own, 'read');
    await healthy();
  });

  it('keeps messages for a client that is away and hands them over in order when it is back', async () => {
    const friend = bench.simulator.person(friendNumber);
    await friend.sendText(OWNER, 'while there');
    await gateway.expectText('while there');
    await gateway.stop();
    for (let n = 0; n < 5; n++) await friend.sendText(OWNER, `away ${n}`);

    const after = gateway.upserts.lastIndex;
    await gateway.connect();
    await gateway.expectText('away 4', { after });
    const texts = gateway.upserts.list(after).map(({ message }) => textOf(message));
    expect(texts).toEqual(['away 0', 'away 1', 'away 2', 'away 3', 'away 4']);
    expect(gateway.upserts.list(after).every(({ type }) => type === 'append')).toBe(true);
    await healthy();
  });

  it('delivers a message again when its receipt was lost', async () => {
    const friend = bench.simulator.person(friendNumber);
    await gateway.sendText(friendNumber, 'opens the session');
    await friend.expectMessage('opens the session');
    bench.simulator.faults(OWNER).loseNextReceipts(1);
    const id = await friend.sendText(OWNER, 'twice');
    await gateway.expectText('twice');
    await gateway.stop();
    // Its keys are used up, so stock Baileys cannot read it a second time: it asks for it again and then has it twice.
    const after = gateway.upserts.lastIndex;
    await gateway.connect();
    const again = await gateway.expectText('twice', { after });
    expect(again.message.key.id).toBe(id);
    await healthy();
  });

  it('lets a client ask again for what it could not read', async () => {
    const friend = bench.simulator.person(friendNumber);
    bench.simulator.faults(OWNER).corruptNextMessages(1);
    const id = await friend.sendText(OWNER, 'damaged on the way');
    await friend.expectReceipt(id, 'retry');
    const { message } = await gateway.expectText('damaged on the way');
    expect(message.key.id).toBe(id);
    await friend.expectReceipt(id, 'delivered');
    await healthy();
  });

  it('asks a client again for what the person could not read', async () => {
    const friend = bench.simulator.person(friendNumber);
    await gateway.sendText(friendNumber, 'first');
    await friend.expectMessage('first');
    friend.phone.signal.forgetSessions();
    // An established session: the client sends a plain message that the person has no session for.
    await friend.sendText(OWNER, 'opens another');
    await gateway.expectText('opens another');
    friend.phone.signal.forgetSessions();
    const id = await gateway.sendText(friendNumber, 'unreadable at first');
    const received = await friend.expectMessage('unreadable at first');
    expect(received.id).toBe(id);
    expect(retries()).toBe(1);
    await healthy();
  });

  it('shows typing both ways', async () => {
    const friend = bench.simulator.person(friendNumber);
    const seen = new Promise((resolve) => gateway.socket.ev.on('presence.update', resolve));
    friend.typing(OWNER, 'recording');
    expect(JSON.stringify(await seen)).toContain('recording');
    await gateway.socket.sendPresenceUpdate('composing', `${friendNumber}@s.whatsapp.net`);
    expect(await friend.expectTyping(OWNER)).toMatchObject({ state: 'composing' });
    await healthy();
  });

  it('counts repeats under one id instead of hiding them', async () => {
    const friend = bench.simulator.person(friendNumber);
    await gateway.sendText(friendNumber, 'again', 'SAMEID0001');
    await gateway.sendText(friendNumber, 'again', 'SAMEID0001');
    await friend.expectMessage((message) => message.repeat === 1);
    expect(friend.inbox().map(({ id, repeat }) => [id, repeat])).toEqual([
      ['SAMEID0001', 0],
      ['SAMEID0001', 1],
    ]);
    await healthy();
  });

  it('lets people act by habit', async () => {
    const friend = bench.simulator.person(friendNumber).echo('echo: ').replyAfter(5, 'later').autoRead();
    const id = await gateway.sendText(friendNumber, 'ping');
    await gateway.expectText('echo: ping');
    await gateway.expectText('later');
    await gateway.expectStatus(id, READ);
    expect(friend.inbox()).toHaveLength(1);
    await healthy();
  });

  it('keeps messages for a phone without network', async () => {
    const friend = bench.simulator.person(friendNumber);
    friend.goOffline();
    const id = await gateway.sendText(friendNumber, 'for later');
    await bench.simulator.settle();
    expect(friend.inbox()).toHaveLength(0);
    friend.goOnline();
    await friend.expectMessage('for later');
    await gateway.expectStatus(id, DELIVERED);
    await healthy();
  });

  it('counts at a sink and confirms', async () => {
    const sink = bench.simulator.sink(friendNumber);
    expect(sink).toBeInstanceOf(Sink);
    const id = await gateway.sendText(friendNumber, 'into the sink');
    await gateway.expectStatus(id, DELIVERED);
    expect(sink.received.list()).toEqual([expect.objectContaining({ id, from: OWNER })]);
    await healthy();
  });
});
