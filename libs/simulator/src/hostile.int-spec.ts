import { once } from 'node:events';
import { WebSocket } from 'ws';
import { LightClient, type LightCredentials } from './load/light-client.js';
import { TestBench, type TestClient } from './test-client.js';
import { stanza } from './wire/stanza.js';

const OWNER = '6281200000001';
const HOSTILE = '6281200000666';
const FRIEND = '6281300000002';

/** Each is reported under its own kind, loses its connection where it broke the protocol, and disturbs nobody. */
describe('hostile clients', () => {
  const bench = new TestBench();
  let gateway: TestClient;
  let credentials: LightCredentials;
  let rounds = 0;

  beforeAll(async () => {
    await bench.start();
    gateway = await bench.linked(OWNER);
    credentials = await LightClient.pair(bench.simulator.url, (qr) => bench.simulator.scanQr(qr, HOSTILE));
    await bench.simulator.settle();
    bench.simulator.assertHealthy();
  });

  /** The honest client goes on: it sends and gets an answer. */
  afterEach(async () => {
    rounds += 1;
    const friend = bench.simulator.person(FRIEND);
    await gateway.sendText(FRIEND, `undisturbed ${rounds}`);
    await friend.expectMessage(`undisturbed ${rounds}`);
    await friend.sendText(OWNER, `answer ${rounds}`);
    await gateway.expectText(`answer ${rounds}`);
    await bench.simulator.settle();
    bench.simulator.clearProblems();
    bench.simulator.limits = {};
    expect(gateway.ends.list().filter(({ code }) => code !== 515)).toEqual([]);
  });

  afterAll(() => bench.stop());

  const login = (): Promise<LightClient> => LightClient.login(bench.simulator.url, credentials);
  const problems = (): string[] => bench.simulator.problems.map(({ kind, who, detail }) => `${kind} ${who}: ${detail}`);

  async function raw(): Promise<WebSocket> {
    const socket = new WebSocket(bench.simulator.url);
    await once(socket, 'open');
    return socket;
  }

  it('bad handshake', async () => {
    const socket = await raw();
    socket.send(Buffer.concat([Buffer.from([0x57, 0x41, 0x06, 0x03, 0, 0, 34, 0x12, 0x20]), Buffer.alloc(32)]));
    await once(socket, 'close');
    await bench.until(() => problems().length > 0);
    expect(problems()).toEqual([expect.stringContaining('bad-handshake unknown')]);
  });

  it('truncated frame', async () => {
    const client = await login();
    client.sendRaw(Buffer.from([0, 1, 0, 1, 2, 3]));
    client.close();
    await bench.until(() => problems().length > 0);
    expect(problems()).toEqual([`bad-frame ${HOSTILE}:1: the connection ended in the middle of a frame`]);
  });

  it('giant frame', async () => {
    const client = await login();
    client.sendRaw(Buffer.alloc(17 * 1024 * 1024));
    await client.ended();
    await bench.until(() => problems().length > 0);
    expect(problems()).toEqual([expect.stringContaining(`bad-frame ${HOSTILE}:1: Max payload size exceeded`)]);
    const socket = await raw();
    socket.send(Buffer.from([0x57, 0x41, 0x06, 0x03, 0xff, 0xff, 0xff]));
    await once(socket, 'close');
    await bench.until(() => problems().length > 1);
    expect(problems()[1]).toContain('bad-handshake unknown: a handshake message of 16777215 bytes');
  });

  it('garbage node', async () => {
    const client = await login();
    client.sendPlain(Buffer.from([0, 0xf8, 0xff, 0xff, 0x01, 0x02]));
    await client.ended();
    await bench.until(() => problems().length > 0);
    expect(problems()).toEqual([expect.stringContaining(`bad-frame ${HOSTILE}:1`)]);
  });

  it('replayed pairing', async () => {
    let recorded: Buffer[] = [];
    const again = await LightClient.pair(bench.simulator.url, (qr) => bench.simulator.scanQr(qr, HOSTILE), {
      onWritten: (bytes) => recorded.push(bytes),
      signTwice: true,
    });
    expect(again.device).toBe(2);
    await bench.until(() => problems().length > 0);
    expect(problems()).toEqual([expect.stringContaining('replayed-pairing pairing')]);
    bench.simulator.clearProblems();
    // The same bytes again, as somebody would send them who listened: the handshake has other keys now.
    const socket = await raw();
    for (const bytes of recorded.splice(0)) socket.send(bytes);
    recorded = [];
    await once(socket, 'close');
    await bench.until(() => problems().length > 0);
    expect(problems()[0]).toContain('bad-handshake');
    expect(bench.simulator.person(HOSTILE).account.companions).toHaveLength(2);
  });

  it('forged receipt', async () => {
    const friend = bench.simulator.person(FRIEND);
    const id = await friend.sendText(OWNER, 'not for you');
    await gateway.expectText('not for you');
    const client = await login();
    client.send(stanza('receipt', { id, to: friend.account.address('lid') }));
    await bench.until(() => problems().length > 0);
    expect(problems()).toEqual([`forged-receipt ${HOSTILE}:1: message ${id} was confirmed and never delivered`]);
    expect(friend.phone.receipts.list().filter((one) => one.id === id && one.from === HOSTILE)).toEqual([]);
    client.close();
  });

  it('flood', async () => {
    bench.simulator.limits = { stanzasPerSecond: 500 };
    const client = await login();
    for (let n = 0; n < 5_000; n += 1) client.send(stanza('presence', { type: 'available' }));
    await client.ended();
    await bench.until(() => problems().length > 0);
    expect(problems()).toEqual([`flood ${HOSTILE}:1: more than 500 stanzas in a second`]);
  });
});
