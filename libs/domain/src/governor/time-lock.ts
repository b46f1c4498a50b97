import type { Standing } from './send-class.js';

/**
 * WhatsApp refuses messages that open chats (error 463) and goes on taking those of chats that exist. A refused try
 * counts as another reach-out and makes it last (Baileys `messages-recv.js`, handleBadAck; Baileys#2441, #2698), so
 * nothing is tried while it lasts. Moments in milliseconds since 1970.
 */
export interface TimeLock {
  since: number;
  /** When WhatsApp said it would end, or when one message tries whether it has. */
  until: number;
  /** Whether `until` is WhatsApp's word: then it is over at that moment by itself. */
  isNamed: boolean;
  /** People who are not written to: those who never wrote, or also those who wrote long ago, once one of them was refused. */
  scope: 'new' | 'unsolicited';
  /** When the trying message was taken on; null when none is under way. */
  probeAt: number | null;
}

const FIRST_REST_MS = 3_600_000;
const LONGEST_REST_MS = 24 * 3_600_000;
/** As with the circuit: a probe of an owner that is gone. */
const PROBE_MS = 120_000;

/** The time-lock after WhatsApp has refused a message with 463, or has said that the number is locked. */
export function locked(
  before: { timeLock: TimeLock | null; timeLocks: number },
  told: { until: number | null; standing: Standing | null },
  now: number,
): { timeLock: TimeLock; timeLocks: number } {
  const { timeLock } = before;
  const named = told.until !== null && told.until > now ? told.until : null;
  const isNamed = named !== null || (timeLock?.isNamed === true && timeLock.until > now);
  // Several refusals of messages that were on their way together are one time-lock; a refused probe is the next.
  const isSame = timeLock !== null && (timeLock.until > now || told.standing === null);
  const timeLocks = isSame ? before.timeLocks : before.timeLocks + 1;
  const restMs = Math.min(LONGEST_REST_MS, FIRST_REST_MS * 2 ** Math.max(0, timeLocks - 1));
  const until = named ?? (timeLock && timeLock.until > now ? timeLock.until : now + restMs);
  const scope = timeLock?.scope === 'unsolicited' || told.standing === 'known' ? 'unsolicited' : 'new';
  return { timeLock: { since: timeLock?.since ?? now, until, isNamed, scope, probeAt: null }, timeLocks };
}

/** The time-lock with what time alone changes: one whose end WhatsApp named is over then. */
export function timeLockNow(lock: TimeLock | null, now: number): TimeLock | null {
  if (!lock || (lock.isNamed && now >= lock.until)) return null;
  const until = lock.isNamed ? lock.until : Math.min(lock.until, now + LONGEST_REST_MS);
  const isLost = lock.probeAt !== null && (now - lock.probeAt >= PROBE_MS || lock.probeAt > now);
  const probeAt = isLost ? null : lock.probeAt;
  return until === lock.until && probeAt === lock.probeAt ? lock : { ...lock, until, probeAt };
}

/** Whether the time-lock is about this conversation. */
export function isLockedFor(lock: TimeLock, standing: Standing): boolean {
  return standing === 'new' || (standing === 'known' && lock.scope === 'unsolicited');
}

/** When a message that it is about may go at the earliest. */
export function lockFreeAt({ until, probeAt }: TimeLock, now: number): number {
  return probeAt === null ? until : Math.max(now + 1, probeAt + PROBE_MS);
}
