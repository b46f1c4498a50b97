import { errors, type FieldError } from '#contracts';
import { isTimeZone } from './local-time.js';
import type { SendPolicy } from './send-policy.js';
import { warmUpTarget } from './warm-up.js';

/** The numbers of a policy and what they may be. Limits may be null besides. */
export const policyBounds = {
  messageDelayMs: { min: 0, max: 3_600_000 },
  messageDelayJitterMs: { min: 0, max: 600_000 },
  typingMsPerCharacter: { min: 1, max: 1_000 },
  typingMaxMs: { min: 100, max: 20_000 },
  minuteLimit: { min: 1, max: 10_000 },
  hourLimit: { min: 1, max: 100_000 },
  dailyMessageLimit: { min: 1, max: 1_000_000 },
  coldDailyLimit: { min: 1, max: 1_000_000 },
  newContactDailyLimit: { min: 1, max: 1_000_000 },
  campaignSharePercent: { min: 1, max: 100 },
  serviceWindowHours: { min: 1, max: 720 },
  warmupStartPerDay: { min: 1, max: 1_000_000 },
  warmupRampDays: { min: 1, max: 365 },
  warmupRestartIdleDays: { min: 1, max: 365 },
  repeatSuppressionSeconds: { min: 0, max: 86_400 },
} as const satisfies Partial<Record<keyof SendPolicy, { min: number; max: number }>>;

/**
 * What no single field can say. A policy that passes lets every message through in the end.
 * @throws errors.validation
 */
export function assertConsistent(policy: SendPolicy): void {
  const problems: FieldError[] = [];
  const { quietHours, timeZone } = policy;
  if (!isTimeZone(timeZone))
    problems.push({ path: 'timeZone', message: 'must be an IANA time zone, such as Asia/Jakarta' });
  if (quietHours && quietHours.from === quietHours.to) {
    problems.push({ path: 'quietHours.to', message: 'must differ from the beginning; otherwise nothing is ever sent' });
  }
  if (policy.warmupEnabled && warmUpTarget(policy) === null) {
    problems.push({ path: 'warmupEnabled', message: 'needs dailyMessageLimit or coldDailyLimit, to which it leads' });
  }
  if (problems.length > 0) throw errors.validation({ fields: problems });
}
