import { type WakeChannel, wakeChannels } from '#contracts';

/** Between two statements with wake-ups. Each costs its listeners a look at the database, so many share one. */
const gapMs = 12;

/**
 * Collects wake-ups and sends them as one statement: at once after a pause, else when the gap is over. NOTIFY takes a
 * lock over the whole server while it commits, so it is sent on its own, at most once per id in a gap, and never two at
 * a time. May be lost; listeners poll as well.
 */
export class WakeSender {
  private pending = new Map<string, [channel: string, id: string]>();
  private timer: NodeJS.Timeout | undefined;
  private sending: Promise<void> | undefined;
  private sentAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly query: (text: string, values: unknown[], name: string) => Promise<unknown>) {}

  wake(channel: WakeChannel, id: string): void {
    this.pending.set(`${channel} ${id}`, [wakeChannels[channel], id]);
    // Even at once is a turn later, so that the wake-ups of one transaction go together.
    this.timer ??= setTimeout(() => void this.flush(), Math.max(0, this.sentAt + gapMs - performance.now()));
  }

  /** Sends what is pending. Failures are not told: the sender could do nothing that the poll does not do anyway. */
  async flush(): Promise<void> {
    clearTimeout(this.timer);
    while (this.sending) await this.sending;
    this.timer = undefined;
    if (this.pending.size === 0) return;
    const wakes = [...this.pending.values()];
    this.pending.clear();
    this.sentAt = performance.now();
    this.sending = this.query(
      'select pg_notify(channel, id) from unnest($1::text[], $2::text[]) as wake (channel, id)',
      [wakes.map(([channel]) => channel), wakes.map(([, id]) => id)],
      'wake',
    )
      .then(
        () => undefined,
        () => undefined,
      )
      .finally(() => {
        this.sending = undefined;
      });
    await this.sending;
  }
}
