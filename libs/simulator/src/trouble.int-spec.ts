import { once } from 'node:events';
import { createConnection } from 'node:net';
import { WebSocket } from 'ws';
import { TestBench, type TestClient } from './test-client.js';

const OWNER = '6281200000001';

describe('trouble', () => {
  const bench = new TestBench();
  let gateway: TestClient;
  let friendNumber: string;
  let friendCount = 0;

  beforeAll(async () => {
    await bench.start();
    gateway = await bench.linked(OWNER);
  });

  /** Each test begins with a client that is connected and a friend of its own. */
  beforeEach(async () => {
    friendCount += 1;
    friendNumber = `62813${String(friendCount).padStart(8, '0')}`;
    bench.simulator.faults(OWNER).clear();
    if (!gateway.isOpen) await gateway.connect();
    await bench.simulator.settle();
    bench.simulator.clearProblems();
  });

  afterAll(() => bench.stop());

  it.each([408, 500, 503, 515])('ends a connection with %i', async (code) => {
    const after = gateway.ends.lastIndex;
    const opened = gateway.opens.lastIndex;
    bench.simulator.faults(OWNER).closeWith(code);
    const end = await gateway.ends.wait(() => true, { after, timeoutMs: 5_000, what: 'end' });
    expect(end.code).toBe(code);
    // After 515 the client comes back by itself, as Baileys asks of its owner.
    if (code === 515) await gateway.opens.wait(() => true, { after: opened, timeoutMs: 10_000, what: 'open' });
  });

  it.each([
    ['cut', 428],
    ['closeWith', 428],
  ] as const)('loses a connection by %s', async (fault, code) => {
    const after = gateway.ends.lastIndex;
    const faults = bench.simulator.faults(OWNER);
    if (fault === 'cut') faults.cut();
    else faults.closeWith(428);
    expect((await gateway.expectEnd(after)).code).toBe(code);
    await gateway.connect();
    await bench.simulator.person(friendNumber).sendText(OWNER, 'back again');
    await gateway.expectText('back again');
  });

  it('stalls and resumes', async () => {
    const friend = bench.simulator.person(friendNumber);
    bench.simulator.faults(OWNER).stall();
    await friend.sendText(OWNER, 'held back');
    await expect(gateway.expectText('held back', { timeoutMs: 200 })).rejects.toThrow('within 200 ms');
    bench.simulator.faults(OWNER).resume();
    await gateway.expectText('held back');
    await bench.simulator.settle();
    bench.simulator.assertHealthy();
  });

  it('refuses the next message with an error code', async () => {
    const friend = bench.simulator.person(friendNumber);
    bench.simulator.faults(OWNER).nackNext(479);
    const refused = await gateway.sendText(friendNumber, 'refused');
    expect(await gateway.expectAck(refused)).toMatchObject({ error: '479' });
    const accepted = await gateway.sendText(friendNumber, 'accepted');
    expect(await gateway.expectAck(accepted)).toMatchObject({ error: undefined });
    await friend.expectMessage('accepted');
    expect(friend.inbox().map(({ text }) => text)).toEqual(['accepted']);
  });

  it('drops and delays acknowledgements', async () => {
    const friend = bench.simulator.person(friendNumber);
    bench.simulator.faults(OWNER).dropNextAcks();
    const first = await gateway.sendText(friendNumber, 'one');
    const second = await gateway.sendText(friendNumber, 'two');
    await friend.expectMessage('two');
    expect(friend.inbox().map(({ id }) => id)).toEqual([first, second]);
    await gateway.expectAck(second);
    expect(gateway.acks.list().some(({ id }) => id === first)).toBe(false);

    bench.simulator.faults(OWNER).delayAcks(150);
    const begin = Date.now();
    await gateway.expectAck(await gateway.sendText(friendNumber, 'three'));
    expect(Date.now() - begin).toBeGreaterThanOrEqual(145);
  });

  it('leaves the offline marker out', async () => {
    const sawMarker = async (): Promise<boolean> => {
      await gateway.stop();
      const after = gateway.opens.lastIndex;
      let seen = false;
      gateway.start().ev.on('connection.update', (update) => {
        seen ||= update.receivedPendingNotifications === true;
      });
      await gateway.opens.wait(() => true, { after, timeoutMs: 10_000, what: 'open' });
      return seen;
    };
    bench.simulator.faults(OWNER).omitNextOfflineMarkers();
    expect(await sawMarker()).toBe(false);
    expect(await sawMarker()).toBe(true);
  });

  it('reports an unknown stanza and an unknown question, and answers both with an error', async () => {
    const { socket } = gateway;
    const iq = { tag: 'iq', attrs: { to: 's.whatsapp.net', type: 'get', xmlns: 'no:such' }, content: [] };
    await expect(socket.query(iq)).rejects.toThrow('feature-not-implemented');
    const graphQl = { tag: 'query', attrs: { query_id: '1' }, content: Buffer.from('{}') };
    const unsupported = { tag: 'iq', attrs: { ...iq.attrs, xmlns: 'w:mex' }, content: [graphQl] };
    await expect(socket.query(unsupported)).rejects.toThrow('not supported by this version');
    const answered = once(socket.ws as never, 'CB:ack,class:nonsense');
    await socket.sendNode({ tag: 'nonsense', attrs: { id: '1' } });
    await answered;
    const kinds = bench.simulator.problems.map(({ kind, who }) => `${kind} ${who}`);
    expect(kinds).toEqual([`unknown-iq ${OWNER}:1`, `unsupported ${OWNER}:1`, `unknown-stanza ${OWNER}:1`]);
    expect(() => bench.simulator.assertHealthy()).toThrow(/not healthy[\s\S]*no:such[\s\S]*nonsense/);
    bench.simulator.clearProblems();
    await bench.simulator.settle();
    bench.simulator.assertHealthy();
  });

  it('closes hostile connections and no other', async () => {
    const friend = bench.simulator.person(friendNumber);
    const hostile = [
      Buffer.from('GET / HTTP/1.1\r\n\r\n'),
      Buffer.concat([Buffer.from([0x57, 0x41, 0x06, 0x03, 0, 0, 3]), Buffer.from([1, 2, 3])]),
      Buffer.concat([Buffer.from([0x57, 0x41, 0x06, 0x03, 0, 0, 34, 0x12, 0x20]), Buffer.alloc(32)]),
      Buffer.from([0x45, 0x44, 0, 1, 0, 0, 2, 9, 9, 1, 2, 3, 4]),
    ];
    for (const bytes of hostile) {
      const socket = new WebSocket(bench.simulator.url);
      await once(socket, 'open');
      socket.send(bytes);
      await once(socket, 'close');
    }
    const { port } = new URL(bench.simulator.url);
    const raw = createConnection(Number(port), '127.0.0.1');
    raw.resume();
    raw.end('no websocket at all');
    await once(raw, 'close');

    expect(bench.simulator.problems.map(({ kind }) => kind)).toEqual(hostile.map(() => 'bad-handshake'));
    await gateway.sendText(friendNumber, 'undisturbed');
    await friend.expectMessage('undisturbed');
    await bench.simulator.settle();
    bench.simulator.assertHealthy({ ignore: ['bad-handshake'] });
  });

  it('notices a connected device that does not confirm', async () => {
    bench.simulator.faults(OWNER).stall();
    await bench.simulator.person(friendNumber).sendText(OWNER, 'never confirmed');
    expect(() => bench.simulator.assertHealthy()).toThrow(/undelivered.*1 unconfirmed: message text/);
    await expect(bench.simulator.settle({ timeoutMs: 50 })).rejects.toThrow('not settled');
    bench.simulator.faults(OWNER).clear();
    await bench.simulator.settle();
    bench.simulator.assertHealthy();
  });
});
