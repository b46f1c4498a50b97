import { DateTime } from 'luxon';
import { errors } from '#contracts';
import { type RecurrenceRule, RuleUnreadable, readRule } from './recurrence-rule.js';
import { type WallTime, wallTimes } from './wall-times.js';

/** When something happens again and again. */
export interface RecurrenceGiven {
  /** A rule of RFC 5545, such as `FREQ=WEEKLY;BYDAY=MO,FR`. */
  rule: string;
  /** The first occurrence, or where the search for it begins. Its time of day is that of all the others. */
  startsAt: Date;
  /** Name of a time zone. The time of day stays what it is there, in summer and in winter. */
  timeZone: string;
}

/** Clocks are set back by less than this. What they show twice is looked for from before the first time. */
const setBackMs = 3 * 3600_000;

/**
 * The moments of a rule. A time that the clocks skip in spring is moved on by what they skip; one that they show twice in
 * autumn counts the first time only, as RFC 5545 says.
 */
export class Recurrence {
  private constructor(
    private readonly rule: RecurrenceRule,
    private readonly given: RecurrenceGiven,
  ) {}

  /**
   * @param path the field of the rule, for its errors
   * @throws errors.validation for what cannot be read, is finer than minutes, or never happens
   */
  static read(given: RecurrenceGiven, path: string): Recurrence {
    const refused = (message: string) => errors.validation({ fields: [{ path, message }] });
    try {
      const recurrence = new Recurrence(readRule(given.rule, given.timeZone), given);
      if (recurrence.first) return recurrence;
    } catch (error) {
      throw error instanceof RuleUnreadable ? refused(error.message) : error;
    }
    throw refused('never happens: no moment fits it after its beginning');
  }

  /** The first of all occurrences. */
  get first(): Date | null {
    return this.after(new Date(this.given.startsAt.getTime() - 1));
  }

  /** The first occurrence later than the moment; null when there is none any more. */
  after(moment: Date): Date | null {
    return this.preview(moment, 1)[0] ?? null;
  }

  /** The next occurrences later than the moment, as many as there are. */
  preview(moment: Date, count: number): Date[] {
    const found: Date[] = [];
    for (const occurrence of this.occurrences(moment)) {
      if (occurrence > moment) found.push(occurrence);
      if (found.length === count) break;
    }
    return found;
  }

  /** The last occurrence from a moment up to another, both included; null when there is none. */
  latest(from: Date, until: Date): Date | null {
    let latest: Date | null = null;
    for (const occurrence of this.occurrences(from)) {
      if (occurrence > until) break;
      if (occurrence >= from) latest = occurrence;
    }
    return latest;
  }

  /** In order, each once, beginning not long before the moment unless they have to be counted. */
  private *occurrences(moment: Date): Generator<Date> {
    const { count, until } = this.rule;
    const { startsAt, timeZone } = this.given;
    const start = wallTimeOf(startsAt, timeZone);
    const from = count === null ? Math.max(start, wallTimeOf(moment, timeZone) - setBackMs) : start;
    let number = 0;
    let last = Number.NEGATIVE_INFINITY;
    for (const wall of wallTimes(this.rule, start, from)) {
      const at = instantOf(wall, timeZone);
      // Two wall times are one moment where the clocks skip an hour.
      if (at.getTime() <= last) continue;
      if (until !== null && at > until) return;
      yield at;
      last = at.getTime();
      number += 1;
      if (number === count) return;
    }
  }
}

function wallTimeOf(at: Date, zone: string): WallTime {
  return DateTime.fromJSDate(at, { zone }).setZone('utc', { keepLocalTime: true }).toMillis();
}

function instantOf(wall: WallTime, zone: string): Date {
  const shown = DateTime.fromMillis(wall, { zone: 'utc' }).setZone(zone, { keepLocalTime: true });
  return new Date(Math.min(...shown.getPossibleOffsets().map((one) => one.toMillis())));
}
