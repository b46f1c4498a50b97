import { DateTime } from 'luxon';

/** Most occurrences that a rule may count. */
const MAX_OCCURRENCES = 2000;
/** Longest rule, characters. */
const MAX_RULE_LENGTH = 512;
const MAX_INTERVAL = 10_000;
/** Times of a day that a rule of months or years may name. */
const MAX_TIMES_A_DAY = 24;

/** A rule that is not in the language, or asks for more than is taken. The message is for the person who wrote it. */
export class RuleUnreadable extends Error {}

/** A day of the week, 0 Monday to 6 Sunday; `nth` of its month or year, negative from the end, 0 for every one. */
export interface RuleDay {
  nth: number;
  weekday: number;
}

export const frequencies = ['YEARLY', 'MONTHLY', 'WEEKLY', 'DAILY', 'HOURLY', 'MINUTELY'] as const;
export type Frequency = (typeof frequencies)[number];

/** A rule of RFC 5545, read. Lists that it does not have are null. */
export interface RecurrenceRule {
  frequency: Frequency;
  interval: number;
  count: number | null;
  /** The last moment that may be an occurrence. */
  until: Date | null;
  /** First day of a week. */
  weekStart: number;
  months: number[] | null;
  /** Negative from the end of the month. */
  monthDays: number[] | null;
  days: RuleDay[] | null;
  hours: number[] | null;
  minutes: number[] | null;
  /** Which ones of a period's occurrences count, negative from its end. */
  positions: number[] | null;
}

const weekdays = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'];
const known = ['FREQ', 'INTERVAL', 'COUNT', 'UNTIL', 'WKST', 'BYMONTH', 'BYMONTHDAY', 'BYDAY', 'BYHOUR', 'BYMINUTE'];
/** Within a day every hour or minute is a period, so what rules out whole months would make a long search. */
const onlyOfDays = ['BYMONTH', 'BYMONTHDAY', 'BYSETPOS'];

/**
 * Reads a rule; all of RFC 5545 but what is finer than minutes, and weeks and days counted through the year.
 * @throws RuleUnreadable
 */
export function readRule(given: string, timeZone: string): RecurrenceRule {
  const text = given
    .trim()
    .replace(/^RRULE:/i, '')
    .toUpperCase();
  if (text.length > MAX_RULE_LENGTH) throw new RuleUnreadable(`must be at most ${MAX_RULE_LENGTH} characters`);
  const parts = partsOf(text);
  const frequency = frequencies.find((name) => name === parts.get('FREQ'));
  if (frequency === undefined) throw new RuleUnreadable(`must have a FREQ, one of ${frequencies.join(', ')}`);
  const isWithinADay = frequency === 'HOURLY' || frequency === 'MINUTELY';
  const odd = isWithinADay ? onlyOfDays.find((name) => parts.has(name)) : undefined;
  if (odd) throw new RuleUnreadable(`must not have ${odd} together with ${frequency}; use DAILY with BYHOUR`);
  const until = parts.get('UNTIL');
  if (until !== undefined && parts.has('COUNT')) throw new RuleUnreadable('must not have both COUNT and UNTIL');
  const rule: RecurrenceRule = {
    frequency,
    interval: numbersOf(parts, 'INTERVAL', 1, MAX_INTERVAL)?.[0] ?? 1,
    count: numbersOf(parts, 'COUNT', 1, MAX_OCCURRENCES)?.[0] ?? null,
    until: until === undefined ? null : untilOf(until, timeZone),
    weekStart: Math.max(0, weekdays.indexOf(parts.get('WKST') ?? 'MO')),
    months: numbersOf(parts, 'BYMONTH', 1, 12),
    monthDays: numbersOf(parts, 'BYMONTHDAY', 1, 31, 'signed'),
    days: daysOf(parts, frequency),
    hours: numbersOf(parts, 'BYHOUR', 0, 23),
    minutes: numbersOf(parts, 'BYMINUTE', 0, 59),
    positions: numbersOf(parts, 'BYSETPOS', 1, 366, 'signed'),
  };
  if (frequency === 'MONTHLY' || frequency === 'YEARLY') {
    if ((rule.hours?.length ?? 1) * (rule.minutes?.length ?? 1) > MAX_TIMES_A_DAY) {
      throw new RuleUnreadable(`must name at most ${MAX_TIMES_A_DAY} times of a day; use DAILY for more`);
    }
  }
  if (rule.positions && !(rule.months || rule.monthDays || rule.days || rule.hours || rule.minutes)) {
    throw new RuleUnreadable('must have another BY part besides BYSETPOS, which chooses among its occurrences');
  }
  return rule;
}

function partsOf(text: string): Map<string, string> {
  const parts = new Map<string, string>();
  for (const part of text.split(';')) {
    const [name = '', value = '', ...rest] = part.split('=');
    if (value === '' || rest.length > 0) throw new RuleUnreadable('must be parts such as FREQ=WEEKLY;BYDAY=MO');
    if (name === 'BYSECOND' || value === 'SECONDLY') {
      throw new RuleUnreadable('must not be finer than minutes: SECONDLY and BYSECOND are not taken');
    }
    if (!known.includes(name) && name !== 'BYSETPOS') throw new RuleUnreadable(`has a part ${name} that is not taken`);
    if (parts.has(name)) throw new RuleUnreadable(`has the part ${name} twice`);
    parts.set(name, value);
  }
  return parts;
}

/** `INTERVAL` and `COUNT` are single numbers, the others lists. */
function numbersOf(
  parts: Map<string, string>,
  name: string,
  least: number,
  most: number,
  signed?: 'signed',
): number[] | null {
  const text = parts.get(name);
  if (text === undefined) return null;
  const words = name.startsWith('BY') ? text.split(',') : [text];
  const numbers = words.map((word) => (/^[+-]?\d{1,5}$/.test(word) ? Number(word) : Number.NaN));
  const isFine = (number: number) => {
    const size = signed ? Math.abs(number) : number;
    return size >= least && size <= most;
  };
  if (numbers.every(isFine)) return [...new Set(numbers)].sort((a, b) => a - b);
  throw new RuleUnreadable(`must have a ${name} of ${least} to ${most}${signed ? ', or negative from the end' : ''}`);
}

function daysOf(parts: Map<string, string>, frequency: Frequency): RuleDay[] | null {
  const text = parts.get('BYDAY');
  if (text === undefined) return null;
  return text.split(',').map((word) => {
    const [, sign, digits, name] = /^([+-]?)(\d{0,2})([A-Z]{2})$/.exec(word) ?? [];
    const weekday = weekdays.indexOf(name ?? '');
    if (weekday < 0) throw new RuleUnreadable('must have a BYDAY such as MO,TU or 1MO or -1FR');
    if (!digits) return { nth: 0, weekday };
    const nth = Number(`${sign}${digits}`);
    const most = frequency === 'MONTHLY' || parts.has('BYMONTH') ? 5 : 53;
    if (frequency !== 'MONTHLY' && frequency !== 'YEARLY') {
      throw new RuleUnreadable(`must not have numbered days such as 1MO together with ${frequency}`);
    }
    if (nth === 0 || Math.abs(nth) > most) throw new RuleUnreadable(`must number days by 1 to ${most}, or negative`);
    return { nth, weekday };
  });
}

/** A day means all of it; a time without Z is meant in the zone of the rule. */
function untilOf(value: string, timeZone: string): Date {
  const day = DateTime.fromFormat(value, 'yyyyMMdd', { zone: timeZone });
  if (day.isValid) return day.endOf('day').toJSDate();
  const moment = value.endsWith('Z')
    ? DateTime.fromFormat(value, "yyyyMMdd'T'HHmmss'Z'", { zone: 'utc' })
    : DateTime.fromFormat(value, "yyyyMMdd'T'HHmmss", { zone: timeZone });
  if (!moment.isValid) throw new RuleUnreadable('must have an UNTIL such as 20261231T235959Z or 20261231');
  return moment.toJSDate();
}
