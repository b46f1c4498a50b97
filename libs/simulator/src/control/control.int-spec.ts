import { randomBytes } from 'node:crypto';
import { WaitTimeout } from '../people/feed.js';
import { TestBench } from '../test-client.js';
import { SimulatorError } from './client/connection.js';
import { SimulatorClient } from './client/simulator-client.js';

const OWNER = '6281200000001';
const FRIEND = '6281300000002';

describe('the control interface', () => {
  const bench = new TestBench();
  let remote: SimulatorClient;

  beforeEach(async () => {
    await bench.start();
    remote = new SimulatorClient(bench.simulator.controlUrl);
  });

  afterEach(() => bench.stop());

  it('links a client and carries a conversation', async () => {
    const friend = await remote.person(`+${FRIEND}`, { name: 'Friend' });
    expect(friend.number).toBe(FRIEND);
    const gateway = await bench.client().pair(remote, OWNER);

    const waiting = friend.expectMessage('hello');
    const id = await gateway.sendText(FRIEND, 'hello');
    const received = await waiting;
    expect(received).toMatchObject({ index: 1, id, from: OWNER, kind: 'text', text: 'hello', repeat: 0 });
    expect(await friend.inbox()).toEqual([received]);
    expect(await friend.inbox(1)).toEqual([]);

    const answer = await friend.reply(received, 'hi');
    await gateway.expectText('hi');
    expect(await friend.expectReceipt(answer, 'delivered')).toMatchObject({ from: OWNER });
    await friend.markRead(received);
    await gateway.expectStatus(id, 4);
    await gateway.socket.sendPresenceUpdate('composing', `${FRIEND}@s.whatsapp.net`);
    await friend.expectTyping(OWNER);

    const owner = (await remote.persons()).find(({ number }) => number === OWNER);
    expect(owner?.devices).toMatchObject([{ device: 1, isConnected: true, waiting: 0 }]);
    await remote.settle();
    await remote.assertHealthy();
    expect((await remote.stats())['logins.accepted']).toBe(1);
    expect((await remote.stanzaLog()).length).toBeGreaterThan(10);
  });

  it('carries files and habits', async () => {
    const friend = await remote.person(FRIEND);
    const owner = await remote.person(OWNER);
    await friend.setHabits({ echo: { prefix: '> ' }, read: { afterMs: 0 } });
    const file = randomBytes(5_000);
    await owner.sendDocument(FRIEND, file, { fileName: 'a.bin', caption: 'look' });
    const received = await friend.expectMessage({ kind: 'document' });
    expect(received).toMatchObject({ text: 'look', media: { fileName: 'a.bin', fileLength: 5_000 } });
    expect((await friend.downloadMedia(received)).equals(file)).toBe(true);
    await owner.sendText(FRIEND, 'ping');
    await owner.expectMessage('> ping');
    await friend.sendReaction(received, '👍');
    expect(await owner.expectMessage({ kind: 'reaction' })).toMatchObject({ text: '👍', refersTo: received.id });
  });

  it('drives faults, unlinks and reports problems', async () => {
    const gateway = await bench.client().pair(remote, OWNER);
    const { ends } = gateway;
    await remote.fault(OWNER, { fault: 'closeWith', code: 503 });
    await ends.wait(({ code }) => code === 503, { timeoutMs: 5_000, what: '503' });
    await gateway.connect();
    await remote.disturb(OWNER, { what: 'delay', stanza: 'receipt', delayMs: 50, count: 2 });
    await remote.fault(OWNER, { fault: 'restrict' });
    expect(await remote.call('GET', `/people/${OWNER}/faults`)).toMatchObject({ disturbances: 1, restricted: true });
    await remote.fault(OWNER, { fault: 'clear' });
    expect(await remote.call('GET', `/people/${OWNER}/faults`)).toMatchObject({ disturbances: 0, restricted: false });
    await remote.unlink(OWNER, 1);
    await ends.wait(({ code }) => code === 401, { timeoutMs: 5_000, what: '401' });
    await expect(remote.unlink(OWNER, 1)).rejects.toMatchObject({ status: 409 });
    expect(await remote.problems()).toEqual([]);
    await remote.clearProblems();
  });

  it('counts at a sink', async () => {
    const sink = await remote.sink(FRIEND);
    const gateway = await bench.client().pair(remote, OWNER);
    const id = await gateway.sendText(FRIEND, 'load');
    await gateway.expectStatus(id, 3);
    expect(await sink.received()).toMatchObject({ count: 1, records: [{ index: 1, id, from: OWNER }] });
  });

  it('says what is wrong with a request', async () => {
    const friend = await remote.person(FRIEND);
    await expect(friend.expectMessage('never', { timeoutMs: 30 })).rejects.toThrow(WaitTimeout);
    await expect(remote.call('GET', '/nowhere')).rejects.toMatchObject({ status: 404 });
    await expect(remote.call('GET', '/people/999999')).rejects.toMatchObject({ status: 404 });
    await expect(remote.call('PUT', '/people/abc', {})).rejects.toThrow('not a phone number');
    await expect(remote.call('POST', `/people/${FRIEND}/messages`, { text: 'x' })).rejects.toThrow('"to" is missing');
    await expect(remote.fault(FRIEND, { fault: 'gremlins' as never })).rejects.toThrow(SimulatorError);
    await expect(remote.scanQr('nonsense', OWNER)).rejects.toMatchObject({ status: 409 });
    const malformed = await fetch(`${remote.controlUrl}/settle`, { method: 'POST', body: '{' });
    expect(malformed.status).toBe(400);
  });

  it('documents itself', async () => {
    const document = await remote.call<{ openapi: string; paths: Record<string, object> }>('GET', '/openapi.json');
    expect(document.openapi).toBe('3.1.0');
    expect(Object.keys(document.paths)).toContain('/people/{number}/expect-message');
    const page = await fetch(`${remote.controlUrl}/`);
    expect(page.headers.get('content-type')).toContain('text/html');
    expect(await page.text()).toContain('/people/{number}/messages');
  });
});
