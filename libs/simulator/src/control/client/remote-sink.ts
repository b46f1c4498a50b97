import type { SinkRecord } from '../../people/sink.js';
import type { ControlConnection } from './connection.js';

/** A sink in another process. */
export class RemoteSink {
  constructor(
    private readonly connection: ControlConnection,
    readonly number: string,
  ) {}

  /** How many messages have come, and the records above `after`. */
  received(after = 0, limit = 1_000): Promise<{ count: number; records: SinkRecord[] }> {
    return this.connection.call('GET', `/sinks/${this.number}/received?after=${after}&limit=${limit}`);
  }
}
