import type { ConnectionState } from '@whiskeysockets/baileys';
import { REALISTIC_LIMITS } from './network/policies.js';
import { Feed } from './people/feed.js';
import { TestBench, type TestClient, textOf } from './test-client.js';
import { DrivenClock, wallClock } from './time/clock.js';
import { stanza } from './wire/stanza.js';

const OWNER = '6281200000001';
const ERROR = 0;

describe('faults, as an unmodified client sees them', () => {
  const bench = new TestBench();
  /** Stands still unless a test moves it; begins now, since clients compare some times with their own. */
  const clock = new DrivenClock(wallClock.now());
  let gateway: TestClient;
  let friendNumber: string;
  let friendCount = 0;

  beforeAll(async () => {
    await bench.start({ clock });
    gateway = await bench.linked(OWNER, {
      keepAliveIntervalMs: 400,
      shouldSyncHistoryMessage: () => false,
    });
  });

  beforeEach(async () => {
    friendCount += 1;
    friendNumber = `62813${String(friendCount).padStart(8, '0')}`;
    bench.simulator.faults(OWNER).clear();
    bench.simulator.limits = {};
    if (!gateway.isOpen) await gateway.connect();
    await bench.simulator.settle();
    bench.simulator.clearProblems();
  });

  afterAll(() => bench.stop());

  const faults = () => bench.simulator.faults(OWNER);

  async function healthy(): Promise<void> {
    await bench.simulator.settle();
    bench.simulator.assertHealthy();
  }

  /** The client says that a message failed: in an update, or in the message itself when its buffer held both. */
  async function failed(id: string): Promise<void> {
    const inMessage = gateway.expectMessage(({ key, status }) => key.id === id && status === ERROR);
    await Promise.any([gateway.expectStatus(id, ERROR), inMessage]);
  }

  /** What `connection.update` says about restrictions from now on. */
  function restrictions(): Feed<{ index: number; isActive?: boolean; type?: string }> {
    const feed = new Feed<{ index: number; isActive?: boolean; type?: string }>(100);
    gateway.socket.ev.on('connection.update', ({ reachoutTimeLock }: Partial<ConnectionState>) => {
      if (!reachoutTimeLock) return;
      const { isActive, enforcementType: type } = reachoutTimeLock;
      feed.append((index) => ({ index, isActive, type }));
    });
    return feed;
  }

  it.each([
    [401, 'stream:error'],
    [403, 'failure'],
    [408, 'stream:error'],
    [411, 'ib'],
    [428, undefined],
    [440, 'stream:error'],
    [500, 'stream:error'],
    [503, 'stream:error'],
  ])('ends a connection with %i by %s', async (code, tag) => {
    const after = gateway.ends.lastIndex;
    const logged = bench.simulator.stanzaLog().at(-1)?.sequence;
    faults().closeWith(code);
    expect((await gateway.expectEnd(after)).code).toBe(code);
    if (!tag) return;
    const sent = bench.simulator.stanzaLog(logged).filter(({ direction }) => direction === 'out');
    expect(sent.map((one) => one.tag)).toContain(tag);
  });

  it.each([401, 403, 405, 500, 503])('fails a login with %i', async (code) => {
    await gateway.stop();
    const after = gateway.ends.lastIndex;
    faults().failNextLogins(code);
    gateway.start();
    expect((await gateway.expectEnd(after)).code).toBe(code);
    await gateway.connect();
    await healthy();
  });

  it('leaves a socket half open: the client finds out by itself', async () => {
    const after = gateway.ends.lastIndex;
    faults().halfOpen();
    const friend = bench.simulator.person(friendNumber);
    await friend.sendText(OWNER, 'while nobody listened');
    // Five seconds of patience are the client's own (`keepAliveIntervalMs` and 5 s).
    expect((await gateway.expectEnd(after)).code).toBe(408);
    await gateway.connect();
    await gateway.expectText('while nobody listened');
    await healthy();
  });

  it.each([429, 463, 475, 479, 500])('refuses a message with %i', async (code) => {
    bench.simulator.person(friendNumber);
    faults().nackNext(code);
    const refused = await gateway.sendText(friendNumber, 'refused');
    expect(await gateway.expectAck(refused)).toMatchObject({ error: String(code) });
    await failed(refused);
    const accepted = await gateway.sendText(friendNumber, 'accepted');
    await bench.simulator.person(friendNumber).expectMessage('accepted');
    expect(await gateway.expectAck(accepted)).toMatchObject({ error: undefined });
    await healthy();
  });

  it('refuses questions with an error', async () => {
    faults().refuseNextQueries(429, { xmlns: 'usync' });
    bench.simulator.person(friendNumber);
    await expect(gateway.socket.onWhatsApp(friendNumber)).rejects.toMatchObject({
      message: 'rate-overlimit',
      data: 429,
    });
    expect(await gateway.socket.onWhatsApp(friendNumber)).toHaveLength(1);
    await healthy();
  });

  it('delays stanzas of one kind by the clock', async () => {
    const friend = bench.simulator.person(friendNumber);
    await friend.sendText(OWNER, 'opens the session');
    await gateway.expectText('opens the session');
    const end = faults().disturb({ what: 'delay', stanza: 'message', delayMs: 60_000 });
    await friend.sendText(OWNER, 'late');
    await clock.advance(59_999);
    expect(gateway.upserts.list().some(({ message }) => textOf(message) === 'late')).toBe(false);
    await clock.advance(1);
    await gateway.expectText('late');
    end();
    await healthy();
  });

  it('delays an acknowledgement', async () => {
    bench.simulator.person(friendNumber);
    faults().delayAcks(30_000);
    const id = await gateway.sendText(friendNumber, 'acknowledged late');
    await bench.simulator.person(friendNumber).expectMessage('acknowledged late');
    expect(gateway.acks.list().some((ack) => ack.id === id)).toBe(false);
    await clock.advance(30_000);
    await gateway.expectAck(id);
    await healthy();
  });

  it('drops a stanza to the client, who gets it at the next login', async () => {
    const friend = bench.simulator.person(friendNumber);
    await friend.sendText(OWNER, 'before');
    await gateway.expectText('before');
    faults().disturb({ what: 'drop', stanza: 'message', count: 1 });
    await friend.sendText(OWNER, 'dropped');
    await friend.sendText(OWNER, 'after');
    await gateway.expectText('after');
    expect(gateway.upserts.list().some(({ message }) => textOf(message) === 'dropped')).toBe(false);
    await gateway.stop();
    await gateway.connect();
    await gateway.expectText('dropped');
    await healthy();
  });

  it('drops what the client sends', async () => {
    const friend = bench.simulator.person(friendNumber);
    faults().disturb({ what: 'drop', direction: 'from-client', stanza: 'message', count: 1 });
    await gateway.sendText(friendNumber, 'lost on the way');
    await gateway.sendText(friendNumber, 'arrives');
    await friend.expectMessage('arrives');
    expect(friend.inbox().map(({ text }) => text)).toEqual(['arrives']);
    await healthy();
  });

  it('delivers a stanza twice: the client asks for it again and has it twice', async () => {
    const friend = bench.simulator.person(friendNumber);
    await gateway.sendText(friendNumber, 'opens the session');
    await friend.expectMessage('opens the session');
    await friend.sendText(OWNER, 'answers');
    await gateway.expectText('answers');
    faults().disturb({ what: 'duplicate', stanza: 'message', count: 1 });
    const id = await friend.sendText(OWNER, 'twice');
    const { index } = await gateway.expectText('twice');
    await friend.expectReceipt(id, 'retry');
    await gateway.expectText('twice', { after: index });
    await healthy();
  });

  it('swaps two messages', async () => {
    const friend = bench.simulator.person(friendNumber);
    await gateway.sendText(friendNumber, 'opens the session');
    await friend.expectMessage('opens the session');
    const after = gateway.upserts.lastIndex;
    faults().disturb({ what: 'reorder', stanza: 'message', count: 1 });
    await friend.sendText(OWNER, 'first');
    await friend.sendText(OWNER, 'second');
    await gateway.expectText('first');
    const texts = gateway.upserts.list(after).map(({ message }) => textOf(message));
    expect(texts.filter((text) => text === 'first' || text === 'second')).toEqual(['second', 'first']);
    await healthy();
  });

  it('lets go of a stanza that was held back when none follows', async () => {
    const friend = bench.simulator.person(friendNumber);
    faults().disturb({ what: 'reorder', stanza: 'message', delayMs: 500 });
    await friend.sendText(OWNER, 'alone');
    await clock.advance(500);
    await gateway.expectText('alone');
  });

  it('uses up the prekeys: the client brings new ones', async () => {
    const uploads = (): number => bench.simulator.stats['iqs.encrypt set registration'] ?? 0;
    const before = uploads();
    faults().exhaustPrekeys();
    // The client asks how many are left, and uploads.
    await bench.until(() => uploads() > before);
    const friend = bench.simulator.person(friendNumber);
    await friend.sendText(OWNER, 'with a new key');
    await gateway.expectText('with a new key');
    await healthy();
  });

  it('stops the queue at a status that nobody can read', async () => {
    const friend = bench.simulator.person(friendNumber);
    await friend.sendText(OWNER, 'before the poison');
    await gateway.expectText('before the poison');
    const enc = stanza('enc', { v: 2, type: 'skmsg' }, Buffer.from('330a0b0c', 'hex'));
    const author = friend.account.address('lid');
    const post = { from: 'status@broadcast', participant: author, id: 'POISON1', type: 'media', notify: 'Friend' };
    const refusals = (): number => bench.simulator.stats['acks.message.500'] ?? 0;
    const before = refusals();
    faults().poisonStatus(stanza('message', post, [enc]));
    await bench.until(() => refusals() > before);
    await friend.sendText(OWNER, 'behind it');
    await gateway.stop();
    await gateway.connect();
    await bench.until(() => refusals() > before + 1);
    expect(gateway.upserts.list().some(({ message }) => textOf(message) === 'behind it')).toBe(false);
    faults().clear();
    await gateway.expectText('behind it');
    await healthy();
  });

  it('restricts a number: strangers are refused with 463, people it knows are not', async () => {
    const known = bench.simulator.person(friendNumber);
    const stranger = bench.simulator.person(`${friendNumber}9`);
    await gateway.sendText(friendNumber, 'we know each other');
    await known.expectMessage('we know each other');
    const told = restrictions();

    faults().restrict({ durationMs: 3_600_000 });
    await told.wait(({ isActive }) => isActive === true, { timeoutMs: 5_000, what: 'restriction' });
    expect(told.list()[0]).toMatchObject({ isActive: true, type: 'BIZ_QUALITY' });
    expect(await gateway.socket.fetchAccountReachoutTimelock()).toMatchObject({ isActive: true });
    const cold = await gateway.sendText(stranger.number, 'hello, stranger');
    expect(await gateway.expectAck(cold)).toMatchObject({ error: '463' });
    await failed(cold);
    await gateway.sendText(friendNumber, 'still friends');
    await known.expectMessage('still friends');
    await stranger.sendText(OWNER, 'I write first');
    await gateway.expectText('I write first');
    await gateway.sendText(stranger.number, 'then I may answer');
    await stranger.expectMessage('then I may answer');

    const { lastIndex: after } = told;
    await clock.advance(3_600_000);
    await told.wait(({ isActive }) => isActive === false, { after, timeoutMs: 5_000, what: 'end of it' });
    await healthy();
  });

  it('restricts a number that opens too many chats', async () => {
    const told = restrictions();
    const strangers = [1, 2, 3].map((n) => bench.simulator.person(`${friendNumber}${n}`));
    bench.simulator.limits = { newChatsPerDay: 2 };
    const acks = [];
    for (const { number } of strangers) acks.push(await gateway.expectAck(await gateway.sendText(number, 'news')));
    expect(acks.map(({ error }) => error)).toEqual([undefined, undefined, '463']);
    await told.wait(({ isActive }) => isActive === true, { timeoutMs: 5_000, what: 'restriction' });
    const cap = await gateway.socket.fetchNewChatMessageCap();
    expect(cap).toMatchObject({ total_quota: 2, used_quota: 2, capping_status: 'CAPPED' });
    await clock.advance(24 * 3_600_000);
    await gateway.sendText(strangers[2]!.number, 'another day');
    await strangers[2]!.expectMessage('another day');
    await healthy();
  });

  it('keeps to limits of rate', async () => {
    bench.simulator.person(friendNumber);
    await gateway.expectAck(await gateway.sendText(friendNumber, 'known before'));
    bench.simulator.limits = { ...REALISTIC_LIMITS, messagesPerMinute: 2, userQueriesPerMinute: 1 };
    const acks = [];
    for (const text of ['1', '2', '3']) acks.push(await gateway.expectAck(await gateway.sendText(friendNumber, text)));
    expect(acks.map(({ error }) => error)).toEqual([undefined, undefined, '429']);
    await gateway.socket.onWhatsApp(friendNumber);
    await expect(gateway.socket.onWhatsApp(friendNumber)).rejects.toThrow('rate-overlimit');
    await clock.advance(60_000);
    await gateway.socket.onWhatsApp(friendNumber);
    expect(await gateway.expectAck(await gateway.sendText(friendNumber, '4'))).toMatchObject({ error: undefined });
    await healthy();
  });

  it('limits pairing codes and companions', async () => {
    bench.simulator.limits = { companions: 1, pairingCodesPerHour: 1 };
    const other = bench.client();
    const socket = other.start();
    const { text } = await other.qrs.wait(() => true, { timeoutMs: 10_000, what: 'QR code' });
    await expect(bench.simulator.scanQr(text, OWNER)).rejects.toThrow('1 linked devices already');
    const answers = () => bench.simulator.stanzaLog().filter((one) => one.who === 'pairing' && one.direction === 'out');
    const refusals = (): number => answers().filter(({ content }) => content.includes('error')).length;
    await socket.requestPairingCode(friendNumber);
    await bench.until(() => answers().some(({ attrs }) => attrs.type === 'result'));
    expect(refusals()).toBe(0);
    await socket.requestPairingCode(friendNumber);
    await bench.until(() => refusals() === 1);
    await other.stop();
  });
});
