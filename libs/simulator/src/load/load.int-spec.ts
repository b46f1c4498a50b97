import { Simulator } from '../simulator.js';
import { wallClock } from '../time/clock.js';
import { LightClient } from './light-client.js';
import type { LightDevice, LightEvents } from './light-device.js';

/** Over real connections; it is pairing that takes time, so the others connect within the process. */
const CONNECTED = 8;
const LOCAL = 42;
const SINKS = 20;
const MESSAGES_EACH = 60;

/** `npm run bench:simulator` in small, without its figures: what counts here is that nothing is lost, doubled or wrong. */
it('fifty clients write to sinks: each message arrives once and is confirmed once', async () => {
  const simulator = await Simulator.start({ inboxLimit: 100 });
  const sinks = Array.from({ length: SINKS }, (_, index) => simulator.sink(String(16_660_000_000 + index)));
  const acked = new Map<string, number>();
  const delivered = new Map<string, number>();
  const count = (map: Map<string, number>, id = ''): void => void map.set(id, (map.get(id) ?? 0) + 1);
  const events: LightEvents = {
    onAck: ({ attrs }) => {
      if (attrs.class === 'message') count(acked, attrs.error ? `${attrs.id} refused` : attrs.id);
    },
    onReceipt: ({ attrs }) => count(delivered, attrs.id),
  };
  const numbers = Array.from({ length: CONNECTED }, (_, index) => String(16_200_000_000 + index));
  const clients: LightClient[] = [];
  const devices: LightDevice[] = [];
  for (const number of numbers) {
    const credentials = await LightClient.pair(simulator.url, (qr) => simulator.scanQr(qr, number));
    const client = await LightClient.login(simulator.url, credentials, events);
    clients.push(client);
    devices.push(client.device);
  }
  for (let index = 0; index < LOCAL; index += 1) {
    const local = simulator.lightDevice(String(16_300_000_000 + index), events);
    local.connect();
    devices.push(local.light);
  }

  const sent: string[] = [];
  for (let turn = 0; turn < MESSAGES_EACH; turn += 1) {
    for (const device of devices) {
      const { number } = sinks[sent.length % SINKS]!;
      sent.push(device.send(`${number}@s.whatsapp.net`));
    }
    await wallClock.sleep(0);
  }
  while (delivered.size < sent.length) await wallClock.sleep(5);

  await simulator.settle();
  simulator.assertHealthy();
  const once = new Map(sent.map((id) => [id, 1]));
  expect(acked).toEqual(once);
  expect(delivered).toEqual(once);
  expect(sinks.map((sink) => sink.count)).toEqual(sinks.map(() => sent.length / SINKS));
  // What is remembered of it stays within the limit that was asked for.
  expect(sinks.every((sink) => sink.received.list().length <= 110)).toBe(true);
  expect(simulator.person(numbers[0]!).phone.receipts.list()).toHaveLength(MESSAGES_EACH);
  for (const client of clients) client.close();
  await simulator.stop();
});
