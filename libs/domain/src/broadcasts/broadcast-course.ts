import type { BroadcastSettings } from '#contracts';
import { localDay, quietUntil } from '../governor/local-time.js';
import type { SendPolicy } from '../governor/send-policy.js';
import { warmUpOn } from '../governor/warm-up.js';
import { BroadcastPace, meanPauseMs } from './broadcast-pace.js';

/** A number, its rules, and how much of today's limits it has used. */
export interface CourseSender {
  policy: SendPolicy;
  usedToday: { sent: number; unsolicited: number };
}

/** How a broadcast will probably go. */
export interface Course {
  firstSendAt: Date;
  /** Null: it takes longer than is looked ahead. */
  lastSendAt: Date | null;
}

const STEP_MS = 10 * 60_000;
const LONGEST_DAYS = 90;

/**
 * Works out when a broadcast to so many recipients begins and ends: by its own pauses and hours, and by the pauses, limits,
 * warm-ups and quiet hours of its numbers, as if nobody had written to them lately and they sent nothing else. Pure.
 */
export function courseOf(
  recipients: number,
  senders: readonly CourseSender[],
  settings: BroadcastSettings,
  timeZone: string,
  from: Date,
): Course {
  const firstSendAt = new BroadcastPace(settings, timeZone, { nextAt: null, inBatch: 0 }, from).next;
  const runs = senders.map((sender) => new SenderRun(sender, settings));
  let left = recipients;
  for (let at = firstSendAt.getTime(); at < from.getTime() + LONGEST_DAYS * 86_400_000; at += STEP_MS) {
    if (!isOpen(settings.dailyWindow, timeZone, at)) continue;
    const could = runs.map((run) => run.most(at));
    const all = could.reduce((sum, count) => sum + count, 0);
    if (all >= left) return { firstSendAt, lastSendAt: new Date(at + STEP_MS * (left / Math.max(all, 1e-9))) };
    left -= all;
    for (const [index, count] of could.entries()) runs[index]!.send(count);
  }
  return { firstSendAt, lastSendAt: null };
}

function isOpen(window: BroadcastSettings['dailyWindow'], timeZone: string, at: number): boolean {
  return window === null || quietUntil({ from: window.to, to: window.from }, timeZone, at) === null;
}

/** One number on its way through the days. */
class SenderRun {
  private readonly perStep: number;
  private day = '';
  private used = { sent: 0, unsolicited: 0 };

  constructor(
    private readonly sender: CourseSender,
    settings: BroadcastSettings,
  ) {
    const { policy } = sender;
    const pause = Math.max(meanPauseMs(settings), policy.messageDelayMs + policy.messageDelayJitterMs / 2);
    const share = policy.campaignSharePercent / 100;
    const byPause = pause === 0 ? Number.POSITIVE_INFINITY : STEP_MS / pause;
    const byMinute =
      policy.minuteLimit === null ? Number.POSITIVE_INFINITY : policy.minuteLimit * share * (STEP_MS / 60_000);
    const byHour =
      policy.hourLimit === null ? Number.POSITIVE_INFINITY : policy.hourLimit * share * (STEP_MS / 3_600_000);
    // What no rule limits is limited by what a connection carries.
    this.perStep = Math.min(byPause, byMinute, byHour, MOST_PER_STEP);
  }

  /** How many it can send in the step that begins then. */
  most(at: number): number {
    const { policy, usedToday } = this.sender;
    const today = localDay(policy.timeZone, at).date;
    if (this.day === '') this.used = { ...usedToday };
    else if (this.day !== today) this.used = { sent: 0, unsolicited: 0 };
    this.day = today;
    if (policy.quietHours && quietUntil(policy.quietHours, policy.timeZone, at) !== null) return 0;
    const share = policy.campaignSharePercent / 100;
    const daily = policy.dailyMessageLimit === null ? Number.POSITIVE_INFINITY : policy.dailyMessageLimit * share;
    const cold = Math.min(
      policy.coldDailyLimit ?? Number.POSITIVE_INFINITY,
      warmUpOn(policy, null, today)?.limit ?? Number.POSITIVE_INFINITY,
    );
    return Math.max(0, Math.min(this.perStep, daily - this.used.sent, cold - this.used.unsolicited));
  }

  send(count: number): void {
    this.used.sent += count;
    this.used.unsolicited += count;
  }
}

/** Measured on the network simulator: a number carries some tens of messages a second at best. */
const MOST_PER_STEP = 20 * (STEP_MS / 1_000);
