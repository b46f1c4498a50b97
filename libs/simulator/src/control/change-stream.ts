import type { Change, ChangeKind, Changes } from '../changes.js';
import { wallClock } from '../time/clock.js';

/** The most that is kept for a reader who does not read; beyond it, it is told to look at everything again. */
const MAX_PENDING = 2_000;
/** A reader gets the first change at once and what follows in batches: a busy network would drown it otherwise. */
const BATCH_MS = 40;
/** A line without meaning, so that a connection that has died is noticed on both sides. */
const HEARTBEAT_MS = 15_000;

/** Which changes somebody wants to hear of. */
export interface ChangeFilter {
  /** All kinds when absent. */
  kinds?: readonly ChangeKind[];
  /** Only what concerns this person, and what concerns everybody. */
  number?: string;
}

/** Changes as server-sent events, each `event: <kind>` and `data: <JSON>`, until the signal ends it. */
export async function* changeStream(
  changes: Changes,
  filter: ChangeFilter,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const pending = new Pending(filter);
  const stop = changes.listen((change) => pending.add(change));
  signal.addEventListener('abort', pending.wake);
  try {
    // The first event says that nothing is missed from here on.
    yield eventOf('ready', {});
    while (!signal.aborted) {
      await pending.filled(HEARTBEAT_MS);
      if (signal.aborted) return;
      yield pending.take() ?? ': still here\n\n';
      await pause(BATCH_MS, signal);
    }
  } finally {
    stop();
    signal.removeEventListener('abort', pending.wake);
  }
}

/** What one reader has not been told yet. */
class Pending {
  private events = new Map<string, string>();
  private lost = false;
  private order = 0;
  wake: () => void = () => undefined;

  constructor(private readonly filter: ChangeFilter) {}

  add(change: Change): void {
    if (!this.wants(change)) return;
    if (this.events.size >= MAX_PENDING) {
      this.lost = true;
      this.events.clear();
    }
    const { kind, ...details } = change;
    // What only says "look again" is worth saying once.
    const hasDetails = 'record' in change || 'problem' in change;
    this.order += 1;
    const key = hasDetails ? String(this.order) : `${kind} ${'number' in change ? change.number : ''}`;
    if (!this.events.has(key)) this.events.set(key, eventOf(kind, details));
    this.wake();
  }

  /** Everything so far as text, or nothing. */
  take(): string | undefined {
    if (this.events.size === 0 && !this.lost) return undefined;
    const text = (this.lost ? eventOf('reset', {}) : '') + [...this.events.values()].join('');
    this.events = new Map();
    this.lost = false;
    return text;
  }

  /** Resolves when there is something, or when the time is over. */
  filled(timeoutMs: number): Promise<void> {
    if (this.events.size > 0) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = wallClock.after(timeoutMs, resolve);
      this.wake = () => {
        timer.cancel();
        resolve();
      };
    });
  }

  private wants(change: Change): boolean {
    const { kinds, number } = this.filter;
    if (kinds && !kinds.includes(change.kind)) return false;
    return number === undefined || !('number' in change) || change.number === number;
  }
}

const eventOf = (kind: string, details: object): string => `event: ${kind}\ndata: ${JSON.stringify(details)}\n\n`;

function pause(durationMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      timer.cancel();
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = wallClock.after(durationMs, done);
    signal.addEventListener('abort', done);
  });
}
