import { createServer } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { until } from './children.mjs';
import { percentile } from './statistics.mjs';
import { WireLog } from './wire-log.mjs';

/** Contacts who write. Each encrypts for real, inside the simulator. */
const CONTACTS = 10;

/**
 * How long a message takes from the wire to the webhook. An open model: contacts write at fixed moments, whether the
 * earlier messages are through or not, and the time counts from the moment that was meant, so that a stall is not hidden
 * by the sender's own waiting. All clocks are this machine's.
 */
export async function inboundLatency(network, waypost, { profileId, number, perSecond, seconds }) {
  const receiver = await Receiver.start();
  const hook = await waypost.call('POST', '/webhooks', {
    profileId,
    url: `${receiver.url}/hook`,
    events: ['message.received'],
  });
  try {
    const contacts = await Promise.all(
      Array.from({ length: CONTACTS }, (_, index) => network.client.person(String(16_770_000_000 + index))),
    );
    // Sessions first: the first message of a contact costs key work on both sides.
    for (const contact of contacts) await contact.sendText(number, 'good morning');
    await receiver.expect(CONTACTS);

    const [log, written] = [new WireLog(network), []];
    await log.start();
    const total = perSecond * seconds;
    const begin = Date.now() + 100;
    for (let turn = 0; turn < total; turn += 1) {
      const intended = begin + (turn * 1000) / perSecond;
      if (intended > Date.now()) await pause(intended - Date.now());
      const contact = contacts[turn % CONTACTS];
      written.push(contact.sendText(number, `inbound ${turn}`).then((id) => ({ id, intended })));
    }
    const sent = await Promise.all(written);
    await receiver.expect(CONTACTS + total);
    await log.stop();

    const of = (from, to) => ({
      p50: percentile(differences(from, to), 0.5),
      p99: percentile(differences(from, to), 0.99),
    });
    const differences = (from, to) => sent.map((message) => to(message) - from(message));
    const intended = (message) => message.intended;
    const wire = ({ id }) => log.at(id);
    const stored = ({ id }) => receiver.calls.get(id).storedAt;
    const called = ({ id }) => receiver.calls.get(id).at;
    return {
      messages: sent.length,
      wireToStored: of(wire, stored),
      wireToWebhook: of(wire, called),
      intendedToWebhook: of(intended, called),
    };
  } finally {
    await waypost.call('DELETE', `/webhooks/${hook.id}`);
    await receiver.stop();
  }
}

/** Answers webhook calls and notes when each message came first. */
class Receiver {
  calls = new Map();

  static async start() {
    const receiver = new Receiver();
    receiver.server = createServer((request, response) => {
      const at = Date.now();
      const parts = [];
      request.on('data', (part) => parts.push(part));
      request.on('end', () => {
        response.writeHead(200).end();
        const { timestamp, data } = JSON.parse(Buffer.concat(parts).toString());
        if (!receiver.calls.has(data.waMessageId)) {
          receiver.calls.set(data.waMessageId, { at, storedAt: Date.parse(timestamp) });
        }
      });
    });
    await new Promise((resolve) => receiver.server.listen(0, '127.0.0.1', resolve));
    receiver.url = `http://127.0.0.1:${receiver.server.address().port}`;
    return receiver;
  }

  async expect(count) {
    await until(`${count} webhook calls`, () => this.calls.size >= count);
  }

  async stop() {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
