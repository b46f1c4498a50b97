import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { start } from './children.mjs';

const script = fileURLToPath(new URL('./bare-baileys.mjs', import.meta.url));

/** The process of bare-baileys.mjs, called over IPC. */
export class BareClients {
  #calls = new Map();
  #lastCall = 0;
  #lines = [];

  static async start(folder, network) {
    const bare = new BareClients();
    const files = `${folder}/bare`;
    mkdirSync(files, { recursive: true });
    bare.process = start(script, [network.url, network.rootKeyHex, files], {
      onLine: (line) => bare.#lines.push(line),
    });
    await new Promise((resolve, reject) => {
      bare.process.once('close', () => {
        const ended = new Error(`The bare client ended:\n${bare.output}`);
        reject(ended);
        for (const call of bare.#calls.values()) call.reject(ended);
      });
      bare.process.on('message', (message) => {
        if (message.ready) resolve();
        else if (message.scan) void network.client.scanQr(message.scan, message.number);
        else bare.#answered(message);
      });
    });
    return bare;
  }

  get pid() {
    return this.process.pid;
  }

  get output() {
    return this.#lines.join('\n');
  }

  linesAfter(count) {
    return this.#lines.slice(count);
  }

  get lineCount() {
    return this.#lines.length;
  }

  /** One of its commands. */
  call(name, parameters) {
    this.#lastCall += 1;
    const call = this.#lastCall;
    this.process.send({ call, name, parameters });
    return new Promise((resolve, reject) => this.#calls.set(call, { resolve, reject }));
  }

  #answered({ call, result, error }) {
    const waiting = this.#calls.get(call);
    this.#calls.delete(call);
    if (error) waiting.reject(new Error(error));
    else waiting.resolve(result);
  }
}
