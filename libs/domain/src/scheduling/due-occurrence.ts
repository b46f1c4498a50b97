import { Recurrence } from '../recurrence/recurrence.js';

/** When something is to happen, as far as a schedule knows. */
export interface DueSchedule {
  /** RFC 5545; null: once. */
  rule: string | null;
  startsAt: Date;
  timeZone: string;
  /** The occurrence that is due. */
  dueAt: Date | null;
  lateWindowSeconds: number;
}

/** What is to be done with a schedule that is due. */
export interface DueOccurrence {
  /** The occurrence that is sent, or of those that are left out the first. */
  at: Date;
  /** It came longer ago than its late window: it is left out. */
  isMissed: boolean;
  /** The next one that is to come; null: this was the last. */
  next: Date | null;
}

/**
 * Which occurrence is meant when a schedule is due. After a stop of the workers several may have passed: the newest within
 * the late window stands for all of them, so that nobody gets the messages of a whole night at once.
 */
export function dueOccurrence(
  { rule, startsAt, timeZone, dueAt, lateWindowSeconds }: DueSchedule,
  now: Date,
): DueOccurrence {
  const first = dueAt ?? now;
  const oldest = new Date(now.getTime() - lateWindowSeconds * 1000);
  if (rule === null) return { at: first, isMissed: first < oldest, next: null };
  const recurrence = Recurrence.read({ rule, startsAt, timeZone }, 'recurrence');
  const from = first < oldest ? oldest : first;
  const newest = recurrence.latest(from, now);
  return { at: newest ?? first, isMissed: newest === null, next: recurrence.after(now) };
}
