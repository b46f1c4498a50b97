import type { SendHoldCode } from '#contracts';
import { circuitFreeAt, mayProbe } from './circuit.js';
import { type GovernorState, stateAt } from './governor-state.js';
import { localDay, quietUntil } from './local-time.js';
import { isUnsolicited, type SendClass } from './send-class.js';
import type { SendPolicy } from './send-policy.js';
import { COUNTED_FOR_MS, hourWindow, minuteWindow } from './sliding-window.js';
import { isLockedFor, lockFreeAt } from './time-lock.js';
import { isRewarmed, warmUpOn } from './warm-up.js';

/** A reason to wait. */
export interface Hold {
  code: SendHoldCode;
  /** Not before this moment, milliseconds since 1970. It is decided anew then. */
  until: number;
}

/**
 * What keeps a send of this class waiting at `now`; null when it may go. Of several reasons the one that lasts longest.
 * Pure: the same policy, state and moment give the same answer, in the owner, in the api and in a test.
 */
export function holdOf(policy: SendPolicy, state: GovernorState, send: SendClass, now: number): Hold | null {
  return holdIn(policy, stateAt(state, policy, now), send, now);
}

/** The same of a state that is as of `now` already. */
export function holdIn(policy: SendPolicy, current: GovernorState, send: SendClass, now: number): Hold | null {
  let longest: Hold | null = null;
  for (const hold of holdsOf(policy, current, send, now)) {
    if (longest === null || hold.until > longest.until) longest = hold;
  }
  return longest;
}

/** How many sends the limits leave, by what they count. `Infinity` without a limit. */
export interface Room {
  /** All sends. */
  total: number;
  /** Of campaigns. */
  campaign: number;
  /** Outside the service window. */
  unsolicited: number;
  /** To people who never wrote. */
  newContacts: number;
}

/** What the limits leave at `now`; `state` is as of `now` already. One probe counts as room for one. */
export function roomOf(policy: SendPolicy, state: GovernorState, now: number): Room {
  const [minute, hour] = [minuteWindow.used(state.minute), hourWindow.used(state.hour)];
  const { minuteLimit, hourLimit, dailyMessageLimit } = policy;
  const total = Math.min(left(minuteLimit, minute), left(hourLimit, hour), left(dailyMessageLimit, state.sent));
  const campaign = Math.min(
    left(shareOf(policy, minuteLimit), minute),
    left(shareOf(policy, hourLimit), hour),
    left(shareOf(policy, dailyMessageLimit), state.sent),
  );
  const circuit = policy.circuitBreaker && state.rest.circuit ? 1 : Number.POSITIVE_INFINITY;
  const lock = policy.timeLockGuard ? state.rest.timeLock : null;
  const unsolicited = Math.min(
    left(policy.coldDailyLimit, state.unsolicited),
    left(warmUpLimit(policy, state, now), state.unsolicited),
    circuit,
    lock?.scope === 'unsolicited' ? 1 : Number.POSITIVE_INFINITY,
  );
  const newContacts = Math.min(
    left(policy.newContactDailyLimit, state.newContacts),
    unsolicited,
    lock ? 1 : Number.POSITIVE_INFINITY,
  );
  return { total, campaign: Math.min(campaign, total), unsolicited, newContacts };
}

function* holdsOf(policy: SendPolicy, state: GovernorState, send: SendClass, now: number): Generator<Hold> {
  yield* restsOf(policy, state, send, now);
  yield* dailyHolds(policy, state, send, now);
  yield* windowHolds(policy, state, send);
  if (state.nextSlotAt !== null && state.nextSlotAt > now) yield { code: 'pace', until: state.nextSlotAt };
}

/** A send that was taken on and counted. */
export interface CountedSend extends SendClass {
  /** When, and for which local day. */
  countedAt: number;
  day: string;
}

/**
 * Whether a send that was taken on may still go out at `now`. Much may have happened meanwhile: quiet hours began, a day
 * ended, WhatsApp locked the number. One that may not is given back and taken on again when it may.
 */
export function mayStillGo(policy: SendPolicy, state: GovernorState, send: CountedSend, now: number): boolean {
  const current = stateAt(state, policy, now);
  const isLimited = policy.minuteLimit !== null || policy.hourLimit !== null;
  if (isLimited && Math.abs(now - send.countedAt) > COUNTED_FOR_MS) return false;
  return current.day === send.day && restsOf(policy, current, send, now, send.countedAt).next().done === true;
}

/** What makes sends of a kind rest, however few there are. `countedAt` is when this one was taken on, maybe as a probe. */
function* restsOf(
  policy: SendPolicy,
  { rest: { circuit, timeLock } }: GovernorState,
  send: SendClass,
  now: number,
  countedAt?: number,
): Generator<Hold> {
  if (policy.timeLockGuard && timeLock && isLockedFor(timeLock, send.standing)) {
    const isProbe = timeLock.probeAt !== null && timeLock.probeAt === countedAt;
    if (!isProbe && !mayProbe(timeLock, now)) yield { code: 'time_lock', until: lockFreeAt(timeLock, now) };
  }
  if (policy.circuitBreaker && circuit && isUnsolicited(send)) {
    const isProbe = circuit.probeAt !== null && circuit.probeAt === countedAt;
    if (!isProbe && !mayProbe(circuit, now)) yield { code: 'circuit_open', until: circuitFreeAt(circuit, now) };
  }
  if (policy.quietHours && restsInQuietHours(policy, send)) {
    const until = quietUntil(policy.quietHours, policy.timeZone, now);
    if (until !== null) yield { code: 'quiet_hours', until };
  }
}

function* dailyHolds(policy: SendPolicy, state: GovernorState, send: SendClass, now: number): Generator<Hold> {
  const until = localDay(policy.timeZone, now).to;
  const { dailyMessageLimit, coldDailyLimit, newContactDailyLimit } = policy;
  if (left(dailyMessageLimit, state.sent) === 0) yield { code: 'daily_limit', until };
  else if (send.lane === 'campaign' && left(shareOf(policy, dailyMessageLimit), state.sent) === 0) {
    yield { code: 'campaign_share', until };
  }
  if (!isUnsolicited(send)) return;
  if (left(warmUpLimit(policy, state, now), state.unsolicited) === 0) yield { code: 'warm_up', until };
  if (left(coldDailyLimit, state.unsolicited) === 0) yield { code: 'cold_daily_limit', until };
  if (send.standing === 'new' && left(newContactDailyLimit, state.newContacts) === 0) {
    yield { code: 'new_contact_daily_limit', until };
  }
}

function* windowHolds(policy: SendPolicy, state: GovernorState, send: SendClass): Generator<Hold> {
  const windows = [
    { window: hourWindow, slices: state.hour, limit: policy.hourLimit, code: 'hour_limit' },
    { window: minuteWindow, slices: state.minute, limit: policy.minuteLimit, code: 'minute_limit' },
  ] as const;
  for (const { window, slices, limit, code } of windows) {
    if (limit === null) continue;
    if (window.used(slices) >= limit) yield { code, until: window.freeAt(slices, limit) };
    if (send.lane !== 'campaign') continue;
    const share = shareOf(policy, limit)!;
    const isAtShare = window.used(slices) < limit && window.used(slices) >= share;
    if (isAtShare) yield { code: 'campaign_share', until: window.freeAt(slices, share) };
  }
}

function restsInQuietHours({ quietHoursFor }: SendPolicy, send: SendClass): boolean {
  if (quietHoursFor === 'everything' || send.lane === 'campaign') return true;
  return quietHoursFor === 'unsolicited' && isUnsolicited(send);
}

function warmUpLimit(policy: SendPolicy, state: GovernorState, now: number): number | null {
  const restartedAt = isRewarmed(policy, state.lastSentAt, now) ? now : state.rest.warmupRestartedAt;
  return warmUpOn(policy, restartedAt, state.day)?.limit ?? null;
}

/** What campaigns may use of a limit: at least one, so that a small limit does not shut them out. */
function shareOf({ campaignSharePercent }: SendPolicy, limit: number | null): number | null {
  return limit === null ? null : Math.max(1, Math.floor((limit * campaignSharePercent) / 100));
}

function left(limit: number | null, used: number): number {
  return limit === null ? Number.POSITIVE_INFINITY : Math.max(0, limit - used);
}
