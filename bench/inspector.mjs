import { setTimeout as pause } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { until } from './children.mjs';

/**
 * Looks into a running process through its inspector, which SIGUSR1 opens, so that nothing has to be built into what is
 * measured. `printed` gives its output: the inspector says there where it listens.
 */
export class Inspector {
  #calls = new Map();
  #lastCall = 0;

  static async open(pid, printed) {
    const before = printed.lineCount;
    process.kill(pid, 'SIGUSR1');
    const address = await until('the inspector listens', () => {
      const line = printed.linesAfter(before).find((each) => each.includes('Debugger listening on ws://'));
      return line?.match(/ws:\/\/\S+/)[0];
    });
    const inspector = new Inspector();
    inspector.socket = new WebSocket(address, { perMessageDeflate: false });
    await new Promise((resolve, reject) => inspector.socket.once('open', resolve).once('error', reject));
    inspector.socket.on('message', (text) => {
      const { id, result, error } = JSON.parse(text);
      if (id === undefined) return;
      const call = inspector.#calls.get(id);
      inspector.#calls.delete(id);
      if (error) call.reject(new Error(error.message));
      else call.resolve(result);
    });
    return inspector;
  }

  /** One call of the DevTools protocol. */
  call(method, params) {
    this.#lastCall += 1;
    const id = this.#lastCall;
    this.socket.send(JSON.stringify({ id, method, params }));
    return new Promise((resolve, reject) => this.#calls.set(id, { resolve, reject }));
  }

  /** What is in use after full garbage collections: bytes of heap, of buffers outside of it, and resident. */
  async memory() {
    // What the first one frees may free more; the kernel takes pages back a little later.
    for (let round = 0; round < 3; round += 1) {
      await this.call('HeapProfiler.collectGarbage');
      await pause(200);
    }
    const expression = '(({ heapUsed, external, rss }) => ({ heapUsed, external, rss }))(process.memoryUsage())';
    const { result } = await this.call('Runtime.evaluate', { expression, returnByValue: true });
    return result.value;
  }

  close() {
    this.socket.close();
  }
}
