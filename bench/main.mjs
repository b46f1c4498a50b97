/**
 * npm run bench: what Waypost costs over the bare library, as ratios within one run, because figures of different runs
 * and machines say nothing about each other. See docs/benchmarks.md for the method and the last written report.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { acceptRate, BareExpress, insertRate } from './accepts.mjs';
import { loginProbe, prepareCallers, readRate, writeRate } from './authenticated.mjs';
import { BareClients } from './bare-clients.mjs';
import { broadcastFile } from './broadcast-file.mjs';
import { end, endAll } from './children.mjs';
import { coldStart } from './cold-start.mjs';
import { idleMemory } from './idle-memory.mjs';
import { inboundLatency } from './inbound.mjs';
import { inboundLoad } from './inbound-load.mjs';
import { loadAverage, machineFacts } from './machine.mjs';
import { document, tables } from './report.mjs';
import { bareRate, bulkRate, waypostRate } from './sends.mjs';
import { SimulatedNetwork } from './simulated-network.mjs';
import { Waypost } from './waypost.mjs';
import { webhookRates } from './webhooks.mjs';

const help = `npm run bench [-- options]

  --quick   short windows and few numbers, within 90 s: to see whether a change moved something
  --write   also writes docs/benchmarks.md
  --only    some of: sends, hundred, accepts, authenticated, inbound, webhooks, broadcasts, memory (comma-separated); memory includes the
            start from cold, whose numbers it links`;

const { values: flags } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    only: { type: 'string', default: 'sends,hundred,accepts,authenticated,inbound,webhooks,broadcasts,memory' },
    help: { type: 'boolean', default: false },
  },
});

const plan = flags.quick
  ? {
      warm: { messages: 300, ms: 4_000 },
      numbers: [1, 4],
      many: 20,
      rounds: 2,
      windowMs: 1_500,
      inbound: { perSecond: 20, seconds: 5 },
      inboundLoad: { numbers: 2, rates: [100], seconds: 5 },
      webhooks: { deliveries: 4_000, perSecond: 50, seconds: 5 },
      broadcast: { lines: 100_000, idleMs: 3_000 },
      idle: [10],
    }
  : {
      warm: { messages: 3_000, ms: 25_000 },
      numbers: [1, 4],
      many: 100,
      rounds: 3,
      windowMs: 4_000,
      inbound: { perSecond: 25, seconds: 30 },
      inboundLoad: { numbers: 10, rates: [125, 250, 375, 500], seconds: 15 },
      webhooks: { deliveries: 20_000, perSecond: 100, seconds: 20 },
      broadcast: { lines: 1_000_000, idleMs: 15_000 },
      idle: [50, 200],
    };
const known = ['sends', 'hundred', 'accepts', 'authenticated', 'inbound', 'webhooks', 'broadcasts', 'memory'];
const parts = flags.only.split(',');
const most = plan.numbers.at(-1);
/** As many as the part needs that needs most of them. */
const linked = Math.max(most, parts.includes('inbound') ? plan.inboundLoad.numbers : 0);
const SINKS = 32;
/** With many numbers each writes to few, and has few under way. */
const MANY = { sinks: 8, inFlight: 2, bulk: 50 };

const startedAt = performance.now();
const progress = (line) => console.log(`${((performance.now() - startedAt) / 1000).toFixed(0).padStart(4)} s  ${line}`);
const numbersFrom = (first, count) => Array.from({ length: count }, (_, index) => String(first + index));

async function measure(folder) {
  const network = await SimulatedNetwork.start(folder);
  const recipients = await network.sinks(SINKS);
  const found = { plan, load: [loadAverage()] };
  if (parts.some((part) => part !== 'memory')) {
    const waypost = await Waypost.start(folder, network);
    progress('Waypost and the simulated network are up');
    const numbers = numbersFrom(15_552_000_000, linked);
    const profileIds = await waypost.link(network, numbers);
    if (parts.includes('sends')) found.sends = await measureSends(folder, network, waypost, { profileIds, recipients });
    if (parts.includes('inbound')) {
      progress(`inbound: ${plan.inbound.perSecond} messages a second for ${plan.inbound.seconds} s`);
      const [profileId, number] = [profileIds[0], numbers[0]];
      found.inbound = await inboundLatency(network, waypost, { profileId, number, ...plan.inbound });
      const { numbers: count, rates, seconds } = plan.inboundLoad;
      const to = { numbers: numbers.slice(0, count), profileIds: profileIds.slice(0, count) };
      found.inboundLoad = [];
      for (const perSecond of rates) {
        progress(`inbound: ${perSecond} messages a second to ${count} numbers for ${seconds} s`);
        found.inboundLoad.push(await inboundLoad(network, waypost, { ...to, perSecond, seconds }));
      }
    }
    if (parts.includes('hundred')) found.hundred = await measureMany(folder, network, waypost, recipients);
    if (parts.includes('accepts')) found.accepts = await measureAccepts(waypost, profileIds[0], recipients);
    if (parts.includes('authenticated')) found.authenticated = await measureAuthenticated(waypost);
    if (parts.includes('webhooks')) {
      const { rounds, webhooks } = plan;
      found.webhooks = await webhookRates(waypost, { ...webhooks, rounds, onProgress: progress });
    }
    if (parts.includes('broadcasts')) {
      const options = { profileId: profileIds[0], ...plan.broadcast, onProgress: progress };
      found.broadcast = await broadcastFile(network, waypost, folder, options);
      progress(
        `broadcast: ${found.broadcast.lines} lines are written down after ${found.broadcast.seconds.toFixed(1)} s`,
      );
    }
    await network.assertHealthy();
    await end(waypost.process);
  }
  if (parts.includes('memory')) {
    const afterwards = async (waypost) => {
      progress('starting anew from cold');
      found.cold = await coldStart(waypost, { count: plan.idle.at(-1) + 1 });
      const { count, serving, all } = found.cold;
      progress(
        `${count} numbers: it serves after ${serving.toFixed(1)} s, all are connected after ${all.toFixed(1)} s`,
      );
    };
    found.memory = await idleMemory(network, folder, { counts: plan.idle, onProgress: progress, afterwards });
  }
  found.load.push(loadAverage());
  return found;
}

/** In turns, so that what else the machine does falls on both sides. */
async function measureSends(folder, network, waypost, { profileIds, recipients }) {
  const { windowMs, rounds } = plan;
  const [bare, onDisk] = await Promise.all([BareClients.start(folder, network), BareClients.start(folder, network)]);
  await bare.call('link', { numbers: numbersFrom(15_551_000_000, most) });
  await onDisk.call('link', { numbers: numbersFrom(15_550_500_000, 1), onDisk: true });
  progress(`sends: ${2 * most + 1} numbers are linked; warming up`);
  await bare.call('warm', { from: 0, to: most, recipients });
  await onDisk.call('warm', { from: 0, to: 1, recipients });
  // Sessions with every recipient, and code that is compiled, on both sides.
  await warmUp(network, () => bareRate(network, bare, { from: 0, count: most, recipients, windowMs }));
  await warmUp(network, () => bareRate(network, onDisk, { from: 0, count: 1, recipients, windowMs }));
  await warmUp(network, () => waypostRate(network, waypost, { profileIds, recipients, windowMs }));
  progress('sends: warm');

  const found = plan.numbers.map((count) => ({ count, bare: [], waypost: [] }));
  const [files, bulk] = [[], []];
  for (let round = 1; round <= rounds; round += 1) {
    for (const one of found) {
      const { count } = one;
      one.bare.push(await bareRate(network, bare, { from: 0, count, recipients, windowMs }));
      one.waypost.push(
        await waypostRate(network, waypost, { profileIds: profileIds.slice(0, count), recipients, windowMs }),
      );
      const [bareNow, waypostNow] = [one.bare.at(-1).perSecond, one.waypost.at(-1).perSecond];
      progress(
        `sends, round ${round} of ${rounds}, ${count} ${count === 1 ? 'number' : 'numbers'}: bare ${bareNow.toFixed(0)}/s, Waypost ${waypostNow.toFixed(0)}/s`,
      );
    }
    files.push(await bareRate(network, onDisk, { from: 0, count: 1, recipients, windowMs }));
    bulk.push(await bulkRate(network, waypost, { profileIds: [profileIds[0]], recipients, windowMs }));
    const [filesNow, bulkNow] = [files.at(-1).perSecond, bulk.at(-1).perSecond];
    progress(
      `sends, round ${round} of ${rounds}, 1 number: bare with its keys in files ${filesNow.toFixed(0)}/s, Waypost in bulk ${bulkNow.toFixed(0)}/s`,
    );
  }
  await Promise.all([end(bare.process), end(onDisk.process)]);
  return { byCount: found, files, bulk };
}

/** Many numbers in one process on each side: the sockets of the bare one, the engine of the other. */
async function measureMany(folder, network, waypost, all) {
  const { many: count, windowMs, rounds } = plan;
  const recipients = all.slice(0, MANY.sinks);
  const bare = await BareClients.start(folder, network);
  progress(`${count} numbers in one process: linking them on both sides`);
  await bare.call('link', { numbers: numbersFrom(15_556_000_000, count) });
  const profileIds = await waypost.link(network, numbersFrom(15_557_000_000, count));
  await bare.call('warm', { from: 0, to: count, recipients });
  const { inFlight } = MANY;
  const load = { profileIds, recipients, windowMs, inFlight };
  const bareLoad = { from: 0, count, recipients, windowMs, inFlight };
  await warmUp(network, () => bareRate(network, bare, bareLoad));
  await warmUp(network, () => waypostRate(network, waypost, load));
  const found = { count, bare: [], waypost: [], bulk: [] };
  for (let round = 1; round <= rounds; round += 1) {
    found.bare.push(await bareRate(network, bare, bareLoad));
    found.waypost.push(await waypostRate(network, waypost, load));
    found.bulk.push(await bulkRate(network, waypost, { ...load, atOnce: MANY.bulk }));
    const [bareNow, waypostNow, bulkNow] = [found.bare, found.waypost, found.bulk].map((each) => each.at(-1).perSecond);
    progress(
      `${count} numbers, round ${round} of ${rounds}: bare ${bareNow.toFixed(0)}/s, Waypost ${waypostNow.toFixed(0)}/s, in bulk ${bulkNow.toFixed(0)}/s`,
    );
  }
  await end(bare.process);
  return found;
}

/** Runs a load until it has carried enough messages, or for long enough. */
async function warmUp(network, run) {
  const { messages, ms } = plan.warm;
  const [begin, until] = [await network.accepted(), performance.now() + ms];
  while ((await network.accepted()) - begin < messages && performance.now() < until) await run();
}

async function measureAccepts(waypost, profileId, recipients) {
  const express = await BareExpress.start();
  await waypost.disconnect(profileId);
  const windowMs = plan.windowMs / 2;
  const load = { profileId, recipients, windowMs };
  const rates = { accept: [], express: [], insert: [] };
  await acceptRate(waypost, load);
  for (let round = 1; round <= plan.rounds; round += 1) {
    rates.express.push(await express.rate(waypost, load));
    rates.accept.push(await acceptRate(waypost, load));
    rates.insert.push(await insertRate(waypost, { windowMs }));
    const [accepted, answered, inserted] = [rates.accept, rates.express, rates.insert].map((each) =>
      each.at(-1).toFixed(0),
    );
    progress(`accepts, round ${round}: Waypost ${accepted}/s, bare Express ${answered}/s, bare inserts ${inserted}/s`);
  }
  await express.stop();
  return rates;
}

async function measureAuthenticated(waypost) {
  const express = await BareExpress.start();
  const callers = await prepareCallers(waypost);
  const windowMs = plan.windowMs / 2;
  const { url } = waypost.facts;
  const rates = { read: [], bareRead: [], write: [], bareWrite: [] };
  // Prepared statements, compiled code, pages of the database in memory: warm on both sides.
  await readRate(url, callers, windowMs);
  await readRate(express.url, callers, windowMs);
  for (let round = 1; round <= plan.rounds; round += 1) {
    rates.bareRead.push(await readRate(express.url, callers, windowMs));
    rates.read.push(await readRate(url, callers, windowMs));
    rates.bareWrite.push(await writeRate(express.url, callers, windowMs));
    rates.write.push(await writeRate(url, callers, windowMs));
    const [read, bareRead, write, bareWrite] = [rates.read, rates.bareRead, rates.write, rates.bareWrite].map((each) =>
      each.at(-1).toFixed(0),
    );
    progress(
      `authenticated, round ${round}: reads ${read}/s (bare Express ${bareRead}/s), durable writes ${write}/s (${bareWrite}/s)`,
    );
  }
  const login = await loginProbe(waypost, callers, plan.windowMs);
  progress(
    `authenticated: read p99 ${login.alone.p99.toFixed(0)} ms, ${login.beside.p99.toFixed(0)} ms beside log-ins`,
  );
  await express.stop();
  return { ...rates, login };
}

async function main() {
  if (flags.help) return console.log(help);
  const strange = parts.find((part) => !known.includes(part));
  if (strange !== undefined) {
    console.error(`There is no part "${strange}".\n\n${help}`);
    process.exit(2);
  }
  const folder = mkdtempSync(join(tmpdir(), 'waypost-bench-'));
  const stop = async (code) => {
    await endAll();
    rmSync(folder, { recursive: true, force: true });
    process.exit(code);
  };
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void stop(130));
  try {
    const found = await measure(folder);
    console.log(`\n${tables(found)}`);
    if (flags.write) {
      const path = fileURLToPath(new URL('../docs/benchmarks.md', import.meta.url));
      mkdirSync(join(path, '..'), { recursive: true });
      writeFileSync(path, document(found, machineFacts()));
      progress('docs/benchmarks.md is written');
    }
    await stop(0);
  } catch (problem) {
    console.error(problem);
    await stop(1);
  }
}

await main();
