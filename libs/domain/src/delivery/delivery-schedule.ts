const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

/**
 * How long to wait before each try, as Standard Webhooks 1.0.0 suggests: ten tries over about 75 hours. The first wait is
 * the one before the first try.
 */
export const retryDelaysMs: readonly number[] = [
  0,
  5 * second,
  5 * minute,
  30 * minute,
  2 * hour,
  5 * hour,
  10 * hour,
  14 * hour,
  20 * hour,
  24 * hour,
];

/** Waits become up to this much longer, so that endpoints that were down together are not called together. */
const jitter = 0.2;

/** A longer Retry-After is cut to this. */
const longestPauseMs = 24 * hour;

/** An endpoint that only failed for so long is switched off. */
export const disableAfterMs = 5 * 24 * hour;

/**
 * How long to wait after a failed try, or null when it was the last.
 * @param tries how many there have been
 * @param random 0 to 1
 */
export function delayAfter(tries: number, random: number): number | null {
  const delay = retryDelaysMs[tries];
  return delay === undefined ? null : Math.round(delay * (1 + jitter * random));
}

/** What an answer means for its delivery. */
export type Verdict = { kind: 'succeeded' } | { kind: 'failed'; pauseMs: number | null } | { kind: 'gone' };

/** Answers with which an endpoint says that it is overloaded; their Retry-After is obeyed. */
const slowDown = new Set([429, 502, 503, 504]);

/** Only 2xx is success, as the standard demands: a redirect is not followed, 410 means never again. */
export function judge(status: number, retryAfter: string | string[] | undefined, now: Date): Verdict {
  if (status >= 200 && status < 300) return { kind: 'succeeded' };
  if (status === 410) return { kind: 'gone' };
  return { kind: 'failed', pauseMs: slowDown.has(status) ? pauseOf(retryAfter, now) : null };
}

/** Retry-After in either of its forms (RFC 9110 §10.2.3), in milliseconds from now. */
function pauseOf(retryAfter: string | string[] | undefined, now: Date): number | null {
  const value = (Array.isArray(retryAfter) ? retryAfter[0] : retryAfter)?.trim();
  if (value === undefined || value === '') return null;
  const ms = /^\d+$/.test(value) ? Number(value) * second : Date.parse(value) - now.getTime();
  return Number.isFinite(ms) && ms > 0 ? Math.min(ms, longestPauseMs) : null;
}
