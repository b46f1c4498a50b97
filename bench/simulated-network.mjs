import { fileURLToPath } from 'node:url';
import { SimulatorClient } from '#simulator';
import { start } from './children.mjs';

const script = fileURLToPath(new URL('../dist/apps/simulator/src/main.js', import.meta.url));

/** The WhatsApp network that both sides of each comparison talk to, in a process of its own. */
export class SimulatedNetwork {
  #lines = [];

  static async start(folder, options = []) {
    const network = new SimulatedNetwork();
    const lines = network.#lines;
    const caFile = `${folder}/ca.pem`;
    await new Promise((resolve, reject) => {
      network.process = start(script, ['--control-port', '0', '--ca-file', caFile, ...options], {
        onLine: (line) => {
          lines.push(line);
          if (!line.startsWith('{"ready":true')) return;
          Object.assign(network, JSON.parse(line));
          resolve();
        },
      });
      network.process.once('close', () => reject(new Error(`The simulator ended:\n${lines.join('\n')}`)));
    });
    network.client = new SimulatorClient(network.controlUrl);
    return network;
  }

  get pid() {
    return this.process.pid;
  }

  /** How many lines it has printed so far, and those after so many: what `Inspector` looks for. */
  get lineCount() {
    return this.#lines.length;
  }

  linesAfter(count) {
    return this.#lines.slice(count);
  }

  /** Recipients that count messages and answer with receipts, and never decrypt. */
  async sinks(count) {
    const numbers = Array.from({ length: count }, (_, index) => String(16_660_000_000 + index));
    for (const number of numbers) await this.client.sink(number);
    return numbers;
  }

  /**
   * A person sends so many texts to a number, at a pace that the network itself keeps, the first after `afterMs`: by then
   * they are encrypted.
   */
  async flood(person, { to, count, everyMs, afterMs }) {
    await this.client.call('PUT', `/people/${person.number}/behaviours`, {
      behaviours: [{ does: 'flood', to, count, everyMs, afterMs, encryptsFirst: true }],
    });
  }

  /** Messages that the network took over from clients, since its start. The one counter that both sides are read by. */
  async accepted() {
    const stats = await this.client.stats();
    return stats['messages.accepted'] ?? 0;
  }

  /** @throws when a client broke the protocol or something sent is still unconfirmed: then no figure means anything. */
  async assertHealthy() {
    await this.client.settle({ timeoutMs: 20_000 });
    await this.client.assertHealthy();
  }
}
