import { DateTime, IANAZone } from 'luxon';

/** A day of a time zone: 23, 24 or 25 hours, now and then another length. Moments in milliseconds since 1970. */
export interface LocalDay {
  /** YYYY-MM-DD. */
  date: string;
  from: number;
  /** The beginning of the next day. */
  to: number;
}

/** The days last asked for, by zone: today, and the one on which a warm-up began, many thousand times. */
const lastDays = new Map<string, LocalDay[]>();
const DAYS_REMEMBERED = 4;

/** The day of `zone` in which `now` is. */
export function localDay(zone: string, now: number): LocalDay {
  const known = lastDays.get(zone) ?? [];
  const last = known.find(({ from, to }) => now >= from && now < to);
  if (last) return last;
  const start = DateTime.fromMillis(now, { zone }).startOf('day');
  const to = start.plus({ days: 1 }).startOf('day').toMillis();
  const day = { date: start.toISODate()!, from: start.toMillis(), to };
  lastDays.set(zone, [day, ...known].slice(0, DAYS_REMEMBERED));
  return day;
}

/** Whole days from one date to another. */
export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / 86_400_000);
}

/** The last answer for each zone and time: true for the whole minute, since clocks change at whole minutes. */
const lastQuiet = new Map<string, { minute: number; until: number | null }>();
const MOST_REMEMBERED = 1_000;

/** When the quiet hours end that `now` lies in; null when it lies in none. */
export function quietUntil(quiet: { from: string; to: string }, zone: string, now: number): number | null {
  const key = `${zone} ${quiet.from} ${quiet.to}`;
  const minute = Math.floor(now / 60_000);
  const last = lastQuiet.get(key);
  if (last?.minute === minute) return last.until;
  if (lastQuiet.size >= MOST_REMEMBERED) lastQuiet.clear();
  const until = endOfQuiet(quiet, zone, now);
  lastQuiet.set(key, { minute, until });
  return until;
}

function endOfQuiet(quiet: { from: string; to: string }, zone: string, now: number): number | null {
  const local = DateTime.fromMillis(now, { zone });
  const minute = local.hour * 60 + local.minute;
  const [from, to] = [minuteOf(quiet.from), minuteOf(quiet.to)];
  const isQuiet = from < to ? minute >= from && minute < to : minute >= from || minute < to;
  if (!isQuiet) return null;
  let end = local.startOf('day').set({ hour: Math.floor(to / 60), minute: to % 60 });
  // Where the clocks change the end may lie before this moment, or on the next day.
  if (end <= local)
    end = local
      .startOf('day')
      .plus({ days: 1 })
      .set({ hour: Math.floor(to / 60), minute: to % 60 });
  return end.toMillis();
}

export function isTimeZone(name: string): boolean {
  return IANAZone.isValidZone(name);
}

function minuteOf(time: string): number {
  const [hours, minutes] = time.split(':');
  return Number(hours) * 60 + Number(minutes);
}
