/**
 * npm run bench:simulator: what the simulated network itself carries. Clients are light devices (real connections, real
 * pairing, forged ciphertext), recipients are sinks; each message makes four stanzas: message, ack, delivery receipt, ack.
 * The network runs in one process, the clients in another, as on a machine with two cores.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { LightClient } from '../../dist/libs/simulator/src/load/light-client.js';
import { end, endAll } from '../children.mjs';
import { Inspector } from '../inspector.mjs';
import { processorTime } from '../processor-time.mjs';
import { SimulatedNetwork } from '../simulated-network.mjs';
import { residentBytes } from './resident-bytes.mjs';

const { values: flags } = parseArgs({
  options: {
    accounts: { type: 'string', default: '500' },
    rate: { type: 'string', default: '1000' },
    seconds: { type: 'string', default: '60' },
    sinks: { type: 'string', default: '500' },
    // What is in use after a full collection, which stops the network for a moment: the latencies are not its own then.
    heap: { type: 'boolean', default: false },
  },
});
const { heap, ...numbers } = flags;
const plan = Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, Number(value)]));

const begin = performance.now();
const say = (line) => console.log(`${((performance.now() - begin) / 1000).toFixed(0).padStart(4)} s  ${line}`);
const megabytes = (bytes) => `${Math.round(bytes / 1_048_576)} MiB`;
const seconds = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const folder = mkdtempSync(join(tmpdir(), 'bench-simulator-'));
const network = await SimulatedNetwork.start(folder, ['--inbox-limit', '100']);
try {
  await run();
} finally {
  await end(network.process);
  await endAll();
  rmSync(folder, { recursive: true, force: true });
}

async function run() {
  const recipients = (await network.sinks(plan.sinks)).map((number) => `${number}@s.whatsapp.net`);
  const counts = { sent: 0, acked: 0, refused: 0, delivered: 0 };
  const sentAt = new Map();
  let latencies = [];
  const events = {
    onAck: ({ attrs }) => {
      if (attrs.class !== 'message') return;
      if (attrs.error) counts.refused += 1;
      else counts.acked += 1;
    },
    onReceipt: ({ attrs }) => {
      counts.delivered += 1;
      latencies.push(performance.now() - sentAt.get(attrs.id));
      sentAt.delete(attrs.id);
    },
  };
  const clients = [];
  for (let index = 0; index < plan.accounts; index += 1) {
    const number = String(16_200_000_000 + index);
    const credentials = await LightClient.pair(network.url, (qr) => network.client.scanQr(qr, number));
    clients.push(await LightClient.login(network.url, credentials, events));
  }
  say(`${clients.length} accounts are linked and connected, the network has ${megabytes(residentBytes(network.pid))}`);

  const inspector = heap ? await Inspector.open(network.pid, network) : undefined;
  const used = async () => {
    const { heapUsed, external } = await inspector.memory();
    return heapUsed + external;
  };
  if (heap) say(`in use ${megabytes(await used())}`);
  const samples = [];
  let turn = 0;
  const startedAt = performance.now();
  const cpuBefore = processorTime(network.pid);
  const endsAt = startedAt + plan.seconds * 1_000;
  let reportAt = startedAt + 10_000;
  while (performance.now() < endsAt) {
    const due = Math.floor(((performance.now() - startedAt) / 1_000) * plan.rate);
    for (; counts.sent < due; counts.sent += 1) {
      const client = clients[turn % clients.length];
      const id = client.device.send(recipients[(turn * 7) % recipients.length]);
      sentAt.set(id, performance.now());
      turn += 1;
    }
    if (performance.now() >= reportAt) {
      reportAt += 10_000;
      latencies.sort((a, b) => a - b);
      const at = (share) => (latencies[Math.floor(latencies.length * share)] ?? 0).toFixed(1);
      samples.push(heap ? await used() : residentBytes(network.pid));
      say(
        `${counts.delivered} delivered of ${counts.sent}, to the receipt p50 ${at(0.5)} ms p99 ${at(0.99)} ms, ` +
          `${heap ? 'in use' : 'network'} ${megabytes(samples.at(-1))}`,
      );
      latencies = [];
    }
    await seconds(10);
  }
  for (let wait = 0; wait < 100 && counts.delivered < counts.sent; wait += 1) await seconds(100);
  const tookS = (performance.now() - startedAt) / 1_000;
  const cpu = (processorTime(network.pid) - cpuBefore) / (tookS * 10);
  await network.assertHealthy();
  say(`${counts.sent} sent, ${counts.acked} acknowledged, ${counts.refused} refused, ${counts.delivered} delivered`);
  say(`${(counts.delivered / tookS).toFixed(0)} messages a second, the network used ${cpu.toFixed(0)} % of one core`);
  const half = samples.slice(Math.floor(samples.length / 2));
  say(`memory in the second half: ${megabytes(Math.min(...half))} to ${megabytes(Math.max(...half))}`);
  inspector?.close();
  for (const client of clients) client.close();
  if (counts.delivered !== counts.sent) throw new Error('not every message was delivered');
}
