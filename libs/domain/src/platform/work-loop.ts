import { setTimeout as delay } from 'node:timers/promises';
import type { WakeChannel } from '#contracts';
import type { Database } from '#database';
import { Bell } from './bell.js';
import type { Logger } from './logger.js';

/**
 * What a turn found: there may be `more` at once, there is `nothing` until something happens, or after so many milliseconds
 * at the latest, or `retry` after a pause.
 */
export type Turn = 'more' | 'nothing' | 'retry' | number;

export interface WorkLoopOptions {
  db: Database;
  log: Logger;
  /** Wake-ups on it end the wait for the next turn. */
  channel?: WakeChannel;
  /** One turn. What it throws is logged, and the next turn comes after a pause. */
  turn(): Promise<Turn>;
  /** Of the log line for what a turn throws. */
  failed: string;
  /** Told of each wake-up, before the turn that it leads to; null: some were lost. */
  woken?(id: string | null): void;
  /** Longest wait for a wake-up, which may be lost. Default: 5 s. */
  pollMs?: number;
  /** Pause after a turn that threw. Default: 2 s. */
  retryMs?: number;
}

const usualPollMs = 5000;
const usualRetryMs = 2000;

/** Takes turns at work that waits in the database, from `start` to `stop`. Several processes may do so at once. */
export class WorkLoop {
  private readonly bell = new Bell();
  private unlisten: (() => void) | undefined;
  private running: Promise<void> | undefined;
  private stopping = false;

  constructor(private readonly options: WorkLoopOptions) {}

  start(): void {
    const { db, channel, woken } = this.options;
    if (channel) {
      this.unlisten = db.listen(channel, (id) => {
        woken?.(id);
        this.bell.ring();
      });
    }
    this.running = this.run();
  }

  /** A turn that takes several steps ends after the present one. */
  get isStopping(): boolean {
    return this.stopping;
  }

  /** Takes no further turn and waits for the one under way. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.unlisten?.();
    this.bell.ring();
    await this.running;
  }

  private async run(): Promise<void> {
    const { pollMs = usualPollMs, retryMs = usualRetryMs } = this.options;
    while (!this.stopping) {
      const next = await this.options.turn().catch((error: unknown) => {
        this.options.log.warn({ err: error }, this.options.failed);
        return 'retry' as const;
      });
      if (next === 'retry') await delay(retryMs, undefined, { ref: false });
      else if (next !== 'more') await this.bell.wait(next === 'nothing' ? pollMs : Math.min(next, pollMs));
    }
  }
}
