import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Simulator } from './simulator.js';
import { TestBench, TestClient } from './test-client.js';

const OWNER = '6281200000001';
const FRIEND = '6281300000002';

describe('a simulator with a data file', () => {
  const bench = new TestBench();
  let folder: string;
  let dataFile: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'simulator-'));
    dataFile = join(folder, 'network.json');
    await bench.start({ dataFile });
  });

  afterEach(async () => {
    await bench.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** Stops the simulator and starts another one on its file; the client knows its new address. */
  async function restart(gateway: TestClient): Promise<TestClient> {
    await gateway.stop();
    await bench.simulator.stop();
    await bench.start({ dataFile });
    return bench.again(gateway);
  }

  it('is the same network after a restart: links, sessions, queues, keys, files', async () => {
    const gateway = await bench.linked(OWNER);
    const before = bench.simulator;
    const addresses = [before.url, before.mediaUrl, before.controlUrl];
    const friend = before.person(FRIEND, { name: 'Friend' }).echo('echo ');
    await gateway.sendText(FRIEND, 'first');
    await friend.expectMessage('first');
    await gateway.expectText('echo first');
    const file = Buffer.from('a file that outlives the process');
    await gateway.stop();
    await friend.sendText(OWNER, 'waiting');
    await friend.sendDocument(OWNER, file, { fileName: 'kept.txt' });
    friend.goOffline();

    const back = await restart(gateway);
    expect(bench.simulator.rootKeyHex).toBe(before.rootKeyHex);
    expect(bench.simulator.caPem).toBe(before.caPem);
    expect([bench.simulator.url, bench.simulator.mediaUrl, bench.simulator.controlUrl]).toEqual(addresses);
    const after = bench.simulator.findPerson(FRIEND);
    expect(after).toMatchObject({ name: 'Friend', isOnline: false, habits: { echo: { prefix: 'echo ' } } });
    await back.connect();
    await back.expectText('waiting');
    const { message } = await back.expectMessage((one) => Boolean(one.message?.documentMessage));
    const path = message.message?.documentMessage?.directPath ?? '';
    expect(await bench.simulator.findFile(path)).toBeDefined();

    after?.goOnline();
    await back.sendText(FRIEND, 'still linked');
    await after?.expectMessage('still linked');
    await back.expectText('echo still linked');
    await bench.simulator.settle();
    bench.simulator.assertHealthy();
  });

  it('can send to a client whose sessions went on after the file was written', async () => {
    const friend = bench.simulator.person(FRIEND);
    const gateway = await bench.linked(OWNER);
    await friend.sendText(OWNER, 'one');
    await gateway.expectText('one');
    await gateway.sendText(FRIEND, 'two');
    await friend.expectMessage('two');
    await bench.simulator.stop();
    const older = await readFile(dataFile);
    await bench.start({ dataFile });
    const later = bench.again(gateway);
    await later.connect();
    await bench.simulator.person(FRIEND).sendText(OWNER, 'three');
    await later.expectText('three');
    await later.stop();
    await bench.simulator.stop();
    // As after a kill: what happened since the last save is gone at the network, but not at the client.
    await writeFile(dataFile, older);

    await bench.start({ dataFile });
    const last = bench.again(later);
    await last.connect();
    await bench.simulator.person(FRIEND).sendText(OWNER, 'four');
    await last.expectText('four');
    await last.sendText(FRIEND, 'five');
    await bench.simulator.person(FRIEND).expectMessage('five');
    await bench.simulator.settle();
    bench.simulator.assertHealthy();
  });

  it('takes other ports when its own are taken, but not when they were asked for', async () => {
    const port = Number(new URL(bench.simulator.url).port);
    await bench.simulator.settle();
    await bench.simulator.stop();
    await bench.start({ dataFile });
    const copy = join(folder, 'copy.json');
    await copyFile(dataFile, copy);
    const second = await Simulator.start({ dataFile: copy });
    expect(new URL(second.url).port).not.toBe(String(port));
    expect(second.rootKeyHex).toBe(bench.simulator.rootKeyHex);
    await second.stop();
    await expect(Simulator.start({ port })).rejects.toThrow('EADDRINUSE');
  });

  it('refuses a file that is not its own', async () => {
    const other = join(folder, 'other.json');
    await writeFile(other, '{"format":99}');
    await expect(Simulator.start({ dataFile: other })).rejects.toThrow('not a data file of this version');
  });
});
