import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { SimulatorClient } from './control/client/simulator-client.js';
import { LightClient } from './load/light-client.js';
import { wallClock } from './time/clock.js';

const OWNER = '6281200000001';
const AWAY = '6281200000003';
const FRIEND = '6281300000002';
const MESSAGES = 200;

/** `kill -9` of the program itself, in the middle of its work. Needs a build (`npm run build`; `npm test` makes one). */
describe('the simulator process that is killed', () => {
  let folder: string;
  let simulator: ChildProcess;
  let url: string;
  let remote: SimulatorClient;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'simulator-process-'));
    await begin();
  });

  afterEach(async () => {
    await kill();
    await rm(folder, { recursive: true, force: true });
  });

  async function begin(): Promise<void> {
    const { NODE_OPTIONS: _own, ...env } = process.env;
    const args = ['dist/apps/simulator/src/main.js', '--data-file', join(folder, 'network.json')];
    simulator = spawn(process.execPath, ['--no-warnings', ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let errors = '';
    simulator.stderr?.on('data', (text) => {
      errors += text;
    });
    const lines = createInterface({ input: simulator.stdout! });
    const [line = ''] = (await Promise.race([
      once(lines, 'line'),
      once(simulator, 'close').then(() => Promise.reject(new Error(`the simulator ended: ${errors}`))),
    ])) as string[];
    const ready = JSON.parse(line) as { url: string; controlUrl: string };
    url = ready.url;
    remote = new SimulatorClient(ready.controlUrl);
  }

  async function kill(): Promise<void> {
    if (simulator.signalCode) return;
    const gone = once(simulator, 'exit');
    simulator.kill('SIGKILL');
    await gone;
  }

  const pair = (number: string) => LightClient.pair(url, (qr) => remote.scanQr(qr, number));

  it('delivers all that it had acknowledged', async () => {
    const [credentials, away] = [await pair(OWNER), await pair(AWAY)];
    const acked: string[] = [];
    const client = await LightClient.login(url, credentials, {
      onAck: ({ attrs }) => {
        if (attrs.class === 'message') acked.push(attrs.id ?? '');
        if (acked.length === MESSAGES / 2) simulator.kill('SIGKILL');
      },
    });
    const sent = Array.from({ length: MESSAGES }, () => client.device.send(`${AWAY}:${away.device}@s.whatsapp.net`));
    await client.ended();
    await kill();
    expect(acked.length).toBeGreaterThanOrEqual(MESSAGES / 2);

    await begin();
    const confirmed = new Set<string>();
    const back = await LightClient.login(url, credentials, {
      onReceipt: ({ attrs }) => confirmed.add(attrs.id ?? ''),
    });
    const received: string[] = [];
    const other = await LightClient.login(url, away, {
      // What its own phone tells a new device is of no interest here.
      onMessage: ({ attrs }) => void (attrs.category === 'peer' || received.push(attrs.id ?? '')),
    });
    // Some may have been taken over whose acknowledgement died with the process; none may be missing or out of turn.
    expect(received).toEqual(sent.slice(0, received.length));
    expect(received).toEqual(expect.arrayContaining(acked));
    while (confirmed.size < received.length) await wallClock.sleep(2);
    await remote.settle();
    await remote.assertHealthy();
    for (const one of [back, other]) one.close();
  });

  it('has the people who were made, and what they were written', async () => {
    const friend = await remote.person(FRIEND, { name: 'Friend' });
    const owner = await remote.person(OWNER, { name: 'Owner' });
    await friend.goOffline();
    await owner.sendText(FRIEND, 'accepted before the end');
    await kill();

    await begin();
    const again = await remote.person(FRIEND);
    await again.goOnline();
    expect(await again.expectMessage('accepted before the end')).toMatchObject({ from: OWNER, repeat: 0 });
    await remote.settle();
    await remote.assertHealthy();
  });
});
