import { setTimeout as pause } from 'node:timers/promises';
import { BareClients } from './bare-clients.mjs';
import { end } from './children.mjs';
import { Inspector } from './inspector.mjs';
import { Waypost } from './waypost.mjs';

/** After the last number is connected: prekeys are uploaded, histories are through. */
const SETTLE_MS = 4_000;

/**
 * Memory of one process for each idle number: what the process that holds the sockets uses with all of them connected,
 * less what it used with one. Both sides link their numbers in the same way, one side at a time, in fresh processes,
 * and are looked at after full garbage collections. `afterwards` gets the one of Waypost with its numbers linked.
 */
export async function idleMemory(network, folder, { counts, onProgress, afterwards }) {
  const numbersOf = (base) => Array.from({ length: counts.at(-1) + 1 }, (_, index) => String(base + index));

  const bare = await BareClients.start(`${folder}/memory-bare`, network);
  const bareFigures = await grow(counts, {
    name: 'bare Baileys',
    onProgress,
    numbers: numbersOf(15_553_000_000),
    link: (numbers) => bare.call('link', { numbers }),
    inspect: () => Inspector.open(bare.pid, bare),
  });
  await end(bare.process);

  const waypost = await Waypost.start(`${folder}/memory-waypost`, network);
  const waypostFigures = await grow(counts, {
    name: 'Waypost engine',
    onProgress,
    numbers: numbersOf(15_554_000_000),
    link: (numbers) => waypost.link(network, numbers),
    inspect: () => Inspector.open(waypost.facts.processes.engine.pid, waypost),
  });
  await afterwards(waypost);
  await end(waypost.process);
  return counts.map((count, index) => ({ count, bare: bareFigures[index], waypost: waypostFigures[index] }));
}

async function grow(counts, { name, onProgress, numbers, link, inspect }) {
  await link(numbers.slice(0, 1));
  await pause(SETTLE_MS);
  const inspector = await inspect();
  const base = await inspector.memory();
  const figures = [];
  let linked = 1;
  for (const count of counts) {
    onProgress(`${name}: linking ${count} numbers`);
    await link(numbers.slice(linked, count + 1));
    linked = count + 1;
    await pause(SETTLE_MS);
    const now = await inspector.memory();
    const each = (field) => (now[field] - base[field]) / count;
    figures.push({ heap: each('heapUsed'), external: each('external'), resident: each('rss'), process: now });
  }
  inspector.close();
  return figures;
}
