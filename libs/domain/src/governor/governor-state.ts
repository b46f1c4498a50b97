import { type Circuit, circuitNow } from './circuit.js';
import { daysBetween, localDay } from './local-time.js';
import type { SendPolicy } from './send-policy.js';
import { hourWindow, minuteWindow, type Slices } from './sliding-window.js';
import { type TimeLock, timeLockNow } from './time-lock.js';

/** What the governor of a profile remembers. Moments are milliseconds since 1970, by the database's clock. */
export interface GovernorState {
  /** The local day that the three counts are of. */
  day: string;
  sent: number;
  unsolicited: number;
  newContacts: number;
  minute: Slices;
  hour: Slices;
  lastSentAt: number | null;
  /** The pause after the last send is over then. */
  nextSlotAt: number | null;
  rest: GovernorMemory;
}

/** The part that changes seldom. */
export interface GovernorMemory {
  /** How the last sends outside the service window ended, oldest first: `1` sent, `0` failed. */
  outcomes: string;
  circuit: Circuit | null;
  timeLock: TimeLock | null;
  /** Time-locks since the last message to a new contact that succeeded. */
  timeLocks: number;
  /** When the warm-up began anew after an idle time. */
  warmupRestartedAt: number | null;
  /** Interactive sends since the last one of a campaign. */
  interactiveRun: number;
  /** Reasons that hold something back and were told. */
  told: string[];
}

export function freshState(policy: SendPolicy, now: number): GovernorState {
  return {
    day: localDay(policy.timeZone, now).date,
    sent: 0,
    unsolicited: 0,
    newContacts: 0,
    minute: minuteWindow.empty(now),
    hour: hourWindow.empty(now),
    lastSentAt: null,
    nextSlotAt: null,
    rest: freshMemory(),
  };
}

export function freshMemory(): GovernorMemory {
  return {
    outcomes: '',
    circuit: null,
    timeLock: null,
    timeLocks: 0,
    warmupRestartedAt: null,
    interactiveRun: 0,
    told: [],
  };
}

/** A send, a typing time and whatever else may lie between a claim and the pause after it: no longer than this. */
export const LONGEST_IN_HAND_MS = 10_000;

/** The longest that one send may keep the next waiting, under this policy. */
export function longestPauseMs(policy: SendPolicy): number {
  const typing = policy.typingEnabled ? policy.typingMaxMs : 0;
  return policy.messageDelayMs + policy.messageDelayJitterMs + typing + LONGEST_IN_HAND_MS;
}

/** A clock that was put back by more than this is believed at once; by less, the later day goes on counting. */
const DAYS_BELIEVED = 1;

/**
 * The state as it is at `now`: slices moved, a new day begun, what is over ended. A clock that goes back, or another
 * host's that is behind, never gives a budget back, and never makes anything wait longer than its own rule does.
 */
export function stateAt(state: GovernorState, policy: SendPolicy, now: number): GovernorState {
  const pauseEnds = now + longestPauseMs(policy);
  return {
    ...dayAt(state, policy, now),
    minute: minuteWindow.moved(state.minute, now),
    hour: hourWindow.moved(state.hour, now),
    nextSlotAt: state.nextSlotAt === null ? null : Math.min(state.nextSlotAt, pauseEnds),
    rest: {
      ...state.rest,
      circuit: circuitNow(state.rest.circuit, now),
      timeLock: timeLockNow(state.rest.timeLock, now),
    },
  };
}

function dayAt(state: GovernorState, policy: SendPolicy, now: number): GovernorState {
  const today = localDay(policy.timeZone, now).date;
  if (today === state.day) return state;
  if (today > state.day) return { ...state, day: today, sent: 0, unsolicited: 0, newContacts: 0 };
  return daysBetween(today, state.day) > DAYS_BELIEVED ? { ...state, day: today } : state;
}
