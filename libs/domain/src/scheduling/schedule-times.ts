import { DateTime } from 'luxon';
import { errors } from '#contracts';
import { Recurrence } from '../recurrence/recurrence.js';

/** When something is to happen, as callers say it. */
export interface TimesGiven {
  /** ISO 8601. Without an offset it is a wall time in the zone. */
  scheduledAt: string;
  timeZone: string;
  /** RFC 5545; null: once. */
  rule: string | null;
}

export interface ScheduleTimes {
  /** From which the rule counts. */
  startsAt: Date;
  timeZone: string;
  rule: string | null;
  /** The first occurrence that is to come. */
  dueAt: Date;
}

/** Nobody means what is further away. */
const MOST_YEARS_AHEAD = 5;

/**
 * Reads when something is to happen. What begins has to begin in the future; a rule that began before may be given again,
 * and goes on with its next occurrence (`mayHaveBegun`).
 * @throws errors.validation at `scheduledAt` or `recurrence`
 */
export function readTimes(given: TimesGiven, now: Date, mayHaveBegun = false): ScheduleTimes {
  const { timeZone, rule } = given;
  const startsAt = momentOf(given);
  if (startsAt <= now && !(mayHaveBegun && rule !== null)) {
    throw at('scheduledAt', `must be in the future; it is ${now.toISOString()} now`);
  }
  const latest = DateTime.fromJSDate(now).plus({ years: MOST_YEARS_AHEAD });
  if (startsAt > latest.toJSDate()) throw at('scheduledAt', `must be within ${MOST_YEARS_AHEAD} years`);
  if (rule === null) return { startsAt, timeZone, rule, dueAt: startsAt };
  const recurrence = Recurrence.read({ rule, startsAt, timeZone }, 'recurrence');
  const dueAt = recurrence.after(new Date(Math.max(now.getTime(), startsAt.getTime() - 1)));
  if (dueAt === null) throw at('recurrence', 'has no occurrence in the future');
  return { startsAt, timeZone, rule, dueAt };
}

/** The next occurrences from a moment on; of what happens once that one. */
export function occurrencesFrom({ startsAt, timeZone, rule }: ScheduleTimes, from: Date, count: number): Date[] {
  if (rule === null) return startsAt >= from ? [startsAt] : [];
  const recurrence = Recurrence.read({ rule, startsAt, timeZone }, 'recurrence');
  return recurrence.preview(new Date(from.getTime() - 1), count);
}

function momentOf({ scheduledAt, timeZone }: TimesGiven): Date {
  const moment = DateTime.fromISO(scheduledAt, { zone: timeZone });
  if (moment.isValid) return moment.toJSDate();
  throw at('scheduledAt', 'must be a time such as 2026-12-24T18:00:00+01:00, or 2026-12-24T18:00:00 with a timeZone');
}

const at = (path: string, message: string) => errors.validation({ fields: [{ path, message }] });
