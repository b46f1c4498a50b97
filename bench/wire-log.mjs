import { setTimeout as pause } from 'node:timers/promises';

/** When the simulator wrote each message to the wire, read from its log of stanzas before the ring forgets it. */
export class WireLog {
  #times = new Map();
  #sequence = 0;
  #running;
  #stopped = false;

  constructor(network, everyMs = 500) {
    this.network = network;
    this.everyMs = everyMs;
  }

  async start() {
    // What is in the ring already is of an earlier measurement.
    await this.#read();
    this.#times.clear();
    this.#running = (async () => {
      while (!this.#stopped) {
        await pause(this.everyMs);
        await this.#read();
      }
    })();
  }

  async stop() {
    this.#stopped = true;
    await this.#running;
    await this.#read();
  }

  /** Milliseconds since 1970 by message id. */
  get times() {
    return this.#times;
  }

  at(id) {
    const at = this.#times.get(id);
    if (at === undefined) throw new Error(`The simulator's log does not hold message ${id}.`);
    return at;
  }

  async #read() {
    for (const { sequence, direction, tag, attrs, at } of await this.network.client.stanzaLog(this.#sequence)) {
      this.#sequence = sequence;
      if (direction === 'out' && tag === 'message' && !this.#times.has(attrs.id)) this.#times.set(attrs.id, at);
    }
  }
}
