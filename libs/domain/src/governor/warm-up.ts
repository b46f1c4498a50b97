import { daysBetween, localDay } from './local-time.js';
import type { SendPolicy } from './send-policy.js';

/** Where a number stands in its warm-up. */
export interface WarmUp {
  /** The first day is 0. */
  day: number;
  /** What it may send on that day outside the service window; null once the ramp is over. */
  limit: number | null;
}

/** The limit to which a warm-up leads; null when the policy names none, and there is nothing to ramp up to. */
export function warmUpTarget(policy: SendPolicy): number | null {
  return policy.coldDailyLimit ?? policy.dailyMessageLimit;
}

/** Null when there is none. `today` is a local date; `restartedAt` the moment at which it began anew. */
export function warmUpOn(policy: SendPolicy, restartedAt: number | null, today: string): WarmUp | null {
  const target = warmUpTarget(policy);
  if (!policy.warmupEnabled || target === null || policy.warmupStartedAt === null) return null;
  const began = Math.max(Date.parse(policy.warmupStartedAt), restartedAt ?? 0);
  const day = Math.max(0, daysBetween(localDay(policy.timeZone, began).date, today));
  if (day >= policy.warmupRampDays) return { day, limit: null };
  const { warmupStartPerDay: start, warmupRampDays: days } = policy;
  return { day, limit: Math.min(target, Math.floor(start + ((target - start) * day) / days)) };
}

/** Whether the number has been silent for so long that its warm-up begins anew with what it sends next. */
export function isRewarmed(policy: SendPolicy, lastSentAt: number | null, now: number): boolean {
  const { warmupEnabled, warmupRestartIdleDays: days } = policy;
  return warmupEnabled && days !== null && lastSentAt !== null && now - lastSentAt >= days * 86_400_000;
}
