import { type SendHoldCode, sendHolds } from '#contracts';
import { type Hold, holdIn } from './decide.js';
import { type GovernorState, stateAt } from './governor-state.js';
import { localDay } from './local-time.js';
import { type Lane, type Standing, sendClasses } from './send-class.js';
import type { SendPolicy } from './send-policy.js';
import { hourWindow, minuteWindow } from './sliding-window.js';
import type { TimeLock } from './time-lock.js';
import { type WarmUp, warmUpOn } from './warm-up.js';

/** A limit, how much of it is used, and when that changes by itself. */
export interface LimitUse {
  code: SendHoldCode;
  limit: number;
  used: number;
  remaining: number;
  resetsAt: Date;
}

/** Why something waits, for people. */
export interface HoldView {
  code: SendHoldCode;
  sentence: string;
  /** It is decided anew then. */
  until: Date;
}

/** Where the send governor of a profile stands. */
export interface PolicyState {
  at: Date;
  /** The local day that is counted, and its end. */
  day: string;
  dayEndsAt: Date;
  sentToday: number;
  unsolicitedToday: number;
  newContactsToday: number;
  sentLastMinute: number;
  sentLastHour: number;
  lastSentAt: Date | null;
  limits: LimitUse[];
  warmUp: WarmUp | null;
  circuit: { state: 'closed' | 'open' | 'half_open'; until: Date | null; succeeded: number; failed: number };
  timeLock: (Pick<TimeLock, 'isNamed' | 'scope'> & { since: Date; until: Date }) | null;
  /** For each kind of send whether it may go now, or why not and when. */
  next: { lane: Lane; standing: Standing; hold: HoldView | null }[];
}

/** Works the state of a profile out as it is at `now`. */
export function policyState(policy: SendPolicy, kept: GovernorState, now: number): PolicyState {
  const state = stateAt(kept, policy, now);
  const today = localDay(policy.timeZone, now);
  const { circuit, timeLock, outcomes } = state.rest;
  const succeeded = outcomes.replaceAll('0', '').length;
  return {
    at: new Date(now),
    day: state.day,
    dayEndsAt: new Date(today.to),
    sentToday: state.sent,
    unsolicitedToday: state.unsolicited,
    newContactsToday: state.newContacts,
    sentLastMinute: minuteWindow.used(state.minute),
    sentLastHour: hourWindow.used(state.hour),
    lastSentAt: state.lastSentAt === null ? null : new Date(state.lastSentAt),
    limits: limitsOf(policy, state, today.to),
    warmUp: warmUpOn(policy, state.rest.warmupRestartedAt, state.day),
    circuit: {
      state: circuit === null ? 'closed' : now < circuit.until ? 'open' : 'half_open',
      until: circuit && new Date(circuit.until),
      succeeded,
      failed: outcomes.length - succeeded,
    },
    timeLock: timeLock && {
      since: new Date(timeLock.since),
      until: new Date(timeLock.until),
      isNamed: timeLock.isNamed,
      scope: timeLock.scope,
    },
    next: sendClasses.map((send) => ({ ...send, hold: holdView(holdIn(policy, state, send, now)) })),
  };
}

/** A reason as people are told it. */
export function holdView(hold: Hold | null): HoldView | null {
  return hold && { code: hold.code, sentence: sendHolds[hold.code].sentence, until: new Date(hold.until) };
}

function limitsOf(policy: SendPolicy, state: GovernorState, dayEnds: number): LimitUse[] {
  const warmUp = warmUpOn(policy, state.rest.warmupRestartedAt, state.day);
  const [minute, hour] = [minuteWindow.used(state.minute), hourWindow.used(state.hour)];
  const uses: [SendHoldCode, number | null, number, (limit: number) => number][] = [
    ['minute_limit', policy.minuteLimit, minute, (limit) => minuteWindow.freeAt(state.minute, limit)],
    ['hour_limit', policy.hourLimit, hour, (limit) => hourWindow.freeAt(state.hour, limit)],
    ['daily_limit', policy.dailyMessageLimit, state.sent, () => dayEnds],
    ['warm_up', warmUp?.limit ?? null, state.unsolicited, () => dayEnds],
    ['cold_daily_limit', policy.coldDailyLimit, state.unsolicited, () => dayEnds],
    ['new_contact_daily_limit', policy.newContactDailyLimit, state.newContacts, () => dayEnds],
  ];
  return uses.flatMap(([code, limit, used, resetsAt]) =>
    limit === null
      ? []
      : { code, limit, used, remaining: Math.max(0, limit - used), resetsAt: new Date(resetsAt(limit)) },
  );
}
