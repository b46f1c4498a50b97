import { SimulatorClient } from './control/client/simulator-client.js';
import type { LocalDevice } from './load/local-device.js';
import { newNetworkIdentity, Simulation } from './simulation.js';
import { Simulator } from './simulator.js';
import { DrivenClock } from './time/clock.js';

const OWNER = '6281200000001';
const SINK = '6281300000002';
const identity = newNetworkIdentity();

describe('which receipts a sink sends, and when', () => {
  let clock: DrivenClock;
  let simulation: Simulation;
  let client: LocalDevice;
  let receipts: { id: string | undefined; state: string; at: number }[];

  beforeEach(async () => {
    clock = new DrivenClock();
    simulation = new Simulation({ clock, seed: 'sinks' }, identity);
    receipts = [];
    client = simulation.lightDevice(OWNER, {
      onReceipt: ({ attrs: { id, type = 'delivered' } }) => receipts.push({ id, state: type, at: clock.now() }),
    });
    client.connect();
    await clock.advance(5_000);
  });

  afterEach(async () => {
    simulation.assertHealthy();
    await simulation.close();
  });

  const send = (count: number): string[] =>
    Array.from({ length: count }, () => client.light.send(`${SINK}@s.whatsapp.net`));

  const count = (state: string): number => receipts.filter((one) => one.state === state).length;

  it('delivered at once and never read, unless it is told', async () => {
    simulation.sink(SINK);
    const ids = send(3);
    await clock.advance(1_000);
    expect(receipts.map(({ id, state }) => [id, state])).toEqual(ids.map((id) => [id, 'delivered']));
  });

  it('after a while, by the clock of the network', async () => {
    simulation.sink(SINK, { delivered: { afterMs: 10_000 }, read: { afterMs: [60_000, 90_000] } });
    const sentAt = clock.now();
    send(20);
    await clock.advance(9_900);
    expect(receipts).toEqual([]);
    await clock.advance(5_000);
    expect([count('delivered'), count('read')]).toEqual([20, 0]);
    await clock.advance(100_000);
    const waits = receipts.filter(({ state }) => state === 'read').map(({ at }) => at - sentAt);
    expect(waits).toHaveLength(20);
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(70_000);
    expect(Math.max(...waits)).toBeLessThan(105_000);
    expect(new Set(waits).size).toBeGreaterThan(5);
  });

  it('for a share of the messages, the same ones in each run of a seed; nothing stays in the queue', async () => {
    const sink = simulation.sink(SINK, { delivered: { share: 0.7 }, read: { share: 0.5 } });
    send(200);
    await clock.advance(10_000);
    expect(sink.count).toBe(200);
    expect(count('delivered')).toBeGreaterThan(110);
    expect(count('delivered')).toBeLessThan(170);
    expect(count('read')).toBeGreaterThan(count('delivered') * 0.3);
    expect(count('read')).toBeLessThan(count('delivered') * 0.7);
    expect(sink.account.devices.get(0)?.queue.size).toBe(0);
    const delivered = new Set(receipts.filter(({ state }) => state === 'delivered').map(({ id }) => id));
    expect(receipts.filter(({ id, state }) => state === 'read' && !delivered.has(id))).toEqual([]);
  });

  it('none at all, from now on, and still so after a restart', async () => {
    simulation.sink(SINK);
    simulation.sink(SINK, { delivered: { share: 0 } });
    send(5);
    await clock.advance(10_000);
    expect(receipts).toEqual([]);
    const copy = new Simulation({ clock, seed: 'sinks' }, identity);
    copy.restore(JSON.parse(JSON.stringify(simulation.snapshot())));
    expect(copy.sink(SINK).options).toEqual({ delivered: { share: 0 } });
    await copy.close();
  });
});

it('sinks are told over the control interface which receipts to send', async () => {
  const simulator = await Simulator.start();
  const remote = new SimulatorClient(simulator.controlUrl);
  await remote.sink(SINK, { delivered: { share: 0.9, afterMs: 100 }, read: { share: 0.5, afterMs: [1_000, 2_000] } });
  expect(simulator.sink(SINK).options).toEqual({
    delivered: { share: 0.9, afterMs: 100 },
    read: { share: 0.5, afterMs: [1_000, 2_000] },
  });
  await remote.sink(SINK);
  expect(simulator.sink(SINK).options.delivered).toEqual({ share: 0.9, afterMs: 100 });
  await expect(remote.sink(SINK, { read: { share: 2 } })).rejects.toThrow('"read.share" must be at most 1');
  await expect(remote.sink(SINK, { read: { afterMs: [5, 1] } })).rejects.toThrow('the smaller one first');
  await expect(remote.sink(SINK, { read: { often: true } } as never)).rejects.toThrow('"read.often" is not a field');
  await simulator.stop();
});
