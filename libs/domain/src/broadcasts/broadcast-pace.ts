import type { BroadcastSettings } from '#contracts';
import { quietUntil } from '../governor/local-time.js';

/** How far a number of a broadcast has come with its pauses. */
export interface PaceState {
  /** Its next message goes out then at the earliest; null: at once. */
  nextAt: Date | null;
  /** Messages since the last long pause. */
  inBatch: number;
}

type PaceRules = Pick<BroadcastSettings, 'delayMin' | 'delayMax' | 'batchSize' | 'batchPause' | 'dailyWindow'>;

/** Deals out the moments at which messages of one number may go: pauses, long pauses, and the hours of the day. */
export class BroadcastPace {
  private nextMs: number;
  private inBatch: number;

  constructor(
    private readonly rules: PaceRules,
    private readonly timeZone: string,
    state: PaceState,
    now: Date,
    private readonly random: () => number = Math.random,
  ) {
    this.nextMs = this.opensAt(Math.max(now.getTime(), state.nextAt?.getTime() ?? 0));
    this.inBatch = state.inBatch;
  }

  /** When the next message may go. */
  get next(): Date {
    return new Date(this.nextMs);
  }

  /** Takes that moment for a message, with the pause after it. */
  take(): { notBefore: Date; pauseMs?: number } {
    const notBefore = this.next;
    const { delayMin, delayMax, batchSize, batchPause } = this.rules;
    this.inBatch += 1;
    let pause = delayMin + Math.floor(this.random() * Math.max(0, delayMax - delayMin));
    if (this.inBatch >= batchSize) {
      this.inBatch = 0;
      pause += batchPause;
    }
    this.nextMs = this.opensAt(this.nextMs + pause);
    return pause === 0 ? { notBefore } : { notBefore, pauseMs: pause };
  }

  get state(): PaceState {
    return { nextAt: this.next, inBatch: this.inBatch };
  }

  private opensAt(moment: number): number {
    return closedUntil(this.rules, this.timeZone, new Date(moment))?.getTime() ?? moment;
  }
}

/** When the hours of the day begin in which a broadcast sends; null when `now` is within them, or all are. */
export function closedUntil(
  { dailyWindow }: Pick<BroadcastSettings, 'dailyWindow'>,
  timeZone: string,
  now: Date,
): Date | null {
  if (dailyWindow === null) return null;
  // The hours outside of a window are quiet hours from its end to its beginning.
  const until = quietUntil({ from: dailyWindow.to, to: dailyWindow.from }, timeZone, now.getTime());
  return until === null ? null : new Date(until);
}

/** The mean pause between two messages of one number, long ones included. Milliseconds. */
export function meanPauseMs({ delayMin, delayMax, batchSize, batchPause }: PaceRules): number {
  return (delayMin + Math.max(delayMin, delayMax)) / 2 + batchPause / batchSize;
}
