import pg from 'pg';
import { type WakeChannel, wakeChannels } from '#contracts';
import { connectionOptions } from './pools.js';

type Handler = (id: string | null) => void;

const firstRetryMs = 100;
const longestRetryMs = 5_000;
/** A connection that died without a word (firewall, lost host) is found by asking. */
const heartbeatMs = 15_000;

/** The process's one LISTEN connection. Opened with the first handler, closed with `close`, re-opened when lost. */
export class WakeListener {
  private readonly handlers = new Map<string, Set<Handler>>();
  private client: pg.Client | undefined;
  private retry: NodeJS.Timeout | undefined;
  private heartbeat: NodeJS.Timeout | undefined;
  private failures = 0;
  private started = false;
  private closed = false;

  constructor(
    private readonly url: string,
    private readonly name: string,
    private readonly warn: (line: string) => void,
  ) {}

  listen(channel: WakeChannel, handler: Handler): () => void {
    const name = wakeChannels[channel];
    const handlers = this.handlers.get(name) ?? new Set();
    this.handlers.set(name, handlers.add(handler));
    if (!this.started) {
      this.started = true;
      void this.connect();
    } else if (this.client) {
      // The connection listens to every channel already.
      queueMicrotask(() => handlers.has(handler) && this.call(handler, null));
    }
    return () => handlers.delete(handler);
  }

  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.retry);
    clearInterval(this.heartbeat);
    this.handlers.clear();
    const client = this.client;
    this.client = undefined;
    await client?.end().catch(() => undefined);
  }

  private async connect(): Promise<void> {
    const client = new pg.Client({
      ...connectionOptions(this.url, this.name, {}),
      connectionTimeoutMillis: 10_000,
      query_timeout: 10_000,
    });
    let lost = false;
    const onLoss = (error?: Error) => {
      if (lost) return;
      lost = true;
      this.lose(client, error);
    };
    client.on('error', onLoss);
    client.on('end', () => onLoss());
    client.on('notification', ({ channel, payload }) => {
      for (const handler of this.handlers.get(channel) ?? []) this.call(handler, payload ?? null);
    });
    try {
      await client.connect();
      await client.query(
        Object.values(wakeChannels)
          .map((channel) => `listen ${channel}`)
          .join(';'),
      );
    } catch (error) {
      onLoss(error as Error);
      return;
    }
    if (this.closed || lost) {
      await client.end().catch(() => undefined);
      return;
    }
    this.client = client;
    this.failures = 0;
    this.heartbeat = setInterval(() => client.query('select 1').catch(onLoss), heartbeatMs);
    for (const handlers of this.handlers.values()) for (const handler of handlers) this.call(handler, null);
  }

  private lose(client: pg.Client, error?: Error): void {
    clearInterval(this.heartbeat);
    this.client = undefined;
    client.end().catch(() => undefined);
    if (this.closed) return;
    if (this.failures++ === 0) {
      this.warn(`The listening database connection was lost and will be opened again: ${error?.message ?? 'closed'}`);
    }
    const delay = Math.min(longestRetryMs, firstRetryMs * 2 ** Math.min(this.failures, 10));
    this.retry = setTimeout(() => void this.connect(), delay * (0.5 + Math.random() / 2));
  }

  private call(handler: Handler, id: string | null): void {
    try {
      handler(id);
    } catch (error) {
      this.warn(`A wake-up handler failed: ${(error as Error).stack ?? error}`);
    }
  }
}
