import { TestBench } from './test-client.js';
import { DrivenClock } from './time/clock.js';

const OWNER = '6281200000001';
const FRIEND = '6281300000002';
const AUNT = '6281300000003';
const STATUS = 'status@broadcast';

const pn = (number: string): string => `${number}@s.whatsapp.net`;

describe('the status', () => {
  const bench = new TestBench();
  afterEach(() => bench.stop());

  const healthy = async (): Promise<void> => {
    await bench.simulator.settle();
    bench.simulator.assertHealthy();
  };

  it('of a client reaches its audience, and it learns who has looked', async () => {
    await bench.start();
    const friend = bench.simulator.person(FRIEND, { name: 'Friend' });
    const aunt = bench.simulator.person(AUNT, { name: 'Aunt' });
    const gateway = await bench.linked(OWNER);
    const sent = await gateway.socket.sendMessage(
      STATUS,
      { text: 'on holiday' },
      { statusJidList: [pn(FRIEND), pn(OWNER)] },
    );
    const id = sent?.key.id ?? '';
    const got = await friend.expectMessage('on holiday');
    expect(got).toMatchObject({ chat: STATUS, from: OWNER, id });
    expect(friend.status.list()).toMatchObject([{ text: 'on holiday', sender: OWNER }]);
    expect(friend.chats.list()).toMatchObject([{ id: STATUS, kind: 'status' }]);
    expect((await bench.simulator.person(OWNER).expectMessage('on holiday')).fromMe).toBe(true);
    // Baileys gathers a receipt into the message itself as long as it has not told of that.
    await gateway.expectMessage(({ key }) => key.id === id);
    const seen = gateway.next<{ key: { id?: string }; receipt: { readTimestamp?: number; userJid: string } }>(
      'message-receipt.update',
      ({ receipt }) => Boolean(receipt.readTimestamp),
    );
    friend.status.view(got);
    expect(await seen).toMatchObject({ key: { id }, receipt: { userJid: `${friend.account.lid}@lid` } });
    expect(bench.simulator.person(OWNER).status.own()).toMatchObject([{ id, readBy: [FRIEND] }]);
    await healthy();
    expect(aunt.inbox()).toEqual([]);
    await gateway.socket.sendMessage(
      STATUS,
      { delete: { remoteJid: STATUS, fromMe: true, id } },
      { statusJidList: [pn(FRIEND)] },
    );
    await friend.expectMessage({ kind: 'revoke' });
    expect(friend.status.list()).toEqual([]);
    await healthy();
  });

  it('of a person reaches whom it chose', async () => {
    await bench.start();
    const friend = bench.simulator.person(FRIEND, { name: 'Friend' });
    const aunt = bench.simulator.person(AUNT, { name: 'Aunt' });
    const gateway = await bench.linked(OWNER);
    await friend.sendText(OWNER, 'hello');
    await friend.sendText(AUNT, 'hello');
    expect(friend.status.audience).toEqual([OWNER, AUNT]);
    const id = await friend.status.postText('sunny here');
    const { message } = await gateway.expectText('sunny here');
    expect(message.key).toMatchObject({ remoteJid: STATUS, participant: `${friend.account.lid}@lid`, id });
    await aunt.expectMessage('sunny here');
    await gateway.socket.readMessages([message.key]);
    await friend.expectReceipt(id, 'read');
    expect(friend.status.own()).toMatchObject([{ id, readBy: [OWNER] }]);

    bench.simulator.faults(OWNER).corruptNextMessages(1);
    const damaged = await friend.status.postText('damaged on the way');
    await friend.expectReceipt(damaged, 'retry');
    await gateway.expectText('damaged on the way');

    friend.status.setAudience('except', [OWNER]);
    await friend.status.postText('not for all');
    await aunt.expectMessage('not for all');
    friend.status.setAudience('only', [OWNER]);
    await friend.status.postImage(Buffer.from('a picture'), 'only you');
    await gateway.expectMessage((one) => one.message?.imageMessage?.caption === 'only you');
    await healthy();
    expect(aunt.inbox().map(({ text }) => text)).toEqual(['hello', 'sunny here', 'damaged on the way', 'not for all']);
  });

  it('is gone after a day', async () => {
    const clock = new DrivenClock(Date.now());
    await bench.start({ clock });
    const friend = bench.simulator.person(FRIEND);
    const aunt = bench.simulator.person(AUNT);
    await friend.sendText(AUNT, 'hello');
    await friend.status.postText('for a day');
    await bench.simulator.settle();
    await clock.advance(23 * 3_600_000);
    expect(aunt.status.list()).toHaveLength(1);
    await clock.advance(3_600_000);
    expect(aunt.status.list()).toEqual([]);
    expect(friend.status.own()).toEqual([]);
  });
});
