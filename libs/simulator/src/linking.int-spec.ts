import { DisconnectReason } from '@whiskeysockets/baileys';
import { TestBench } from './test-client.js';

const OWNER = '6281200000001';
const FRIEND = '6281300000002';

describe('linking', () => {
  const bench = new TestBench();

  beforeEach(() => bench.start());
  afterEach(() => bench.stop());

  it('refuses a QR code that nobody shows', async () => {
    await expect(bench.simulator.scanQr('2@nobody,a,b,c', OWNER)).rejects.toThrow('not shown by any client');
  });

  it('cannot use one QR code twice', async () => {
    const gateway = bench.client();
    gateway.start();
    const { text } = await gateway.qrs.wait(() => true, { timeoutMs: 10_000, what: 'QR code' });
    await bench.simulator.scanQr(text, OWNER);
    await expect(bench.simulator.scanQr(text, OWNER)).rejects.toThrow('not shown by any client');
  });

  it('links by pairing code, after a wrong one was refused', async () => {
    const gateway = bench.client();
    const socket = gateway.start();
    await gateway.qrs.wait(() => true, { timeoutMs: 10_000, what: 'QR code' });
    const code = await socket.requestPairingCode(OWNER);
    await expect(bench.simulator.enterPairingCode(OWNER, 'WRONG123')).rejects.toThrow('wrong pairing code');
    const linked = await bench.simulator.enterPairingCode(OWNER, code);
    expect(linked).toEqual({ number: OWNER, device: 1 });
    await gateway.opens.wait(() => true, { timeoutMs: 10_000, what: 'open connection' });

    await bench.simulator.person(FRIEND).sendText(OWNER, 'welcome');
    await gateway.expectText('welcome');
    await bench.simulator.settle();
    bench.simulator.assertHealthy();
  });

  it('says so when no client waits for a code', async () => {
    await expect(bench.simulator.enterPairingCode(OWNER, 'ABCD1234')).rejects.toThrow('no client has asked');
  });

  it('serves two companions of one account', async () => {
    const friend = bench.simulator.person(FRIEND);
    const first = await bench.linked(OWNER);
    await first.sendText(FRIEND, 'before the second');
    await friend.expectMessage('before the second');
    const second = await bench.linked(OWNER);

    const id = await first.sendText(FRIEND, 'from the first');
    const copy = await second.expectText('from the first');
    expect(copy.message.key).toMatchObject({ id, fromMe: true });
    await friend.expectMessage('from the first');
    await friend.sendText(OWNER, 'to both');
    await Promise.all([first.expectText('to both'), second.expectText('to both')]);
    await bench.simulator.settle();
    bench.simulator.assertHealthy();
  });

  it('shows companions what the owner types on the phone', async () => {
    const friend = bench.simulator.person(FRIEND);
    const owner = bench.simulator.person(OWNER);
    const gateway = await bench.linked(OWNER);
    const id = await owner.sendText(FRIEND, 'typed on the phone');
    const { message } = await gateway.expectText('typed on the phone');
    expect(message.key).toMatchObject({ id, fromMe: true, remoteJidAlt: `${FRIEND}@s.whatsapp.net` });
    expect(await friend.expectMessage('typed on the phone')).toMatchObject({ from: OWNER, fromMe: false });
    await bench.simulator.settle();
    bench.simulator.assertHealthy();
  });

  it('ends a companion that logs out', async () => {
    const gateway = await bench.linked(OWNER);
    await gateway.socket.logout();
    expect((await gateway.expectEnd()).code).toBe(DisconnectReason.loggedOut);
    gateway.start();
    expect((await gateway.expectEnd(gateway.ends.lastIndex)).code).toBe(401);
    expect(bench.simulator.person(OWNER).account.companions).toEqual([]);
  });

  it('ends a companion that the phone removes', async () => {
    const gateway = await bench.linked(OWNER);
    bench.simulator.unlink(OWNER, 1);
    expect((await gateway.expectEnd()).code).toBe(DisconnectReason.loggedOut);
    const after = gateway.ends.lastIndex;
    gateway.start();
    expect((await gateway.expectEnd(after)).code).toBe(401);
    expect(() => bench.simulator.unlink(OWNER, 1)).toThrow('has no companion 1');
  });

  it('ends the earlier of two connections of one device with 440', async () => {
    const gateway = await bench.linked(OWNER);
    const earlier = gateway.socket;
    const ended = new Promise<number | undefined>((resolve) => {
      earlier.ev.on('connection.update', ({ connection, lastDisconnect }) => {
        const error = lastDisconnect?.error as { output?: { statusCode?: number } } | undefined;
        if (connection === 'close') resolve(error?.output?.statusCode);
      });
    });
    await gateway.connect();
    expect(await ended).toBe(DisconnectReason.connectionReplaced);
    await bench.simulator.person(FRIEND).sendText(OWNER, 'to the newer');
    await gateway.expectText('to the newer');
    await bench.simulator.settle();
    bench.simulator.assertHealthy();
  });

  it('lets several clients show codes at a time', async () => {
    const [one, two] = await Promise.all([bench.linked(OWNER), bench.linked(FRIEND)]);
    await one.sendText(FRIEND, 'hello');
    await two.expectText('hello');
  });
});
