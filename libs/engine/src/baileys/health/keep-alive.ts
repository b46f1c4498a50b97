/** Longest between two pings, with some randomness, so that a fleet does not ping as one. */
export const pingEveryMs = 30_000;
const jitterMs = 5_000;

/**
 * Pings WhatsApp and measures how long the answer takes. In the place of Baileys' own keep-alive, whose answers nobody
 * times; that a silent server ends the socket is the watchdog's part.
 */
export class KeepAlive {
  private timer: NodeJS.Timeout | undefined;
  private isStopped = false;

  constructor(
    private readonly ping: () => Promise<unknown>,
    private readonly answered: (ms: number) => void,
    private readonly intervalMs = pingEveryMs,
  ) {}

  /** Begins; the first ping goes out after one interval. */
  start(): void {
    if (this.timer === undefined) this.plan();
  }

  stop(): void {
    this.isStopped = true;
    clearTimeout(this.timer);
  }

  private plan(): void {
    if (this.isStopped) return;
    const ms = this.intervalMs - Math.random() * Math.min(jitterMs, this.intervalMs / 6);
    this.timer = setTimeout(() => {
      void this.once();
      this.plan();
    }, ms);
    this.timer.unref();
  }

  private async once(): Promise<void> {
    const asked = performance.now();
    try {
      await this.ping();
      this.answered(performance.now() - asked);
    } catch {
      // No answer: the silence is noticed by the watchdog.
    }
  }
}
