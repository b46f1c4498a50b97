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

  /** Takes that moment for a message. */
  take(): Date {
    const at = this.next;
    const { delayMin, delayMax, batchSize, batchPause } = this.rules;
    this.inBatch += 1;
    let pause = delayMin + this.random() * Math.max(0, delayMax - delayMin);
    if (this.inBatch >= batchSize) {
      this.inBatch = 0;
      pause += batchPause;
    }
    this.nextMs = this.opensAt(this.nextMs + pause);
    return at;
  }

  get state(): PaceState {
    return { nextAt: this.next, inBatch: this.inBatch };
  }

  private opensAt(moment: number): number {
    const { dailyWindow } = this.rules;
    if (dailyWindow === null) return moment;
    // The hours outside of a window are quiet hours from its end to its beginning.
    const quiet = { from: dailyWindow.to, to: dailyWindow.from };
    return quietUntil(quiet, this.timeZone, moment) ?? moment;
  }
}

/** The mean pause between two messages of one number, long ones included. Milliseconds. */
export function meanPauseMs({ delayMin, delayMax, batchSize, batchPause }: PaceRules): number {
  return (delayMin + Math.max(delayMin, delayMax)) / 2 + batchPause / batchSize;
}
