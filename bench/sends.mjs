import { setTimeout as pause } from 'node:timers/promises';
import { processorUse } from './processor-time.mjs';

/** Sends under way at once for each number, on both sides. */
export const IN_FLIGHT = 16;
/** Most messages that one bulk request takes. */
const BULK = 1000;
/** Left out at the start of each window: both sides have to come to speed. */
const RAMP_MS = 700;

/**
 * Sends per second: how fast the network takes messages over while the load runs. One counter, one clock, for both
 * sides; the closed loop of each waits for the server's acknowledgement before it sends the next.
 */
async function rateDuring(network, windowMs, load, processes) {
  const running = load.start();
  await pause(RAMP_MS);
  const use = processorUse(processes);
  const before = { at: performance.now(), accepted: await network.accepted() };
  await pause(windowMs);
  const after = { at: performance.now(), accepted: await network.accepted() };
  const messages = after.accepted - before.accepted;
  const processor = use.perUnit(messages);
  load.stop();
  await running;
  return { perSecond: messages / ((after.at - before.at) / 1000), processor };
}

/** The bare client: `count` numbers from the `from`-th on. */
export function bareRate(network, bare, { from, count, recipients, windowMs, inFlight = IN_FLIGHT }) {
  const load = {
    start: () => bare.call('load', { from, to: from + count, inFlight, recipients }),
    stop: () => void bare.call('stop'),
  };
  return rateDuring(network, windowMs, load, { simulator: { pid: network.pid }, client: { pid: bare.pid } });
}

/** Through the HTTP API: one request for each message, which is answered when WhatsApp has acknowledged it. */
export function waypostRate(network, waypost, { profileIds, recipients, windowMs, inFlight = IN_FLIGHT }) {
  let stopped = false;
  const pool = waypost.pool(inFlight * profileIds.length);
  const sendOne = async (profileId, to, turn) => {
    // Waits for WhatsApp however busy the machine is.
    const body = JSON.stringify({ profileId, to, text: `message number ${turn}`, wait: 30 });
    const answer = await pool.request({
      method: 'POST',
      path: '/api/v1/messages/text',
      headers: waypost.headers,
      body,
    });
    const text = await answer.body.text();
    if (answer.statusCode !== 201) throw new Error(`A send was answered ${answer.statusCode}: ${text}`);
  };
  const loop = async (profileId, lane) => {
    for (let turn = lane; !stopped; turn += inFlight)
      await sendOne(profileId, recipients[turn % recipients.length], turn);
  };
  const load = {
    start: async () => {
      const lanes = profileIds.flatMap((id) => Array.from({ length: inFlight }, (_, lane) => loop(id, lane)));
      await Promise.all(lanes);
      await pool.close();
    },
    stop: () => {
      stopped = true;
    },
  };
  return rateDuring(network, windowMs, load, waypostProcesses(network, waypost));
}

/** Through the API in bulk: a request with many messages for each number, and the next when they are nearly sent. */
export function bulkRate(network, waypost, { profileIds, recipients, windowMs, atOnce = BULK }) {
  let stopped = false;
  const batchIds = [];
  const messages = Array.from({ length: atOnce }, (_, turn) => ({
    chatId: recipients[turn % recipients.length],
    type: 'text',
    content: { text: `message number ${turn}` },
  }));
  const options = { delayBetweenMessages: 0, randomizeDelay: false };
  const load = {
    start: async () => {
      const begin = await network.accepted();
      while (!stopped) {
        const sent = (await network.accepted()) - begin;
        if (batchIds.length * atOnce - sent < (profileIds.length * atOnce) / 2) {
          const asked = profileIds.map((profileId) =>
            waypost.call('POST', '/bulk/send', { profileId, messages, options }),
          );
          batchIds.push(...(await Promise.all(asked)).map(({ batchId }) => batchId));
        }
        await pause(50);
      }
      // What nobody has taken on yet is not sent any more; the rest ends before anything else is measured.
      await Promise.all(batchIds.map((id) => waypost.cancelBatch(id)));
    },
    stop: () => {
      stopped = true;
    },
  };
  return rateDuring(network, windowMs, load, waypostProcesses(network, waypost));
}

export function waypostProcesses(network, { facts }) {
  return {
    simulator: { pid: network.pid },
    'load generator': { pid: process.pid },
    api: { pid: facts.processes.api.pid },
    engine: { pid: facts.processes.engine.pid },
    worker: { pid: facts.processes.worker.pid },
    PostgreSQL: { pid: facts.postgres.pid, tree: true },
  };
}
