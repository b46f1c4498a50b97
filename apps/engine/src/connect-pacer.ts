import { setTimeout as sleep } from 'node:timers/promises';
import { type Database, type Pace, TURN_LATENESS_MS, takeConnectTurns } from '#database';

interface Waiting {
  signal: AbortSignal;
  begin(): void;
}

/** While the database cannot be asked nobody connects: without it there is nothing to connect with either. */
const RETRY_MS = 500;

/**
 * Lets connections begin one after another, at the pace that all hosts of the installation share: new ones, those taken
 * over, and those that come back after a loss. Whoever a person waits for goes first. Handing over has a pace of its own.
 */
export class ConnectPacer {
  private readonly urgent: Waiting[] = [];
  private readonly others: Waiting[] = [];
  private running: Promise<void> | undefined;
  /** Connections that were let begin, for the metrics. */
  begun = 0;

  constructor(
    private readonly db: Database,
    private readonly perSecond: number,
    private readonly pace: Pace = 'connects',
  ) {}

  /** How many wait for their turn. */
  get waiting(): number {
    return this.urgent.length + this.others.length;
  }

  /** Resolves when a connection may begin, or when the signal aborts. */
  turn(options: { isUrgent: boolean; signal: AbortSignal }): Promise<void> {
    const { signal, isUrgent } = options;
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const queue = isUrgent ? this.urgent : this.others;
      const leave = () => {
        const index = queue.indexOf(waiting);
        if (index >= 0) queue.splice(index, 1);
        resolve();
      };
      const waiting: Waiting = {
        signal,
        begin: () => {
          signal.removeEventListener('abort', leave);
          resolve();
        },
      };
      signal.addEventListener('abort', leave, { once: true });
      queue.push(waiting);
      this.run();
    });
  }

  private run(): void {
    this.running ??= this.serve().finally(() => {
      this.running = undefined;
      if (this.waiting > 0) this.run();
    });
  }

  private async serve(): Promise<void> {
    while (this.waiting > 0) {
      const { perSecond } = this;
      const wanted = Math.min(this.waiting, Math.ceil(perSecond));
      const turns = await takeConnectTurns(this.db, this.pace, { wanted, perSecond }).catch(() => undefined);
      if (turns === undefined) await sleep(RETRY_MS);
      // All of the next second is given away: ask again when the first of it is over.
      else if (turns.count === 0) await sleep(Math.max(turns.spacingMs, turns.firstInMs - 1_000));
      else await this.useAll(turns);
    }
  }

  private async useAll(turns: { count: number; firstInMs: number; spacingMs: number }): Promise<void> {
    const first = performance.now() + turns.firstInMs;
    for (let index = 0; index < turns.count && this.waiting > 0; index += 1) {
      const at = first + index * turns.spacingMs;
      const waitMs = at - performance.now();
      if (waitMs > 0) await sleep(waitMs);
      // This process was held up: the turns that it slept through are gone, or too many would begin at once.
      if (performance.now() - at > TURN_LATENESS_MS) continue;
      const next = this.urgent.shift() ?? this.others.shift();
      if (!next) return;
      this.begun += 1;
      next.begin();
    }
  }
}
