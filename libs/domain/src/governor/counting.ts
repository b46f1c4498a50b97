import { afterOutcome } from './circuit.js';
import type { CountedSend } from './decide.js';
import { type GovernorState, longestPauseMs, stateAt } from './governor-state.js';
import { isUnsolicited, type SendClass } from './send-class.js';
import { isPaced, type SendPolicy } from './send-policy.js';
import { hourWindow, minuteWindow } from './sliding-window.js';
import { isLockedFor } from './time-lock.js';
import { isRewarmed } from './warm-up.js';

/**
 * The state after these sends were taken on at `now`. They are counted here, before the wire: the statement that claims
 * the rows writes the same. A repeat of what was counted before (`isCounted`) adds nothing.
 */
export function afterClaim(
  state: GovernorState,
  policy: SendPolicy,
  taken: readonly (SendClass & { isCounted: boolean })[],
  now: number,
): GovernorState {
  const current = stateAt(state, policy, now);
  if (taken.length === 0) return current;
  const fresh = taken.filter((send) => !send.isCounted);
  const { rest } = current;
  const { circuit, timeLock } = rest;
  return {
    ...current,
    sent: current.sent + fresh.length,
    unsolicited: current.unsolicited + fresh.filter(isUnsolicited).length,
    newContacts: current.newContacts + fresh.filter(({ standing }) => standing === 'new').length,
    minute: minuteWindow.added(current.minute, fresh.length),
    hour: hourWindow.added(current.hour, fresh.length),
    lastSentAt: now,
    // The end of the send is not known yet; should the owner die before it knows, this is late enough.
    nextSlotAt: isPaced(policy) ? now + longestPauseMs(policy) : current.nextSlotAt,
    rest: {
      ...rest,
      circuit: circuit && taken.some(isUnsolicited) ? { ...circuit, probeAt: now } : circuit,
      timeLock:
        timeLock && taken.some(({ standing }) => isLockedFor(timeLock, standing))
          ? { ...timeLock, probeAt: now }
          : timeLock,
      warmupRestartedAt: isRewarmed(policy, current.lastSentAt, now) ? now : rest.warmupRestartedAt,
      interactiveRun: taken.some(({ lane }) => lane === 'campaign') ? 0 : rest.interactiveRun + taken.length,
    },
  };
}

/** A send has ended at `now`, or has been in hand for so long that others go on: the pause after it begins. */
export function afterSend(state: GovernorState, policy: SendPolicy, now: number, random: () => number): GovernorState {
  if (!isPaced(policy)) return { ...state, nextSlotAt: null };
  const pauseMs = policy.messageDelayMs + Math.floor(random() * policy.messageDelayJitterMs);
  return { ...state, nextSlotAt: now + pauseMs };
}

/** These certainly did not go out and are given back: what was counted for them is free again. */
export function afterReturn(
  state: GovernorState,
  policy: SendPolicy,
  returned: readonly CountedSend[],
  now: number,
): GovernorState {
  const current = stateAt(state, policy, now);
  const today = returned.filter(({ day }) => day === current.day);
  const { circuit, timeLock } = current.rest;
  return {
    ...current,
    sent: Math.max(0, current.sent - today.length),
    unsolicited: Math.max(0, current.unsolicited - today.filter(isUnsolicited).length),
    newContacts: Math.max(0, current.newContacts - today.filter(({ standing }) => standing === 'new').length),
    minute: returned.reduce((slices, { countedAt }) => minuteWindow.removed(slices, countedAt), current.minute),
    hour: returned.reduce((slices, { countedAt }) => hourWindow.removed(slices, countedAt), current.hour),
    // A probe that did not go is no probe.
    rest: {
      ...current.rest,
      circuit: circuit && returned.some(isUnsolicited) ? { ...circuit, probeAt: null } : circuit,
      timeLock:
        timeLock && returned.some(({ standing }) => isLockedFor(timeLock, standing))
          ? { ...timeLock, probeAt: null }
          : timeLock,
    },
  };
}

/** A send has ended: what that means for circuit and time-lock. */
export function afterOutcomeOf(
  state: GovernorState,
  policy: SendPolicy,
  send: SendClass,
  succeeded: boolean,
  now: number,
): GovernorState {
  const current = stateAt(state, policy, now);
  if (!isUnsolicited(send)) return current;
  const { rest } = current;
  const changed = policy.circuitBreaker ? afterOutcome(rest, succeeded, now) : { outcomes: '', circuit: null };
  const isLockProbe = rest.timeLock?.probeAt != null && isLockedFor(rest.timeLock, send.standing);
  const memory = { ...rest, ...changed };
  if (!succeeded) return { ...current, rest: memory };
  const isProof = send.standing === 'new' && (rest.timeLock === null || isLockProbe);
  if (isProof) return { ...current, rest: { ...memory, timeLock: null, timeLocks: 0 } };
  // It proves that people who wrote long ago can be written to, and nothing about those who never did.
  if (isLockProbe)
    return { ...current, rest: { ...memory, timeLock: { ...rest.timeLock!, scope: 'new', probeAt: null } } };
  return { ...current, rest: memory };
}
