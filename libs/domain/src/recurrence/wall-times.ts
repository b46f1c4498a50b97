import type { RecurrenceRule } from './recurrence-rule.js';

/**
 * What a clock on the wall shows, as milliseconds since 1970 of a place that has no summer time. So all days have 24
 * hours, and steps are plain arithmetic.
 */
export type WallTime = number;

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
/** After so many days, or shorter periods, without an occurrence there is none: two turns of the calendar of leap years. */
const LONGEST_SEARCH = 60 * 366;

/**
 * The wall times of a rule from about `from` on, in order. The search begins in the period of that moment, not at the
 * beginning of the rule.
 *
 * Written here because the libraries at hand take the beginning for an occurrence though it does not fit, make the second
 * of March of the thirtieth of February, forget INTERVAL beside BYMONTH, or look for ever for what cannot be.
 */
export function* wallTimes(rule: RecurrenceRule, start: WallTime, from: WallTime): Generator<WallTime> {
  let unfruitful = 0;
  for (let number = Math.max(0, firstPeriod(rule, start, from)); unfruitful < LONGEST_SEARCH; number++) {
    const period = periodOf(rule, start, number);
    const all = period.days
      .filter((day) => isDayOf(rule, start, day))
      .flatMap((day) => timesOf(rule, start, day, period));
    const found = chosen(rule, all);
    unfruitful = found.length > 0 ? 0 : unfruitful + period.days.length;
    for (const time of found) if (time >= start) yield time;
  }
}

interface Period {
  /** Midnights. */
  days: WallTime[];
  /** Of periods within a day: which hour, and minute. */
  hour?: number;
  minute?: number;
}

/** The period of a moment, or the one before. */
function firstPeriod({ frequency, interval, weekStart }: RecurrenceRule, start: WallTime, from: WallTime): number {
  const [a, b] = [new Date(start), new Date(from)];
  const years = b.getUTCFullYear() - a.getUTCFullYear();
  const steps = {
    YEARLY: () => years,
    MONTHLY: () => years * 12 + b.getUTCMonth() - a.getUTCMonth(),
    WEEKLY: () => (weekOf(from, weekStart) - weekOf(start, weekStart)) / (7 * dayMs),
    DAILY: () => (midnight(from) - midnight(start)) / dayMs,
    HOURLY: () => (from - start) / (60 * minuteMs),
    MINUTELY: () => (from - start) / minuteMs,
  }[frequency]();
  return Math.floor(steps / interval) - 1;
}

function periodOf({ frequency, interval, weekStart }: RecurrenceRule, start: WallTime, number: number): Period {
  const at = new Date(start);
  const [year, month] = [at.getUTCFullYear(), at.getUTCMonth()];
  const steps = number * interval;
  switch (frequency) {
    case 'YEARLY':
      return { days: daysBetween(Date.UTC(year + steps, 0), Date.UTC(year + steps + 1, 0)) };
    case 'MONTHLY':
      return { days: daysBetween(Date.UTC(year, month + steps), Date.UTC(year, month + steps + 1)) };
    case 'WEEKLY': {
      const monday = weekOf(start, weekStart) + steps * 7 * dayMs;
      return { days: daysBetween(monday, monday + 7 * dayMs) };
    }
    case 'DAILY':
      return { days: [midnight(start) + steps * dayMs] };
    case 'HOURLY':
    case 'MINUTELY': {
      const moment = new Date(start + steps * minuteMs * (frequency === 'HOURLY' ? 60 : 1));
      const minute = frequency === 'MINUTELY' ? { minute: moment.getUTCMinutes() } : {};
      return { days: [midnight(moment.getTime())], hour: moment.getUTCHours(), ...minute };
    }
  }
}

function isDayOf(rule: RecurrenceRule, start: WallTime, day: WallTime): boolean {
  const at = new Date(day);
  const { frequency, months, monthDays, days } = rule;
  const first = new Date(start);
  if (months && !months.includes(at.getUTCMonth() + 1)) return false;
  if (monthDays && !monthDays.includes(at.getUTCDate()) && !monthDays.includes(at.getUTCDate() - lengthOf(at) - 1)) {
    return false;
  }
  if (days) return days.some(({ nth, weekday }) => weekday === weekdayOf(day) && (nth === 0 || isNth(rule, at, nth)));
  // What the rule does not say, its beginning says.
  if (frequency === 'WEEKLY') return weekdayOf(day) === weekdayOf(start);
  if (monthDays || (frequency !== 'MONTHLY' && frequency !== 'YEARLY')) return true;
  if (at.getUTCDate() !== first.getUTCDate()) return false;
  return frequency === 'MONTHLY' || months !== null || at.getUTCMonth() === first.getUTCMonth();
}

/** Whether the day is the nth of its weekday in its month, or in its year where the rule is of years. */
function isNth({ frequency, months }: RecurrenceRule, at: Date, nth: number): boolean {
  const isOfYear = frequency === 'YEARLY' && months === null;
  const year = at.getUTCFullYear();
  const [begin, end] = isOfYear
    ? [Date.UTC(year, 0), Date.UTC(year + 1, 0)]
    : [Date.UTC(year, at.getUTCMonth()), Date.UTC(year, at.getUTCMonth() + 1)];
  const fromBegin = Math.floor((at.getTime() - begin) / dayMs / 7) + 1;
  const fromEnd = -Math.floor((end - dayMs - at.getTime()) / dayMs / 7) - 1;
  return nth === (nth > 0 ? fromBegin : fromEnd);
}

function timesOf(rule: RecurrenceRule, start: WallTime, day: WallTime, period: Period): WallTime[] {
  const at = new Date(start);
  const hours = within(rule.hours, period.hour) ?? [at.getUTCHours()];
  const minutes = within(rule.minutes, period.minute) ?? [at.getUTCMinutes()];
  const rest = start % minuteMs;
  return hours.flatMap((hour) => minutes.map((minute) => day + (hour * 60 + minute) * minuteMs + rest));
}

/** A list narrowed down to the period's own hour or minute. */
function within(list: number[] | null, own: number | undefined): number[] | null {
  if (own === undefined) return list;
  return list === null || list.includes(own) ? [own] : [];
}

function chosen({ positions }: RecurrenceRule, times: WallTime[]): WallTime[] {
  if (positions === null) return times;
  return times.filter((_, index) => positions.includes(index + 1) || positions.includes(index - times.length));
}

function daysBetween(begin: WallTime, end: WallTime): WallTime[] {
  return Array.from({ length: (end - begin) / dayMs }, (_, index) => begin + index * dayMs);
}

const midnight = (time: WallTime): WallTime => Math.floor(time / dayMs) * dayMs;

/** 0 Monday to 6 Sunday. */
const weekdayOf = (time: WallTime): number => (new Date(time).getUTCDay() + 6) % 7;

const weekOf = (time: WallTime, weekStart: number): WallTime =>
  midnight(time) - ((weekdayOf(time) - weekStart + 7) % 7) * dayMs;

/** Of the month. */
const lengthOf = (at: Date): number => new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1, 0)).getUTCDate();
