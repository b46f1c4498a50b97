import { cpSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Journal, replay } from './journal.js';
import { LightClient } from './load/light-client.js';
import { Simulator } from './simulator.js';
import { wallClock } from './time/clock.js';

const OWNER = '6281200000001';
const OTHER = '6281200000003';
const FRIEND = '6281300000002';

/**
 * A killed process leaves its files as they are at that instant: the spec copies them while the simulator runs, without
 * letting it save, and begins another simulator on the copy.
 */
describe('a simulator that is killed', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'simulator-killed-'));
  });

  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('has everything that was accepted, also what no snapshot has seen', async () => {
    const dataFile = join(folder, 'network.json');
    const killed = await Simulator.start({ dataFile });
    const credentials = await LightClient.pair(killed.url, (qr) => killed.scanQr(qr, OWNER));
    const others = await LightClient.pair(killed.url, (qr) => killed.scanQr(qr, OTHER));
    killed.person(FRIEND, { name: 'Friend' }).goOffline();
    let acked = '';
    const client = await LightClient.login(killed.url, credentials, {
      onAck: ({ attrs }) => {
        acked = attrs.id ?? '';
      },
    });
    await killed.settle();
    const sent = [1, 2, 3].map(() => client.device.send(`${FRIEND}@s.whatsapp.net`));
    while (acked !== sent.at(-1)) await wallClock.sleep(2);
    const waiting = await killed.person(OWNER).sendText(OTHER, 'for a device that is away');
    const copy = await mkdtemp(join(tmpdir(), 'simulator-copy-'));
    // In one go: nothing of the simulator runs meanwhile.
    cpSync(folder, copy, { recursive: true, filter: (path) => !path.endsWith('.part') });

    const again = await Simulator.start({ dataFile: join(copy, 'network.json') });
    expect(again.rootKeyHex).toBe(killed.rootKeyHex);
    const friend = again.person(FRIEND).phone.device;
    expect([...friend.queue].map(({ node }) => node.attrs.id)).toEqual(sent);
    const received: (string | undefined)[] = [];
    const other = await LightClient.login(again.url, others, { onMessage: ({ attrs }) => received.push(attrs.id) });
    expect(received).toContain(waiting);
    const back = await LightClient.login(again.url, credentials);
    for (const one of [client, other, back]) one.close();
    await again.stop();
    await killed.stop();
    await rm(copy, { recursive: true, force: true });
  });

  it('saves what sends no stanza too: a star, who sees the status, what somebody keeps doing', async () => {
    const simulator = await Simulator.start({ dataFile: join(folder, 'network.json') });
    const [owner, friend] = [simulator.person(OWNER), simulator.person(FRIEND)];
    const id = await owner.sendText(FRIEND, 'a star');
    await friend.expectMessage('a star');
    await simulator.settle();
    const acts = [
      () => friend.messages.star({ chat: OWNER, id, from: OWNER }),
      () => friend.status.setAudience('only', [OWNER]),
      () => friend.behaviours.begin({ does: 'never-read' }),
      () => friend.behaviours.endAll(),
    ];
    for (const act of acts) {
      // The file is written when this number has changed.
      const before = simulator.revision;
      act();
      expect(simulator.revision).toBeGreaterThan(before);
    }
    await simulator.stop();
  });

  it('reads a journal whose last line was cut off', async () => {
    const path = join(folder, 'network.json');
    const line = JSON.stringify({ is: 'rooms', rooms: { groups: [] } });
    await writeFile(`${path}.journal.4`, `${line}\n{"is":"acc`);
    const { simulation, next } = replay(path, 4, { accounts: [] });
    expect(simulation).toEqual({ accounts: [], rooms: { groups: [] } });
    expect(next).toBe(5);
  });

  it('drops journals that a snapshot has made needless', async () => {
    const path = join(folder, 'network.json');
    const journal = new Journal(path, 0, () => undefined);
    expect(journal.rotate()).toBe(1);
    journal.rooms({} as never);
    expect(journal.rotate()).toBe(2);
    expect(replay(path, 1, { accounts: [] }).next).toBe(3);
    journal.dropBefore(2);
    expect(replay(path, 1, { accounts: [] }).next).toBe(1);
    expect(replay(path, 2, { accounts: [] }).next).toBe(3);
    journal.close();
  });
});
